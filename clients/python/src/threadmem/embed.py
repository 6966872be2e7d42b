"""A worker that embeds what is remembered of users and has no embedding yet, by any server with OpenAI's API.

    DATABASE_URL=postgresql://localhost/app python -m threadmem.embed --url http://localhost:11434/v1 --model all-minilm

It embeds the text of an episode as it is, without who said it: names draw a vector to all that has the name. What is
edited meanwhile keeps no vector of the text that it was, and is embedded in the next round. Several may run at once:
the work of one is done twice at worst. The key of the server is in OPENAI_API_KEY.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence

import psycopg

from . import errors
from ._client import Threadmem

Embed = Callable[[Sequence[str]], list[list[float]]]


def openai(url: str, model: str, key: str | None = None, max_characters: int = 8000, timeout: float = 60) -> Embed:
    """What asks a server for the vectors of texts; of a longer text than its model reads, for that of the beginning."""

    def embed(texts: Sequence[str]) -> list[list[float]]:
        body = json.dumps({"model": model, "input": [text[:max_characters] for text in texts]}).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        request = urllib.request.Request(url.rstrip("/") + "/embeddings", body, headers)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            data = json.load(response)["data"]
        vectors = [one["embedding"] for one in sorted(data, key=lambda one: one["index"])]
        if len(vectors) != len(texts):
            raise ValueError(f"the server gave {len(vectors)} embeddings of {len(texts)} texts")
        return vectors

    return embed


def embed_missing(calls: Threadmem, user_id: str, embed: Embed, batch: int = 64) -> int:
    """Embeds what a user's memory holds without embedding; how many. Stops where a round brings nothing."""
    done = 0
    while episodes := calls.memory_without_embedding(user_id, max_rows=batch):
        stored = 0
        for episode, vector in zip(episodes, embed([episode.content for episode in episodes]), strict=True):
            message = {"thread_id": episode.thread_id, "message_id": episode.message_id}
            target = {"episode_id": episode.episode_id} if episode.episode_id else message
            try:
                calls.memory_set_embedding(user_id, vector, expected_content=episode.content, **target)
                stored += 1
            except (errors.LostUpdate, errors.NotFound):  # edited or deleted since
                pass
        done += stored
        if stored == 0:
            break
    return done


def users(calls: Threadmem) -> Iterator[str]:
    position = None
    while True:
        page = calls.user_list(max_rows=1000, after_position=position)
        yield from (user.user_id for user in page)
        if not page or not page[-1].has_more:
            return
        position = page[-1].position


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", required=True, help="of the API, up to /v1")
    options.add_argument("--model", required=True, help="one for all that is compared")
    options.add_argument("--tenant", help="else that of the role or the database")
    options.add_argument("--user", action="append", help="only this one; may be repeated")
    options.add_argument("--every", type=float, default=10, help="seconds between two rounds; 0: one round")
    given = options.parse_args()
    embed = openai(given.url, given.model, os.environ.get("OPENAI_API_KEY"))
    with psycopg.connect(os.environ.get("DATABASE_URL", ""), autocommit=True) as conn:
        calls = Threadmem(conn, tenant=given.tenant)
        while True:
            for user_id in given.user or users(calls):
                try:
                    embed_missing(calls, user_id, embed)
                except OSError as error:  # the server of the model: the next round tries again
                    print(f"{user_id}: {error}", file=sys.stderr)
                    if not given.every:
                        raise
            if not given.every:
                return
            time.sleep(given.every)


if __name__ == "__main__":
    main()

"""The worker that embeds, with a server of its own that has OpenAI's API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from support import new_calls, new_tenant, pool

from threadmem import Threadmem
from threadmem.embed import embed_missing, openai, users

Answer = Callable[[list[str]], list[list[float]]]


def lengths(texts: list[str]) -> list[list[float]]:
    return [[float(len(text)), 1.0] for text in texts]


@contextmanager
def server(answer: Answer = lengths) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its URL, and what it was asked; it gives the vectors in the wrong order, with their index."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            asked[-1]["path"] = self.path
            asked[-1]["key"] = self.headers["Authorization"]
            vectors = answer(asked[-1]["input"])
            data = [{"index": i, "embedding": vector} for i, vector in enumerate(vectors)]
            body = json.dumps({"object": "list", "data": data[::-1]}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}/v1/", asked
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def talk(calls: Threadmem) -> None:
    calls.user_create("ada")
    calls.thread_create("trip", user_id="ada")
    for i in range(5):
        calls.message_add("trip", "user", "word " * (i + 1), message_id=str(i))
    calls.message_add("trip", "user", "", message_id="empty")
    calls.memory_add_data("ada", "drinks tea", episode_id="tea")


def embedded(calls: Threadmem) -> dict[str, list[float]]:
    rows = calls.memory_episodes("ada")
    return {row.message_id or row.episode_id or "": row.embedding for row in rows if row.embedding is not None}


def test_all_is_embedded_as_it_is() -> None:
    with new_calls() as calls, server() as (url, asked):
        talk(calls)
        assert embed_missing(calls, "ada", openai(url, "m", "secret", max_characters=20), batch=4) == 6
        assert calls.memory_without_embedding("ada") == []
        assert embedded(calls) == {str(i): [min(5.0 * (i + 1), 20.0), 1.0] for i in range(5)} | {"tea": [10.0, 1.0]}
        assert [len(one["input"]) for one in asked] == [4, 2]
        assert {(one["path"], one["key"], one["model"]) for one in asked} == {("/v1/embeddings", "Bearer secret", "m")}
        assert embed_missing(calls, "ada", openai(url, "m")) == 0


def test_what_is_edited_meanwhile_is_embedded_anew() -> None:
    with pool(2) as opened:
        calls = Threadmem(opened, tenant=new_tenant())
        talk(calls)

        def edit(texts: list[str]) -> list[list[float]]:
            if "drinks tea" in texts:
                calls.message_update("trip", "1", content="another text")
                calls.message_delete("trip", "2")
            return lengths(texts)

        with server(edit) as (url, _):
            assert embed_missing(calls, "ada", openai(url, "m")) == 5
        assert embedded(calls)["1"] == [12.0, 1.0] and "2" not in embedded(calls)


def test_a_server_that_is_wrong_changes_nothing() -> None:
    with new_calls() as calls, server(lambda texts: lengths(texts[1:])) as (url, _):
        talk(calls)
        with pytest.raises(ValueError, match="5 embeddings of 6 texts"):
            embed_missing(calls, "ada", openai(url, "m"))
        with pytest.raises(OSError):
            embed_missing(calls, "ada", openai("http://127.0.0.1:1", "m"))
        assert embedded(calls) == {}


def test_the_program_embeds_every_user_of_its_tenant() -> None:
    tenant = new_tenant()
    with pool() as opened, server() as (url, _):
        calls, other = Threadmem(opened, tenant=tenant), Threadmem(opened, tenant=new_tenant())
        talk(calls)
        talk(other)
        calls.user_create("ben")
        assert sorted(users(calls)) == ["ada", "ben"]
        program = [sys.executable, "-m", "threadmem.embed", "--url", url, "--model", "m", "--tenant", tenant]
        subprocess.run([*program, "--every", "0"], check=True, env=os.environ)
        assert len(embedded(calls)) == 6 and embedded(other) == {}

"""The worker that embeds, with a real model behind its server: a search finds what it did not have the words for."""

from __future__ import annotations

from minilm import MiniLM
from support import new_calls
from talk import TALK
from test_embed import server

from threadmem import Threadmem
from threadmem.embed import embed_missing, openai


def test_the_model_is_what_it_says() -> None:
    """As the authors of the model print it."""
    pairs = MiniLM()(
        ["The new movie is awesome", "The new movie is so great", "The cat sits outside", "A man is playing guitar"]
    )
    near, far = (sum(a * b for a, b in zip(*pair, strict=True)) for pair in (pairs[:2], pairs[2:]))
    assert (round(near, 4), round(far, 4)) == (0.8939, 0.0363)


def place(calls: Threadmem, answer: str, question: str, embedding: list[float] | None) -> int:
    """Of the answer among the hits, 0 being the first."""
    hits = [hit.content for hit in calls.memory_search("ada", question, embedding=embedding, max_rows=48)]
    return hits.index(answer) if answer in hits else 48


def test_a_search_finds_what_is_meant() -> None:
    with new_calls() as calls, server(MiniLM()) as (url, _):
        calls.user_create("ada")
        for thread_id, (_question, *said) in TALK.items():
            calls.thread_create(thread_id, user_id="ada")
            for text in said:
                calls.message_add(thread_id, "user", text)
        embed = openai(url, "all-MiniLM-L6-v2", timeout=600)
        assert embed_missing(calls, "ada", embed, batch=8) == 48
        asked = [(answer, question) for question, answer, *_ in TALK.values()]
        by_words = [place(calls, *one, None) for one in asked]
        by_both = [place(calls, *one, embed([one[1]])[0]) for one in asked]
        assert by_words == [48] * 8 and sum(at < 6 for at in by_both) >= 6, by_both

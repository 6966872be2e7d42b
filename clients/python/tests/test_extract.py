"""The worker that extracts, with a server of its own that has OpenAI's API and gives recorded answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from support import URL, new_calls, new_tenant, pool

from threadmem import Threadmem, errors
from threadmem.extract import Extractor, Unavailable, chat

SAID = datetime(2024, 5, 1, 10, tzinfo=timezone.utc)
FACT = '{"facts": [{"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon", "valid_at": "2024-05-01"}]}'
GOOD = FACT
FENCED = f"Sure! Here is what I found:\n\n```json\n{FACT}\n```\nAnything else?"
TRUNCATED = FACT[:60]
WRONG_SHAPE = '{"facts": {"name": "LIVES_IN", "target": "Lyon", "fact": "Ada lives in Lyon"}}'
NOTHING = '{"facts": []}'

# What a server does with a request: a text to answer, a status with headers, or a function of the request that gives one.
Step = str | tuple[int, dict[str, str]] | Callable[[dict[str, Any]], Any]


@contextmanager
def server(*steps: Step) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its URL, and what it was asked; it does one step after the other, and goes on with the last."""
    asked: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body |= {"path": self.path, "key": self.headers["Authorization"]}
            with lock:
                step = steps[min(len(asked), len(steps) - 1)]
                asked.append(body)
            does = step(body) if callable(step) else step
            status, headers = does if isinstance(does, tuple) else (200, {})
            message = {"role": "assistant", "content": does}
            answer = {"choices": [{"message": message}]} if status == 200 else {"error": "told so"}
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())
            except OSError:  # who asked has gone
                pass

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}/v1", asked
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def talk(calls: Threadmem, user: str = "ada", *said: str) -> None:
    calls.user_create(user, first_name="Ada")
    calls.thread_create(f"{user}'s", user_id=user)
    for text in said or ("I live in Lyon",):
        calls.message_add(f"{user}'s", "user", text, event_at=SAID)


def extractor(calls: Threadmem, url: str, **options: Any) -> Extractor:
    return Extractor(calls, chat(url, "m", timeout=10), extractor="m", **({"first_pause": 0.001} | options))


def facts(calls: Threadmem, user: str = "ada") -> list[str]:
    return [fact.fact for fact in calls.memory_facts(user)]


def run(worker: Extractor, rounds: int = 1) -> dict[str, int]:
    """Until there is nothing to be had, and again: pauses are of milliseconds here."""
    ended = worker.run(every=0)
    for _ in range(rounds - 1):
        time.sleep(0.1)
        ended += worker.run(every=0)
    return dict(ended)


def test_what_the_model_answers_is_remembered() -> None:
    with new_calls() as calls, server(NOTHING, GOOD) as (url, asked):
        talk(calls, "ada", "Lyon it is", "I live there")
        calls.memory_add_entity("ada", "Lyon", label="City")
        worker = Extractor(calls, chat(url + "/", "m", "secret", body={"temperature": 0}), extractor="m")
        assert run(worker) == {"done": 2}
        [fact] = calls.memory_facts("ada")
        assert (fact.fact, fact.target, fact.extractor) == ("Ada lives in Lyon", "Lyon", "m")
        assert fact.valid_at is not None and fact.valid_at.isoformat()[:10] == "2024-05-01"
        assert calls.memory_status("ada").status == "done"
        assert {(one["path"], one["key"], one["model"], one["temperature"]) for one in asked} == {
            ("/v1/chat/completions", "Bearer secret", "m", 0)
        }
        system, user = asked[1]["messages"]
        given = json.loads(user["content"])
        assert (system["role"], user["role"], given["content"], given["user_name"]) == ("system", "user", "I live there", "Ada")
        assert [one["content"] for one in given["neighbours"]] == ["Lyon it is"]
        assert given["entities"][0]["name"] == "Lyon" and "job_id" not in given


def test_a_fence_and_prose_are_the_servers_to_take_off() -> None:
    with new_calls() as calls, server(FENCED) as (url, _):
        talk(calls)
        assert run(extractor(calls, url)) == {"done": 1}
        assert facts(calls) == ["Ada lives in Lyon"]


@pytest.mark.parametrize("bad", [TRUNCATED, WRONG_SHAPE, "", "I cannot help with that.", '{"facts": []}\0', (400, {})])
def test_an_answer_that_is_no_good_is_asked_for_again(bad: Step) -> None:
    seen: list[tuple[list[str], bool]] = []
    lines: list[str] = []
    with pool(2) as opened:
        calls = Threadmem(opened, tenant=new_tenant())
        talk(calls)

        def look(body: dict[str, Any]) -> str:
            seen.append((facts(calls), calls.memory_status("ada").error == lines[0].removeprefix("ada: ")))
            return GOOD

        with server(bad, look) as (url, _):
            assert run(extractor(calls, url, log=lines.append), 3) == {"retry": 1, "done": 1}
        assert seen == [([], True)] and len(lines) == 1
        assert facts(calls) == ["Ada lives in Lyon"]


def test_what_is_never_any_good_fails_and_the_next_goes_on() -> None:
    with new_calls() as calls, server(WRONG_SHAPE, TRUNCATED, WRONG_SHAPE, GOOD) as (url, asked):
        talk(calls, "ada", "I live in Lyon", "Really, in Lyon")
        assert run(extractor(calls, url, attempts=3), 4) == {"retry": 2, "failed": 1, "done": 1}
        assert [json.loads(one["messages"][1]["content"])["content"] for one in asked] == ["I live in Lyon"] * 3 + [
            "Really, in Lyon"
        ]
        assert facts(calls) == ["Ada lives in Lyon"]


@pytest.mark.parametrize("down", [(429, {}), (500, {}), (503, {}), (401, {})])
def test_a_server_that_is_down_is_waited_for(down: Step) -> None:
    with new_calls() as calls, server(down, down, down, down, GOOD) as (url, _):
        talk(calls)
        assert run(extractor(calls, url, attempts=1), 6) == {"retry": 4, "done": 1}
        assert facts(calls) == ["Ada lives in Lyon"]


def test_nobody_asks_while_the_server_wants_a_pause() -> None:
    with new_calls() as calls, server((429, {"Retry-After": "1000"}), GOOD) as (url, asked):
        talk(calls, "ada")
        paused = extractor(calls, url)
        assert run(paused) == {"retry": 1}
        talk(calls, "ben")
        assert run(paused) == {} and len(asked) == 1
        assert run(extractor(calls, url)) == {"done": 1}
        assert (facts(calls, "ben"), facts(calls)) == (["Ada lives in Lyon"], [])


def test_no_server_no_answer_in_time_and_no_json() -> None:
    with pytest.raises(Unavailable):
        chat("http://127.0.0.1:1/v1", "m")([])
    released = threading.Event()

    def late(body: dict[str, Any]) -> str:
        released.wait(10)
        return GOOD

    with new_calls() as calls, server(late, GOOD) as (url, _):
        talk(calls)
        worker = Extractor(calls, chat(url, "m", timeout=1), extractor="m", first_pause=0.001)
        assert run(worker, 2) == {"retry": 1, "done": 1}
        released.set()
        assert facts(calls) == ["Ada lives in Lyon"]


def test_users_are_worked_on_at_once_and_of_one_nothing_twice() -> None:
    both = threading.Barrier(2, timeout=60)

    def together(body: dict[str, Any]) -> str:
        both.wait()
        return GOOD

    with pool(3) as opened, server(together) as (url, asked):
        calls = Threadmem(opened, tenant=new_tenant())
        talk(calls, "ada", "I live in Lyon", "In Lyon, as I said")
        talk(calls, "ben", "I live in Lyon", "In Lyon, as I said")
        assert run(extractor(calls, url, concurrency=4)) == {"done": 4}
        assert [json.loads(one["messages"][1]["content"])["content"] for one in asked] == ["I live in Lyon"] * 2 + [
            "In Lyon, as I said"
        ] * 2
        assert facts(calls) == facts(calls, "ben") == ["Ada lives in Lyon"]


def test_an_answer_that_comes_too_late_is_dropped() -> None:
    with pool(2) as opened:
        calls = Threadmem(opened, tenant=new_tenant())
        talk(calls)

        def overtaken(body: dict[str, Any]) -> str:
            end_leases()
            [other] = calls.memory_claim("other")
            assert calls.memory_complete("ada", other.job_id, "other", NOTHING) == "done"
            return GOOD

        with server(overtaken) as (url, _):
            assert run(extractor(calls, url)) == {"lost": 1}
        assert facts(calls) == []


def end_leases() -> None:
    with psycopg.connect(URL) as conn:
        conn.execute("UPDATE threadmem_data.memory_jobs SET lease_until = clock_timestamp() WHERE lease_until IS NOT NULL")


def program(url: str, tenant: str, every: str = "0.1") -> list[str]:
    return [sys.executable, "-m", "threadmem.extract", "--url", url, "--model", "m", "--tenant", tenant, "--every", every]


@contextmanager
def asked_and_not_answered() -> Iterator[tuple[Threadmem, str, str, list[dict[str, Any]], threading.Event]]:
    """The calls and their tenant, the URL, what it is asked, and what lets it answer."""
    released = threading.Event()
    tenant = new_tenant()

    def held(body: dict[str, Any]) -> str:
        released.wait(60)
        return GOOD

    with pool(2) as opened, server(held, GOOD) as (url, asked):
        calls = Threadmem(opened, tenant=tenant)
        talk(calls, "ada", "I live in Lyon", "Yes, in Lyon")
        try:
            yield calls, tenant, url, asked, released
        finally:
            released.set()


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_a_killed_program_had_comes_again_once() -> None:
    with asked_and_not_answered() as (calls, tenant, url, asked, released):
        killed = subprocess.Popen(program(url, tenant), env=os.environ)
        until(lambda: asked)
        killed.kill()
        assert killed.wait() == -signal.SIGKILL
        released.set()
        assert (calls.memory_status("ada").status, calls.memory_claim("other")) == ("claimed", [])
        end_leases()
        subprocess.run(program(url, tenant, "0"), check=True, env=os.environ)
        assert facts(calls) == ["Ada lives in Lyon"] and calls.memory_status("ada").status == "done"
        assert len(asked) == 3


def test_a_signal_ends_the_program_once_what_it_has_begun_is_done() -> None:
    with asked_and_not_answered() as (calls, tenant, url, asked, released):
        stopped = subprocess.Popen(program(url, tenant), env=os.environ)
        until(lambda: asked)
        stopped.terminate()
        time.sleep(0.3)
        assert stopped.poll() is None
        released.set()
        assert stopped.wait(60) == 0
        status = calls.memory_status("ada")
        assert (len(asked), status.status, status.pending) == (1, "pending", 1)
        assert facts(calls) == ["Ada lives in Lyon"]


def test_the_database_decides_what_is_an_error_of_the_worker() -> None:
    with new_calls() as calls, server(GOOD) as (url, _):
        talk(calls)
        [episode] = calls.memory_claim("someone else")
        assert extractor(calls, url).extract(episode) == "lost"
        with pytest.raises(errors.BadInput):
            extractor(calls, url, lease=-1).run(every=0)

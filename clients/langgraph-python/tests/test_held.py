"""A saver that holds the messages of a thread sends and asks for what changed; what is stored and read is the same."""

from __future__ import annotations

import asyncio
import copy
import gc
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.base import uuid6
from support import URL, at, both_savers, new_async_saver, new_saver, new_tenant, pool, sql

import threadmem_langgraph._held as held
from threadmem_langgraph import ThreadmemSaver
from threadmem_langgraph._codec import Codec


def exactly(value: Any) -> Any:
    """A value with the types of all that is in it."""
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if hasattr(value, "__pydantic_extra__"):
        return type(value), exactly(value.__dict__), exactly(value.__pydantic_extra__)
    return type(value), value


def messages_of(found: Any) -> Any:
    return found.checkpoint["channel_values"]["messages"]


class Chat:
    """Puts one checkpoint after the other, as the engine does."""

    def __init__(self, saver: Any, thread_id: str = "t", parent: str | None = None) -> None:
        self.saver, self.thread_id, self.parent = saver, thread_id, parent
        self.version = 0
        self.sent: list[int] = []
        rows = saver._rows

        def measured(call: Any) -> Any:
            self.sent.append(sum(len(arg) for it in call.statements for arg in it.args if isinstance(arg, str)))
            return rows(call)

        saver._rows = measured

    def made(self, messages: list[Any], **values: Any) -> tuple[Any, ...]:
        self.version += 1
        versions = {"messages": self.version, **dict.fromkeys(values, self.version)}
        stored = {
            "v": 4,
            "id": str(uuid6(clock_seq=self.version)),
            "ts": "2025-01-01T00:00:00+00:00",
            "channel_values": {"messages": messages, **values},
            "channel_versions": versions,
            "versions_seen": {},
            "updated_channels": None,
        }
        return (
            at(self.thread_id, self.parent),
            stored,
            {"source": "loop", "step": self.version, "parents": {}},
            versions,
        )

    def put(self, messages: list[Any], **values: Any) -> str:
        self.parent = self.saver.put(*self.made(messages, **values))["configurable"]["checkpoint_id"]
        return self.parent

    async def aput(self, messages: list[Any]) -> str:
        self.parent = (await self.saver.aput(*self.made(messages)))["configurable"]["checkpoint_id"]
        return self.parent

    def get(self, saver: Any = None) -> Any:
        return messages_of((saver or self.saver).get_tuple(at(self.thread_id)))


def question(number: int) -> HumanMessage:
    return HumanMessage(f"question {number} " + "x" * 200, id=f"h{number}")


def answer(number: int) -> AIMessage:
    return AIMessage(
        f"answer {number}",
        id=f"a{number}",
        tool_calls=[{"name": "look", "args": {"b": [1, True, None], "aa": {"deep": 1.5}}, "id": f"c{number}"}],
        response_metadata={"model": "m", "usage": {"tokens": number}},
        additional_kwargs={"flag": True},
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    )


def conversation(count: int) -> list[Any]:
    return [question(n) if n % 2 == 0 else answer(n) for n in range(count)]


def test_a_list_that_is_not_all_messages_goes_whole() -> None:
    """[1, 1] in it is an element, and no run of revisions."""
    with new_saver() as saver:
        chat = Chat(saver)
        chat.put(conversation(4))
        mixed = [*conversation(2), [1, 1], "a text"]
        chat.put(mixed)
        assert exactly(chat.get()) == exactly(mixed)


def test_a_page_in_which_a_list_changes_its_form_and_back() -> None:
    """Rows that hold the same messages as objects, as plain ones, and as objects again."""
    with new_saver() as saver:
        with sql(saver._tenant or "") as conn:
            conn.execute("SELECT FROM threadmem.thread_create('t')")
            conn.execute("SELECT FROM threadmem.message_add('t', 'user', 'said in SQL', message_id => 's')")
            [body] = conn.execute("SELECT body FROM threadmem.message_get('t', 's')").fetchone() or [None]
        found: Any = saver.get_tuple(at("t"))
        assert found is not None
        chat = Chat(saver, parent=found.config["configurable"]["checkpoint_id"])
        chat.version = found.checkpoint["channel_versions"]["messages"]
        objects = chat.parent
        plain = chat.put([body])
        chat.parent = objects
        chat.put([*messages_of(found), answer(1)])
        chat.parent = plain
        chat.put([body, {"role": "user", "content": "plain"}])
        other = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
        for limit in (1, 2, 3, None):
            for row in saver.list(at("t"), limit=limit):
                own = other.get_tuple(row.config)
                assert exactly(messages_of(row)) == exactly(messages_of(own))
        forms = [isinstance(messages_of(row)[0], HumanMessage) for row in saver.list(at("t"))]
        assert forms == [False, True, False, True]


def test_what_changed_is_what_is_sent() -> None:
    with new_saver() as saver:
        chat = Chat(saver)
        messages: list[Any] = conversation(400)
        chat.put(messages)
        for number in range(400, 404):
            messages = [*messages, question(number)]
            chat.put(messages)
            chat.put(messages, other=number)
        assert chat.sent[0] > 100_000
        assert max(chat.sent[1:]) < 3_000
        found = chat.get()
        assert exactly(found) == exactly(messages)
        chat.sent.clear()
        found.append(question(500))
        chat.put(found)
        assert chat.sent[0] < 3_000
        fresh = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
        assert exactly(chat.get(fresh)) == exactly(chat.get()) == exactly(found)


CHANGES: list[Any] = [
    lambda m: setattr(m, "content", "changed"),
    lambda m: setattr(m, "content", [{"type": "text", "text": "part"}]),
    lambda m: setattr(m, "name", "somebody"),
    lambda m: setattr(m, "own_field", {"a": 1}),
    lambda m: m.additional_kwargs.update(new=1),
    lambda m: m.additional_kwargs.update(new=True),
    lambda m: m.additional_kwargs.update(new=1.0),
    lambda m: m.additional_kwargs.update(new="1"),
    lambda m: m.additional_kwargs.update(new=[]),
    lambda m: m.additional_kwargs.update(new={}),
    lambda m: m.additional_kwargs.update(new=b"1"),
    lambda m: m.additional_kwargs.update(new=bytearray(b"1")),
    lambda m: m.additional_kwargs.update(new=(1,)),
    lambda m: m.additional_kwargs.update(new={1: 2, "1": 3}),
    lambda m: m.additional_kwargs.update(new={"1": 3, 1: 2}),
    lambda m: m.additional_kwargs.update(new=-0.0),
    lambda m: m.additional_kwargs.update(new=0.0),
    lambda m: m.additional_kwargs.clear(),
    lambda m: m.response_metadata.update(a={"b": {"c": [1, 2]}}),
    lambda m: m.response_metadata["a"]["b"]["c"].append(3),
    lambda m: m.response_metadata["a"]["b"].update(c=None),
    lambda m: setattr(m, "additional_kwargs", {"wholly": "new"}),
    lambda m: m.__dict__.update(content="behind its back"),
    lambda m: object.__setattr__(m, "__dict__", {**m.__dict__, "content": "another dict"}),
]


def test_a_message_changed_in_place_between_two_puts() -> None:
    for saver_reads in (False, True):
        with new_saver() as saver:
            fresh = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
            chat = Chat(saver)
            messages = conversation(6)
            chat.put(messages)
            for place in (0, 1, 5):
                for change in CHANGES:
                    if saver_reads:
                        messages = chat.get()
                    change(messages[place])
                    chat.put(messages)
                    assert exactly(chat.get(fresh)) == exactly(messages), change
            messages[1].tool_calls[0]["args"]["aa"]["deep"] = 2
            chat.put(messages)
            assert chat.get(fresh)[1].tool_calls[0]["args"]["aa"] == {"deep": 2}


def test_random_lists() -> None:
    """Whatever becomes of a list, by its own objects or by those read; forks, too."""
    for seed in range(6):
        chance = random.Random(seed)
        with new_saver() as saver:
            fresh = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
            chat = Chat(saver)
            states: dict[str, Any] = {}
            messages: list[Any] = []
            for step in range(60):
                for _ in range(chance.randint(1, 3)):
                    place = chance.randrange(len(messages) + 1)
                    kind = chance.randrange(9)
                    if kind == 0:
                        messages = messages[:place] + messages[place + 1 :]
                    elif kind == 1 and messages:
                        chance.choice(CHANGES[:6])(chance.choice(messages))
                    elif kind == 2:
                        messages = messages[:place] + [HumanMessage("same")] + messages[place:]
                    elif kind == 3 and messages:
                        messages = [*messages, copy.deepcopy(chance.choice(messages))]
                    elif kind == 4:
                        messages = messages[-chance.randint(1, 5) :]
                    elif kind == 5:
                        messages = [*messages, ToolMessage("result", tool_call_id="c", artifact={"x": (1, 2)})]
                    else:
                        messages = [*messages, answer(100 * step + len(messages))]
                parent = chat.parent
                states[chat.put(messages)] = exactly(messages)
                assert exactly(chat.get(fresh)) == exactly(messages), (seed, step, parent)
                if chance.random() < 0.3:
                    messages = chat.get()
                if chance.random() < 0.2:
                    chat.parent = chance.choice(list(states))
                    messages = messages_of(saver.get_tuple(at("t", chat.parent)))
                    assert exactly(messages) == states[chat.parent]
            for found in saver.list(at("t")):
                assert exactly(messages_of(found)) == states[found.config["configurable"]["checkpoint_id"]]


class Text(str):
    pass


class More(dict[Any, Any]):
    pass


FLAT: list[Callable[[Any], Any]] = [
    lambda it: setattr(it, "content", it.content + "."),
    lambda it: setattr(it, "content", Text(it.content)),
    lambda it: setattr(it, "content", [it.content]),
    lambda it: setattr(it, "id", Text(it.id)),
    lambda it: setattr(it, "name", ""),
    lambda it: setattr(it, "name", False),
    lambda it: setattr(it, "name", 0),
    lambda it: setattr(it, "additional_kwargs", []),
    lambda it: setattr(it, "additional_kwargs", More()),
    lambda it: it.additional_kwargs.update(a=None),
    lambda it: setattr(it, "response_metadata", None),
    lambda it: setattr(it, "more", "extra"),
    lambda it: it.__dict__.update(other=None),
    lambda it: it.__dict__.pop("name"),
    lambda it: setattr(it, "__class__", SystemMessage),
    lambda it: object.__setattr__(it, "__pydantic_private__", {"a": 1}),
]
# Where something is nested, and where a number is.
NESTED: list[Callable[[Any], Any]] = [
    lambda it: it.response_metadata["usage"].update(tokens=True),
    lambda it: it.response_metadata["usage"].update(tokens=1.0),
    lambda it: it.response_metadata["usage"].update(deep=[-0.0]),
    lambda it: it.response_metadata.update(usage=More(it.response_metadata["usage"])),
    lambda it: it.tool_calls[0]["args"].update(b=[1, 1, None]),
    lambda it: it.tool_calls[0]["args"].update(b=(1, True, None)),
    lambda it: it.tool_calls.append(it.tool_calls[0]),
    lambda it: setattr(it, "invalid_tool_calls", ()),
    lambda it: setattr(it, "usage_metadata", {**it.usage_metadata, "input_tokens": True}),
]


@pytest.mark.parametrize("of", ["what was put", "what was read"])
def test_every_change_is_seen(of: str) -> None:
    """Also of a type alone, in objects that were put before and in those that were read."""
    codec = Codec()
    for kind, changes in ((question, FLAT), (answer, NESTED)):
        for change in changes:
            messages = [question(0), kind(1), question(2)]
            if kind is answer:
                messages[1].response_metadata["usage"]["deep"] = [0.0]
            first = held.SentList(messages, codec, None).stored([[1, 3]])
            assert first
            if of == "what was read":
                nodes = [codec.encode(message) for message in messages]
                first = held.HeldList([[1, 3]], [1, 2, 3], [held.Body(node, False) for node in nodes])
                messages = first.build(codec)
            assert held.SentList(messages, codec, first).elements == [[1, 3]]
            change(messages[1])
            try:
                elements = held.SentList(messages, codec, first).elements
            except TypeError:  # it cannot be stored, and nobody is told otherwise
                continue
            assert [type(element) for element in elements] == [list, dict, list], change.__code__.co_consts


def test_what_is_read_is_the_readers_own() -> None:
    with new_saver() as saver:
        chat = Chat(saver)
        messages = conversation(4)
        expected = exactly(messages)
        chat.put(messages)
        chat.put([*messages, question(9)])
        for _ in range(3):
            found = chat.get()[:4]
            assert exactly(found) == expected
            for message in found:
                message.content = "spoilt"
                message.additional_kwargs["spoilt"] = 1
                message.response_metadata.clear()
                message.model_fields_set.add("spoilt")
        rows = [messages_of(it) for it in saver.list(at("t"))]
        rows[0][1].response_metadata["usage"]["tokens"] = "spoilt"
        assert exactly(rows[1]) == expected
        messages[0].content = "spoilt"
        assert exactly(chat.get()[:4]) == expected


def test_a_list_reads_each_message_once() -> None:
    with new_saver() as saver:
        chat = Chat(saver)
        messages = conversation(300)
        for more in range(10):
            chat.put([*messages, *map(question, range(1000, 1000 + more))])
        fetched: list[int] = []
        rows = saver._rows

        def measured(call: Any) -> Any:
            found = rows(call)
            fetched.append(sum(len(text) for row in found for text in row if isinstance(text, str)))
            return found

        saver._rows = measured
        assert [len(messages_of(it)) for it in saver.list(at("t"))] == list(range(309, 299, -1))
        list(ThreadmemSaver(saver._source._pool, tenant=saver._tenant).list(at("t"), limit=1))
        one = len(saver._codec and str(exactly(messages)))
        assert fetched[0] < 2 * one


def test_a_thread_deleted_by_another_between_two_puts() -> None:
    with new_saver() as saver, new_saver() as _:
        other = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
        chat, messages = Chat(saver), conversation(4)
        first = chat.made(messages)
        chat.parent = saver.put(*first)["configurable"]["checkpoint_id"]
        other.delete_thread("t")
        with pytest.raises(psycopg.Error) as error:
            chat.put([*messages, question(9)])
        assert error.value.sqlstate == "P0002"
        # Begun again under the same ids, it has other messages under the same numbers.
        others = [SystemMessage(f"other {number}", id=f"o{number}") for number in range(4)]
        other.put(first[0], {**first[1], "channel_values": {"messages": others}}, *first[2:])
        chat.put([*messages, question(9)])
        assert exactly(chat.get(other)) == exactly(chat.get()) == exactly([*messages, question(9)])


def test_a_base_of_another() -> None:
    """The same ids in another tenant, and a checkpoint that another saver put again."""
    with new_saver() as saver:
        chat, messages = Chat(saver), conversation(4)
        first = chat.made(messages)
        saver.put(*first)
        foreign = saver.for_tenant(new_tenant())
        with sql(foreign._tenant) as conn:
            conn.execute("SELECT FROM threadmem.thread_create('t')")
        chat.parent = first[1]["id"]
        second = chat.made([*messages, question(8)])
        foreign.put(*second)
        assert exactly(messages_of(foreign.get_tuple(at("t")))) == exactly([*messages, question(8)])
        other = ThreadmemSaver(saver._source._pool, tenant=saver._tenant)
        other.put(*first[:1], {**first[1], "channel_values": {"messages": [question(77)]}}, *first[2:])
        saver.put(*second)
        assert exactly(chat.get(other)) == exactly([*messages, question(8)])
        assert exactly(messages_of(saver.get_tuple(at("t", first[1]["id"])))) == exactly([question(77)])


def test_an_erased_message_is_held_no_more() -> None:
    with new_saver() as saver, sql(saver._tenant) as conn:
        chat, messages = Chat(saver), conversation(5)
        chat.put(messages)
        conn.execute("SELECT FROM threadmem.message_erase('t', 'h2')")
        left = exactly(messages[:2] + messages[3:])
        assert exactly(chat.get()) == left
        chat.put([*messages, question(9)])
        assert exactly(chat.get()) == [*left, exactly(question(9))]
        chat.put([*messages, question(9), question(10)])
        assert exactly(chat.get()) == [*left, exactly(question(9)), exactly(question(10))]
        assert exactly(chat.get(ThreadmemSaver(saver._source._pool, tenant=saver._tenant))) == exactly(chat.get())
        assert [exactly(messages_of(it))[:4] for it in saver.list(at("t"))] == [left] * 3


@pytest.mark.parametrize("stored", [True, False])
def test_a_connection_lost_in_a_put(stored: bool) -> None:
    with new_saver() as saver:
        chat, messages = Chat(saver), conversation(4)
        chat.put(messages)
        rows = saver._rows
        made = chat.made([*messages, question(9), answer(10)])

        def lost(call: Any) -> Any:
            saver._rows = rows
            if stored:
                rows(call)
            raise psycopg.OperationalError("the connection is lost")

        saver._rows = lost
        with pytest.raises(psycopg.OperationalError):
            saver.put(*made)
        chat.parent = saver.put(*made)["configurable"]["checkpoint_id"]
        chat.put([*messages, question(9), answer(10), question(11)])
        assert exactly(chat.get()) == exactly([*messages, question(9), answer(10), question(11)])
        with sql(saver._tenant) as conn:
            assert conn.execute("SELECT count(*), max(rev) FROM threadmem.message_list('t')").fetchone() == (7, 7)


async def test_a_cancelled_put() -> None:
    async with new_async_saver(size=1) as saver:
        chat, messages = Chat(saver), conversation(4)
        await chat.aput(messages)
        for number in range(30):
            messages = [*messages, question(100 + number)]
            made = chat.made(messages)
            task = asyncio.ensure_future(saver.aput(*made))
            for _ in range(number % 7):
                await asyncio.sleep(0.0005)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                await saver.aput(*made)
            chat.parent = made[1]["id"]
            assert exactly(messages_of(await saver.aget_tuple(at("t")))) == exactly(messages)


def test_a_transaction_of_the_callers() -> None:
    """Where the server has lost what is held, the transaction goes on all the same."""
    with psycopg.connect(URL) as conn:
        saver = ThreadmemSaver(conn, tenant=new_tenant())
        chat, messages = Chat(saver), conversation(4)
        chat.put(messages)
        conn.commit()
        conn.execute("CREATE TEMPORARY TABLE mine (n integer) ON COMMIT DROP")
        conn.execute("SELECT set_config('threadmem.tenant', %s, true)", [saver._tenant])
        conn.execute("SELECT FROM threadmem.message_erase('t', 'a1')")
        chat.put([*messages[:1], *messages[2:], question(9)])
        assert conn.execute("SELECT count(*) FROM mine").fetchone() == (0,)
        conn.commit()
        assert exactly(chat.get()) == exactly([*messages[:1], *messages[2:], question(9)])


async def test_threads_and_tasks() -> None:
    """Many chats over one saver, while others read them."""
    async with both_savers() as savers:
        for saver in savers:

            async def talk(name: str, saver: Any = saver) -> None:
                messages: list[Any] = []
                parent = None
                for number in range(12):
                    messages = [*messages, question(number), answer(number)]
                    made = Chat.made(chats[name], messages)
                    parent = (await saver.aput(*made))["configurable"]["checkpoint_id"]
                    chats[name].parent = parent
                    found = await saver.aget_tuple(at(name))
                    assert exactly(messages_of(found)) == exactly(messages)
                    if number % 3 == 0:
                        messages = messages_of(found)
                        messages[0].content = f"changed {number}"

            chats: dict[str, Any] = {}
            for number in range(16):
                chat = Chat.__new__(Chat)
                chat.saver, chat.thread_id, chat.parent, chat.version = saver, f"t{number}", None, 0
                chats[chat.thread_id] = chat
            await asyncio.gather(*map(talk, chats))


def test_one_thread_read_by_many() -> None:
    with new_saver() as saver, ThreadPoolExecutor(6) as executor:
        chat, messages = Chat(saver), conversation(20)
        chat.put(messages)
        over = threading.Event()

        def read() -> int:
            count = 0
            while not over.is_set():
                found = chat.get()
                assert [it.content for it in found[:20]] == [it.content for it in messages[:20]]
                for message in found:
                    message.content = "spoilt"
                count += 1
            return count

        readers = [executor.submit(read) for _ in range(3)]
        for number in range(20, 60):
            messages = [*messages, question(number)]
            chat.put(messages)
        over.set()
        assert all(reader.result() for reader in readers)


def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MAX_CHARACTERS", 20_000)
    monkeypatch.setattr(held, "MAX_THREADS", 3)
    with new_saver() as saver:
        for number in range(8):
            chat = Chat(saver, f"t{number}")
            for length in (2, 4, 6, 7, 8, 9):
                chat.put(conversation(length))
            assert exactly(chat.get()) == exactly(conversation(9))
        known = saver._held
        assert len(known._threads) <= 3
        assert all(len(states) <= held.MAX_CHECKPOINTS for states in known._threads.values())
        assert 0 < known._characters <= 20_000
        count = len(known._threads)
        Chat(saver, "large").put(conversation(100))
        assert len(known._threads) == count  # it is too large, and drives nobody out
        for number in range(8):
            saver.delete_thread(f"t{number}")
        assert not known._threads
        assert known._characters == 0


def test_savers_of_one_pool_do_not_mix_classes() -> None:
    with pool() as opened:
        saver = ThreadmemSaver(opened, tenant=new_tenant())
        chat = Chat(saver)
        chat.put(conversation(2))
        clone = saver.with_allowlist([("some.module", "Name")])
        assert exactly(messages_of(clone.get_tuple(at("t")))) == exactly(conversation(2))
        assert clone._held is saver._held


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was(on: bool) -> None:
    def building() -> None:
        with held.uncollected, held.uncollected:
            assert not gc.isenabled()

    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with held.uncollected:
            other = threading.Thread(target=building)
            other.start()
            other.join()
            assert not gc.isenabled()
        assert gc.isenabled() == on
        with pytest.raises(KeyError), held.uncollected:
            raise KeyError
        assert gc.isenabled() == on
    finally:
        (gc.enable if was_on else gc.disable)()

"""The calls of the SQL functions, without the connection: what is sent, and what comes of the rows.

The savers differ in how they wait. Everything else is here, once.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
    get_serializable_checkpoint_metadata,
)

from ._classes import Allowed
from ._codec import Codec, dump_json
from ._graphs import definition
from ._held import Held, HeldList, HeldState, Key, Lists, SentList, uncollected
from ._messages import are_own
from ._text import escape, unescape
from ._writers import HalfStep, half_step

Row = tuple[Any, ...]

# A list is read in pages: the first has these rows, the following are to have these characters.
FIRST_PAGE = 16
PAGE_CHARACTERS = 4_000_000
MAX_PAGE = 1000
# How many threads a saver remembers.
REMEMBERED = 4096

_COLUMNS = (
    "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint::text, metadata::text, "
    "pending_writes::text"
)
_STORED = "thread_id, checkpoint_ns, checkpoint_id, lists::text, mark"
_STRUCTURE = frozenset({"channel_versions", "versions_seen"})

# Nothing where nothing may be written: on a standby, in a transaction that is read only.
_FOLD = (
    "SELECT threadmem.thread_fold(t.thread_id, at_rest => %s) FROM threadmem.thread_get(%s, missing_ok => true) t"
    " WHERE NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.current_setting('transaction_read_only') = 'off'"
)
_TENANT = "SELECT pg_catalog.set_config('threadmem.tenant', %s, true)"
_USER = "SELECT FROM threadmem.user_create(%s, if_exists => 'do_nothing')"
# What the thread has already stays: it is only given what it lacks.
_LACKS = (
    "SELECT threadmem.thread_update(t.thread_id, user_id => CASE WHEN t.user_id IS NULL THEN o.user_id END,"
    " title => CASE WHEN t.title IS NULL THEN o.title END, graph_id => CASE WHEN t.graph_id IS NULL THEN o.graph_id END)"
    " FROM {thread} t, (SELECT %s::text, %s::text, %s::text) o (user_id, title, graph_id)"
    " WHERE (t.user_id IS NULL AND o.user_id IS NOT NULL) OR (t.title IS NULL AND o.title IS NOT NULL)"
    " OR (t.graph_id IS NULL AND o.graph_id IS NOT NULL)"
)
_BEGIN = _LACKS.format(
    thread="threadmem.thread_create(%s, user_id => %s, title => %s, graph_id => %s, if_exists => 'do_nothing')"
)
_DESCRIBE = _LACKS.format(thread="threadmem.thread_get(%s, missing_ok => true)")

# Only when it is another one: so it may be called whenever a program starts.
_DEFINE = (
    "SELECT threadmem.graph_define(o.graph_id, o.definition) FROM (SELECT %s::text, %s::jsonb) o (graph_id, definition)"
    " WHERE NOT EXISTS (SELECT FROM threadmem.graph_get(o.graph_id, missing_ok => true) g"
    " WHERE g.definition OPERATOR(pg_catalog.=) o.definition)"
)
# SQLSTATE of a writer who comes after the thread was deleted, and for how many seconds its beginning may be on the way.
LATE = "P0002"
# SQLSTATE of a put that goes by messages that the server has no more: all of them are sent.
LOST = "TM001"
PATIENCE = 0.3
NO_FOLD = (
    "this role may not call thread_fold(): what is said in a thread by SQL is not seen by the graph (fold=False says "
    "that this is meant)"
)
EXTENSION = "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'threadmem'"


class Statement(NamedTuple):
    text: str
    args: Sequence[Any] = ()
    may_be_lost: bool = False
    """It goes by what the server may have no more: in somebody's transaction it has a savepoint."""


@dataclass(frozen=True)
class Sent:
    """What a put will have stored."""

    thread: Key
    lists: Mapping[str, SentList]
    parent: HeldState | None
    characters: int = 0


@dataclass(frozen=True)
class Call:
    """Statements of one transaction, sent in one round trip. The rows are those of the last one."""

    statements: tuple[Statement, ...]
    folds: bool = False
    describes: tuple[Any, ...] | None = None
    """The thread and the owner that it gets."""
    sent: Sent | None = None
    whole: Callable[[], Call] | None = None
    """The same without going by what the server has."""
    held: HeldState | None = None
    """The state of which a get has the messages."""

    def without_fold(self) -> Call:
        return replace(self, statements=tuple(it for it in self.statements if it.text != _FOLD), folds=False)


@dataclass(frozen=True)
class Owner:
    """Whose a thread is."""

    user_id: str | None = None
    title: str | None = None
    graph_id: str | None = None

    def __bool__(self) -> bool:
        return any((self.user_id, self.title, self.graph_id))


def call(name: str, args: Mapping[str, Any], columns: str = "*") -> Statement:
    """A function by its arguments' names; those that are None take their defaults."""
    given = {argument: value for argument, value in args.items() if value is not None}
    named = ", ".join(f"{argument} => %s" for argument in given)
    return Statement(f"SELECT {columns} FROM threadmem.{name}({named})", tuple(given.values()))


def text(value: object) -> str | None:
    """An id; the server refuses those in which there was something to escape."""
    return None if value is None else escape(str(value))


def configurable(config: RunnableConfig | None) -> Mapping[str, Any]:
    return (config or {}).get("configurable") or {}


def tenant_of(own: str | None, given: Mapping[str, Any], whose: str) -> str | None:
    """The tenant of a call: one's own, or that of configurable, which may come from outside."""
    tenant = given.get("tenant")
    if tenant is None or tenant == own:
        return own
    if own is not None:
        raise ValueError(f"the {whose} works for the tenant {own!r}, configurable names {tenant!r}")
    return str(tenant)


def set_tenant(tenant: str | None) -> tuple[Statement, ...]:
    return () if tenant is None else (Statement(_TENANT, (escape(tenant),)),)


def checkpoint_of(config: RunnableConfig | None) -> str | None:
    return text(configurable(config).get("checkpoint_id") or None)


def config_of(thread_id: str, checkpoint_ns: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "checkpoint_id": checkpoint_id}}


def _ids(values: Iterable[object]) -> list[str]:
    if isinstance(values, str):
        raise TypeError("a list of ids is needed, not one")
    return [escape(str(value)) for value in values]


class Threads:
    """What a saver and its copies remember of threads, bounded: never what would make a result another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._described: OrderedDict[tuple[Any, ...], None] = OrderedDict()
        self._begun: OrderedDict[tuple[Any, ...], float] = OrderedDict()
        self.may_fold = True

    def is_described(self, key: tuple[Any, ...]) -> bool:
        with self._lock:
            return key in self._described

    def describe(self, key: tuple[Any, ...]) -> None:
        with self._lock:
            self._described[key] = None
            self._described.move_to_end(key)
            if len(self._described) > REMEMBERED:
                self._described.popitem(last=False)

    def begun(self, key: tuple[Any, ...]) -> None:
        with self._lock:
            self._begun[key] = time.monotonic()
            self._begun.move_to_end(key)
            if len(self._begun) > REMEMBERED:
                self._begun.popitem(last=False)

    def begun_since(self, key: tuple[Any, ...], moment: float) -> bool:
        with self._lock:
            return self._begun.get(key, 0.0) >= moment


class Page:
    """How many rows of a list to ask for next."""

    def __init__(self, limit: int | None) -> None:
        self.left = limit
        self.size = FIRST_PAGE
        self.position: str | None = None
        self.more = limit is None or limit > 0

    @property
    def rows(self) -> int:
        return self.size if self.left is None else min(self.size, self.left)

    def took(self, rows: Sequence[Row]) -> None:
        self.more = len(rows) == self.rows
        if self.left is not None:
            self.left -= len(rows)
            self.more = self.more and self.left > 0
        if rows:
            characters = sum(len(column or "") for row in rows for column in row[4:-1])
            fitting = PAGE_CHARACTERS * len(rows) // (characters + 1)
            self.size = max(1, min(fitting, 4 * len(rows), MAX_PAGE))
            self.position = rows[-1][-1]


class Calls(BaseCheckpointSaver[Any]):
    """What both savers are."""

    _codec: Codec
    _threads: Threads
    _held: Held

    def __init__(
        self,
        *,
        allow: Iterable[Allowed],
        strict: bool,
        fold: bool,
        user_id: str | None,
        tenant: str | None,
        title: str | None,
        graph: str | None,
    ) -> None:
        super().__init__()
        self._codec = Codec(allow, strict)
        self._threads = Threads()
        self._held = Held()
        self._fold = fold
        self._tenant = tenant
        self._owner = Owner(user_id, title, graph)

    def _allowing(self, extra: Iterable[Allowed]) -> Any:
        clone = self.__class__.__new__(self.__class__)
        clone.__dict__.update(self.__dict__)
        clone._codec = self._codec.with_more(extra)
        return clone

    def _for_tenant(self, tenant: str) -> Any:
        clone = self.__class__.__new__(self.__class__)
        clone.__dict__.update(self.__dict__)
        clone._tenant = tenant
        return clone

    def get_next_version(self, current: Any, channel: None) -> Any:
        """In the form that the thread has: numbers, or the text of a thread that was moved from PostgresSaver."""
        if current is None:
            return 1
        if isinstance(current, str):
            number, _, rest = current.partition(".")
            following = int(number) + 1
            return f"{following:032}.{rest}" if rest else f"{following:032}"
        return int(current) + 1

    # calls

    def _tenant_of(self, given: Mapping[str, Any]) -> str | None:
        return tenant_of(self._tenant, given, "saver")

    def _owner_of(self, given: Mapping[str, Any]) -> Owner:
        graph = given.get("graph_id", given.get("graph"))
        return Owner(
            text(given.get("user_id")) or self._owner.user_id,
            text(given.get("title")) or self._owner.title,
            text(graph) or self._owner.graph_id,
        )

    def _call(self, given: Mapping[str, Any], *statements: Statement, **more: Any) -> Call:
        return Call((*set_tenant(self._tenant_of(given)), *statements), **more)

    def _key(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        return (self._tenant_of(given), str(given.get("thread_id")))

    def _owning(self, given: Mapping[str, Any], begins: bool) -> tuple[list[Statement], tuple[Any, ...] | None]:
        """Makes the thread, or gives it what it lacks: a late writer does not make one that was deleted."""
        owner = self._owner_of(given)
        key = (*self._key(given), owner.user_id, owner.title, owner.graph_id)
        if not owner or (not begins and self._threads.is_described(key)):
            return [], None
        thread = text(given["thread_id"])
        columns = (owner.user_id, owner.title, owner.graph_id)
        user = [Statement(_USER, (owner.user_id,))] if owner.user_id else []
        if begins:
            return [*user, Statement(_BEGIN, (thread, *columns, *columns))], key
        return [*user, Statement(_DESCRIBE, (thread, *columns))], key

    def _stored(self, call: Call, config: RunnableConfig, rows: Sequence[Row], begins: bool) -> RunnableConfig:
        """What is to be remembered of a checkpoint that is stored, and its key."""
        if call.describes:
            self._threads.describe(call.describes)
        if begins:
            self._threads.begun(self._key(configurable(config)))
        if call.sent:
            self._keep_sent(call.sent, *rows[0][2:])
        return config_of(*rows[0][:3])

    def _held_key(self, given: Mapping[str, Any]) -> Key:
        """What is read depends on which classes are allowed."""
        return (*self._key(given), self._codec)

    def _keep_sent(self, sent: Sent, checkpoint_id: str, lists: str | None, mark: str) -> None:
        kept: dict[str, HeldList] = {}
        for name, found in (json.loads(lists) if lists else {}).items():
            if name in sent.lists:
                held = sent.lists[name].stored(found["runs"])
            else:
                held = sent.parent.lists.get(name) if sent.parent else None
                held = held if held and held.runs == found["runs"] else None
            if held:
                kept[name] = held
        if kept:
            self._held.keep(sent.thread, checkpoint_id, HeldState(mark, kept, sent.characters))

    def _put_call(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> Call:
        given = configurable(config)
        if given.get("thread_id") is None:
            raise KeyError("thread_id")
        described: dict[str, Any] = dict(get_serializable_checkpoint_metadata(config, metadata))
        run_id = config.get("run_id")
        if run_id is not None:
            described.setdefault("run_id", str(run_id))
        args = {
            "thread_id": text(given["thread_id"]),
            "metadata": dump_json(self._codec.encode_members(described)),
            "new_versions": dump_json(self._codec.encode_members(new_versions)),
            "parent_checkpoint_id": checkpoint_of(config),
            "checkpoint_ns": text(given.get("checkpoint_ns")),
        }
        owning, describes = self._owning(given, self._begins(config, metadata))

        def make(parent: HeldState | None) -> Call:
            sent, lists = self._send_lists(given, checkpoint, new_versions, parent)
            stored = self._dump_checkpoint(checkpoint, new_versions, sent.lists if sent else {}, lists)
            given_lists = dump_json(lists)
            more = {
                "checkpoint": stored,
                "lists": given_lists if sent else None,
                "held": parent.mark if parent and lists else None,
            }
            put = call("checkpoint_put", {**args, **more}, _STORED)._replace(may_be_lost=bool(lists))
            if sent:
                sent = replace(sent, characters=_characters(parent, given_lists if lists else stored))
            whole = (lambda: make(None)) if lists else None
            return self._call(given, *owning, put, describes=describes, sent=sent, whole=whole)

        return make(self._held.of(self._held_key(given), args["parent_checkpoint_id"]))

    def _send_lists(
        self,
        given: Mapping[str, Any],
        checkpoint: Checkpoint,
        new_versions: ChannelVersions,
        parent: HeldState | None,
    ) -> tuple[Sent | None, dict[str, Any]]:
        """The lists of messages that are to be held when they are stored, and those that go by what the parent has.

        Only the thread's own graph has lists that refer to the log, and a copy is sent with all its values.
        """
        if given.get("checkpoint_ns"):
            return None, {}
        sent: dict[str, SentList] = {}
        for channel, value in checkpoint["channel_values"].items():
            if channel in new_versions and type(value) is list and are_own(value):
                held = parent.lists.get(escape(channel)) if parent else None
                with contextlib.suppress(TypeError, ValueError, RecursionError):  # told when all of it is encoded
                    sent[escape(channel)] = SentList(value, self._codec, held)
        lists = {name: sent[name].elements for name in sent if parent and name in parent.lists}
        return Sent(self._held_key(given), sent, parent), lists

    @staticmethod
    def _begins(config: RunnableConfig, metadata: CheckpointMetadata) -> bool:
        """As the server has it: a subgraph's first checkpoint has no parent, but names the one it runs under."""
        nested = configurable(config).get("checkpoint_ns") and metadata.get("parents")
        return checkpoint_of(config) is None and not nested

    def _dump_checkpoint(
        self,
        checkpoint: Checkpoint,
        new_versions: ChannelVersions,
        sent: Mapping[str, SentList],
        lists: Mapping[str, Any],
    ) -> str:
        """With the values of what changed. A copy has no new versions: its values go along for versions that two
        branches have given to different values. Lists come beside it."""
        values: dict[str, Any] = checkpoint["channel_values"]
        tree: dict[str, Any] = {}
        for name, member in checkpoint.items():
            if name != "channel_values":
                tree[escape(name)] = _structure(member) if name in _STRUCTURE else self._codec.encode(member)
        tree["channel_values"] = stored = {}
        for channel, value in values.items():
            name = escape(channel)
            if name not in lists and (not new_versions or channel in new_versions):
                encoded = sent.get(name)
                stored[name] = encoded.elements if encoded else self._codec.encode_channel(channel, value)
        return dump_json(tree)

    def _put_writes_call(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> Call:
        given = configurable(config)
        for name in ("thread_id", "checkpoint_id"):
            if given.get(name) is None:
                raise KeyError(name)
        stored = [[escape(channel), self._codec.encode_channel(channel, value)] for channel, value in writes]
        put = call(
            "checkpoint_put_writes",
            {
                "thread_id": text(given["thread_id"]),
                "checkpoint_id": text(given["checkpoint_id"]),
                "task_id": text(task_id),
                "writes": dump_json(stored),
                "task_path": text(task_path),
                "checkpoint_ns": text(given.get("checkpoint_ns")),
                "run_id": text(config.get("run_id") or given.get("run_id")),
            },
        )
        return self._call(given, put)

    def _get_call(self, config: RunnableConfig) -> Call | None:
        given = configurable(config)
        if given.get("thread_id") is None:
            return None
        thread, checkpoint = text(given["thread_id"]), checkpoint_of(config)
        root = not given.get("checkpoint_ns")
        held = self._held.latest(self._held_key(given)) if root else None
        args = {
            "thread_id": thread,
            "checkpoint_ns": text(given.get("checkpoint_ns")),
            "checkpoint_id": checkpoint,
            "held": held.mark if held else "" if root else None,
        }
        folds = self._fold and self._threads.may_fold and checkpoint is None and root
        fold = [Statement(_FOLD, (not _engine(given), thread))] if folds else []
        get = call("checkpoint_get", args, f"{_COLUMNS}, lists::text, mark")
        return self._call(given, *fold, get, folds=folds, held=held)

    def _half_step(self, config: RunnableConfig, found: CheckpointTuple) -> HalfStep | None:
        """What JavaScript has done of the step that a graph is about to go on with."""
        given = configurable(config)
        if checkpoint_of(config) is not None or given.get("checkpoint_ns") or not _engine(given):
            return None
        return half_step(found)

    def _below_call(self, config: RunnableConfig, found: CheckpointTuple) -> Call:
        """The times of checkpoints of subgraphs that were called in the step after one."""
        checkpoint = checkpoint_of(found.config)
        args = {
            "thread_id": text(configurable(found.config)["thread_id"]),
            "metadata": dump_json({"parents": {"": checkpoint}}),
            "max_rows": 1,
        }
        return self._call(configurable(config), call("checkpoint_list", args, "checkpoint ->> 'ts'"))

    def _list_call(
        self, config: RunnableConfig | None, filter: dict[str, Any] | None, before: RunnableConfig | None, page: Page
    ) -> Call:
        given = configurable(config)
        args = {
            "thread_id": text(given.get("thread_id")),
            "checkpoint_ns": text(given.get("checkpoint_ns")),
            "checkpoint_id": checkpoint_of(config),
            "metadata": None if filter is None else dump_json(self._codec.encode_members(filter)),
            "before_id": checkpoint_of(before),
            "max_rows": page.rows,
            "after_position": page.position,
            "apart": True,
        }
        return self._call(given, call("checkpoint_list", args, f"{_COLUMNS}, lists::text, position"))

    def _history_call(self, config: RunnableConfig, channels: Sequence[str]) -> Call | None:
        given = configurable(config)
        if not channels or given.get("thread_id") is None:
            return None
        args = {
            "thread_id": text(given["thread_id"]),
            "channels": [escape(channel) for channel in channels],
            "checkpoint_ns": text(given.get("checkpoint_ns")),
            "checkpoint_id": checkpoint_of(config),
        }
        return self._call(given, call("checkpoint_delta_history", args, "checkpoint_delta_history::text"))

    def _delete_call(self, thread_id: object) -> Call:
        self._held.forget(self._held_key({"thread_id": thread_id}))
        return self._call({}, call("checkpoint_delete_thread", {"thread_id": text(thread_id)}))

    def _delete_for_runs_call(self, run_ids: Iterable[object]) -> Call:
        return self._call({}, call("checkpoint_delete_for_runs", {"run_ids": _ids(run_ids)}))

    def _copy_call(self, source: object, target: object) -> Call:
        args = {"thread_id": text(source), "new_thread_id": text(target)}
        return self._call({}, call("checkpoint_copy_thread", args))

    def _prune_call(self, thread_ids: Iterable[object], strategy: str, keep: int | None) -> Call:
        args = {"thread_ids": _ids(thread_ids), "strategy": strategy, "keep": keep}
        return self._call({}, call("checkpoint_prune", args))

    def _define_call(self, graph: Any, graph_id: str | None) -> Call:
        """The graph by its name, which threads that are begun from now on have as well."""
        name = graph_id or self._owner.graph_id or getattr(graph, "name", None)
        if not name:
            raise ValueError("the graph has no name: define(graph, graph_id=...)")
        found = dump_json(definition(graph, self._codec))
        if self._owner.graph_id is None:
            self._owner = replace(self._owner, graph_id=str(name))
        return self._call({}, Statement(_DEFINE, (escape(str(name)), found)))

    def _context_call(self, thread_id: object, max_characters: int | None, template: str | None) -> Call:
        args = {"thread_id": text(thread_id), "max_characters": max_characters, "template": template}
        return self._call({}, call("thread_context", args, "thread_context"))

    # answers

    def _got(self, call: Call, config: RunnableConfig, row: Row) -> CheckpointTuple:
        """What a get has found, which is held from now on."""
        thread_id, checkpoint_id, (lists, mark) = row[0], row[2], row[7:9]
        reader = Lists()
        if call.held:
            reader.hold(thread_id, call.held)
        with uncollected:
            found = dict(reader.read(thread_id, json.loads(lists))) if lists else {}
            if found:
                state = HeldState(mark, found, _characters(call.held, lists))
                self._held.keep(self._held_key(configurable(config)), checkpoint_id, state)
            return self._tuple(row, found)

    def _tuples(self, rows: Iterable[Row]) -> Iterator[CheckpointTuple]:
        """The rows of a page of a list, which has each message once."""
        reader = Lists()
        for row in rows:
            with uncollected:
                found = self._tuple(row, dict(reader.read(row[0], json.loads(row[7]))) if row[7] else {})
            yield found

    def _tuple(self, row: Row, lists: Mapping[str, HeldList]) -> CheckpointTuple:
        thread_id, checkpoint_ns, checkpoint_id, parent_id, checkpoint, metadata, writes = row[:7]
        if checkpoint is None or writes is None:
            raise ValueError(
                f"the checkpoint {checkpoint_id} of {thread_id} cannot be read: checkpoint_get() tells why"
            )
        return CheckpointTuple(
            config=config_of(thread_id, checkpoint_ns, checkpoint_id),
            checkpoint=self._load_checkpoint(checkpoint, lists),
            metadata=cast(CheckpointMetadata, self._codec.decode_members(json.loads(metadata))),
            parent_config=None if parent_id is None else config_of(thread_id, checkpoint_ns, parent_id),
            pending_writes=self._writes(json.loads(writes)),
        )

    def _load_checkpoint(self, stored: str, lists: Mapping[str, HeldList]) -> Checkpoint:
        tree: dict[str, Any] = json.loads(stored)
        checkpoint: dict[str, Any] = {}
        for name, member in tree.items():
            if name == "channel_values":
                values = {unescape(key): self._channel(unescape(key), node) for key, node in member.items()}
                values.update((unescape(key), held.build(self._codec)) for key, held in lists.items())
                checkpoint[name] = values
            else:
                checkpoint[unescape(name)] = _read(member) if name in _STRUCTURE else self._codec.decode(member)
        return cast(Checkpoint, checkpoint)

    def _channel(self, channel: str, node: Any) -> Any:
        return self._codec.decode_channel(channel, node)

    def _writes(self, writes: Iterable[Sequence[Any]]) -> list[tuple[str, str, Any]]:
        return [
            (unescape(task), channel := unescape(name), self._channel(channel, node)) for task, name, node in writes
        ]

    def _history(self, channels: Sequence[str], rows: Sequence[Row]) -> Mapping[str, DeltaChannelHistory]:
        history: dict[str, DeltaChannelHistory] = {}
        with uncollected:
            for name, node in json.loads(rows[0][0]).items():
                channel = unescape(name)
                entry: DeltaChannelHistory = {"writes": self._writes(node["writes"])}
                if "seed" in node:
                    entry["seed"] = self._channel(channel, node["seed"])
                history[channel] = entry
        return {channel: history[channel] for channel in channels if channel in history}


def _characters(held: HeldState | None, more: str) -> int:
    return (held.characters if held else 0) + len(more)


def _engine(given: Mapping[str, Any]) -> bool:
    """Whether a graph is about to run, and not only looked at: the engine leaves things of its own in there."""
    return any(name.startswith("__pregel_") for name in given)


def _structure(member: Any) -> Any:
    """Versions, which no name of a channel or a node can make anything else."""
    if isinstance(member, dict):
        return {escape(key): _structure(item) for key, item in member.items()}
    return escape(member) if isinstance(member, str) else member


def _read(member: Any) -> Any:
    if isinstance(member, dict):
        return {unescape(key): _read(item) for key, item in member.items()}
    return unescape(member) if isinstance(member, str) else member


def missing_extension() -> RuntimeError:
    return RuntimeError(
        "the extension threadmem is not in this database: a superuser creates it with CREATE EXTENSION threadmem CASCADE"
    )

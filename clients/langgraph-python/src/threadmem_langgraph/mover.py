"""Moves the threads of a PostgresSaver database, with all their history.

A thread is moved checkpoint by checkpoint, in the order of their ids, some at a time in a transaction. The last of these
ends when every checkpoint of the thread has been read back and compared: values, versions, metadata, parents and pending
writes. So a thread that is there with as many of them as here is one that was compared, and a call after one that was
interrupted goes on where that was. What is remembered of a value is its digest: a thread need not fit into memory.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby, islice
from typing import Any

import psycopg
from langgraph.checkpoint.serde.types import TASKS
from psycopg.rows import tuple_row

from ._calls import _COLUMNS, Page, Statement, _structure, call
from ._codec import dump_json
from ._msgpack import Reader, is_javascript
from ._text import escape, unescape

# Some hundreds in a transaction are what checkpoint_put() asks for at most.
BATCH = 50

_THREADS = "SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM checkpoint_writes ORDER BY 1"
_KINDS = (
    "SELECT DISTINCT type FROM checkpoint_blobs WHERE thread_id = %(thread)s"
    " UNION SELECT DISTINCT type FROM checkpoint_writes WHERE thread_id = %(thread)s"
)
_VERSIONS = (
    "SELECT DISTINCT v.value::text FROM checkpoints c, jsonb_each(c.checkpoint -> 'channel_versions') v"
    " WHERE c.thread_id = %(thread)s"
)
_WRITTEN = "SELECT count(*) FROM checkpoint_writes WHERE thread_id = %(thread)s"
_CHECKPOINTS = (
    "SELECT checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint::text, metadata::text FROM checkpoints"
    ' WHERE thread_id = %(thread)s ORDER BY checkpoint_id COLLATE "C", checkpoint_ns COLLATE "C"'
)
_BLOBS = (
    "SELECT channel, version, type, blob FROM checkpoint_blobs WHERE thread_id = %(thread)s AND checkpoint_ns = %(ns)s"
    " AND (channel, version) IN (SELECT * FROM unnest(%(channels)s::text[], %(versions)s::text[]))"
)
_WRITES = (
    "SELECT task_path, task_id, idx, channel, type, blob FROM checkpoint_writes"
    " WHERE thread_id = %(thread)s AND checkpoint_ns = %(ns)s AND checkpoint_id = %(id)s"
)
_ORPHANS = (
    "SELECT DISTINCT checkpoint_ns, checkpoint_id FROM checkpoint_writes w WHERE thread_id = %(thread)s AND NOT EXISTS"
    " (SELECT FROM checkpoints c WHERE (c.thread_id, c.checkpoint_ns, c.checkpoint_id)"
    " = (w.thread_id, w.checkpoint_ns, w.checkpoint_id))"
)
_THERE = "SELECT coalesce(sum(s.rows), 0)::bigint FROM threadmem.thread_storage(%s) s WHERE s.kind = 'pending_writes'"
_KEYS = "SELECT checkpoint_ns, checkpoint_id FROM checkpoints WHERE thread_id = %(thread)s"
_TENANT = "SELECT pg_catalog.set_config('threadmem.tenant', %s, true)"

Row = tuple[Any, ...]
Key = tuple[str, str]
"""The namespace and the id of a checkpoint."""


class NotMoved(Exception):
    """There is no moving it, or what came of it is not what it was."""


@dataclass
class Report:
    """What a move did."""

    threads: int = 0
    moved: int = 0
    present: int = 0
    checkpoints: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    """Threads that were not looked at further, and why."""
    failed: dict[str, str] = field(default_factory=dict)
    """Threads that are not there, or not whole, and why."""
    classes: set[tuple[str, str]] = field(default_factory=set)
    """The classes of the application's whose objects there are."""

    @property
    def done(self) -> int:
        return self.moved + self.present + len(self.skipped) + len(self.failed)


def move(
    source: psycopg.Connection[Any],
    target: psycopg.Connection[Any],
    *,
    tenant: str | None = None,
    threads: Iterable[str] | None = None,
    told: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Moves threads from the tables of PostgresSaver to threadmem; what is there already stays.

    Args:
        source: a connection to the former, which is only read
        target: a connection to the latter, outside of a transaction
        tenant: to whom they belong
        threads: only these
        told: is called after every thread, and every so many checkpoints
    """
    report, reader = Report(), Reader()
    report.classes = reader.classes
    with source.transaction():
        wanted = list(threads) if threads is not None else [row[0] for row in _rows(source, _THREADS, {})]
    report.threads = len(wanted)
    for thread in wanted:
        try:
            with source.transaction(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of classes that are not allowed, which the report has
                source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                one = _Thread(source, target, tenant, thread, reader)
                if one.is_anothers():
                    report.skipped[thread] = "a thread of LangGraph.js, whose values only that reads"
                elif one.is_there():
                    report.present += 1
                else:
                    for checkpoints in one.move():
                        report.checkpoints += checkpoints
                        told(report)
                    report.moved += 1
        except (TypeError, NotMoved, psycopg.DatabaseError) as error:
            if source.closed or target.closed:
                raise
            report.failed[thread] = str(error)
        told(report)
    return report


Writes = list[tuple[str, str, bytes]]
"""Task, channel and digest, in their order."""


@dataclass
class _Known:
    """What is to come of a checkpoint: digests of what is large."""

    parent: str | None
    versions: dict[str, Any]
    rest: bytes
    metadata: bytes
    values: dict[str, bytes]
    writes: Writes = field(default_factory=list)


class _Thread:
    def __init__(
        self,
        source: psycopg.Connection[Any],
        target: psycopg.Connection[Any],
        tenant: str | None,
        thread: str,
        reader: Reader,
    ) -> None:
        self._source, self._target, self._tenant = source, target, tenant
        self._thread, self._reader = thread, reader
        self._known: dict[Key, _Known] = {}
        self._orphans: dict[Key, Writes] = {}
        self._blobs: dict[tuple[str, str, str], bytes] = {}  # digests, by namespace, channel and version
        self._sends: dict[Key, list[Any]] = {}
        self._there: set[Key] = set()
        self._is_new = False
        self._read_again: set[tuple[str, bytes]] = set()

    def is_anothers(self) -> bool:
        kinds = {row[0] for row in self._read(_KINDS)}
        return is_javascript(kinds, [json.loads(row[0]) for row in self._read(_VERSIONS)])

    def is_there(self) -> bool:
        """All of it, or more: then the thread has gone on where it is now."""
        here = {(row[0], row[1]) for row in self._read(_KEYS)}
        writes = self._read(_WRITTEN)[0][0]
        if not here and not writes:
            raise NotMoved("there is no such thread")
        with self._transaction():
            if not self._ask(call("thread_get", {"thread_id": escape(self._thread), "missing_ok": True}, "thread_id")):
                self._is_new = True
                return False
            self._there = {(ns, id) for ns in {key[0] for key in here} for id in self._ids(ns)}
            written = self._ask(Statement(_THERE, (escape(self._thread),)))[0][0]
        if self._there == here:
            return bool(written == writes)
        if self._there > here:
            return True
        if self._there < here:
            return False
        raise NotMoved("it has gone on in both databases")

    def move(self) -> Iterator[int]:
        """Yields how many checkpoints were moved, after each transaction."""
        with closing(self._steps()) as steps:
            for batch, is_last in _batches(steps):
                with self._transaction():
                    with self._target.pipeline():
                        for statement in chain.from_iterable(batch):
                            self._send(statement)
                    if is_last:
                        self._compare()
                yield len(batch)

    def _steps(self) -> Generator[list[Statement], None, None]:
        with self._source.cursor(name="threadmem_mover", row_factory=tuple_row) as cursor:
            cursor.itersize = BATCH
            cursor.execute(_CHECKPOINTS, {"thread": self._thread})
            for ns, id, parent, checkpoint, metadata in cursor:
                stored = json.loads(checkpoint)
                begin = self._begin(stored)
                put = self._put((ns, id), parent, stored, json.loads(metadata))
                writes, self._known[ns, id].writes = self._writes((ns, id), has_sends=_is_old(stored))
                yield [*begin, *put, *writes]
        for ns, id in self._read(_ORPHANS):
            writes, self._orphans[ns, id] = self._writes((ns, id))
            yield writes

    def _begin(self, checkpoint: dict[str, Any]) -> list[Statement]:
        """The thread is as old as its first checkpoint; its messages' times are those of theirs."""
        made, self._is_new = self._is_new, False
        created = _time(checkpoint.get("ts"))
        if not made or created is None:
            return []
        args = {"thread_id": escape(self._thread), "created_at": created, "if_exists": "do_nothing"}
        return [call("thread_create", args, "thread_id")]

    def _put(
        self, key: Key, parent_id: str | None, checkpoint: dict[str, Any], metadata: dict[str, Any]
    ) -> list[Statement]:
        ns = key[0]
        versions: dict[str, Any] = checkpoint.get("channel_versions") or {}
        inline: dict[str, Any] = checkpoint.get("channel_values") or {}
        parent = None if parent_id is None else self._known.get((ns, parent_id))
        newer = [it for it in versions if parent is None or parent.versions.get(it) != versions[it]]
        blobs = self._read_blobs(ns, {channel: versions[channel] for channel in newer})
        nodes = {channel: self._reader.plain(channel, value) for channel, value in inline.items()} | blobs
        values = self._digests(ns, versions, {channel: nodes[channel] for channel in inline.keys() - blobs.keys()})
        changed = [it for it in versions if it in newer or (parent and parent.values.get(it) != values.get(it))]
        rest = {
            escape(name): _structure(member) if name == "versions_seen" else self._reader.member(member)
            for name, member in checkpoint.items()
            if name not in ("channel_values", "channel_versions")
        }
        described = self._reader.members(metadata)
        sends = None if parent_id is None else self._sends.get((ns, parent_id))
        if sends and _is_old(checkpoint):
            values[TASKS] = _digest(sends)  # the server finds them as well
        self._known[key] = _Known(parent_id, versions, _digest(rest), _digest(described), values)
        if key in self._there:
            return []
        tree = {
            **rest,
            "channel_versions": _structure(versions),
            "channel_values": {escape(it): nodes[it] for it in changed if it in nodes},
        }
        args = {
            "thread_id": escape(self._thread),
            "checkpoint": dump_json(tree),
            "metadata": dump_json(described),
            "new_versions": dump_json(_structure({it: versions[it] for it in changed})),
            "parent_checkpoint_id": None if parent_id is None else escape(parent_id),
            "checkpoint_ns": escape(ns),
        }
        return [call("checkpoint_put", args)]

    def _digests(self, ns: str, versions: Mapping[str, Any], inline: Mapping[str, Any]) -> dict[str, bytes]:
        """Of all values: a blob goes before what lies in the checkpoint itself, which for a snapshot is only a mark."""
        blobs = {it: self._blobs.get((ns, it, _text(version))) for it, version in versions.items()}
        return {it: _digest(node) for it, node in inline.items()} | {it: blob for it, blob in blobs.items() if blob}

    def _read_blobs(self, ns: str, versions: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {"ns": ns, "channels": list(versions), "versions": [_text(it) for it in versions.values()]}
        rows = self._read(_BLOBS, **wanted) if versions else []
        found = {row[0]: self._reader.channel(row[0], row[2], row[3]) for row in rows if row[2] != "empty"}
        for channel, node in found.items():
            self._blobs[ns, channel, _text(versions[channel])] = _digest(node)
        return found

    def _writes(self, key: Key, has_sends: bool = False) -> tuple[list[Statement], Writes]:
        rows = sorted(self._read(_WRITES, ns=key[0], id=key[1]))
        found = [
            (path, task, idx, channel, self._reader.channel(channel, *blob)) for path, task, idx, channel, *blob in rows
        ]
        if has_sends:
            self._sends[key] = [node for _, _, _, channel, node in found if channel == TASKS]
        statements = []
        for (path, task), own in groupby(found, key=lambda it: it[:2]):
            for batch in _calls(own):
                args = {
                    "thread_id": escape(self._thread),
                    "checkpoint_id": escape(key[1]),
                    "task_id": escape(task),
                    "writes": dump_json([[escape(channel), node] for channel, node in batch]),
                    "task_path": escape(path),
                    "checkpoint_ns": escape(key[0]),
                }
                statements.append(call("checkpoint_put_writes", args))
        return statements, [(task, channel, _digest(node)) for _, task, _, channel, node in found]

    # reading back

    def _compare(self) -> None:
        left = dict(self._known)
        page = Page(None)
        while page.more:
            args = {"thread_id": escape(self._thread), "max_rows": page.rows, "after_position": page.position}
            rows = self._ask(call("checkpoint_list", args, f"{_COLUMNS}, position"))
            page.took(rows)
            for _, ns, id, *stored in rows:
                known = left.pop((unescape(ns), unescape(id)), None)
                if known is not None:
                    self._compare_one(unescape(id), known, *stored[:4])
        if left:
            raise NotMoved(f"{len(left)} of its checkpoints are not there, {next(iter(left))[1]} for one")
        for (ns, id), writes in self._orphans.items():
            args = {"thread_id": escape(self._thread), "checkpoint_ns": escape(ns), "checkpoint_id": escape(id)}
            rows = self._ask(call("checkpoint_pending_writes", args, "checkpoint_pending_writes::text"))
            if self._stored_writes(rows[0][0]) != writes:
                raise NotMoved(f"what was written to the checkpoint {id}, which is none, is not the same")

    def _compare_one(
        self, id: str, known: _Known, parent: str | None, checkpoint: str | None, metadata: str, writes: str | None
    ) -> None:
        if checkpoint is None or writes is None:
            raise NotMoved(f"the checkpoint {id} cannot be read")
        rest: dict[str, Any] = json.loads(checkpoint)
        values = {unescape(channel): node for channel, node in rest.pop("channel_values").items()}
        versions = rest.pop("channel_versions", {})
        if TASKS in known.values and TASKS not in known.versions:
            versions.pop(TASKS, None)
        for channel in sorted({*values, *known.values}):
            digest = _digest(values[channel]) if channel in values else None
            if digest != known.values.get(channel):
                raise NotMoved(f"the channel {channel!r} of the checkpoint {id} is not the same")
            self._reads_again(channel, digest, values.get(channel))
        for what, stored, expected in (
            ("parent", None if parent is None else unescape(parent), known.parent or None),
            ("versions", versions, _structure(known.versions)),
            ("metadata", _digest(json.loads(metadata)), known.metadata),
            ("writes", self._stored_writes(writes), known.writes),
            ("other members", _digest(rest), known.rest),
        ):
            if stored != expected:
                raise NotMoved(f"the {what} of the checkpoint {id} are not the same: {stored!r}, not {expected!r}")

    def _stored_writes(self, writes: str) -> Writes:
        stored = [(unescape(task), unescape(channel), node) for task, channel, node in json.loads(writes)]
        for _, channel, node in stored:
            self._reads_again(channel, _digest(node), node)
        return [(task, channel, _digest(node)) for task, channel, node in stored]

    def _reads_again(self, channel: str, digest: bytes | None, node: Any) -> None:
        """A saver that reads the value and writes it again writes the same."""
        if digest is None or (channel, digest) in self._read_again:
            return
        if _digest(self._reader.again(channel, node)) != digest:
            raise NotMoved(f"a value of the channel {channel!r} comes back as another one")
        self._read_again.add((channel, digest))

    # the connections

    def _read(self, query: str, **more: Any) -> list[Row]:
        return _rows(self._source, query, {"thread": self._thread, **more})

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._target.transaction():
            if self._tenant is not None:
                self._send(Statement(_TENANT, (escape(self._tenant),)))
            yield

    def _send(self, statement: Statement) -> None:
        self._target.execute(statement.text.encode(), statement.args)

    def _ask(self, statement: Statement) -> list[Row]:
        return _rows(self._target, statement.text, statement.args)

    def _ids(self, ns: str) -> Iterator[str]:
        """Of the checkpoints of a namespace that are there, whose states are not asked for."""
        position = None
        while True:
            args = {"thread_id": escape(self._thread), "checkpoint_ns": escape(ns), "max_rows": 1000}
            args |= {"fields": ["checkpoint_id"], "after_position": position}
            rows = self._ask(call("thread_history", args, "checkpoint_id, position, has_more"))
            yield from (unescape(row[0]) for row in rows)
            if not rows or not rows[-1][2]:
                return
            position = rows[-1][1]


def _rows(conn: psycopg.Connection[Any], query: str, args: Any) -> list[Row]:
    return conn.cursor(row_factory=tuple_row).execute(query.encode(), args).fetchall()


def _batches(steps: Iterator[list[Statement]]) -> Iterator[tuple[list[list[Statement]], bool]]:
    """Some steps at a time, and whether they are the last."""
    batch = list(islice(steps, BATCH))
    while batch:
        following = list(islice(steps, BATCH))
        yield batch, not following
        batch = following


def _calls(found: Iterable[tuple[str, str, int, str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    """The writes of a task as they were given, in one call or two: the place in a call is the number of a write, but for
    those of LangGraph's own, whose number is fixed, and which stand where a number is missing."""
    placed = {idx: (channel, node) for _, _, idx, channel, node in found}
    special = [placed.pop(idx) for idx in sorted(placed) if idx < 0]
    places = range(max(placed, default=-1) + 1)
    batch = [placed[it] if it in placed else special.pop() for it in places if it in placed or special]
    yield from (it for it in (batch, special) if it)


def _is_old(checkpoint: dict[str, Any]) -> bool:
    """Its tasks are in what was written to its parent, where readers find them."""
    return int(checkpoint.get("v") or 1) < 4


def _time(ts: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(ts.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return time if time.tzinfo is not None else None


def _text(version: Any) -> str:
    """As PostgreSQL has the text of a member of an object."""
    return version if isinstance(version, str) else json.dumps(version)


def _digest(node: Any) -> bytes:
    text = json.dumps(node, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()

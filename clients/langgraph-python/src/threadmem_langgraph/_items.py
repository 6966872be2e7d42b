"""The calls of the SQL functions of the store, without the connection: what is sent, and what comes of the rows.

The stores differ in how they wait. Everything else is here, once. A batch reads through store_get(), store_search() and
store_list_namespaces() and writes through store_batch(), all in one transaction and one round trip: what is read is as
it was before. Only who asks for more rows than a page has waits for another.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.embeddings import Embeddings
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.store.base import (
    BaseStore,
    GetOp,
    IndexConfig,
    InvalidNamespaceError,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
    ensure_embeddings,
    get_text_at_path,
    tokenize_path,
)
from typing_extensions import Self

from ._calls import Row, Statement, call, configurable, set_tenant, tenant_of
from ._classes import Allowed
from ._codec import Codec, dump_json
from ._text import escape, unescape

# What store_search() and store_list_namespaces() give at most, and what store_batch() takes: operations, and
# characters that are well below what jsonb holds.
MAX_ROWS = 1000
MAX_WRITES = 1000
MAX_CHARACTERS = 64_000_000

# Nothing is renewed where nothing may be written: on a standby, in a transaction that is read only.
_RENEW = (
    ", CASE WHEN ttl_minutes IS NOT NULL AND NOT pg_catalog.pg_is_in_recovery()"
    " AND pg_catalog.current_setting('transaction_read_only') = 'off' THEN threadmem.store_touch(namespace, key) END"
)
_ITEM = "namespace, key, value::text, created_at, updated_at"
_ORDERS = ("$gt", "$gte", "$lt", "$lte")
_OPERATORS = ("$eq", "$ne", *_ORDERS)

NO_RENEWAL = (
    "this role may not call store_touch(): what is read from the store is not renewed (ttl={'refresh_on_read': False} "
    "says that this is meant)"
)
SWEEP = Statement("SELECT threadmem.store_purge_expired()")


@dataclass
class Rights:
    """What a store and its copies have found out about their role."""

    renew: bool = True


@dataclass
class Read:
    """What is read for one operation, in pages of at most MAX_ROWS rows."""

    function: str
    args: dict[str, Any]
    columns: str
    build: Callable[[Row], Any]
    renews: bool = False
    left: int = 1
    """Rows that are still wanted."""
    found: list[Any] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        return self.left > MAX_ROWS

    def statement(self, renew: bool) -> Statement:
        columns = self.columns + _RENEW if self.renews and renew else self.columns
        paged = {} if self.function == "store_get" else {"max_rows": min(self.left, MAX_ROWS)}
        return call(self.function, {**self.args, **paged}, columns)

    def took(self, rows: Sequence[Row], renewed: bool) -> None:
        self.found += map(self.build, rows)
        self.left -= len(rows)
        if self.function == "store_get" or not rows:
            self.left = 0
            return
        position, has_more = rows[-1][-3:-1] if self.renews and renewed else rows[-1][-2:]
        if not has_more:
            self.left = 0
        self.args = {**self.args, "skip": None, "after_position": position}


@dataclass
class Write:
    """What is stored or deleted under one key: the last put of a batch."""

    record: dict[str, Any]
    texts: list[str] = field(default_factory=list)
    """Of which its vectors are made."""

    @property
    def name(self) -> tuple[list[bytes], bytes]:
        """In this order rows are locked, so that two batches wait for each other in one way only."""
        return ([label.encode() for label in self.record["namespace"]], self.record["key"].encode())


class Batch:
    """Operations of one call, from what they ask for to their results."""

    def __init__(self, tenant: str | None, embeds: bool, dims: int | None) -> None:
        self._tenant = tenant
        self._embeds = embeds
        self._dims = dims
        self._results: list[Read | Write | Result] = []
        self._writes: dict[tuple[tuple[str, ...], str], Write] = {}
        self._queries: dict[int, str] = {}
        self._asked: list[Read] = []
        self._renewing = self._writing = self._written = False

    def add(self, done: Read | Write | Result, name: tuple[tuple[str, ...], str] | None = None) -> None:
        self._results.append(done)
        if name is not None:
            self._writes[name] = cast(Write, done)

    def add_search(self, read: Read, query: str | None) -> None:
        """Without embeddings the words of the query are looked for."""
        if query and self._embeds:
            self._queries[len(self._results)] = query
        elif query:
            read.args["query"] = escape(query)
        self._results.append(read)

    @property
    def documents(self) -> list[str]:
        """Texts to embed, each once."""
        return list(dict.fromkeys(text for write in self._writes.values() for text in write.texts))

    @property
    def queries(self) -> list[str]:
        return list(dict.fromkeys(self._queries.values()))

    def embedded(self, documents: Sequence[Sequence[float]], queries: Sequence[Sequence[float]]) -> None:
        """Takes the vectors of documents and queries, in their order."""
        vectors = self._vectors(self.documents, documents)
        for write in self._writes.values():
            # A vector without a direction is near to nothing.
            known = [vectors[text] for text in write.texts if any(vectors[text])]
            if known:
                write.record["embeddings"] = known
        asked = self._vectors(self.queries, queries)
        for place, query in self._queries.items():
            if any(asked[query]):
                cast(Read, self._results[place]).args["embedding"] = asked[query]

    async def embed(self, embeddings: Embeddings | None) -> None:
        if embeddings is not None:
            documents = await embeddings.aembed_documents(self.documents) if self.documents else []
            queries = await asyncio.gather(*map(embeddings.aembed_query, self.queries))
            self.embedded(documents, queries)

    def _vectors(self, texts: Sequence[str], given: Sequence[Sequence[float]]) -> dict[str, list[float]]:
        if len(texts) != len(given):
            raise ValueError(f"embed gave {len(given)} vectors for {len(texts)} texts")
        vectors = {text: [float(number) for number in vector] for text, vector in zip(texts, given, strict=True)}
        for vector in vectors.values():
            if self._dims is not None and len(vector) != self._dims:
                raise ValueError(f"embed gave a vector of {len(vector)} numbers, index says that dims is {self._dims}")
            if not all(map(math.isfinite, vector)):
                raise ValueError("embed gave a vector with a number that is not finite")
        return vectors

    @property
    def renews(self) -> bool:
        """Whether what was asked for could be had without renewing, by a role that may only read."""
        return self._renewing and not self._writing and any(read.renews for read in self._asked)

    def statements(self, renew: bool) -> list[Statement]:
        """What is to be sent next, together; none where all is done."""
        self._asked = [it for it in self._results if isinstance(it, Read) and it.left > 0]
        self._renewing = renew
        last = not any(read.is_long for read in self._asked)
        writes = self._write_statements() if last and not self._written else []
        self._writing = bool(writes)
        if not self._asked and not writes:
            return []
        return [*set_tenant(self._tenant), *(read.statement(renew) for read in self._asked), *writes]

    def took(self, rows: Sequence[Sequence[Row]]) -> None:
        """The rows of these statements."""
        self._written = self._written or self._writing
        start = len(set_tenant(self._tenant))
        for read, found in zip(self._asked, rows[start:], strict=False):
            read.took(found, self._renewing)

    def _write_statements(self) -> list[Statement]:
        statements: list[Statement] = []
        part: list[str] = []
        characters = 0
        for write in sorted(self._writes.values(), key=lambda it: it.name):
            record = dump_json(write.record)
            if part and (len(part) == MAX_WRITES or characters + len(record) > MAX_CHARACTERS):
                statements.append(_write(part))
                part, characters = [], 0
            part.append(record)
            characters += len(record)
        return [*statements, _write(part)] if part else []

    @property
    def results(self) -> list[Result]:
        return [_result(it) for it in self._results]


def _write(records: Sequence[str]) -> Statement:
    return Statement("SELECT FROM threadmem.store_batch(%s)", (f"[{','.join(records)}]",))


def _result(done: Read | Write | Result) -> Result:
    if isinstance(done, Write):
        return None
    if not isinstance(done, Read):
        return done
    if done.function == "store_get":
        return done.found[0] if done.found else None
    return done.found


class Items(BaseStore):
    """What both stores are."""

    supports_ttl = True

    def __init__(
        self,
        *,
        index: IndexConfig | None,
        ttl: TTLConfig | None,
        allow: Iterable[Allowed],
        strict: bool,
        tenant: str | None,
    ) -> None:
        super().__init__()
        self.index_config = index
        self.embeddings = None if index is None else ensure_embeddings(index.get("embed"))
        self.ttl_config = ttl
        self._fields = _fields(index)
        self._codec = Codec(allow, strict)
        self._tenant = tenant
        self._rights = Rights()

    def _for_tenant(self, tenant: str) -> Self:
        clone = self.__class__.__new__(self.__class__)
        clone.__dict__.update(self.__dict__)
        clone._tenant = tenant
        return clone

    def _batch(self, ops: Iterable[Op]) -> Batch:
        """Every operation is checked as the method of its kind does it, before any is sent."""
        dims = self.index_config.get("dims") if self.index_config else None
        batch = Batch(self._tenant_now(), self.embeddings is not None, dims)
        for op in ops:
            if isinstance(op, GetOp):
                self._add_get(batch, op)
            elif isinstance(op, SearchOp):
                self._add_search(batch, op)
            elif isinstance(op, ListNamespacesOp):
                self._add_list(batch, op)
            elif isinstance(op, PutOp):
                self._add_put(batch, op)
            else:
                raise ValueError(f"there is no operation {type(op).__name__}")
        return batch

    def _tenant_now(self) -> str | None:
        """A node is given the store without the config that it runs with: that is asked for the tenant."""
        return tenant_of(self._tenant, configurable(var_child_runnable_config.get(None)), "store")

    def _add_get(self, batch: Batch, op: GetOp) -> None:
        _check_labels(op.namespace)
        if not op.namespace:
            batch.add(None)
            return
        args = {"namespace": _labels(op.namespace), "key": escape(str(op.key)), "missing_ok": True}
        batch.add(Read("store_get", args, _ITEM, self._item, op.refresh_ttl))

    def _add_search(self, batch: Batch, op: SearchOp) -> None:
        _check_labels(op.namespace_prefix)
        args = {
            "namespace_prefix": _labels(op.namespace_prefix),
            "filter": dump_json(self._filter(op.filter)) if op.filter else None,
            "skip": _count("offset", op.offset) or None,
        }
        columns = f"{_ITEM}, score, position, has_more"
        read = Read("store_search", args, columns, self._found, op.refresh_ttl, _count("limit", op.limit))
        batch.add_search(read, op.query)

    def _add_list(self, batch: Batch, op: ListNamespacesOp) -> None:
        paths = _merged(op.match_conditions or ())
        if paths is None:
            batch.add([])
            return
        args = {**paths, "max_depth": op.max_depth, "skip": _count("offset", op.offset) or None}
        columns = "namespace, position, has_more"
        limit = _count("limit", op.limit)
        batch.add(Read("store_list_namespaces", args, columns, lambda row: tuple(row[0]), left=limit))

    def _add_put(self, batch: Batch, op: PutOp) -> None:
        _check_labels(op.namespace)
        key = str(op.key)
        name = (tuple(op.namespace), key)
        record: dict[str, Any] = {"namespace": _labels(op.namespace), "key": escape(key)}
        if op.value is not None:
            _check_root(op.namespace)
            batch.add(self._put(record, op), name)
        elif op.namespace:
            batch.add(Write({"op": "delete", **record}), name)
        else:
            batch.add(None)

    def _put(self, record: dict[str, Any], op: PutOp) -> Write:
        value = op.value
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise TypeError(f"the value of {_shown(op)} is not a dict with keys that are text")
        try:
            record = {"op": "put", **record, "value": self._codec.encode_members(value)}
        except RecursionError:
            raise TypeError(f"the value of {_shown(op)} holds itself, or is nested too deeply") from None
        except (TypeError, ValueError) as error:
            raise TypeError(f"the value of {_shown(op)} cannot be stored: {error}") from error
        if op.ttl is not None:
            record["ttl"] = float(op.ttl)
        paths = _paths(op.index, self._fields)
        if paths is not None:
            record["index"] = [spelled for path in paths for spelled in _spellings(path)] or False
        return Write(record, self._texts(value, ["$"] if paths is None else paths))

    def _texts(self, value: Mapping[str, Any], paths: Iterable[str]) -> list[str]:
        if self.embeddings is None:
            return []
        readable = _readable(value)
        return [text for path in paths for text in get_text_at_path(readable, path)]

    def _filter(self, filter: Mapping[str, Any]) -> dict[str, Any]:
        return {escape(str(name)): self._wanted(str(name), wanted) for name, wanted in filter.items()}

    def _wanted(self, name: str, wanted: Any) -> Any:
        """What a field is compared with. What JSON has no form for is equal or not, as a whole."""
        if type(wanted) is dict and any(str(operator).startswith("$") for operator in wanted):
            return {operator: self._operand(name, operator, operand) for operator, operand in wanted.items()}
        node = self._codec.encode(wanted)
        return {"$eq": node} if type(node) is dict and type(wanted) is not dict else node

    def _operand(self, name: str, operator: str, operand: Any) -> Any:
        if operator not in _OPERATORS:
            raise ValueError(f"filter: {operator!r} of {name!r} is none of {', '.join(_OPERATORS)}")
        node = self._codec.encode(operand)
        if operator in _ORDERS and type(node) is dict:
            raise TypeError(
                f"filter: {operator} of {name!r} compares text, and numbers that JSON has and JavaScript reads; "
                f"{operand!r} is none"
            )
        return node

    def _item(self, row: Row) -> Item:
        namespace, key, value, created_at, updated_at = row[:5]
        return Item(
            namespace=tuple(namespace),
            key=unescape(key),
            value=self._codec.decode_members(json.loads(value)),
            created_at=created_at,
            updated_at=updated_at,
        )

    def _found(self, row: Row) -> SearchItem:
        namespace, key, value, created_at, updated_at, score = row[:6]
        return SearchItem(
            namespace=tuple(namespace),
            key=unescape(key),
            value=self._codec.decode_members(json.loads(value)),
            created_at=created_at,
            updated_at=updated_at,
            score=score,
        )

    def _interval(self, minutes: float | None) -> float | None:
        """Seconds between two sweeps; none without a time to live, as LangGraph's stores have it."""
        if not self.ttl_config:
            return None
        return 60 * float(minutes or self.ttl_config.get("sweep_interval_minutes") or 5)


# Namespaces


def _check_labels(namespace: Sequence[object]) -> None:
    """LangGraph's rules; the server has those for what PostgreSQL cannot hold."""
    if isinstance(namespace, str):
        raise InvalidNamespaceError(f"a namespace is a tuple of labels, not {namespace!r}")
    for label in namespace:
        if not isinstance(label, str):
            raise InvalidNamespaceError(f"the label {label!r} of {namespace} is no text but {type(label).__name__}")
        if not label or "." in label or "\0" in label:
            raise InvalidNamespaceError(f"the label {label!r} of {namespace} is empty, or has a period or U+0000")


def _check_root(namespace: Sequence[str]) -> None:
    if not namespace:
        raise InvalidNamespaceError("a namespace has at least one label")
    if namespace[0] == "langgraph":
        raise InvalidNamespaceError(f'the first label of {namespace} is "langgraph", which is LangGraph\'s own')


def _labels(namespace: Iterable[str]) -> list[str]:
    return [escape(label) for label in namespace]


def _shown(op: PutOp) -> str:
    return f"{op.key!r} in {op.namespace}"


def _count(name: str, number: int) -> int:
    if number < 0:
        raise ValueError(f"{name} is {number}, which is less than 0")
    return int(number)


def _merged(conditions: Iterable[MatchCondition]) -> dict[str, list[str] | None] | None:
    """All prefixes as one, and all suffixes; None where no namespace could meet them."""
    paths: dict[str, list[str] | None] = {"prefix": None, "suffix": None}
    for kind, path in conditions:
        _check_labels(path)
        if kind not in paths:
            raise ValueError(f"a condition is a prefix or a suffix, not {kind!r}")
        merged = _both(kind, paths[kind] or [], _labels(path))
        if merged is None:
            return None
        paths[kind] = merged or None
    return paths


def _both(kind: str, one: list[str], other: list[str]) -> list[str] | None:
    if kind == "suffix":
        reverse = _both("prefix", one[::-1], other[::-1])
        return None if reverse is None else reverse[::-1]
    short, long = sorted((one, other), key=len)
    merged = []
    for a, b in zip(short, long, strict=False):
        if a != b and "*" not in (a, b):
            return None
        merged.append(b if a == "*" else a)
    return merged + long[len(short) :]


# Paths to the texts of a value


def _fields(index: IndexConfig | None) -> list[str] | None:
    """The paths of index, None for the whole value."""
    if index is None:
        return None
    if index.get("distance_type", "cosine") != "cosine":
        raise ValueError(f"index: vectors are compared by their cosine, not by {index['distance_type']}")  # type: ignore[typeddict-item]
    fields: Any = index.get("fields")
    return [fields] if isinstance(fields, str) else list(fields) if fields else None


def _paths(index: Any, fields: list[str] | None) -> list[str] | None:
    """Of one put: what it says, or what the store does. None is the whole value, no paths are nothing."""
    if index is None:
        return fields
    if index is False:
        return []
    if isinstance(index, str) or not all(isinstance(path, str) for path in index):
        raise TypeError(f"index is False or a list of paths, not {index!r}")
    return list(index)


def _spellings(path: str) -> list[str]:
    """A path as store_put() has it, which knows neither {a,b} nor a * that is any name or any element."""
    paths = [""]
    for token in tokenize_path(path):
        if token.startswith("["):
            paths = [it + token for it in paths]
        elif token.startswith("{"):
            names = [name.strip() for name in token[1:-1].split(",")]
            return [f"{it}.{name}".lstrip(".") for it in paths for name in names]
        else:
            elements = [f"{it}[*]" for it in paths if token == "*" and it]
            paths = [f"{it}.{token}".lstrip(".") for it in paths] + elements
    return [it or "$" for it in paths]


def _readable(value: Any) -> Any:
    """A value as JSON, for the text that is embedded: what JSON does not have is what print() has for it."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): _readable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_readable(item) for item in value]
    return str(value)

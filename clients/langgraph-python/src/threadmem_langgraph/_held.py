"""What a saver holds of lists of messages: so a put sends what changed, and a get asks for what came since.

The server keeps a list of messages as revisions, whose bodies do not change. A saver knows which revision each message
of a state has that it read or put, and how the message looked then; if it looks the same, the revision is sent in its
place. Messages are changed in place, so nothing follows from an object being the same object: each is compared by its
*form*, the bytes that marshal writes of its members, which tell types, order and every nested value apart. What
marshal does not write has no form and is sent.

What is read is handed out in objects that nobody else has: copies of one that stays here. So what an application does
to its messages is not seen by anybody who reads the thread after it.
"""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from marshal import dumps
from operator import attrgetter
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from ._codec import Codec
from ._messages import is_own

# How much is held, over all threads: characters of JSON (some five bytes of memory each), threads, checkpoints of one.
MAX_CHARACTERS = 16_000_000
MAX_THREADS = 1024
MAX_CHECKPOINTS = 4

Json = Any
Runs = list[list[int]]

_MEMBERS = attrgetter("__dict__", "__pydantic_extra__", "__pydantic_private__")
_CLASS = attrgetter("__class__")
# Without references and interned strings: the same values are the same bytes.
_VERSION = 2
_ATOMS = frozenset({str, int, float, bool, type(None)})

_new = object.__new__
_SLOTS: Any = BaseModel.__dict__
_set_members = _SLOTS["__dict__"].__set__
_set_extra = _SLOTS["__pydantic_extra__"].__set__
_set_fields = _SLOTS["__pydantic_fields_set__"].__set__
_set_private = _SLOTS["__pydantic_private__"].__set__


def _is_plain(value: Any) -> bool:
    """Of exactly these types, all through. Others may be equal in marshal's eyes: a bytearray and bytes."""
    kind = value.__class__
    if kind in _ATOMS:
        return True
    if kind is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    return kind is list and all(map(_is_plain, value))


def _is_plain_message(element: Any) -> bool:
    if not is_own(element) or element.__pydantic_private__ is not None or not _is_plain(element.__pydantic_extra__):
        return False
    for value in element.__dict__.values():  # whose keys are names of fields; most values are atoms or empty
        kind = value.__class__
        if kind not in _ATOMS and ((kind is not dict and kind is not list) or (value and not _is_plain(value))):
            return False
    return True


def forms_of(elements: Sequence[Any]) -> list[bytes | None]:
    """How each looks; equal to the form of a plain message only if it looks the same. None: cannot be told."""
    try:
        return list(map(dumps, map(_MEMBERS, elements), repeat(_VERSION)))
    except (AttributeError, ValueError):
        return [_form_of(element) for element in elements]


def _form_of(element: Any) -> bytes | None:
    try:
        return dumps(_MEMBERS(element), _VERSION)
    except (AttributeError, ValueError):
        return None


def _copied(value: Any) -> Any:
    kind = value.__class__
    if kind is dict:
        return {key: _copied(item) for key, item in value.items()}
    if kind is list:
        return list(map(_copied, value))
    return value


class _Uncollected:
    """While messages are built the collector of cycles rests: they have none, and it would look through all that the
    program has again and again, which took more than half the time of a list of ten states. It goes on when the last
    of those who build at one time is done, if it was on when the first began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._building = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if self._building == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._building += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._building -= 1
            if self._building == 0 and self._was_on:
                gc.enable()


uncollected = _Uncollected()


Made = tuple[BaseMessage, tuple[str, ...], bytes]


class Body:
    """The body of a revision, and the message that it is."""

    __slots__ = ("_made", "_node", "_sorted")

    def __init__(self, node: Json, sorted: bool) -> None:
        self._node = node
        self._sorted = sorted
        self._made: Made | tuple[()] | None = None  # (): it cannot be copied, and is read each time

    def build(self, codec: Codec) -> Any:
        """A message for whoever asks, its own."""
        made = self._made if self._made is not None else self._make(codec)
        return _copy(made[0], made[1]) if made else codec.decode(self._node)

    def look(self, codec: Codec) -> tuple[type | None, bytes | None]:
        made = self._made if self._made is not None else self._make(codec)
        return (made[0].__class__, made[2]) if made else (None, None)

    def _make(self, codec: Codec) -> Made | tuple[()]:
        node = self._node
        if node is None and self._made is not None:  # another thread was faster
            return self._made
        if not self._sorted:
            self._node = node = in_order(node)
            self._sorted = True
        message = codec.decode(node)
        form = _form_of(message) if _is_plain_message(message) else None
        if form is None:
            self._made = ()
            return ()
        containers = tuple(name for name, value in message.__dict__.items() if value.__class__ in (dict, list))
        made = self._made = (message, containers, form)
        self._node = None
        return made


def in_order(node: Json) -> Json:
    """With the keys of objects in jsonb's order, as the server gives them."""
    kind = node.__class__
    if kind is dict:
        keys = sorted(node, key=lambda key: (len(key.encode()), key.encode()))
        return {key: in_order(node[key]) for key in keys}
    if kind is list:
        return list(map(in_order, node))
    return node


def _copy(message: BaseMessage, containers: Iterable[str]) -> BaseMessage:
    kind = message.__class__
    copy: BaseMessage = _new(kind)
    members = message.__dict__.copy()
    for name in containers:
        value = members[name]
        members[name] = _copied(value) if value else value.__class__()
    extra = message.__pydantic_extra__
    _set_members(copy, members)
    _set_extra(copy, _copied(extra) if extra else {})
    _set_fields(copy, message.__pydantic_fields_set__.copy())
    _set_private(copy, None)
    return copy


def revisions(runs: Runs) -> list[int]:
    return list(chain.from_iterable(range(first, last + 1) for first, last in runs))


def runs_of(revs: Iterable[int]) -> Runs:
    runs: Runs = []
    for rev in revs:
        if runs and runs[-1][1] + 1 == rev:
            runs[-1][1] = rev
        else:
            runs.append([rev, rev])
    return runs


Looks = tuple[list[Any], list[Any]]


class HeldList:
    """A list of messages of a state: of each its revision, its body, and how the object looked that stood for it."""

    def __init__(self, runs: Runs, revs: list[int], bodies: list[Body], looks: Looks | None = None) -> None:
        self.runs = runs
        self.revs = revs
        self.bodies = bodies
        self._looks = looks

    def looks(self, codec: Codec) -> Looks:
        """Kinds and forms. Of what was handed out as the bodies are."""
        if self._looks is None:
            looks = [body.look(codec) for body in self.bodies]
            self._looks = [kind for kind, _ in looks], [form for _, form in looks]
        return self._looks

    def build(self, codec: Codec) -> list[Any]:
        with uncollected:
            return [body.build(codec) for body in self.bodies]


class SentList:
    """A list on its way to the server: ``elements`` are runs of revisions that it has, and messages."""

    def __init__(self, values: list[Any], codec: Codec, held: HeldList | None) -> None:
        self._codec = codec
        # Before they are encoded: what changes in between looks changed the next time.
        self._kinds: list[Any] = list(map(_CLASS, values))
        self._forms: list[Any] = forms_of(values)
        self._bodies: list[Body] = []
        self.elements: list[Json] = []
        if held is None:
            self._send(values)
        elif self._begins_with(held):
            self.elements.extend(held.runs)
            self._bodies.extend(held.bodies)
            self._send(values[len(held.bodies) :])
        else:
            self._send_others(values, held)

    def _begins_with(self, held: HeldList) -> bool:
        kinds, forms = held.looks(self._codec)
        count = len(forms)
        if self._forms[:count] != forms or self._kinds[:count] != kinds or None in forms:
            return False
        self._forms[:count] = forms  # one copy of the bytes
        return True

    def _send(self, values: Iterable[Any]) -> None:
        for value in values:
            node = self._codec.encode(value)
            if not _is_plain_message(value):
                self._forms[len(self._bodies)] = None
            self._bodies.append(Body(node, False))
            self.elements.append(node)

    def _send_others(self, values: list[Any], held: HeldList) -> None:
        """Each that looks like one of those held is its revision, in order: what has no id may be there twice."""
        free: dict[Any, list[int]] = {}
        for place, look in reversed(list(enumerate(zip(*held.looks(self._codec), strict=True)))):
            free.setdefault(look, []).append(place)
        kept: list[int] = []
        for value, kind, form in zip(values, self._kinds, list(self._forms), strict=True):
            places = free.get((kind, form)) if form is not None else None
            if places:
                place = places.pop()
                kept.append(held.revs[place])
                self._bodies.append(held.bodies[place])
                continue
            self.elements.extend(runs_of(kept))
            kept.clear()
            self._send([value])
        self.elements.extend(runs_of(kept))

    def stored(self, runs: Runs) -> HeldList | None:
        """With the revisions that they got."""
        revs = revisions(runs)
        if len(revs) != len(self._bodies):
            return None
        return HeldList(runs, revs, self._bodies, (self._kinds, self._forms))


class HeldState:
    """The lists of a checkpoint."""

    def __init__(self, mark: str, lists: Mapping[str, HeldList], characters: int) -> None:
        self.mark = mark
        self.lists = lists
        self.characters = characters

    def bodies(self, channel: str) -> dict[int, Body]:
        held = self.lists.get(channel)
        return dict(zip(held.revs, held.bodies, strict=True)) if held else {}


Key = tuple[Any, ...]


class Held:
    """The states that a saver and its copies hold, bounded: the least used goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: OrderedDict[Key, OrderedDict[str, HeldState]] = OrderedDict()
        self._characters = 0

    def of(self, thread: Key, checkpoint_id: str | None) -> HeldState | None:
        with self._lock:
            states = self._threads.get(thread)
            return states.get(checkpoint_id) if states and checkpoint_id is not None else None

    def latest(self, thread: Key) -> HeldState | None:
        """The one that was read or put last."""
        with self._lock:
            states = self._threads.get(thread)
            return next(reversed(states.values())) if states else None

    def keep(self, thread: Key, checkpoint_id: str, state: HeldState) -> None:
        if state.characters > MAX_CHARACTERS:  # one thread is not to drive out all the others
            return self.forget(thread)
        with self._lock:
            states = self._threads.setdefault(thread, OrderedDict())
            self._characters -= self._size(states)
            states[checkpoint_id] = state
            states.move_to_end(checkpoint_id)
            if len(states) > MAX_CHECKPOINTS:
                states.popitem(last=False)
            self._characters += self._size(states)
            self._threads.move_to_end(thread)
            while len(self._threads) > MAX_THREADS or (self._characters > MAX_CHARACTERS and self._threads):
                self._characters -= self._size(self._threads.popitem(last=False)[1])

    def forget(self, thread: Key) -> None:
        with self._lock:
            self._characters -= self._size(self._threads.pop(thread, OrderedDict()))

    @staticmethod
    def _size(states: OrderedDict[str, HeldState]) -> int:
        """The states of a thread share their bodies."""
        return max((state.characters for state in states.values()), default=0)


class Lists:
    """The lists of rows that were read together, each body once."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, str], dict[int, Body]] = {}

    def hold(self, thread_id: str, state: HeldState) -> None:
        for channel in state.lists:
            self._bodies[thread_id, channel] = state.bodies(channel)

    def read(self, thread_id: str, lists: Mapping[str, Json]) -> Iterator[tuple[str, HeldList]]:
        for channel, found in lists.items():
            bodies = self._bodies.setdefault((thread_id, channel), {})
            with uncollected:
                new = (Body(node, True) for node in found["messages"])
                bodies.update(zip(revisions(found["new"]), new, strict=True))
            revs = [rev for rev in revisions(found["runs"]) if rev in bodies]
            yield channel, HeldList(runs_of(revs), revs, [bodies[rev] for rev in revs])

"""What a saver holds of lists of messages: so a put sends what changed, and a get asks for what came since.

The server keeps a list of messages as revisions, whose bodies do not change. A saver knows which revision each message
of a state has that it read or put, and how the message looked then; if it looks the same, the revision is sent in its
place. Messages are changed in place, so nothing follows from an object being the same object: each is compared. Of a
message in which nothing is nested the members are compared as they are, where their types rule out that two values are
equal and not the same (1 and True). Of all others their *form* is, the bytes that marshal writes of its members, which
tell types, order and every nested value apart. What marshal does not write has no form and is sent.

What is read is handed out in objects that nobody else has: copies of a template that stays here. So what an application
does to its messages is not seen by anybody who reads the thread after it.
"""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from marshal import dumps
from operator import attrgetter, eq
from typing import Any

from ._codec import Codec
from ._messages import is_own
from ._templates import Template, copied, copies, template_of, template_of_record

# How much is held, over all threads: characters of JSON (some five bytes of memory each), threads, checkpoints of one.
MAX_CHARACTERS = 16_000_000
MAX_THREADS = 1024
MAX_CHECKPOINTS = 4

Json = Any
Runs = list[list[int]]

_ALL_MEMBERS = attrgetter("__dict__", "__pydantic_extra__", "__pydantic_private__")
_MEMBERS = attrgetter("__dict__")
_EXTRA = attrgetter("__pydantic_extra__")
_PRIVATE = attrgetter("__pydantic_private__")
_CLASS = attrgetter("__class__")
_LOOK_KIND = attrgetter("kind")
_LOOK_MEMBERS = attrgetter("members")
# Without references and interned strings: the same values are the same bytes.
_VERSION = 2
_ATOMS = frozenset({str, int, float, bool, type(None)})
# Of these none is equal to one of another, nor are two that are equal told apart by anything else.
_EXACT = frozenset({str, bool, type(None), dict, list})


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
        return list(map(dumps, map(_ALL_MEMBERS, elements), repeat(_VERSION)))
    except (AttributeError, ValueError):
        return [_form_of(element) for element in elements]


def _form_of(element: Any) -> bytes | None:
    try:
        return dumps(_ALL_MEMBERS(element), _VERSION)
    except (AttributeError, ValueError):
        return None


def _form(members: Any, extra: Any) -> bytes:
    return dumps((members, extra, None), _VERSION)


class Look:
    """How a message looked: by its members where they tell it exactly, else by its form."""

    __slots__ = ("_form", "kind", "members")

    def __init__(self, kind: type, members: dict[str, Any] | None, form: bytes | None) -> None:
        self.kind = kind
        self.members = members
        self._form = form

    @property
    def form(self) -> bytes | None:
        return self._form if self.members is None else _form(self.members, {})


_UNKNOWN = Look(type(None), None, None)


def _look_of(template: Template) -> Look:
    if template.is_simple and _EXACT.issuperset(map(type, template.members.values())):
        return Look(template.kind, template.members, None)
    return Look(template.kind, None, _form(template.members, template.extra or {}))


def _all_simple(values: Sequence[Any], looks: Iterable[Look]) -> bool:
    """Whether messages of the right classes look so, where nothing is nested. To be equal is enough: the types rule out
    that two values are and are not the same."""
    try:
        members = list(map(_MEMBERS, values))
        return (
            _EXACT.issuperset(map(type, chain.from_iterable(map(dict.values, members))))
            and all(map(eq, members, map(_LOOK_MEMBERS, looks)))
            and not any(map(_EXTRA, values))
            and not any(map(_PRIVATE, values))
        )
    except AttributeError:  # half of an object
        return False


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


class Body:
    """The body of a revision, and the message that it is."""

    __slots__ = ("_node", "_sorted", "template")

    def __init__(self, node: Json, sorted: bool, template: Template | None = None) -> None:
        self._node = None if template else node
        self._sorted = sorted
        self.template: Template | bool | None = template  # False: it has none, and is read each time

    def make(self, codec: Codec) -> Template | bool:
        node = self._node
        if self.template is not None:  # another thread was faster
            return self.template
        if not self._sorted:
            node = in_order(node)
        template: Template | bool | None = template_of_record(node)
        if template is None:
            message = codec.decode(node)
            template = _is_plain_message(message) and _form_of(message) is not None and template_of(message)
        self._node = node
        self._sorted = True
        self.template = template  # and then, since others look at it first
        if template:
            self._node = None
        return template

    def decode(self, codec: Codec) -> Any:
        return codec.decode(self._node)

    def look(self, codec: Codec) -> Look:
        template = self.template or self.make(codec)
        return _look_of(template) if isinstance(template, Template) else _UNKNOWN


def in_order(node: Json) -> Json:
    """With the keys of objects in jsonb's order, as the server gives them."""
    kind = node.__class__
    if kind is dict:
        keys = sorted(node, key=lambda key: (len(key.encode()), key.encode()))
        return {key: in_order(node[key]) for key in keys}
    if kind is list:
        return list(map(in_order, node))
    return node


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


class HeldList:
    """A list of messages of a state: of each its revision, its body, and how the object looked that stood for it."""

    def __init__(self, runs: Runs, revs: list[int], bodies: list[Body], looks: list[Look] | None = None) -> None:
        self.runs = runs
        self.revs = revs
        self.bodies = bodies
        self._looks = looks

    def looks(self, codec: Codec) -> list[Look]:
        """Of what was handed out as the bodies are."""
        if self._looks is None:
            self._looks = [body.look(codec) for body in self.bodies]
        return self._looks

    def build(self, codec: Codec) -> list[Any]:
        with uncollected:
            templates: list[Any] = [body.template or body.make(codec) for body in self.bodies]
            if False not in templates:
                return copies(templates)
            made = iter(copies([template for template in templates if template]))
            return [
                next(made) if template else body.decode(codec)
                for template, body in zip(templates, self.bodies, strict=True)
            ]


def _all_alike(values: list[Any], looks: list[Look]) -> bool:
    if list(map(_CLASS, values)) != list(map(_LOOK_KIND, looks)):
        return False
    simple = [look.members is not None for look in looks]
    if all(simple):
        return _all_simple(values, looks)
    nested = [not it for it in simple]
    forms = [look.form for look in compress(looks, nested)]
    return (
        None not in forms
        and forms_of(list(compress(values, nested))) == forms
        and _all_simple(list(compress(values, simple)), compress(looks, simple))
    )


class SentList:
    """A list on its way to the server: ``elements`` are runs of revisions that it has, and messages."""

    def __init__(self, values: list[Any], codec: Codec, held: HeldList | None) -> None:
        self._codec = codec
        self._bodies: list[Body] = []
        self._looks: list[Look] = []
        self.elements: list[Json] = []
        if held is None:
            self._send(values)
        elif len(values) >= len(held.bodies) and _all_alike(values[: len(held.bodies)], held.looks(codec)):
            self.elements.extend(held.runs)
            self._bodies.extend(held.bodies)
            self._looks.extend(held.looks(codec))
            self._send(values[len(held.bodies) :])
        else:
            self._send_others(values, held)

    def _send(self, values: list[Any]) -> None:
        # Before they are encoded: what changes in between looks changed the next time.
        forms = [
            form if form is not None and _is_plain_message(value) else None
            for value, form in zip(values, forms_of(values), strict=True)
        ]
        nodes = list(map(self._codec.encode, values))
        templates = list(map(template_of_record, nodes))
        self.elements.extend(nodes)
        self._bodies.extend(map(Body, nodes, repeat(False), templates))
        looks = [
            _look_of(template) if template and form is not None else Look(value.__class__, None, form)
            for value, form, template in zip(values, forms, templates, strict=True)
        ]
        if not _all_alike(values, looks):  # one has not all of its members, or others: it is known by its form
            looks = [Look(value.__class__, None, form) for value, form in zip(values, forms, strict=True)]
        self._looks.extend(looks)

    def _send_others(self, values: list[Any], held: HeldList) -> None:
        """Each that looks like one of those held is its revision, in order: what has no id may be there twice."""
        free: dict[Any, list[int]] = {}
        looks = held.looks(self._codec)
        for place, look in reversed(list(enumerate(looks))):
            free.setdefault((look.kind, look.form), []).append(place)
        kept: list[int] = []
        for value, form in zip(values, forms_of(values), strict=True):
            places = free.get((value.__class__, form)) if form is not None else None
            if places:
                place = places.pop()
                kept.append(held.revs[place])
                self._bodies.append(held.bodies[place])
                self._looks.append(looks[place])
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
        return HeldList(runs, revs, self._bodies, self._looks)


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
            runs, revs = found["runs"], revisions(found["runs"])
            if not bodies.keys() >= set(revs):  # erased since
                revs = [rev for rev in revs if rev in bodies]
                runs = runs_of(revs)
            yield channel, HeldList(runs, revs, list(map(bodies.__getitem__, revs)))

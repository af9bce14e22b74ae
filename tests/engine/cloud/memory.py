"""An account in memory: what exists in it, what was asked of it, and which calls shall fail."""

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from tests.engine.cloud.rules import rule
from tests.engine.cloud.schema import schema
from tests.engine.cloud.shape import complete
from tests.engine.cloud.wire import Properties

Method = Literal["create", "update", "delete", "read"]
Mode = Literal["before", "after", "half"]

SHORTEST_SECRET = 12
"""Characters; what is shorter is found anywhere by chance."""


class CloudError(Exception):
    """The service refuses a call."""


class HalfDoneError(CloudError):
    """The call went wrong on its way: the object is there, but it is not what it should be."""

    def __init__(self, thing: "Thing", properties: Properties) -> None:
        super().__init__("the service failed half-way")
        self.thing, self.properties = thing, properties


@dataclass
class Thing:
    """One object in the account."""

    token: str
    id: str
    properties: Properties
    maker: str
    """The URN of the resource that it was made for: no service knows this, tests do."""

    @property
    def name(self) -> str:
        return self.maker.split("::", 3)[3]

    @property
    def package(self) -> str:
        return self.token.split(":")[0]


@dataclass(frozen=True)
class Call:
    """One call about one resource of the program."""

    method: Method
    urn: str

    @property
    def token(self) -> str:
        return self.urn.split("::")[2].split("$")[-1]

    @property
    def name(self) -> str:
        return self.urn.split("::", 3)[3]


@dataclass
class Fault:
    """Lets calls fail: the ``nth`` that matches, counted for each resource by itself."""

    method: Method
    pattern: str
    modes: Sequence[Mode]
    nth: int
    but_not: Collection[str]
    seen: Counter[str] = field(default_factory=Counter)
    fired: list[str] = field(default_factory=list)
    """The names of the resources whose call failed."""

    def strikes(self, call: Call) -> Mode | None:
        if call.method != self.method or call.name in self.but_not:
            return None
        if not any(fnmatchcase(text, self.pattern) for text in (call.name, call.token)):
            return None
        self.seen[call.urn] += 1
        if self.seen[call.urn] != self.nth:
            return None
        self.fired.append(call.name)
        return self.modes[len(self.fired) % len(self.modes)]


class Cloud:
    """What the plugins talk to. It lives in the test's process, so it outlives the engine's commands."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.snapshots: set[str] = set()
        self.recoverable: set[tuple[str, str]] = set()
        """Token and name of what is deleted and can still be had back."""
        self._lock = threading.RLock()

    def fail(
        self, method: Method, pattern: str, *modes: Mode, nth: int = 1, but_not: Collection[str] = ()
    ) -> Fault:
        """Let the nth call about each matching resource fail.

        Args:
            method: which call.
            pattern: of the resources' names or types.
            modes: how; several take turns.
            nth: which time.
            but_not: the names of the resources that are left alone.
        """
        self.faults.append(Fault(method, pattern, modes, nth, but_not))
        return self.faults[-1]

    def find(self, call: Call, object_id: str) -> Thing | None:
        """The object with an id. Random values are in no account: their ids are all the same."""
        return next(
            (
                thing for thing in self.things
                if (thing.token, thing.id) == (call.token, object_id)
                and (thing.package != "random" or thing.maker == call.urn)
            ),
            None,
        )  # fmt: skip

    def named(self, name: str) -> Thing:
        """The one object of a resource: a test may change it, or remove it, as a person would by hand."""
        [thing] = [thing for thing in self.things if thing.name == name]
        return thing

    def ids(self) -> Counter[tuple[str, str]]:
        """What exists outside the state."""
        return Counter((thing.token, thing.id) for thing in self.things if thing.package != "random")

    def secrets(self) -> set[str]:
        """Every secret that a plugin gave out."""
        return {
            str(thing.properties[name])
            for thing in self.things
            for name in schema(thing.token).secrets
            if isinstance(thing.properties.get(name), str)
            if len(thing.properties[name]) >= SHORTEST_SECRET
        }

    def create(self, call: Call, inputs: Properties) -> Thing:
        with self._call(call) as mode:
            own = rule(call.token)
            same = [inputs.get(key) for key in own.same]
            twin = self._twin(call.token, own.same, same)
            if twin and own.exists:
                raise CloudError(f"{own.exists}: {same}")
            if (call.token, str(inputs.get(own.name))) in self.recoverable:
                raise CloudError(f"InvalidRequestException: {same} is already scheduled for deletion")
            made = complete(call.token, inputs, old=twin.properties if twin else None)
            if reason := own.accept(made):
                raise CloudError(reason)
            if mode == "half":
                made = {key: value for key, value in made.items() if key not in own.second_call}
            thing = twin or Thing(call.token, made["id"], {}, call.urn)
            thing.properties, thing.maker = made, call.urn
            if not twin:
                self.things.append(thing)
            _answer(mode, thing, inputs)
            return thing

    def update(self, call: Call, object_id: str, inputs: Properties) -> Thing:
        with self._call(call) as mode:
            own, thing = rule(call.token), self.find(call, object_id)
            if thing is None:
                raise CloudError(own.gone or f"404: {object_id} does not exist")
            made = complete(call.token, inputs, old=thing.properties)
            if reason := own.accept(made):
                raise CloudError(reason)
            if mode == "half":  # the first of the changed properties got through
                changed = sorted(key for key, value in made.items() if value != thing.properties.get(key))
                made = thing.properties | {key: made[key] for key in changed[:1]}
            thing.properties = made
            _answer(mode, thing, {key: made[key] for key in inputs if key in made})
            return thing

    def read(self, call: Call, object_id: str) -> Thing | None:
        """The object, or None when it was deleted by hand and the plugin takes that as it is."""
        with self._call(call):
            thing = self.find(call, object_id)
            if thing is None and rule(call.token).gone:
                raise CloudError(rule(call.token).gone)
            return thing

    def delete(self, call: Call, object_id: str, state: Properties) -> None:
        with self._call(call) as mode:
            own, thing = rule(call.token), self.find(call, object_id)
            if thing is None:
                if own.gone:
                    raise CloudError(own.gone)
                return
            if own.held and any(
                _refers(other.properties, thing) for other in self.things if other is not thing
            ):
                raise CloudError(f"{own.held}: {object_id} is in use")
            if snapshot := state.get("finalSnapshotIdentifier"):
                if snapshot in self.snapshots:
                    raise CloudError(f"SnapshotAlreadyExistsFault: {snapshot}")
                self.snapshots.add(snapshot)
            if state.get(own.recoverable):
                self.recoverable.add((thing.token, str(thing.properties[own.name])))
            self.things.remove(thing)
            _answer(mode, thing, {})

    def _twin(self, token: str, keys: Collection[str], values: list[Any]) -> Thing | None:
        """The object that a new one cannot stand beside."""
        found = (thing for thing in self.things if keys and thing.token == token)
        return next((t for t in found if [t.properties.get(key) for key in keys] == values), None)

    @contextmanager
    def _call(self, call: Call) -> Iterator[Mode | None]:
        with self._lock:
            self.calls.append(call)
            modes = [mode for fault in self.faults if (mode := fault.strikes(call))]
            mode = modes[0] if modes else None
            if mode == "before":
                raise CloudError("503: the service is not available")
            yield mode


def _answer(mode: Mode | None, thing: Thing, inputs: Properties) -> None:
    if mode == "after":
        raise CloudError("connection reset by peer: the answer was lost")
    if mode == "half":
        raise HalfDoneError(thing, inputs)


def _refers(value: Any, thing: Thing) -> bool:
    match value:
        case dict():
            return any(_refers(item, thing) for key, item in value.items() if key != "id")
        case list():
            return any(_refers(item, thing) for item in value)
    return bool(value == thing.id)

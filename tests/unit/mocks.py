"""Pulumi's engine, mocked: it remembers what it was asked for, with the options, too."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import ROOT
from typing_extensions import override

LAST_OUTPUTS = "pulumi:pulumi:readStackOutputs"
"""How the program asks for what its last update told; there was none, unless a test says otherwise."""

SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""What marks a value of a special kind on its way to a provider."""


class Cloud(Mocks):
    """Answers as the providers do.

    Args:
        computed: for each resource type, the outputs beside the inputs.
        calls: for each function's token, its result.
    """

    def __init__(
        self,
        computed: Mapping[str, Mapping[str, Any]] | None = None,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.computed, self.calls = computed or {}, {LAST_OUTPUTS: {"outputs": {}}, **(calls or {})}
        self.resources: dict[str, MockResourceArgs] = {}
        self.requests: dict[str, resource_pb2.RegisterResourceRequest] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        assert args.name not in self.resources, f"two resources are called {args.name}"
        self.resources[args.name] = args
        return f"{args.name}-id", {**args.inputs, **self.computed.get(args.typ, {})}

    def call(self, args: MockCallArgs) -> Any:
        if args.token not in self.calls:
            raise AssertionError(f"{args.token} was called")
        return self.calls[args.token]

    def inputs(self, name: str) -> dict[str, Any]:
        """What a resource was asked to be, secrets unwrapped."""
        found: dict[str, Any] = plain(self.resources[name].inputs)
        return found


class Monitor(MockMonitor):
    """Keeps each request to register a resource: the options are nowhere else."""

    @override
    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self.mocks.requests[request.name] = request  # type: ignore[attr-defined]
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """Unwrap the secrets of a value that a mock was given."""
    match value:
        case {"value": inner} if SECRET_SIGNATURE in value:
            return plain(inner)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value


@contextmanager
def mocked(cloud: Cloud, *, stack: str = "dev", preview: bool = False) -> Iterator[Cloud]:
    """Run the program's parts against a mocked cloud."""
    loop = asyncio.new_event_loop()  # the one that the mocks will use; a test before may have ended its own
    asyncio.set_event_loop(loop)
    ROOT.set(None)  # the stack of a test before
    pulumi.runtime.set_mocks(
        cloud, project="mantisnxt-redis", stack=stack, preview=preview, monitor=Monitor(cloud)
    )
    try:
        yield cloud
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def run(check: Any) -> None:
    """Run a coroutine under Pulumi's test runner: without it a failing assertion would pass unseen.

    When it returns, everything that the coroutine asked for has been registered.
    """
    pulumi.runtime.test(check)()  # type: ignore[no-untyped-call]


async def value(output: Any) -> Any:
    """The value of an output, or of a plain value."""
    return await pulumi.Output.from_input(output).future()

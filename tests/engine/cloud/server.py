"""The plugins' protocol: one server for all packages, with the account in the test's own process."""

from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from tests.engine.cloud import wire
from tests.engine.cloud.functions import INVOKES
from tests.engine.cloud.memory import Call, Cloud, CloudError, HalfDoneError
from tests.engine.cloud.plan import autonamed, check, differences, read_inputs, settled
from tests.engine.cloud.rules import CREDENTIALS, rule
from tests.engine.cloud.schema import PACKAGES, schema
from tests.engine.cloud.shape import complete, preview

Answer = TypeVar("Answer", bound=Callable[..., Any])


def _told(answer: Answer) -> Answer:
    """Hand the service's refusals to the engine, with what is there all the same."""

    @wraps(answer)
    def wrapper(self: "Plugins", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return answer(self, request, context)
        except HalfDoneError as error:
            token, secret = error.thing.token, wire.secrets(_inputs(request))
            status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
            status.details.add().Pack(
                provider_pb2.ErrorResourceInitFailed(
                    id=error.thing.id,
                    properties=wire.write(error.thing.properties, secret | schema(token).secrets),
                    inputs=wire.write(error.properties, secret),
                    reasons=[str(error)],
                )
            )
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except CloudError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return cast(Answer, wrapper)


def _inputs(request: Any) -> Any:
    return request.properties if isinstance(request, provider_pb2.CreateRequest) else request.news


class Plugins(provider_pb2_grpc.ResourceProviderServicer):
    """Stands in for every plugin at once: a resource's type tells whose it is."""

    def __init__(self, cloud: Cloud, environ: Mapping[str, str]) -> None:
        self.cloud, self.environ = cloud, environ

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> proto.PluginInfo:
        return proto.PluginInfo(version="999.0.0")

    def Handshake(
        self, request: Any, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> proto.CheckResponse:
        package = request.urn.split("::")[2].split(":")[-1]
        given = wire.read(request.news)
        missing = [
            key for key, variable in CREDENTIALS.get(package, {}).items()
            if not given.get(key) and variable not in self.environ
        ]  # fmt: skip
        failures = [
            proto.CheckFailure(property=key, reason=f'missing required configuration key "{package}:{key}"')
            for key in missing
        ]
        return proto.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> proto.DiffResponse:
        return proto.DiffResponse(changes=proto.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> proto.ConfigureResponse:
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> proto.InvokeResponse:
        if request.tok not in INVOKES:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the stand-in has no function {request.tok}")
        answer = INVOKES[request.tok](wire.read(request.args))
        return proto.InvokeResponse(**{"return": wire.write(answer)})  # type: ignore[arg-type]

    def Check(self, request: Any, context: grpc.ServicerContext) -> proto.CheckResponse:
        call = Call("create", request.urn)
        inputs = autonamed(call, wire.read(request.news), wire.read(request.olds), request.randomSeed)
        failures = [
            proto.CheckFailure(property=key, reason=reason) for key, reason in check(call.token, inputs)
        ]
        return proto.CheckResponse(inputs=wire.write(inputs, wire.secrets(request.news)), failures=failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> proto.DiffResponse:
        token = Call("update", request.urn).token
        olds, news = wire.read(request.olds), wire.read(request.news)
        kinds = differences(token, wire.read(request.old_inputs), olds, news)
        replaces = [key for key, kind in kinds.items() if kind % 2]
        name = rule(token).name
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if kinds else proto.DiffResponse.DIFF_NONE,
            replaces=replaces,
            diffs=list(kinds),
            hasDetailedDiff=True,
            detailedDiff={key: proto.PropertyDiff(kind=kind) for key, kind in kinds.items()},  # type: ignore[arg-type]
            # As the bridge does it: a name that nobody made up would be taken by the old one.
            deleteBeforeReplace=bool(replaces)
            and name in news
            and name not in schema(token).required
            and name not in news.get("__defaults", [])
            and olds.get(name) == news[name],
        )

    @_told
    def Create(self, request: Any, context: grpc.ServicerContext) -> proto.CreateResponse:
        call, inputs = Call("create", request.urn), settled(wire.read(request.properties))
        secret = wire.secrets(request.properties) | schema(call.token).secrets
        if request.preview:
            return proto.CreateResponse(properties=wire.write(preview(call.token, inputs), secret))
        thing = self.cloud.create(call, inputs)
        return proto.CreateResponse(id=thing.id, properties=wire.write(thing.properties, secret))

    @_told
    def Update(self, request: Any, context: grpc.ServicerContext) -> proto.UpdateResponse:
        call, inputs = Call("update", request.urn), settled(wire.read(request.news))
        secret = wire.secrets(request.news) | schema(call.token).secrets
        if not request.preview:
            properties = self.cloud.update(call, request.id, inputs).properties
            return proto.UpdateResponse(properties=wire.write(properties, secret))
        olds = wire.read(request.olds)
        planned = complete(call.token, inputs, old=olds)
        computed = schema(call.token).computed
        planned = {
            key: wire.UNKNOWN if key in computed and value != olds.get(key) else value
            for key, value in planned.items()
        }
        return proto.UpdateResponse(properties=wire.write(planned, secret))

    @_told
    def Read(self, request: Any, context: grpc.ServicerContext) -> proto.ReadResponse:
        call = Call("read", request.urn)
        state, inputs = wire.read(request.properties), wire.read(request.inputs)
        thing, own = self.cloud.read(call, request.id), rule(call.token)
        if thing is None:
            return proto.ReadResponse()
        secret = wire.secrets(request.properties) | wire.secrets(request.inputs) | schema(call.token).secrets
        live = {key: value for key, value in thing.properties.items() if key not in own.unread}
        live |= {key: state[key] for key in own.unread if key in state}
        return proto.ReadResponse(
            id=thing.id,
            properties=wire.write(live, secret),
            inputs=wire.write(read_inputs(call.token, inputs, live), secret),
        )

    @_told
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.cloud.delete(Call("delete", request.urn), request.id, wire.read(request.properties))
        return empty_pb2.Empty()


@contextmanager
def serve(cloud: Cloud, environ: Mapping[str, str]) -> Iterator[str]:
    """Serve the account; yields what PULUMI_DEBUG_PROVIDERS has to be.

    Args:
        cloud: the account.
        environ: the variables under which the engine runs, in which the plugins look for credentials.
    """
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugins(cloud, environ), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield ",".join(f"{package}:{port}" for package in PACKAGES)
    finally:
        server.stop(grace=None).wait()

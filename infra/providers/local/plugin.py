"""The Pulumi provider of the resource ``redis-local:index:Server``.

A provider of its own rather than a dynamic one: a dynamic provider shows the user a traceback for every
error, and keeps pickled code in the state that no longer loads when a module has moved.
"""

import os
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc
from redis.exceptions import RedisError

from infra.providers.local import process
from infra.providers.local.errors import LocalRedisError
from infra.providers.local.resource import inputs
from infra.providers.local.server import Record, Server
from infra.settings import LocalSettings

ENGINE_CHECK = 1.0
"""Seconds between two looks at whether the engine is still there."""

Properties = dict[str, Any]
Call = TypeVar("Call", bound=Callable[..., Any])


def _read(properties: struct_pb2.Struct) -> Properties:
    return {key: value.value for key, value in PropertyValue.unmarshal_map(properties).items()}


def _write(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    return PropertyValue.marshal_map(
        {
            # The engine's only number is a float.
            key: PropertyValue(float(value) if type(value) is int else value, is_secret=key == "password")
            for key, value in properties.items()
        }
    )


def _settings(properties: Properties) -> LocalSettings:
    known = {str(field.alias) for field in LocalSettings.model_fields.values()}
    return LocalSettings.model_validate({key: value for key, value in properties.items() if key in known})


def _outputs(server: Server, record: Record) -> Properties:
    return {
        **inputs(server.directory, record.settings, record.password_version),
        "password": record.password,
        "version": server.version(),
    }


def _told(call: Call) -> Call:
    """Hand what went wrong to the engine, which shows it to the user as it is."""

    @wraps(call)
    def wrapper(self: object, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return call(self, request, context)
        except LocalRedisError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except RedisError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, f"the local Redis answered, then failed: {error}")

    return cast(Call, wrapper)


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's calls with what ``Server`` does. The resource's id is the server's folder."""

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> proto.PluginInfo:
        return proto.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> proto.CheckResponse:
        return proto.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> proto.DiffResponse:
        return proto.DiffResponse(changes=proto.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> proto.ConfigureResponse:
        return proto.ConfigureResponse(acceptSecrets=True)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Check(self, request: Any, context: grpc.ServicerContext) -> proto.CheckResponse:
        return proto.CheckResponse(inputs=request.news)

    @_told
    def Diff(self, request: Any, context: grpc.ServicerContext) -> proto.DiffResponse:
        """What differs from the wanted settings; a server that is not running differs, too."""
        olds, news = _read(request.olds), _read(request.news)
        changed = [key for key in news if olds.get(key) != news[key]]
        if "status" not in changed and not Server(Path(request.id)).is_running():
            changed.append("status")
        return proto.DiffResponse(
            changes=proto.DiffResponse.DIFF_SOME if changed else proto.DiffResponse.DIFF_NONE,
            replaces=["directory"] if "directory" in changed else [],
            diffs=changed,
            hasDetailedDiff=True,
            detailedDiff={key: proto.PropertyDiff(kind=proto.PropertyDiff.UPDATE) for key in changed},
        )

    @_told
    def Create(self, request: Any, context: grpc.ServicerContext) -> proto.CreateResponse:
        properties = _read(request.properties)
        server = Server(Path(properties["directory"]))
        record = server.apply(_settings(properties), password_version=int(properties["passwordVersion"]))
        return proto.CreateResponse(id=properties["directory"], properties=_write(_outputs(server, record)))

    @_told
    def Update(self, request: Any, context: grpc.ServicerContext) -> proto.UpdateResponse:
        olds, news = _read(request.olds), _read(request.news)
        server = Server(Path(request.id))
        record = server.apply(
            _settings(news), password=olds["password"], password_version=int(news["passwordVersion"])
        )
        return proto.UpdateResponse(properties=_write(_outputs(server, record)))

    @_told
    def Read(self, request: Any, context: grpc.ServicerContext) -> proto.ReadResponse:
        """What is really there; a server whose folder is gone is gone."""
        server, olds = Server(Path(request.id)), _read(request.properties)
        record = server.record()
        if record is None:
            return proto.ReadResponse()
        live = server.observe()
        properties = {
            **olds,
            **inputs(server.directory, live or record.settings, record.password_version),
            "status": "running" if live else "stopped",
        }
        return proto.ReadResponse(id=request.id, inputs=request.inputs, properties=_write(properties))

    @_told
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        Server(Path(request.id)).remove()
        return empty_pb2.Empty()


def main() -> None:
    """Serve the engine that started us: on a free loopback port, told on the first line of the output."""
    engine = os.getppid()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # An engine that was killed does not end its plugins: whoever is left finishes its work and goes.
    while os.getppid() == engine:
        time.sleep(ENGINE_CHECK)
    server.stop(grace=process.START_TIMEOUT).wait()


if __name__ == "__main__":
    main()

"""The properties of a resource as the engine sends them, and as plain values."""

from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

__all__ = ["UNKNOWN", "Properties", "is_unknown", "read", "secrets", "write"]

Properties = dict[str, Any]


def read(message: struct_pb2.Struct) -> Properties:
    """Plain values, secrets unwrapped."""
    return {key: _plain(value) for key, value in PropertyValue.unmarshal_map(message).items()}


def secrets(message: struct_pb2.Struct) -> set[str]:
    """The properties that are secret, or hold something secret."""
    return {k for k, value in PropertyValue.unmarshal_map(message).items() if value.contains_secret()}


def is_unknown(value: Any) -> bool:
    """Whether a value, or something in it, is not known before the update."""
    match value:
        case dict():
            return any(is_unknown(item) for item in value.values())
        case list():
            return any(is_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def write(properties: Mapping[str, Any], secret: Collection[str] = ()) -> struct_pb2.Struct:
    """Properties for the engine, some of them marked as secret."""
    return PropertyValue.marshal_map(
        {key: _wrapped(value, secret=key in secret) for key, value in properties.items()}
    )


def _plain(value: PropertyValue) -> Any:
    match value.value:
        case Mapping() as items:
            return {key: _plain(item) for key, item in items.items()}
        case tuple() as items:
            return [_plain(item) for item in items]
        case float() as number if number.is_integer():
            return int(number)
        case other:
            return other


def _wrapped(value: Any, *, secret: bool = False) -> PropertyValue:
    match value:
        case dict():
            value = {key: _wrapped(item) for key, item in value.items()}
        case list():
            value = [_wrapped(item) for item in value]
        case int() if not isinstance(value, bool):
            value = float(value)  # the engine's only number
    return PropertyValue(value, is_secret=secret)

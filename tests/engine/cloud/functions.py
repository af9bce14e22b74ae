"""What the tables of the stand-in cannot say without code."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.engine.cloud.rule import ACCOUNT, REGION
from tests.engine.cloud.wire import Properties

RANDOM = (
    "length", "byteLength", "prefix", "keepers", "special", "overrideSpecial", "upper", "lower", "number",
    "numeric", "minLower", "minUpper", "minNumeric", "minSpecial",
)  # fmt: skip
"""Every input of a random value makes another one."""


def password(properties: Properties) -> str:
    """A random password with characters that a URL must encode, where they are allowed."""
    special = properties.get("overrideSpecial", "@/%") if properties.get("special", True) else ""
    return (special + secrets.token_hex(64))[: int(properties.get("length", 32))]


def is_cluster(group: Properties) -> bool:
    return int(group.get("numNodeGroups") or 1) > 1 or group.get("clusterMode") == "enabled"


def version(group: Properties) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", str(group.get("engineVersion", "")))))


def is_downgrade(old: Properties, new: Properties) -> bool:
    return old["engine"] == new["engine"] and version(new) < version(old)


def refuse_database(database: Properties) -> str | None:
    if database["region"] not in ("global", "gcp-global"):
        return "400: regional databases can no longer be created"
    return None


def refuse_group(group: Properties) -> str | None:
    if group.get("automaticFailoverEnabled") and not is_cluster(group) and len(group["memberClusters"]) < 2:
        return "InvalidParameterCombination: automatic failover needs a replica"
    if group.get("userGroupIds") and not group.get("transitEncryptionEnabled"):
        return "InvalidParameterCombination: a user group needs encryption in transit"
    return None


def refuse_description(properties: Properties) -> str | None:
    """EC2's reason to refuse a description: it takes few characters beside letters and digits."""
    if re.fullmatch(r"[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{0,255}", properties.get("description", "")):
        return None
    return (
        f"InvalidParameterValue: Character sets beyond ASCII are not supported: {properties['description']}"
    )


def refuse_variable(variable: Properties) -> str | None:
    """As for a team that demands it: sensitive everywhere but in development, where nothing can be."""
    if variable["sensitive"] and "development" in variable["targets"]:
        return "variables targeting `development` must explicitly set `sensitive = false`"
    if not variable["sensitive"] and variable["targets"] != ["development"]:
        return "this team has a policy that forces variables to be sensitive"
    return None


def _policy(arguments: Properties) -> Properties:
    statements = [
        {name[0].upper() + name[1:]: value for name, value in statement.items()}
        for statement in arguments.get("statements", [])
    ]
    return {"json": json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True)}


VPC = {"id": "vpc-default", "default": True, "cidrBlock": "172.31.0.0/16", "state": "available"}

INVOKES: Mapping[str, Callable[[Properties], dict[str, Any]]] = {
    "aws:ec2/getVpc:getVpc": lambda arguments: VPC | {"id": arguments.get("id", VPC["id"])},
    "aws:ec2/getSubnets:getSubnets": lambda arguments: {"id": REGION, "ids": ["subnet-a", "subnet-b"]},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda arguments: {
        "id": ACCOUNT, "accountId": ACCOUNT, "userId": "AIDA", "arn": f"arn:aws:iam::{ACCOUNT}:user/ci",
    },
    "aws:index/getRegion:getRegion": lambda arguments: {
        "id": REGION, "region": REGION, "name": REGION, "description": "", "endpoint": "",
    },
    "aws:index/getPartition:getPartition": lambda arguments: {
        "id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
    },
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda arguments: {"id": "1", "minifiedJson": ""}
    | _policy(arguments),
    "rediscloud:index/getPaymentMethod:getPaymentMethod": lambda arguments: {"id": "40012"} | arguments,
}  # fmt: skip
"""The data sources, by token."""

"""The names that AWS gives to things, as far as their shape can be checked here."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def shaped(pattern: str, message: str) -> AfterValidator:
    """A check that a whole text has a shape, with a message instead of the pattern."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("shape", "{problem}", {"problem": message})
        return value

    return AfterValidator(check)


Region = Annotated[
    str, shaped(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d", "not an AWS region; write it like eu-west-1")
]
VpcId = Annotated[
    str, shaped(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})", "not a VPC's id; write it like vpc-0a1b2c3d4e5f60718")
]
SubnetId = Annotated[
    str,
    shaped(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})", "not a subnet's id; write it like subnet-0a1b2c3d4e5f60718"),
]
SecurityGroupId = Annotated[
    str,
    shaped(r"sg-([0-9a-f]{8}|[0-9a-f]{17})", "not a security group's id; write it like sg-0a1b2c3d4e5f60718"),
]
KeyArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-z-]+",
        "not the ARN of a KMS key; write it like arn:aws:kms:eu-west-1:111122223333:key/…, not an alias: AWS "
        "answers with the key's own ARN, and the difference would be a change for ever",
    ),
]
"""The ARN of a key, of which the fourth part is its region."""
RoleArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]+",
        "not the ARN of a role; write it like arn:aws:iam::111122223333:role/application",
    ),
]

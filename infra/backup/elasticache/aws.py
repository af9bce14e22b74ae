"""Talking to AWS: its errors as causes and remedies, and waiting for what takes minutes."""

import time
from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

from botocore import exceptions

from infra.backup.provider import Tell
from infra.backup.snapshot import BackupError

P = ParamSpec("P")
R = TypeVar("R")
Pause = Callable[[float], None]

POLL = 15.0
"""Seconds between two questions about something that takes minutes."""
PATIENCE = 3600.0
"""Seconds after which we stop waiting; AWS goes on."""

NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
    exceptions.ProfileNotFound,
)
LOG_IN = "log in (aws sso login), or name a profile in AWS_PROFILE"
QUOTA = "delete what is not needed any more, or ask for a higher quota in AWS's console, Service Quotas"
BUSY = (
    "it is busy with another change or snapshot: try again when aws elasticache describe-replication-groups "
    "says available"
)
REMEDIES = {
    "ExpiredToken": LOG_IN,
    "ExpiredTokenException": LOG_IN,
    "InvalidClientTokenId": LOG_IN,
    "UnrecognizedClientException": LOG_IN,
    "AccessDenied": "let the role do this (elasticache:<the operation>), or use another role",
    "AccessDeniedException": "let the role do this (elasticache:<the operation>), or use another role",
    "ReplicationGroupNotFoundFault": "look whether the credentials are those of the stack's account, and run "
    "pulumi refresh: the group may have been deleted by hand",
    "InvalidReplicationGroupState": BUSY,
    "InvalidCacheClusterState": BUSY,
    "SnapshotQuotaExceededFault": f"{QUOTA} (aws elasticache delete-snapshot --snapshot-name <name>)",
    "SnapshotFeatureNotSupportedFault": "choose a node type that has snapshots",
    "ClusterQuotaForCustomerExceeded": QUOTA,
    "NodeQuotaForClusterExceeded": QUOTA,
    "NodeQuotaForCustomerExceeded": QUOTA,
    "InsufficientCacheClusterCapacity": "AWS has no node of this type left in these zones: try again later",
}
"""What to do, by AWS's code of the error."""


def told(call: Callable[P, R]) -> Callable[P, R]:
    """Turn an error of AWS or on the way there into a BackupError with what to do."""

    @wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except NO_CREDENTIALS as error:
            raise BackupError(f"there are no AWS credentials to use ({error}): {LOG_IN}") from error
        except exceptions.ClientError as error:
            said, code = error.response.get("Error", {}), code_of(error)
            remedy = REMEDIES.get(code)
            raise BackupError(
                f"AWS refuses {error.operation_name} ({code}): {said.get('Message', '')}"
                + (f". What to do: {remedy}" if remedy else "")
            ) from error
        except exceptions.BotoCoreError as error:
            raise BackupError(f"AWS cannot be reached: {error}") from error

    return wrapper


def code_of(error: exceptions.ClientError) -> str:
    """AWS's name for an error."""
    return error.response.get("Error", {}).get("Code", "")


def wait(
    what: str,
    look: Callable[[], str],
    *,
    until: Collection[str],
    failed: Collection[str],
    tell: Tell,
    pause: Pause,
) -> None:
    """Ask for a status again and again.

    Args:
        what: what is waited for, to tell about it.
        look: returns its status.
        until: statuses that end the waiting.
        failed: statuses that will never become one of these.
        tell: is told every status.
        pause: sleeps for some seconds.

    Raises:
        BackupError: it failed, or an hour went by.
    """
    deadline = time.monotonic() + PATIENCE
    while (status := look()) not in until:
        tell(f"{what}: {status}")
        if status in failed:
            raise BackupError(
                f"AWS says that {what} is {status}; its events say why: aws elasticache describe-events"
            )
        if time.monotonic() > deadline:
            raise BackupError(
                f"{what} is still {status} after {PATIENCE / 60:.0f} minutes. AWS goes on with it; "
                "its console shows how far it is"
            )
        pause(POLL)

"""The providers whose backups nobody but their own console can reach: what they do, and where."""

from collections.abc import Mapping
from typing import Any

from infra.settings.common import Provider


def how(outputs: Mapping[str, Any], stack: str) -> str | None:
    """What to do in place of snapshot, restore and drill; None where these commands work.

    Args:
        outputs: the stack's outputs.
        stack: the stack's name.
    """
    console = outputs.get("dashboard") or "the provider's console"
    match outputs["provider"]:
        case Provider.UPSTASH:
            return (
                "Upstash takes and restores backups in its console; its Pulumi provider can do neither.\n"
                "  By itself: every write goes to disk, in several copies on a paid plan.\n"
                f"  A backup now, or one each day: {console}, tab Backups (paid plans).\n"
                "  Restore: there, too. Restore into another database (a stack of its own: pulumi stack "
                "init, make up), look at it with make check STACK=<it>, give the application its REDIS_URL. "
                f"A restore into {stack}'s own database deletes what that has.\n"
                "  A drill: the same by hand, into a database that is deleted afterwards."
            )
        case Provider.REDISCLOUD:
            return (
                "Redis Cloud backs up and imports in its console and by its API; its Pulumi provider can do "
                "neither on demand.\n"
                f"  By itself: {outputs.get('backup')}. Where there are no copies elsewhere, set "
                "rediscloud.remoteBackup.\n"
                f"  A backup now: {console}, Backup now; it goes to the same place.\n"
                "  Restore: make a stack of its own (pulumi stack init, make up), then import there: its "
                "dashboard, Import, with every .rdb.gz file of one backup. An import deletes what the "
                "database had, and the service must be allowed to read the bucket. Look at it with "
                "make check STACK=<it>, then give the application its REDIS_URL.\n"
                "  A drill: the same by hand, in a stack that is destroyed afterwards."
            )
    return None

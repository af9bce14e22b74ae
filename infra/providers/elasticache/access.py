"""How the application logs in to a replication group."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from infra.settings import ElastiCacheSettings, PasswordSettings

PASSWORD_LENGTH = 64
"""Characters. AWS takes 16 to 128, for users and for AUTH tokens."""

APPLICATION = "on ~* &* +@all -@dangerous +info +slowlog|get"
"""All keys, channels and commands but those that can stop the server, empty it or block it for long.

Two of these are harmless and needed: ioredis asks for ``INFO`` when it connects, and without ``SLOWLOG GET``
nobody could find out what is slow.
"""
READER = "on ~* -@all +@read +@connection -@dangerous +info"
NOBODY = "off ~* -@all"

USER_ENGINE = "redis"
"""Such users suit Valkey, too, so a move to Valkey leaves them alone; those of engine valkey suit only it
(ElastiCache user guide, Role-Based Access Control).
"""


class Access(pulumi.ComponentResource):
    """The users of a replication group, or its AUTH token.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``elasticache`` block.
        password: which password is valid, and whether the one before is, too.
        group_id: the replication group's id, which the users' ids begin with.
        tags: the tags of everything that can have some.
    """

    username: str
    password: pulumi.Output[str]
    reader_password: pulumi.Output[str] | None
    """The password of the user ``reader``, where the settings ask for one."""
    inputs: Mapping[str, Any]
    """The replication group's inputs that have to do with access."""

    def __init__(
        self,
        name: str,
        settings: ElastiCacheSettings,
        password: PasswordSettings,
        *,
        group_id: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheAccess", name, opts=opts)
        self._name, self._group_id, self._tags = name, group_id, tags
        self._versions = [password.version, *([password.version - 1] if password.keep_previous else [])]
        self.reader_password = None
        if settings.access == "rbac":
            self.username = "app"
            passwords = self._passwords("app")
            # DELETE is for a group that had an AUTH token until now; others never see it.
            self.inputs = {
                "user_group_ids": [self._users(passwords, reader=settings.read_only_user)],
                "auth_token_update_strategy": "DELETE",
            }
        else:
            self.username = "default"
            passwords = self._passwords("token")
            # ROTATE lets the token before stay valid. A first one must be SET: rotated in, it would leave the
            # group open to clients without a password.
            strategy = "ROTATE" if password.keep_previous else "SET"
            self.inputs = {"auth_token": passwords[0], "auth_token_update_strategy": strategy}
        self.password = passwords[0]
        self.register_outputs({})

    def _passwords(self, of: str) -> list[pulumi.Output[str]]:
        """Make the passwords that are valid, the newest first."""
        return [self._password(f"{self._name}-{of}-password-{version}") for version in self._versions]

    def _password(self, name: str) -> pulumi.Output[str]:
        # Letters and digits only: AUTH tokens take few others, and a URL shows these as they are.
        password = random.RandomPassword(
            name, length=PASSWORD_LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        return pulumi.Output.secret(password.result)

    def _users(self, passwords: list[pulumi.Output[str]], *, reader: bool) -> pulumi.Output[str]:
        users = [
            self._user("app", APPLICATION, passwords=passwords),
            # A group of users has to have this one, and without a password it cannot log in while it is off.
            self._user("default", NOBODY, no_password_required=True),
        ]
        if reader:
            readers = self._passwords("reader")
            self.reader_password = readers[0]
            users.append(self._user("reader", READER, passwords=readers))
        user_group_id: pulumi.Output[str] = aws.elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=f"{self._group_id}-users",
            engine=USER_ENGINE,
            user_ids=users,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        ).user_group_id
        return user_group_id

    def _user(self, user_name: str, access_string: str, **authentication: Any) -> pulumi.Output[str]:
        user_id: pulumi.Output[str] = aws.elasticache.User(
            f"{self._name}-{user_name}",
            user_id=f"{self._group_id}-{user_name}",
            user_name=user_name,
            access_string=access_string,
            engine=USER_ENGINE,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
            **authentication,
        ).user_id
        return user_id

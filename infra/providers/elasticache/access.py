"""How the application logs in to a replication group."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from infra.settings import ElastiCacheSettings

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
        *,
        group_id: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheAccess", name, opts=opts)
        self._name, self._group_id, self._tags = name, group_id, tags
        self.reader_password = None
        if settings.access == "rbac":
            self.username = "app"
            self.password = self._password("app")
            # DELETE is for a group that had an AUTH token until now; others never see it.
            self.inputs = {
                "user_group_ids": [self._users(reader=settings.read_only_user)],
                "auth_token_update_strategy": "DELETE",
            }
        else:
            self.username = "default"
            self.password = self._password("token")
            # ROTATE, AWS's default, would leave the group open to clients without a password at first.
            self.inputs = {"auth_token": self.password, "auth_token_update_strategy": "SET"}
        self.register_outputs({})

    def _password(self, of: str) -> pulumi.Output[str]:
        # Letters and digits only: AUTH tokens take few others, and a URL shows these as they are.
        password = random.RandomPassword(
            f"{self._name}-{of}-password",
            length=PASSWORD_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.secret(password.result)

    def _users(self, *, reader: bool) -> pulumi.Output[str]:
        users = [
            self._user("app", APPLICATION, passwords=[self.password]),
            # A group of users has to have this one, and without a password it cannot log in while it is off.
            self._user("default", NOBODY, no_password_required=True),
        ]
        if reader:
            self.reader_password = self._password("reader")
            users.append(self._user("reader", READER, passwords=[self.reader_password]))
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

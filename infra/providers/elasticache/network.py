"""Where a replication group lives, and who may connect."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from infra.settings import ElastiCacheSettings


class Network(pulumi.ComponentResource):
    """A subnet group, and a security group with one described rule for each source.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``elasticache`` block.
        group_id: the replication group's id.
        tags: the tags of everything.
    """

    subnet_group_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    client_security_group_id: pulumi.Output[str] | None
    """What the application attaches to be let in, where the settings ask for it."""

    def __init__(
        self,
        name: str,
        settings: ElastiCacheSettings,
        *,
        group_id: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheNetwork", name, opts=opts)
        self._name, self._port, self._tags = name, settings.port, tags
        vpc_id, subnet_ids = self._place(settings)
        self.subnet_group_name = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            # The nodes cannot move to another VPC. With its id in the name, a change of it is planned as what
            # it is, a new replication group, and not as an update that AWS refuses.
            name=pulumi.Output.concat(group_id, "-", vpc_id),
            description="Where the Redis nodes of MantisNXT live",
            subnet_ids=subnet_ids,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        ).name
        self.security_group_id = self._security_group(
            f"{name}-nodes", "Who may connect to the Redis of MantisNXT", vpc_id, f"{group_id}-nodes"
        )
        for group in settings.allowed_security_group_ids:
            self._let_in(group, f"Redis from the security group {group}", referenced_security_group_id=group)
        for cidr in settings.allowed_cidrs:
            self._let_in(cidr.replace("/", "-"), f"Redis from {cidr}", cidr_ipv4=cidr)
        self.client_security_group_id = None
        if settings.client_security_group:
            self.client_security_group_id = self._clients(vpc_id, f"{group_id}-clients")
        self.register_outputs({})

    def _place(
        self, settings: ElastiCacheSettings
    ) -> tuple[pulumi.Input[str], pulumi.Input[list[pulumi.Input[str]]]]:
        if settings.vpc_id:
            return settings.vpc_id, list(settings.subnet_ids)
        options = pulumi.InvokeOutputOptions(parent=self)
        vpc_id = aws.ec2.get_vpc_output(default=True, opts=options).id
        in_vpc = aws.ec2.GetSubnetsFilterArgs(name="vpc-id", values=[vpc_id])
        default = aws.ec2.GetSubnetsFilterArgs(name="default-for-az", values=["true"])
        return vpc_id, aws.ec2.get_subnets_output(filters=[in_vpc, default], opts=options).ids

    def _security_group(
        self, name: str, description: str, vpc_id: pulumi.Input[str], shown_as: str
    ) -> pulumi.Output[str]:
        group_id: pulumi.Output[str] = aws.ec2.SecurityGroup(
            name,
            description=description,
            vpc_id=vpc_id,
            tags={**self._tags, "Name": shown_as},
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        return group_id

    def _let_in(self, source: str, description: str, **origin: pulumi.Input[str]) -> None:
        """Add a rule, named after its source: another source more or less does not touch it."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-{source}",
            security_group_id=self.security_group_id,
            description=description,
            ip_protocol="tcp",
            from_port=self._port,
            to_port=self._port,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
            **origin,
        )

    def _clients(self, vpc_id: pulumi.Input[str], shown_as: str) -> pulumi.Output[str]:
        clients = self._security_group(
            f"{self._name}-clients", "What may connect to the Redis of MantisNXT", vpc_id, shown_as
        )
        self._let_in("clients", "Redis from the client security group", referenced_security_group_id=clients)
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-clients-out",
            security_group_id=clients,
            referenced_security_group_id=self.security_group_id,
            description="To the Redis of MantisNXT",
            ip_protocol="tcp",
            from_port=self._port,
            to_port=self._port,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return clients


def sources(settings: ElastiCacheSettings) -> list[str]:
    """Say in words who may connect."""
    return [
        *(f"security group {group}" for group in settings.allowed_security_group_ids),
        *settings.allowed_cidrs,
        *(["what has the stack's client security group"] if settings.client_security_group else []),
    ]

"""What a Redis costs, from a table with a date."""

AS_OF = "January 2025"
"""When the prices were written down. They are list prices; the providers' own pages have today's."""

ELASTICACHE_NODE = {"cache.t3.micro": 15, "cache.t3.small": 30, "cache.m5.large": 100}
"""US dollars a month for one node on demand."""

UPSTASH_FREE_COMMANDS = 10_000
"""Commands a day, with 256 MB, for nothing."""

UPSTASH_PRO = 10
"""US dollars a month for 100,000 commands a day and 1 GB."""

UPSTASH_BUSY = 50
"""US dollars a month that an application like ours pays when it has much traffic."""

UPSTASH_PROD_PACK = 200
"""US dollars a month, whatever the traffic: Upstash's production checklist."""

PROD_PACK_AS_OF = "August 2026"
"""When the production pack's price was written down."""

REDISCLOUD_STANDARD = 49
"""US dollars a month for what the next two constants say, with Multi-AZ."""

STANDARD_GB = 1
STANDARD_OPERATIONS = 50_000


def estimate(low: int, high: int | None = None) -> str:
    """Spell an estimate, with the date of its prices.

    >>> estimate(60)
    'about $60 (prices of January 2025)'
    """
    return f"about ${low}{f' to ${high}' if high else ''} (prices of {AS_OF})"


def unknown(what: str) -> str:
    """Say that the table has no price for a size."""
    return f"unknown: the price table of {AS_OF} has none for {what}"


def elasticache(node_type: str, nodes: int) -> str:
    """Estimate a replication group, without snapshots and traffic.

    >>> elasticache("cache.t3.small", 2)
    'about $60 (prices of January 2025)'
    """
    node = ELASTICACHE_NODE.get(node_type)
    return estimate(node * nodes) if node else unknown(node_type)


def upstash(budget: int, *, read_regions: int = 0, auto_scale: bool = False, prod_pack: bool = False) -> str:
    """Estimate a database, which is paid by the command.

    Args:
        budget: US dollars a month at which Upstash throttles the database.
        read_regions: how many regions each write is copied to.
        auto_scale: whether the database may move to a larger plan.
        prod_pack: whether it has the production pack.
    """
    low, high = min(UPSTASH_PRO, budget), min(UPSTASH_BUSY, budget)
    traffic = estimate(low, high if high > low else None)
    parts = [
        f"{traffic}, plus ${UPSTASH_PROD_PACK} for the production pack (price of {PROD_PACK_AS_OF})"
        if prod_pack
        else f"$0 up to {UPSTASH_FREE_COMMANDS:,} commands a day, above that {traffic}",
        f"throttled at the budget of ${budget}",
    ]
    if read_regions:
        parts.append(f"each write counts {read_regions + 1} times")
    if auto_scale:
        parts.append("auto-scale may move it to a dearer plan")
    return "; ".join(parts)


def rediscloud(memory_gb: float, operations: int | None) -> str:
    """Estimate a subscription with one database.

    Args:
        memory_gb: the database's memory limit, in GB.
        operations: operations a second, None where the database is sold by shards.

    >>> rediscloud(1, 1000)
    'about $49 (prices of January 2025); a Pro subscription may have a higher minimum charge'
    """
    if operations is None:
        return unknown("a database sold by shards")
    if memory_gb <= STANDARD_GB and operations <= STANDARD_OPERATIONS:
        return f"{estimate(REDISCLOUD_STANDARD)}; a Pro subscription may have a higher minimum charge"
    return unknown(f"{memory_gb:g} GB with {operations:,} operations a second")

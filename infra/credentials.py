"""The keys to the accounts of providers and deliveries: which there are, and which are missing."""

from collections.abc import Iterable, Mapping

from infra.settings.common import Provider

KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Provider.UPSTASH: {"upstash:email": ("UPSTASH_EMAIL",), "upstash:apiKey": ("UPSTASH_API_KEY",)},
    Provider.REDISCLOUD: {
        "rediscloud:apiKey": ("REDISCLOUD_API_KEY", "REDISCLOUD_ACCESS_KEY"),
        "rediscloud:secretKey": ("REDISCLOUD_SECRET_KEY",),
    },
    "vercel": {"vercel:apiToken": ("VERCEL_API_TOKEN",)},
}
"""For each provider and kind of delivery, its keys in the config, and the variables that its plugin reads
instead."""


def missing(users: Iterable[str], config: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """What a provider or a kind of delivery needs and nobody has given: for each key, what to do."""
    return {
        key: f"missing: pulumi config set --secret {key} …, or set {' or '.join(variables)}"
        for user in users
        for key, variables in KEYS.get(user, {}).items()
        if not config.get(key) and not any(environ.get(variable) for variable in variables)
    }

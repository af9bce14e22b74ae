"""The keys to the providers' accounts: which there are, and which are missing."""

from collections.abc import Mapping

from infra.settings.common import Provider

KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Provider.UPSTASH: {"upstash:email": ("UPSTASH_EMAIL",), "upstash:apiKey": ("UPSTASH_API_KEY",)},
    Provider.REDISCLOUD: {
        "rediscloud:apiKey": ("REDISCLOUD_API_KEY", "REDISCLOUD_ACCESS_KEY"),
        "rediscloud:secretKey": ("REDISCLOUD_SECRET_KEY",),
    },
}
"""For each provider, its keys in the config, and the variables that its plugin reads instead."""


def missing(provider: str | None, config: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """What a provider needs and nobody has given: for each key of the config, what to do."""
    return {
        key: f"missing: pulumi config set --secret {key} …, or set {' or '.join(variables)}"
        for key, variables in KEYS.get(str(provider), {}).items()
        if not config.get(key) and not any(environ.get(variable) for variable in variables)
    }

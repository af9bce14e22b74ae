"""From an exception to its cause and remedy.

What redis-py raises in each case was found out by bringing the case about; tests/live does it again.
"""

import errno
import re
import socket
import ssl
from collections.abc import Callable, Iterator

from redis import exceptions

from infra.health.endpoint import Endpoint
from infra.health.failure import Problem, ProblemError

# Codes of OpenSSL's certificate verification, from openssl/x509_vfy.h.
NOT_YET_VALID, EXPIRED = 9, 10
HOST_MISMATCH = {62, 64}
UNTRUSTED = {18, 19, 20, 21}

UNREACHABLE = {errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}
DROPPED = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ssl.SSLEOFError)

FREE_MEMORY = (
    "set a TTL on every key and look for keys that never expire; keep objects in hashes rather than in many "
    "strings; choose an eviction policy such as allkeys-lru; or scale Redis up"
)

FEWER_CONNECTIONS = (
    "give each application process one pool of connections, of a size that fits; or scale Redis up"
)


def explain(error: BaseException, endpoint: Endpoint) -> Problem:
    """Name the cause and the remedy; where an exception led to another, the outermost known one counts."""
    for link in _chain(error):
        if isinstance(link, ProblemError):
            return link.problem
        for recognise in (_certificate, _network, _login, _reply):
            problem = recognise(link, endpoint)
            if problem:
                return problem
    first = next(_chain(error))
    return Problem(
        f"{type(first).__name__}: {_quote(first, endpoint)}",
        f"look at the log of the server at {endpoint.address} at this time",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        if isinstance(link, BaseExceptionGroup):
            link = link.exceptions[0]
            continue
        yield link
        link = link.__cause__ or link.__context__


def _quote(error: BaseException, endpoint: Endpoint) -> str:
    """The message, without the arguments that a server repeats: those of AUTH are the password."""
    return endpoint.redact(str(error).partition(", with args beginning with")[0])


def _certificate(error: BaseException, endpoint: Endpoint) -> Problem | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in UNTRUSTED:
            return Problem(
                f"nobody trusted has signed the certificate of {endpoint.address}: it is self-signed, or its "
                "authority is unknown here",
                "name the authority's PEM file: --cacert here, NODE_EXTRA_CA_CERTS for the application",
            )
        if code in HOST_MISMATCH:
            return Problem(
                f"the certificate of {endpoint.address} was issued for another name",
                "use the host name from the provider's dashboard in REDIS_URL, not an IP address or an alias",
            )
        if code in {EXPIRED, NOT_YET_VALID}:
            return Problem(
                f"the certificate of {endpoint.address} "
                + ("has expired" if code == EXPIRED else "is not valid yet"),
                "renew the server's certificate; if it is valid, set this machine's clock",
            )
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return Problem(
            f"{endpoint.address} does not answer in TLS, and REDIS_URL begins with rediss://",
            "check the port in REDIS_URL, and that TLS is on at the server",
        )
    return None


def _network(error: BaseException, endpoint: Endpoint) -> Problem | None:
    if isinstance(error, socket.gaierror):
        return Problem(
            f"the host name {endpoint.host} is unknown",
            "check the host in REDIS_URL; a private name resolves only inside its own network (VPC)",
        )
    codes = _error_numbers(error)
    if codes & {errno.ECONNREFUSED}:
        return Problem(
            f"{endpoint.address} refuses connections (ECONNREFUSED)",
            "check that Redis is running on this port and that no firewall rejects the connection",
        )
    if isinstance(error, exceptions.TimeoutError | TimeoutError) or codes & UNREACHABLE:
        variables = "REDIS_SOCKET_TIMEOUT or REDIS_COMMAND_TIMEOUT"
        if str(error) == "Timeout connecting to server":
            variables = "REDIS_CONNECT_TIMEOUT"
        return Problem(
            f"{endpoint.address} does not answer in time (ETIMEDOUT)",
            "check the network path, the security groups and the IP allowlist; if the server is only slow, "
            f"look at its load or raise {variables}",
        )
    if isinstance(error, DROPPED) or "Connection closed by server" in str(error):
        return Problem(
            f"{endpoint.address} closed the connection",
            "check that Redis was not restarted or out of connections (maxclients: with TLS it gives no "
            "reason), and that no proxy or firewall stands between",
        )
    return None


def _error_numbers(error: BaseException) -> set[int]:
    """Of an OSError; asyncio puts several in one message when a name has several addresses."""
    if not isinstance(error, OSError):
        return set()
    return {int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))} | {error.errno or 0}


def _login(error: BaseException, endpoint: Endpoint) -> Problem | None:
    if isinstance(error, exceptions.NoPermissionError):
        return Problem(
            f"the user in REDIS_URL lacks a right: {_quote(error, endpoint)}",
            "grant the user this command and the keys and channels of the application (ACL SETUSER, or the "
            "provider's access control)",
        )
    if not isinstance(error, exceptions.AuthenticationError):
        return None
    if "without any password configured" in str(error):
        return Problem(
            f"{endpoint.address} has no password, and REDIS_URL gives one",
            "set the password at the server (requirepass), or check that REDIS_URL names the right server",
        )
    if endpoint.password is None:
        return Problem(
            f"{endpoint.address} demands a password, and REDIS_URL has none",
            "put the password into REDIS_URL",
        )
    return Problem(
        f"{endpoint.address} rejects the user or the password",
        "check the user and the password in REDIS_URL: it must be the current one, percent-encoded",
    )


def _reply(error: BaseException, endpoint: Endpoint) -> Problem | None:
    for applies, cause, remedy in _REPLIES:
        if applies(error):
            return Problem(f"{endpoint.address} {cause}", remedy)
    return None


def _is(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, kinds)


def _says(*texts: str) -> Callable[[BaseException], bool]:
    return lambda error: any(text in str(error) for text in texts)


_REPLIES: list[tuple[Callable[[BaseException], bool], str, str]] = [
    (
        _says("max number of clients"),
        "has as many connections as it allows (maxclients)",
        FEWER_CONNECTIONS,
    ),
    (
        _is(exceptions.OutOfMemoryError),
        "is out of memory: maxmemory is reached and nothing may be evicted",
        FREE_MEMORY,
    ),
    (
        _is(exceptions.ReadOnlyError),
        "is a read-only replica",
        "use the address of the primary in REDIS_URL, or the endpoint that follows the primary on failover",
    ),
    (
        _is(exceptions.BusyLoadingError),
        "is still loading its data into memory",
        "wait until it has started, then try again",
    ),
    (
        _is(exceptions.ClusterDownError, exceptions.SlotNotCoveredError),
        "belongs to a cluster that does not serve every slot",
        "look for a failed node: CLUSTER INFO, CLUSTER NODES; the provider's failover may still be running",
    ),
    (
        _says("All slots are not covered"),
        "belongs to a cluster that does not serve every slot",
        "look for a failed node: CLUSTER INFO, CLUSTER NODES; the provider's failover may still be running",
    ),
    (
        _is(exceptions.MovedError, exceptions.AskError),
        "is a node of a Redis Cluster and sends the client to another node",
        "let the user in REDIS_URL run INFO and CLUSTER, by which clients recognise a cluster",
    ),
    (
        _says("cluster support disabled", "Cluster mode is not enabled"),
        "is no Redis Cluster, though it was taken for one",
        "check that REDIS_URL names the cluster's configuration endpoint",
    ),
    (
        _says("DB index is out of range"),
        "has no database of this number",
        "set REDIS_DB to a smaller number, such as 0",
    ),
    (
        _is(exceptions.InvalidResponse),
        "answers, but is no Redis",
        "check the host and the port in REDIS_URL",
    ),
]

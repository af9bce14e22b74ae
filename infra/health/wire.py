"""Find out what a server speaks, without telling it anything."""

import asyncio
import ssl

PATIENCE = 2.0
"""Seconds that a server has for its first reply."""
REPLY_STARTS = (b"+PONG", b"-")
"""Redis answers a PING before login with one of these: +PONG, or an error such as -NOAUTH."""


async def speaks_tls(host: str, port: int) -> bool:
    """Tell whether the server completes a TLS handshake, with whatever certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Nothing is sent over this connection, so it does not matter who is at its other end.
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except OSError:
        return False
    writer.transport.abort()
    return True


async def speaks_plain(host: str, port: int) -> bool:
    """Tell whether the server understands Redis without TLS."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(REPLY_STARTS)
            finally:
                writer.transport.abort()
    except (OSError, ValueError):
        return False

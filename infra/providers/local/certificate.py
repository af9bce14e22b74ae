"""Makes a server certificate that only one stack's clients trust."""

from pathlib import Path

from infra.files import write_private

AUTHORITY, SERVER = "ca.pem", "server.pem"
HOSTS = ("127.0.0.1", "localhost")


def make(directory: Path) -> None:
    """Write the authority's certificate, and the server's with its key, unless they are there.

    The authority's key is thrown away: nobody can make a second certificate that these clients trust.
    """
    authority_file, server_file = directory / AUTHORITY, directory / SERVER
    if authority_file.exists() and server_file.exists():
        return
    import trustme  # here: it loads all of cryptography, and most previews have no use for it

    authority = trustme.CA()
    server = authority.issue_cert(*HOSTS)
    write_private(server_file, server.private_key_and_cert_chain_pem.bytes())
    write_private(authority_file, authority.cert_pem.bytes())

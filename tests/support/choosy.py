"""TLS servers that take little: groups, signature algorithms and ciphers as OpenSSL's lists say."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from OpenSSL import SSL

from tests.support import servers
from wizard.demo.pki import Issued

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@contextlib.contextmanager
def serving(
    leaf: Issued,
    *,
    groups: str = "",
    signatures: str = "",
    ciphers: str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
    lowest: int = SSL.TLS1_2_VERSION,
    highest: int = SSL.TLS1_3_VERSION,
) -> Iterator[int]:
    """A port that answers each request with 200.

    Args:
        leaf: certificate and key.
        groups: list for key exchange (SSL_CTX_set1_groups_list(3)); empty: OpenSSL's.
        signatures: list of signature algorithms (SSL_CTX_set1_sigalgs_list(3)); empty: OpenSSL's.
        ciphers: list for TLS 1.2.
        lowest: TLS version.
        highest: TLS version.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(lowest)
    context.set_max_proto_version(highest)
    context.set_cipher_list(ciphers.encode())
    context.use_certificate(leaf.certificate)
    context.use_privatekey(leaf.key)
    library = SSL._lib  # type: ignore[attr-defined] # pyOpenSSL has no methods for these lists
    for text, function in (
        (groups, library.SSL_CTX_set1_curves_list),
        (signatures, library.SSL_CTX_set1_sigalgs_list),
    ):
        assert not text or function(context._context, text.encode()), text

    def answer(connection: socket.socket) -> None:
        connection.settimeout(10)
        tls = SSL.Connection(context)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error):
            while not _done(tls, connection):
                pass
            tls.sendall(_ANSWER)
            tls.shutdown()
        _flush(tls, connection)

    with servers.serving(answer) as port:
        yield port


def _done(tls: SSL.Connection, connection: socket.socket) -> bool:
    """Whether a request has come, after one more turn."""
    try:
        return bool(tls.recv(4096))
    except SSL.WantReadError:
        _flush(tls, connection)
        data = connection.recv(65536)
        if not data:
            raise SSL.SysCallError from None
        tls.bio_write(data)
        return False


def _flush(tls: SSL.Connection, connection: socket.socket) -> None:
    with contextlib.suppress(SSL.WantReadError):
        while True:
            connection.sendall(tls.bio_read(65536))

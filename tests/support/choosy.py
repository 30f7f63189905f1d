"""TLS servers that take little: groups, signature algorithms and ciphers as OpenSSL's lists say."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from OpenSSL import SSL

from tests.support import servers
from wizard.demo.pki import Issued


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
        tls = SSL.Connection(context, connection)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error):
            tls.recv(4096)
            tls.sendall(servers.ok(b"ok"))
            tls.shutdown()

    with servers.serving(answer) as port:
        yield port

"""The TLS handshake, completed whatever the verification says, and what it showed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from OpenSSL import SSL, crypto

from wizard.model.certificate import Certificate
from wizard.model.probe import TlsFailure, TlsResult
from wizard.probe.channel import Edit, Secure, TooMuchError, ca_names
from wizard.probe.socket_io import SocketChannel
from wizard.probe.tls_context import Observed
from wizard.x509 import parse_der

MOST_BYTES = 1 << 20
"""Bytes of a backend's side of a handshake. OpenSSL itself allows 100 KiB of certificates."""
_RECORD_TYPES = range(20, 25)
"""RFC 8446, 5.1, and heartbeat (RFC 6520)."""
_SHOWN = 60
_LONGEST_NAME = 255
"""OpenSSL's longest server name (TLSEXT_MAXLEN_host_name); for a longer one httpd sends none."""


class NotTlsError(Exception):
    """The backend's first bytes are no TLS record; the text shows them."""


async def shake(
    wire: SocketChannel,
    context: SSL.Context,
    sni: str | None,
    timeout: float,
    strict: SSL.Context | None = None,
    edit: Edit | None = None,
) -> tuple[TlsResult, Secure | None]:
    """Make a handshake.

    Args:
        wire: connected.
        context: see ``wizard.probe.tls_context``.
        sni: server name to send; None for none.
        timeout: seconds for the whole of it.
        strict: the context after the ServerHello, which decides about certificates and
            signatures.
        edit: changes what is sent; None: nothing does.

    Returns:
        What was observed, and the channel if the handshake was completed. Its last bytes may still
        be in the channel (``Secure.flush``).
    """
    began = time.monotonic()
    observed = Observed(strict=strict)
    connection = open_connection(context, sni, observed)
    channel = Secure(wire, connection, edit)
    failure: TlsFailure | None = None
    error: str | None = None
    wire.allow(timeout)
    try:
        await _drive(connection, channel, first_only=False)
    except TimeoutError:
        failure, error = "timeout", f"the handshake was not done within {timeout:g} s"
    except (NotTlsError, TooMuchError, OSError, SSL.Error) as fault:
        failure, error = describe(fault, observed)
    result = _result(connection, observed, sni, time.monotonic() - began, failure, error)
    return result, channel if failure is None else None


async def first_certificate(
    wire: SocketChannel, context: SSL.Context, timeout: float, sni: str | None = None
) -> tuple[Certificate | None, str | None]:
    """The certificate that is shown to a client with an SNI, or without one; or why there is none.

    The handshake ends as soon as the certificate is there.
    """
    observed = Observed(first_only=True)
    connection = open_connection(context, sni, observed)
    error: str | None = None
    wire.allow(timeout)
    try:
        await _drive(connection, Secure(wire, connection), first_only=True)
    except TimeoutError:
        error = f"the handshake was not done within {timeout:g} s"
    except (NotTlsError, TooMuchError, OSError, SSL.Error) as fault:
        error = describe(fault, observed)[1]
    return observed.leaf, None if observed.leaf else error


def open_connection(context: SSL.Context, sni: str | None, observed: Observed) -> SSL.Connection:
    """A connection in memory, ready to begin its handshake."""
    connection = SSL.Connection(context, None)
    connection.set_app_data(observed)
    connection.set_connect_state()
    name = (sni or "").encode("utf-8", "surrogateescape")
    if 0 < len(name) <= _LONGEST_NAME and b"\0" not in name:
        connection.set_tlsext_host_name(name)
    return connection


async def _drive(connection: SSL.Connection, channel: Secure, *, first_only: bool) -> None:
    total, head = 0, b""
    while True:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            await channel.flush()
        except SSL.Error:
            if not first_only:
                await channel.flush()  # the alert that says why
            raise
        else:
            return  # the rest is sent with the request
        data = await channel.feed()
        if not data:
            raise ConnectionAbortedError("the backend closed the connection")
        total += len(data)
        if total > MOST_BYTES:
            raise TooMuchError(f"the backend sent more than {MOST_BYTES >> 20} MiB")
        if len(head) < 3:
            head += data[:_SHOWN]
            if head[0] not in _RECORD_TYPES or (len(head) > 1 and head[1] != 3):
                raise NotTlsError(head[:_SHOWN].decode("latin-1"))


def describe(fault: Exception, observed: Observed) -> tuple[TlsFailure, str]:
    """What kind of failure an exception is, and a sentence about it."""
    if isinstance(fault, NotTlsError):
        return "not-tls", f"the backend answers {str(fault)!r}, which is no TLS"
    if isinstance(fault, TooMuchError):
        return "too-much", str(fault)
    if isinstance(fault, SSL.SysCallError | ConnectionAbortedError):
        return "closed", "the backend closed the connection in mid-handshake"
    if isinstance(fault, OSError):
        reset = isinstance(fault, ConnectionResetError | BrokenPipeError)
        return ("reset" if reset else "closed"), fault.strerror or str(fault)
    words = reasons(fault)
    if observed.alert is not None:
        return "alert", words or f"alert {observed.alert}"
    return "protocol", words or "OpenSSL refused what the backend sent"


def reasons(fault: Exception) -> str:
    """OpenSSL's reasons, the first error first."""
    queue = fault.args[0] if fault.args and isinstance(fault.args[0], list) else []
    return "; ".join(dict.fromkeys(str(entry[2]) for entry in queue if entry[2]))


def _result(
    connection: SSL.Connection,
    observed: Observed,
    sni: str | None,
    seconds: float,
    failure: TlsFailure | None,
    error: str | None,
) -> TlsResult:
    done = failure is None
    return TlsResult(
        completed=done,
        seconds=seconds,
        sni=sni,
        version=connection.get_protocol_version_name() if done else None,
        cipher=connection.get_cipher_name() if done else None,
        group=_group(connection) if done else None,
        alpn=connection.get_alpn_proto_negotiated().decode("latin-1") or None if done else None,
        chain=_certificates(connection.get_peer_cert_chain()),
        verified_chain=_certificates(connection.get_verified_chain() if done else None),
        events=tuple(observed.events),
        client_certificate_requested=observed.client_certificate_requested,
        client_ca_names=ca_names(connection),
        failure=failure,
        alert=observed.alert,
        error=error,
    )


def _group(connection: SSL.Connection) -> str | None:
    """pyOpenSSL's own method asks for less than its binding can (SSL_get0_group_name(3))."""
    library = SSL._lib  # type: ignore[attr-defined] # private, hence without types
    strings = SSL._ffi  # type: ignore[attr-defined] # private, hence without types
    name = library.SSL_get0_group_name(connection._ssl)
    return None if name == strings.NULL else strings.string(name).decode()


def _certificates(shown: Sequence[crypto.X509] | None) -> tuple[Certificate, ...]:
    return tuple(
        parse_der(crypto.dump_certificate(crypto.FILETYPE_ASN1, one)) for one in shown or ()
    )

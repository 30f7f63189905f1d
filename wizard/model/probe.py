"""The backend as observed; no opinion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from wizard.model.answer_rules import AnswerRules
from wizard.model.certificate import Certificate
from wizard.record import record
from wizard.reference.release import NEWEST, Release

if TYPE_CHECKING:
    from wizard.model.config import Route

_REMOTE_PORTS = {"http": 80, "https": 443}
"""For a forward proxy's URL without port; other schemes get 0, where nothing listens."""
DnsFailure = Literal["not-found", "temporary", "timeout", "other"]
TcpFailure = Literal["refused", "timeout", "unreachable", "reset", "not-permitted", "other"]
TlsFailure = Literal[
    "alert", "not-tls", "closed", "reset", "timeout", "protocol", "local", "too-much"
]
"""``alert``: the backend sent one (``TlsResult.alert``); ``not-tls``: its bytes are no TLS record;
``closed``/``reset``: it hung up during the handshake; ``protocol``: it answered TLS that this side
refuses; ``local``: this side could not begin (no protocol, no cipher, unreadable file);
``too-much``: it sent more than the limits allow."""
LackKind = Literal["level", "group", "signature", "cipher"]
HttpFailure = Literal[
    "timeout", "closed", "reset", "stream", "not-http", "invalid", "alert", "too-much", "other"
]
"""``invalid``: an HTTP/1 answer that httpd does not pass on (``HttpResult.fault``)."""
AnswerFaultKind = Literal[
    "no-status-line",
    "status-line",
    "no-colon",
    "nul",
    "line-too-long",
    "upgrade",
    "interim",
    "empty-name",
    "name",
    "value",
    "content-length",
    "chunk",
    "status-word",
]
Framing = Literal["plain", "chunked", "length", "unknown"]
"""How GET's body is sent, where that can make its status unlike HEAD's. ``length``: as HTTP/2's
content-length says; ``unknown``: a Transfer-Encoding that httpd passes over, but for HEAD."""


@record
class OwnCertificate:
    """A client certificate that httpd can present.

    Args:
        file: PEM file that holds it and its key.
        sha256: of it, hexadecimal.
        issuers: names (RFC 4514) of the authorities above it, as far as httpd knows them.
    """

    file: str
    sha256: str
    issuers: tuple[str, ...]


@record
class ProbeRequest:
    """How to connect: exactly what httpd would do for a route. Hashable: equal requests are
    probed once.

    Args:
        host: name or IP address to resolve and connect to.
        port: TCP port.
        tls: whether to speak TLS.
        sni: server name to send, None for none.
        host_header: Host header of the HTTP request.
        path: path and query of the HTTP request.
        timeout: seconds per stage.
        socket: unix domain socket to connect to instead.
        user, group: whom httpd's children run as, and who so may be kept from that socket; None:
            not known.
        alpn: ALPN protocols to offer (httpd offers one only for h2://). With ``h2``, also without
            TLS (h2c://), the request is made in HTTP/2.
        protocols: TLS versions allowed (``TLSv1.2`` …); None: the library's.
        cipher_suite: OpenSSL cipher list for TLS up to 1.2; None: httpd's default.
        cipher_suite_tls13: TLS 1.3 ciphersuites; None: the library's.
        ca_file, ca_path: trust for SSL_CTX_load_verify_locations; None for none.
        crl_file, crl_path, crl_check: revocation, ``crl_check`` as SSLProxyCARevocationCheck says.
        own_certificates: those that httpd can present when asked, in its order.
        client_chain: certificates (DER) beside them that have no key there: mod_ssl adds them to
            the store that it verifies with and builds its own chain from.
        client_chain_file: PEM file whose certificates it adds as well; None for none.
        upgrade: send a WebSocket upgrade instead of HEAD (wss://, ws://).
        forward_proxy: URL of the ProxyRemote to go through.
        proxy_login: Proxy-Authorization header for it: a secret, never shown.
        http: whether to send an HTTP request.
        release: of httpd: what is offered and accepted depends on it.
        libssl: path of the library that httpd's mod_ssl loads, whose defaults hold; None: the
            system's.
        answers: how httpd reads the answer.
        openssl_conf: OPENSSL_CONF of httpd's service, ``""`` if it has none; None: not known.
        headers: further header fields that httpd sends, in its order (X-Forwarded-Host …).
        cookies: Cookie header; None for none: a secret, never shown.
    """

    host: str
    port: int
    tls: bool
    sni: str | None = None
    host_header: str = ""
    path: str = "/"
    timeout: float = 10.0
    socket: str | None = None
    user: str | None = None
    group: str | None = None
    alpn: tuple[str, ...] = ()
    protocols: tuple[str, ...] | None = None
    cipher_suite: str | None = None
    cipher_suite_tls13: str | None = None
    ca_file: str | None = None
    ca_path: str | None = None
    crl_file: str | None = None
    crl_path: str | None = None
    crl_check: str = "none"
    own_certificates: tuple[OwnCertificate, ...] = ()
    client_chain: tuple[bytes, ...] = field(default=(), repr=False)
    client_chain_file: str | None = None
    upgrade: bool = False
    forward_proxy: str | None = None
    proxy_login: str | None = field(default=None, repr=False)
    http: bool = True
    release: Release = NEWEST
    libssl: str | None = None
    answers: AnswerRules = AnswerRules()
    openssl_conf: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cookies: str | None = field(default=None, repr=False)

    def presented(self, names: Sequence[str]) -> OwnCertificate | None:
        """The certificate that httpd presents (ssl_engine_kernel.c, ssl_callback_proxy_cert).

        Args:
            names: of the authorities that the backend asks for, in its order; none: any will do.

        Returns:
            The first that leads to the first name that one leads to; None: none leads to any.
        """
        if not names:
            return next(iter(self.own_certificates), None)
        fitting = (own for name in names for own in self.own_certificates if name in own.issuers)
        return next(fitting, None)

    @property
    def peer(self) -> tuple[str, int]:
        """Host and port to connect to: the forward proxy's, else the backend's.

        httpd splits a forward proxy's URL at the first colon of its rest (mod_proxy.c, add_proxy):
        without a port, a final slash belongs to the name, which then does not exist.
        """
        if self.forward_proxy is None:
            return self.host, self.port
        scheme, _, rest = self.forward_proxy.partition("://")
        host, colon, port = rest.partition(":")
        if not colon:
            return host, _REMOTE_PORTS.get(scheme.lower(), 0)
        digits = re.match(r"[0-9]*", port)
        return host, int(digits[0]) if digits and digits[0] else 0


def peer(route: Route) -> tuple[str, int] | None:
    """Host and port that httpd connects to for a route; None: a unix socket, or they are not known.

    Args:
        route: the route.
    """
    backend, proxy = route.backend, route.proxy_remote.value
    asked = ProbeRequest(backend.host, backend.port, tls=False, forward_proxy=proxy)
    return asked.peer if backend.socket is None and all(asked.peer) else None


@record
class DnsResult:
    """What the system's resolver said. Empty ``addresses``: see ``failure``."""

    addresses: tuple[str, ...]
    seconds: float
    failure: DnsFailure | None = None
    error: str | None = None
    assumed: bool = False
    """The resolver was not asked: the operator said where the name leads."""


@record
class TcpAttempt:
    """One address tried."""

    address: str
    seconds: float
    failure: TcpFailure | None = None
    error: str | None = None
    errno: int | None = None


@record
class TcpResult:
    """The connection: ``address`` is the one that answered, None if none did."""

    address: str | None
    port: int
    seconds: float
    attempts: tuple[TcpAttempt, ...] = ()
    failure: TcpFailure | None = None
    """Of the last attempt, when none answered."""
    error: str | None = None


@record
class VerifyEvent:
    """One call of OpenSSL's verify callback, in order; they decide mod_ssl's verdict.

    Args:
        ok: OpenSSL's own verdict (``preverify_ok``).
        code: X509_V_ERR_*, 0 when ok.
        depth: position of the certificate, 0 the leaf.
        subject: of the certificate concerned.
        sha256: of the certificate concerned.
    """

    ok: bool
    code: int
    depth: int
    subject: str = ""
    sha256: str = ""


@record
class Lack:
    """What httpd would have to offer for a backend to go on that ends the handshake at once.

    Args:
        kind: a lower security ``level`` than the configured one, another ``group`` for key exchange
            or of the certificate's key, another ``signature`` algorithm, another ``cipher``.
        version: of TLS, that was then agreed.
        groups: those used then that httpd does not offer, as OpenSSL calls them; empty: not known.
        cipher: agreed then; empty: none was.
        key: of the backend's certificate, as ``Certificate.key``; empty: not seen.
    """

    kind: LackKind
    version: str = ""
    groups: tuple[str, ...] = ()
    cipher: str = ""
    key: str = ""


@record
class TlsResult:
    """The handshake, completed whatever the verification said."""

    completed: bool
    seconds: float
    sni: str | None = None
    version: str | None = None
    """``TLSv1.3`` …"""
    cipher: str | None = None
    group: str | None = None
    """Of the key exchange, as OpenSSL calls it; None: there was none, or it is not known."""
    alpn: str | None = None
    chain: tuple[Certificate, ...] = ()
    """As the backend presented it, the leaf first."""
    verified_chain: tuple[Certificate, ...] = ()
    """As OpenSSL built it with the policy's trust, the leaf first."""
    events: tuple[VerifyEvent, ...] = ()
    client_certificate_requested: bool = False
    client_certificate_requested_later: bool = False
    """Not in the handshake, but once the backend had the request (TLS 1.2: renegotiation; 1.3:
    RFC 8446, 4.6.2): only some paths of it want one."""
    client_ca_names: tuple[str, ...] = ()
    client_certificate_refused: str = ""
    """Why httpd's own OpenSSL does not let it present the certificate that was asked for: its
    key or signature is too weak for the security level (SSL_CTX_set_security_level(3))."""
    unlike: str = ""
    """Why httpd's handshake can end otherwise than this one, a sentence."""
    lack: Lack | None = None
    """What would have to be offered for a handshake that the backend ends at once; None: it does
    not, or nothing that was tried helps."""
    failure: TlsFailure | None = None
    alert: int | None = None
    """TLS alert number received (RFC 8446, 6.2)."""
    error: str | None = None
    without_sni: Certificate | None = None
    """The certificate for a client that sends no SNI; None: not tried, or none shown."""
    without_sni_error: str | None = None
    by_url_name: Certificate | None = None
    """The certificate for a client that asks for the name in the URL, where the handshake for
    another name (ProxyPreserveHost) failed before any was shown; None: not tried, or none shown."""

    @property
    def leaf(self) -> Certificate | None:
        """The backend's own certificate."""
        return self.chain[0] if self.chain else None


@record
class AnswerFault:
    """Why httpd does not pass an answer on.

    Args:
        kind: what is wrong.
        line: the line concerned, as Latin-1, cut; empty where it is none in particular.
    """

    kind: AnswerFaultKind
    line: str


MOST_FIELDS = 500
"""Header fields of an answer that are kept."""


@record
class HttpResult:
    """The backend's answer to one request."""

    method: str
    status: int | None
    seconds: float
    reason: str = ""
    server: str | None = None
    location: str | None = None
    failure: HttpFailure | None = None
    alert: int | None = None
    """A TLS 1.3 backend that wants a client certificate says so only here."""
    error: str | None = None
    close_notify: bool = False
    """Whether the backend sent close_notify when it closed (RFC 8446, 6.1)."""
    keep_alive: float | None = None
    """Seconds after which the backend closes an idle connection, as its Keep-Alive header says."""
    first: str = ""
    """The first bytes of an answer that is no HTTP/1.x or was cut off, as Latin-1. If its first
    line is complete, httpd treats it as HTTP/0.9 (200), else it logs AH01102 (502)."""
    fault: AnswerFault | None = None
    """With the failure ``invalid``."""
    framing: Framing = "plain"
    codes: tuple[str, ...] = ()
    """What httpd logs of header lines that it passes over, or takes for the body."""
    wait: float | None = None
    """The longest time in which no byte came: httpd's limit is for each read. None: not known."""
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The header fields that httpd passes on, in order, as Latin-1; at most ``MOST_FIELDS``. The
    values of cookies among them are secrets, never shown."""

    @property
    def cookies(self) -> tuple[str, ...]:
        """The values of Set-Cookie: secrets, never shown."""
        return tuple(value for name, value in self.fields if name.lower() == "set-cookie")

    @property
    def longest_wait(self) -> float:
        """What httpd compares with its time-out."""
        return self.seconds if self.wait is None else self.wait

    @property
    def of_other_protocol(self) -> bool:
        """Whether it is what a port gives that expects TLS, or another version of HTTP."""
        return self.failure in ("closed", "reset", "not-http", "alert") or self.status == 400


@record
class ProbeReport:
    """All that was observed of one backend. A stage that was not reached is None."""

    request: ProbeRequest
    started: datetime
    dns: DnsResult | None = None
    tcp: TcpResult | None = None
    tls: TlsResult | None = None
    http: HttpResult | None = None
    error: str | None = None
    """Why the probe itself could not run; a fault of the backend is not an error of the probe."""
    notes: tuple[str, ...] = ()
    """What was done or assumed that the results do not say, each one phrase."""
    speaks_tls: bool | None = None
    """Whether a port without a good answer to plain HTTP speaks TLS; None: not tried."""
    speaks_http: bool | None = None
    """Whether a port that does not do what the URL says answers HTTP/1 without TLS; None: not
    tried."""
    speaks_h2c: bool | None = None
    """Whether it answers HTTP/2 without TLS (prior knowledge: RFC 9113, 3.3); None: not tried."""

"""One imagined request to a route, and what httpd logs about it."""

from __future__ import annotations

from functools import cached_property

from wizard.model.diagnosis import Case, LogLine, OpenSSLError, Stage, Verdict
from wizard.model.host_names import bracketed
from wizard.reference import behaviours
from wizard.reference.behaviours import Behaviour
from wizard.verdict import library_errors as library
from wizard.verdict import log_lines

_CERTIFICATE_REQUIRED = 116
"""RFC 8446, 6.2: also the answer to a missing certificate after the handshake (4.6.2)."""
_OWN_NAMES = frozenset({"http", "https", "ws", "wss", "uwsgi"})


class Exchange:
    """A request, the backend it goes to, and the words with which httpd logs it.

    Args:
        case: the route with what was read and observed.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.route = case.route
        self.backend = case.route.backend
        self.probe = case.probe

    def holds(self, behaviour: Behaviour) -> bool:
        """Whether this httpd, or its OpenSSL, has a behaviour."""
        return behaviours.holds(behaviour, self.case.httpd.release)

    def line(self, code: str, **values: object) -> LogLine:
        """A line of httpd's log, shown or not as the route's LogLevel says."""
        return log_lines.write(self.route.log_levels, code, **values)

    def library(self, failure: str, alert: int | None = None) -> tuple[LogLine, ...]:
        """The line for an error of OpenSSL's library.

        Args:
            failure: see ``wizard.verdict.library_errors.error``; some have no words.
            alert: number of the alert that was received.
        """
        old = self.holds("openssl-1-words")
        if failure == "alert":
            text: str | None = library.alert(
                40 if alert is None else alert, old=old, ssl_tls=self.holds("alerts-of-ssl-and-tls")
            )
        else:
            text = library.error(failure, old=old)
        return () if text is None else (log_lines.library(self.route.log_levels, text),)

    @property
    def http2(self) -> bool:
        """Whether mod_proxy_http2 handles the request: it logs less and answers 503."""
        return self.backend.scheme in ("h2", "h2c")

    @property
    def tunnelled(self) -> bool:
        """Whether mod_proxy_wstunnel alone handles the request, an upgrade: it logs less, and a
        failure after the connection may leave the client without a status."""
        return self.backend.uses_websocket and self.holds("websocket-tunnel-only")

    @property
    def tries(self) -> int:
        """How often mod_proxy_http2 tries when something fails after the connection."""
        return 5 if self.holds("http2-tries-five-times") else 2

    @property
    def function(self) -> str:
        """The name that a proxy module gives itself in the log."""
        scheme = self.backend.scheme
        return scheme if scheme in _OWN_NAMES else scheme.upper()

    @property
    def patience(self) -> float:
        """Seconds that httpd waits for bytes of the backend."""
        return self.route.patience

    @property
    def given_up(self) -> str:
        """How long httpd waits for the backend, and the probe if that was shorter, in words."""
        waits = f"httpd gives up after {self.patience:g} s"
        tried = self.probe.request.timeout if self.probe is not None else self.patience
        return waits if tried >= self.patience else f"{waits}; this probe waited {tried:g} s"

    @cached_property
    def server(self) -> str:
        """``ssl_util_vhostid``: ServerName and port."""
        vhost = self.route.vhost
        name = (vhost.server_name or "").rpartition("://")[2]
        if ":" in name:
            return name
        return f"{name}:{443 if vhost.front_tls.value else 80}"

    @cached_property
    def peer(self) -> tuple[str, int]:
        """Host and port that httpd connects to: the backend, or the forward proxy before it."""
        if self.probe is not None and self.probe.request.forward_proxy is not None:
            return self.probe.request.peer
        return self.backend.host, self.backend.port

    @property
    def through_forward_proxy(self) -> bool:
        """Whether the probe went to a forward proxy, as httpd would."""
        return self.probe is not None and self.probe.request.forward_proxy is not None

    @property
    def forward_proxy_answers(self) -> bool:
        """Whether answers come from a forward proxy: over TLS they come through its tunnel."""
        return self.through_forward_proxy and not self.backend.uses_tls

    @cached_property
    def address(self) -> str:
        """``ADDRESS:PORT`` as httpd logs it; with the name if no address is known."""
        host, port = self.peer
        tcp = self.probe.tcp if self.probe is not None else None
        if tcp is not None:
            tried = tcp.address or (tcp.attempts[-1].address if tcp.attempts else "")
            host = tried or host
        return f"{bracketed(host)}:{port}"

    def fail(
        self,
        stage: Stage,
        status: int | None,
        reason: str,
        *log: LogLine,
        openssl: OpenSSLError | None = None,
    ) -> Verdict:
        """The verdict of a request that fails."""
        return Verdict("fail", stage, status, log=log, openssl=openssl, reason=reason)

    def not_resolved(self, reason: str, name: str) -> Verdict:
        """The verdict where a name has no address."""
        status = 502 if self.holds("dns-failure-is-502") else 500
        return self.fail(
            "dns",
            503 if self.http2 else status,
            reason,
            self.line(
                "AH00898", message=f"DNS lookup failure for: {name}", path=self.route.request_path
            ),
        )

    @property
    def established(self) -> LogLine:
        """mod_ssl's line when it begins to handle the connection to the backend."""
        return self.line("AH01964", server=self.server)

    @property
    def client_certificate_missing(self) -> tuple[LogLine, ...]:
        """What mod_ssl logs when the backend asks for a certificate that httpd does not have."""
        tls = self.probe.tls if self.probe is not None else None
        http = self.probe.http if self.probe is not None else None
        asked = tls is not None and (
            tls.client_certificate_requested or tls.client_certificate_requested_later
        )
        asked = asked or (http is not None and http.alert == _CERTIFICATE_REQUIRED)
        if not asked or self.case.trust.client_certificate.state == "ok":
            return ()
        return (self.line("AH02268", server=self.server),)

    def handshake_failed(
        self,
        stage: Stage,
        reason: str,
        *causes: LogLine,
        openssl: OpenSSLError | None = None,
        stood: bool = False,
    ) -> Verdict:
        """The verdict when mod_ssl gives up the connection.

        Args:
            stage: where.
            reason: one sentence.
            causes: the lines that say why, from AH02268 or the first error on.
            openssl: the certificate's verification error.
            stood: whether a check after the handshake failed.
        """
        old = self.holds("handshake-failure-is-502")
        attempt = (
            self.established,
            *causes,
            self.line("AH01998", server=self.server),
            *(() if old and stood else (self.line("AH01997"),)),
        )
        if self.http2:  # mod_proxy_http2 logs nothing of it above debug
            return self.fail(stage, 503, reason, *attempt * self.tries, openssl=openssl)
        if old and not stood and self.tunnelled:
            return self.fail(stage, None, reason, *attempt, openssl=openssl)
        if (
            old and not stood
        ):  # mod_proxy_http reads from a connection that was not marked as failed
            return self.fail(stage, 502, reason, *attempt, *self.nothing_read, openssl=openssl)
        host = self.peer[0]
        return self.fail(
            stage,
            500,
            reason,
            *attempt,
            self.line("AH01084", address=self.address, host=host),
            self.line(
                "AH00898",
                message="Error during SSL Handshake with remote server",
                path=self.route.request_path,
            ),
            *(() if self.tunnelled else (self.line("AH01097", address=self.address, host=host),)),
            openssl=openssl,
        )

    @property
    def nothing_read(self) -> tuple[LogLine, ...]:
        """What mod_proxy_http logs when it gets no answer."""
        host, port = self.peer
        return (
            self.line("AH01102", host=host, port=port),
            self.line(
                "AH00898", message="Error reading from remote server", path=self.route.request_path
            ),
        )

"""What the configuration says: virtual hosts, proxied routes and the TLS policy of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Generic, Literal, TypeVar

from wizard.model.answer_rules import AnswerRules
from wizard.model.barrier import Barrier
from wizard.model.httpd_info import HttpdInfo
from wizard.model.idle import Idle
from wizard.model.own_path import OwnPath
from wizard.model.route_id import RouteId
from wizard.model.way_back import NOTHING, RequestHeader, WayBack
from wizard.record import record
from wizard.reference.schemes import OVER_TLS

T_co = TypeVar("T_co", covariant=True)

LayoutKind = Literal["debian", "rhel", "upstream", "file"]
VerifyMode = Literal["none", "optional", "optional_no_ca", "require"]
ProblemPhase = Literal["warning", "config", "start", "reload"]


@record
class Source:
    """Where a directive stands.

    Args:
        file: path as httpd reports it (the link's own), decoded with ``surrogateescape``.
        line: the last physical line of the directive, from 1, as httpd counts.
        via: the chain of Includes and Uses that led there, outermost first, each ``FILE:LINE``.
    """

    file: str
    line: int
    via: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@record
class Setting(Generic[T_co]):
    """A value in force and where it was set; ``source`` None means httpd's default."""

    value: T_co
    source: Source | None = None

    @property
    def is_default(self) -> bool:
        """Whether no directive set the value."""
        return self.source is None

    @property
    def origin(self) -> str:
        """``FILE:LINE``, or ``default``."""
        return "default" if self.source is None else str(self.source)


@record
class TlsPolicy:
    """The SSLProxy* settings in force for one route, merged as mod_ssl merges them.

    Paths are absolute. ``protocol`` and the cipher lists are the directive's arguments as
    written; ``None`` means httpd's default. ``check_peer_name`` and ``check_peer_cn`` are True by
    default; it matters whether one was written (``is_default``): see ``checks_name`` and
    ``checks_cn_only`` (mod_ssl's ssl_engine_io.c, ssl_io_filter_handshake).
    """

    engine: Setting[bool] = Setting(False)
    verify: Setting[VerifyMode] = Setting("none")
    verify_depth: Setting[int] = Setting(1)
    ca_certificate_file: Setting[str | None] = Setting(None)
    ca_certificate_path: Setting[str | None] = Setting(None)
    ca_revocation_file: Setting[str | None] = Setting(None)
    ca_revocation_path: Setting[str | None] = Setting(None)
    ca_revocation_check: Setting[str] = Setting("none")
    check_peer_name: Setting[bool] = Setting(True)
    check_peer_cn: Setting[bool] = Setting(True)
    check_peer_expire: Setting[bool] = Setting(True)
    protocol: Setting[str | None] = Setting(None)
    cipher_suite: Setting[str | None] = Setting(None)
    cipher_suite_tls13: Setting[str | None] = Setting(None)
    machine_certificate_file: Setting[str | None] = Setting(None)
    machine_certificate_path: Setting[str | None] = Setting(None)
    machine_certificate_chain_file: Setting[str | None] = Setting(None)

    @property
    def checks_name(self) -> bool:
        """Whether httpd compares the certificate's names (SAN and CN): failure is AH02411."""
        if not self.check_peer_name.is_default:
            return self.check_peer_name.value
        return self.check_peer_cn.value

    @property
    def checks_revocation(self) -> bool:
        """Whether httpd checks CRLs (``SSLProxyCARevocationCheck``)."""
        return self.ca_revocation_check.value.split()[:1] not in ([], ["none"])

    @property
    def checks_cn_only(self) -> bool:
        """Whether httpd compares the CN alone: failure is AH02005."""
        return (
            not self.check_peer_name.is_default
            and not self.check_peer_name.value
            and not self.check_peer_cn.is_default
            and self.check_peer_cn.value
        )


@record
class LogLevels:
    """LogLevel in force: the general level and the levels set for single modules."""

    default: Setting[str] = Setting("warn")
    modules: Mapping[str, Setting[str]] = field(default_factory=dict)
    """Module identifier without ``_module`` (``ssl``, ``proxy``) to its level."""

    def of(self, module: str) -> Setting[str]:
        """The level of a module (``ssl``, ``proxy``, ``proxy_http`` …)."""
        return self.modules.get(module, self.default)


@record
class VirtualHost:
    """A ``<VirtualHost>``, or the main server (``addresses`` empty)."""

    server_name: str | None
    aliases: tuple[str, ...]
    addresses: tuple[str, ...]
    source: Source
    end_line: int
    """Last line of the section in ``source.file``; 0 for the main server."""
    log_levels: LogLevels = LogLevels()
    certificate_file: Setting[str | None] = Setting(None)
    front_tls: Setting[bool] = Setting(False)
    """SSLEngine: whether httpd speaks TLS to the browser here."""
    never_served: str | None = None
    """Why no request reaches this virtual host, if so."""
    error_log: Setting[str | None] = Setting(None)
    """ErrorLog, as written here; None: it has none of its own."""
    ocsp: Setting[str | None] = Setting(None)
    """SSLOCSPEnable: ``on``, ``leaf``, ``off``, with what follows it; None: not written."""
    own_paths: tuple[OwnPath, ...] = ()
    """The paths of which it, then the main server, says something that is no route."""
    document_root: Setting[str | None] = Setting(None)
    """DocumentRoot, an absolute path; None: not written."""
    encoded_slashes: Setting[bool] = Setting(False)
    """AllowEncodedSlashes of its own: httpd answers 404 to ``%2F`` without. It is not inherited."""
    encoded_slashes_meant: Source | None = None
    """The main server's line, where this virtual host has none."""

    @property
    def is_main(self) -> bool:
        """Whether this is the main server."""
        return not self.addresses and not self.end_line


@record
class Worker:
    """Parameters of the worker that httpd picks for the backend URL.

    Times are seconds; ``None`` where httpd's default (ProxyTimeout, Timeout) counts.
    """

    url: str | None = None
    timeout: Setting[float | None] = Setting(None)
    connection_timeout: Setting[float | None] = Setting(None)
    parameters: Mapping[str, Setting[str]] = field(default_factory=dict)
    """Every key=value that counts, keys in lower case (retry, status, ping, upgrade …)."""
    of_main: bool = False
    """It is the main server's, and its connections are those of every virtual host."""

    @property
    def keeps_connections(self) -> bool:
        """Whether it keeps its connections for further requests (``enablereuse``)."""
        if self.url is None:  # the default worker
            return False
        reuse, no_reuse = self.parameters.get("enablereuse"), self.parameters.get("disablereuse")
        if no_reuse is not None:
            return no_reuse.value.lower() != "on"
        if reuse is not None:
            return reuse.value.lower() == "on"
        return "$" not in self.url


@record
class Backend:
    """The server behind a route, and the names with which httpd asks it."""

    url: str
    """As configured, after ``${}`` expansion."""
    scheme: str
    """In lower case: https, http, wss, ws, h2, h2c, ajp, fcgi …"""
    host: str
    """In lower case, IPv6 without brackets; empty when it is not known (``unknown`` says why)."""
    port: int
    path: str
    """Path part of the URL, as httpd prepends it."""
    sni: str | None
    """The SNI httpd sends; None: it sends none (IP address, or no TLS)."""
    check_name: str
    """The name httpd compares the certificate with."""
    host_header: str
    """The Host header httpd sends."""
    socket: str | None = None
    """Path of a unix domain socket that is connected to instead of host:port."""

    @property
    def uses_tls(self) -> bool:
        """Whether httpd speaks TLS to it."""
        return self.scheme in OVER_TLS

    @property
    def uses_websocket(self) -> bool:
        """Whether httpd asks it for an upgrade to WebSocket."""
        return self.scheme in ("ws", "wss")


LONGEST_EXCEPTION = timedelta(days=90)
"""How far ahead the last day of a temporary exception may lie."""


@record
class TemporaryException:
    """A comment that says until when a check may stay disabled, as ``wizard.fix`` writes it.

    Args:
        until: last day of the exception, compared with the UTC date.
        slug: of its finding.
        settings: the directives that it covers, as written (``SSLProxyVerify none``).
        source: where the comment stands.
    """

    until: date
    slug: str
    settings: tuple[str, ...]
    source: Source


NO_LOGIN: Setting[str | None] = Setting(None)


@record
class Route:
    """One proxied route: what a request to ``path`` of ``vhost`` is sent to, and how.

    A balancer gives one route per member.
    """

    id: RouteId
    vhost: VirtualHost
    path: str
    """As written: a prefix, or a regular expression for ProxyPassMatch and RewriteRule."""
    kind: str
    """ProxyPass, ProxyPassMatch, RewriteRule, BalancerMember, ``ProxyPass in Location`` …"""
    source: Source
    backend: Backend
    tls: TlsPolicy = TlsPolicy()
    preserve_host: Setting[bool] = Setting(False)
    proxy_timeout: Setting[float] = Setting(60.0)
    """Seconds httpd waits for the backend (ProxyTimeout, else Timeout)."""
    worker: Worker = Worker()
    balancer: str | None = None
    """Name of the balancer that this backend is a member of."""
    balanced_by: Source | None = None
    """The directive that sends requests to this balancer; ``source`` is that of the member."""
    log_levels: LogLevels = LogLevels()
    request_path: str = "/"
    """Path of the client's request that is imagined for this route."""
    request_url: str = ""
    """The URL httpd makes of it for the backend, as text, before parsing."""
    client_host: str = ""
    """Host header of the imagined client."""
    proxy_remote: Setting[str | None] = Setting(None)
    """The forward proxy that httpd goes through, if any."""
    shadowed_by: Source | None = None
    """The directive that takes every request of this route, if any."""
    superfluous: bool = False
    """That directive sends them to the same backend, and this one has no parameters."""
    unknown: str | None = None
    """Why the configuration alone does not say which backend it is (``$1`` in the host …)."""
    policy_section: Source | None = None
    """The ``<Proxy>`` section that the TLS settings were taken from, if any did."""
    policy_in_main_section: bool = False
    """That section stands in the main server: the virtual host's SSLProxy* are ignored."""
    idle: tuple[Idle, ...] = ()
    """TLS directives that look as if they counted for this route, and do not."""
    conditional: str | None = None
    """Which requests take this route, if not all (RewriteCond, ``<If>`` …)."""
    balancer_statuses: tuple[str, ...] = ()
    """``status=`` of every member of its balancer, itself included; empty where none is set."""
    balancer_parameters: Mapping[str, Setting[str]] = field(default_factory=dict)
    """Every key=value of its balancer, keys in lower case (failonstatus, failontimeout …)."""
    meant_balancer: str | None = None
    """Of a balancer without members, the one that has some and whose name is most like it."""
    exceptions: tuple[TemporaryException, ...] = ()
    """Temporary exceptions for settings in force here, from comments in the files."""
    proxy_login: Setting[str | None] = field(default=NO_LOGIN, repr=False)
    """Proxy-Authorization header that httpd sends to the forward proxy: a secret, never shown."""
    answers: AnswerRules = AnswerRules()
    barriers: tuple[Barrier, ...] = ()
    """What keeps requests from the backend, in the order in which httpd looks at it."""
    way_back: WayBack = NOTHING
    """What httpd changes of the backend's answer."""
    request_headers: tuple[RequestHeader, ...] = ()
    """What RequestHeader adds to this request or takes from it, but Host, in httpd's order."""
    adds_forwarded: bool = True
    """Whether the backend gets X-Forwarded-For, -Host and -Server (ProxyAddHeaders)."""

    @property
    def patience(self) -> float:
        """Seconds that httpd waits for bytes of the backend (timeout=, ProxyTimeout)."""
        own = self.worker.timeout.value
        return self.proxy_timeout.value if own is None else own


@record
class Problem:
    """Something wrong in the configuration itself.

    Args:
        file: file, as httpd reports it.
        line: line from 1; 0 when no line can be named.
        message: one sentence, httpd's own words first.
        phase: ``warning`` httpd goes on; ``config`` ``-t`` refuses it; ``start`` ``-t`` passes and
            start-up dies; ``reload`` a start may pass, the next reload ends the running server.
        code: httpd's AH code, if it logs one.
        slug: of its finding, if there is one.
        directive: the directive concerned, as written, with its arguments.
        hint: what is probably meant (nearest directive name, module to load, where it may stand).
        own_log: httpd dies of it and says why in the ErrorLog of the virtual host.
        modules: identifiers of the modules to load, if that is the cure.
        by_httpd: ``httpd -t`` was asked, and this is what it says or how it differs.
        per_request: it stands in a file that httpd reads per request (``.htaccess``).
        meant: the directive that a misspelt name means, which takes the arguments as written.
    """

    file: str
    line: int
    message: str
    phase: ProblemPhase = "config"
    code: str | None = None
    slug: str | None = None
    directive: str = ""
    hint: str = ""
    own_log: bool = False
    modules: tuple[str, ...] = ()
    by_httpd: bool = False
    per_request: bool = False
    meant: str = ""

    @property
    def place(self) -> str:
        """``FILE:LINE``; the file alone, where no line can be named."""
        return f"{self.file}:{self.line}" if self.line else self.file


@record
class SourceFile:
    """A file that was read, byte for byte: diffs are made against it."""

    path: str
    """As httpd names it."""
    real_path: str
    """With symbolic links resolved: the file that an edit changes."""
    data: bytes
    included_by: tuple[str, ...] = ()
    """``FILE:LINE`` of each place that reads it; with more than one, an edit affects them all."""


@record
class Configuration:
    """A configuration, read as httpd reads it."""

    root: str
    """The main file (or the lone virtual host file)."""
    server_root: str
    layout: LayoutKind
    httpd: HttpdInfo
    virtual_hosts: tuple[VirtualHost, ...]
    routes: tuple[Route, ...]
    problems: tuple[Problem, ...] = ()
    asked: Mapping[tuple[RouteId, str], Route] = field(default_factory=dict, repr=False)
    """Routes with other requests that were asked for, by route and path."""
    files: Mapping[str, SourceFile] = field(default_factory=dict)
    """Path as httpd names it to the file's bytes."""
    partial: bool = False
    """A lone virtual host file: the server level is unknown, httpd's defaults are assumed."""
    served: tuple[str, ...] = ()
    """Files and directories that URLs lead to (DocumentRoot, Alias …), absolute."""
    listed: tuple[tuple[str, str], ...] = ()
    """The directories in which Includes look, and the pattern for what they read there."""
    policies: tuple[TlsPolicy, ...] = ()
    """Every TLS policy that httpd initialises at start: each server's and ``<Proxy>`` section's."""
    running: bool = False
    """Whether a server is known to run with it, which problems of a reload or start would end."""

"""The lines that httpd writes to its error log when a proxied request fails.

Module, level and words of each code are httpd 2.4.71's (the format strings of its ``ap_log_*error``
calls); tests compare them with ``wizard.reference.ah_codes``. The prefixes that httpd adds itself
(time, pid, client, errno) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from wizard.model.config import LogLevels
from wizard.model.diagnosis import LogLine
from wizard.reference.ah_codes import shown_at

#: Code to module, level and words; ``{…}`` are replaced.
TEMPLATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "AH00526": ("core", "emerg", "Syntax error on line {line} of {file}: {message}"),
    "AH00016": ("core", "error", "Configuration Failed"),
    "AH00014": ("core", "error", "Configuration check failed"),
    "AH00015": ("core", "error", "Unable to open logs"),
    "AH00059": ("core", "emerg", "Remove it before continuing if it is corrupted."),
    "AH00020": ("core", "emerg", "Configuration Failed, exiting"),
    "AH02564": ("ssl", "emerg", "Failed to configure encrypted (?) private key"),
    "AH02312": ("ssl", "emerg", "Fatal error initialising mod_ssl, exiting."),
    "AH02311": (
        "ssl",
        "emerg",
        "Fatal error initialising mod_ssl, exiting. See the virtual host's ErrorLog for more "
        "information",
    ),
    "AH01896": (
        "ssl",
        "emerg",
        "Unable to determine list of acceptable CA certificates for client authentication",
    ),
    "AH00026": ("core", "info", "found %2f (encoded '/') in URI path ({path}), returning 404"),
    "AH01630": ("authz_core", "error", "client denied by server configuration: {target}"),
    "AH01797": ("access_compat", "error", "client denied by server configuration: {target}"),
    "AH01627": (
        "authz_core",
        "error",
        "AuthType configured with no corresponding authorization directives",
    ),
    "AH00025": ("core", "crit", "configuration error: couldn't check user: {path}"),
    "AH01144": (
        "proxy",
        "warn",
        "No protocol handler was valid for the URL {path} (scheme '{scheme}'). If you are using a "
        "DSO version of mod_proxy, make sure the proxy submodules are included in the "
        "configuration using LoadModule.",
    ),
    "AH01171": ("proxy_balancer", "error", "balancer://{name}: No workers in balancer"),
    "AH01170": ("proxy_balancer", "error", "balancer://{name}: All workers are in error state"),
    "AH01174": (
        "proxy_balancer",
        "error",
        "balancer://{name}: Forcing worker ({url}) into error state due to status code {status} "
        "matching 'failonstatus' balancer parameter",
    ),
    "AH02460": (
        "proxy_balancer",
        "error",
        "balancer://{name}: Forcing worker ({url}) into error state due to timeout and "
        "'failontimeout' parameter being set",
    ),
    "AH00940": ("proxy", "error", "{function}: disabled connection for ({host}:{port})"),
    "AH01083": ("proxy_http", "error", "error parsing URL {url}: Invalid host/port"),
    "AH02439": ("proxy_wstunnel", "error", "error parsing URL {url}: Invalid host/port"),
    "AH03350": ("proxy_http2", "error", "error parsing URL {url}: Invalid host/port"),
    "AH00867": ("proxy_ajp", "error", "error parsing URL {url}: Invalid host/port"),
    "AH01059": ("proxy_fcgi", "error", "error parsing URL {url}: Invalid host/port"),
    "AH00857": ("proxy_scgi", "error", "error parsing URL {url}: Invalid host/port"),
    "AH10097": ("proxy_uwsgi", "error", "error parsing URL {url}: Invalid host/port"),
    "AH00898": ("proxy", "error", "{message} returned by {path}"),
    "AH00957": (
        "proxy",
        "error",
        "{function}: attempt to connect to {address} ({host}:{port}) failed",
    ),
    "AH02454": (
        "proxy",
        "error",
        "{function}: attempt to connect to Unix domain socket {socket} ({host}:{port}) failed",
    ),
    "AH00950": (
        "proxy",
        "error",
        "send_http_connect: the remote proxy returned code is '{status}'",
    ),
    "AH00958": (
        "proxy",
        "error",
        "{function}: attempt to connect to {host}:{port} via http CONNECT through {address} "
        "({peer}) failed",
    ),
    "AH00959": (
        "proxy",
        "error",
        "ap_proxy_connect_backend disabling worker for ({host}:{port}) for {seconds}s",
    ),
    "AH01114": ("proxy_http", "error", "HTTP: failed to make connection to backend: {host}"),
    "AH02452": ("proxy_wstunnel", "error", "failed to make connection to backend: {host}"),
    "AH00896": ("proxy_ajp", "error", "failed to make connection to backend: {host}"),
    "AH01079": ("proxy_fcgi", "error", "failed to make connection to backend: {host}"),
    "AH00866": ("proxy_scgi", "error", "failed to make connection to backend: {host}:{port}"),
    "AH10101": ("proxy_uwsgi", "error", "failed to make connection to backend: {host}:{port}"),
    "AH01961": (
        "core",
        "error",
        "failed to enable ssl support [Hint: if using mod_ssl, see SSLProxyEngine]",
    ),
    "AH00961": (
        "proxy",
        "error",
        "{function}: failed to enable ssl support for {address} ({host})",
    ),
    "AH01964": ("ssl", "info", "Connection to child 0 established (server {server})"),
    "AH02038": (
        "ssl",
        "error",
        "cannot perform OCSP validation for cert if issuer has not been verified (optional_no_ca "
        "configured)",
    ),
    "AH02276": ("ssl", "info", "Certificate Verification: Error ({error}): {text}{subject}"),
    "AH02039": ("ssl", "error", "Certificate Verification: Error ({error}): {text}"),
    "AH02040": (
        "ssl",
        "error",
        "Certificate Verification: Certificate Chain too long (chain has {depth} certificates, "
        "but maximum allowed are only {allowed})",
    ),
    "AH02268": (
        "ssl",
        "warn",
        "Proxy client certificate callback: ({server}) downstream server wanted client "
        "certificate but none are configured",
    ),
    "AH02003": ("ssl", "info", "SSL Proxy connect failed"),
    "AH02004": ("ssl", "info", "SSL Proxy: Peer certificate is expired"),
    "AH02411": ("ssl", "info", "SSL Proxy: Peer certificate does not match for hostname {name}"),
    "AH02005": (
        "ssl",
        "info",
        "SSL Proxy: Peer certificate CN mismatch: Certificate CN: {cn} Requested hostname: {name}",
    ),
    "AH10273": (
        "ssl",
        "info",
        "SSL Proxy: Peer did not select any of our ALPN protocols [{protocols}].",
    ),
    "AH01998": (
        "ssl",
        "info",
        "Connection closed to child 0 with abortive shutdown (server {server})",
    ),
    "AH01997": ("ssl", "info", "SSL handshake failed: sending 502"),
    "AH01991": ("ssl", "info", "SSL input filter read failed."),
    "AH01992": ("ssl", "info", "SSL library error 1 reading data"),
    "AH01084": ("proxy", "error", "pass request body failed to {address} ({host})"),
    "AH01097": (
        "proxy_http",
        "error",
        "pass request body failed to {address} ({host}) from CLIENT ()",
    ),
    "AH10124": (
        "proxy_http",
        "warn",
        "header size is over the limit allowed by ResponseFieldSize ({size} bytes).",
    ),
    "AH01098": (
        "proxy_http",
        "warn",
        "Starting body due to bogus non-header in headers returned by {path} (GET)",
    ),
    "AH01099": ("proxy_http", "warn", "No HTTP headers returned by {path} (GET)"),
    "AH01100": ("proxy_http", "warn", "Ignoring bogus HTTP header returned by {path} (GET)"),
    "AH01110": ("proxy_http", "error", "error reading response"),
    "AH02428": ("http", "error", "Empty response header name, aborting request"),
    "AH02429": (
        "http",
        "error",
        "Response header name '{name}' contains invalid characters, aborting request",
    ),
    "AH02430": (
        "http",
        "error",
        "Response header '{name}' value of '{value}' contains invalid characters, aborting request",
    ),
    "AH10404": ("proxy_http", "warn", "Error reading headers from backend"),
    "AH01106": ("proxy_http", "warn", "bad HTTP/1.1 header returned by {path} (GET)"),
    "AH01102": (
        "proxy_http",
        "error",
        "error reading status line from remote server {host}:{port}",
    ),
}


def write(levels: LogLevels, code: str, **values: object) -> LogLine:
    """A line of httpd's log.

    Args:
        levels: LogLevel in force.
        code: key of ``TEMPLATES``.
        values: for the template's names; text from outside is not changed.
    """
    module, level, text = TEMPLATES[code]
    return LogLine(
        code,
        module,
        level,
        text.format(**values) if values else text,
        _shown(level, levels.of(module).value),
    )


def library(levels: LogLevels, text: str) -> LogLine:
    """mod_ssl's line for an error of OpenSSL's library: it has no AH code."""
    shown = _shown("info", levels.of("ssl").value)
    return LogLine(None, "ssl", "info", f"SSL Library Error: {text}", shown)


@lru_cache(maxsize=256)
def _shown(level: str, log_level: str) -> bool:
    return shown_at(level, log_level)

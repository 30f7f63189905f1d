"""The lines that httpd writes to its error log when a proxied request fails.

Module, level and words of each code are httpd 2.4.71's (the format strings of its ``ap_log_*error``
calls); tests hold them against ``wizard.logs.codes``. The prefixes that httpd adds itself (time,
pid, client, errno) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from wizard.logs.codes import shown_at
from wizard.model.config import LogLevels
from wizard.model.diagnosis import LogLine

#: Code to module, level and words; ``{…}`` are filled in.
TEMPLATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "AH00526": ("core", "emerg", "Syntax error on line {line} of {file}: {message}"),
    "AH00016": ("core", "error", "Configuration Failed"),
    "AH00020": ("core", "emerg", "Configuration Failed, exiting"),
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
    "AH01144": (
        "proxy",
        "warn",
        "No protocol handler was valid for the URL {path} (scheme '{scheme}'). If you are using a "
        "DSO version of mod_proxy, make sure the proxy submodules are included in the "
        "configuration using LoadModule.",
    ),
    "AH01171": ("proxy_balancer", "error", "balancer://{name}: No workers in balancer"),
    "AH01170": (
        "proxy_balancer",
        "error",
        "balancer://{name}: All workers are in error state",
    ),
    "AH00940": ("proxy", "error", "{function}: disabled connection for ({host}:{port})"),
    "AH01083": ("proxy_http", "error", "error parsing URL {url}: Invalid host/port"),
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
    "AH02411": (
        "ssl",
        "info",
        "SSL Proxy: Peer certificate does not match for hostname {name}",
    ),
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
    "AH10404": ("proxy_http", "warn", "Error reading headers from backend"),
    "AH01106": ("proxy_http", "warn", "bad HTTP/1.1 header returned by {path} (GET)"),
    "AH01102": (
        "proxy_http",
        "error",
        "error reading status line from remote server {host}:{port}",
    ),
}

#: What OpenSSL 3.0 calls the ways in which a handshake fails without an alert.
LIBRARY_ERRORS: Final[Mapping[str, str]] = {
    "verify": "error:0A000086:SSL routines::certificate verify failed",
    "not-tls": "error:0A00010B:SSL routines::wrong version number",
    "closed": "error:0A000126:SSL routines::unexpected eof while reading",
    "protocol": "error:0A000102:SSL routines::unsupported protocol",
}

#: Number of an alert (RFC 8446, 6.2) to the reason that OpenSSL 3.0 prints when it comes.
ALERTS: Final[Mapping[int, str]] = {
    10: "sslv3 alert unexpected message",
    20: "sslv3 alert bad record mac",
    22: "tlsv1 alert record overflow",
    40: "sslv3 alert handshake failure",
    41: "sslv3 alert no certificate",
    42: "sslv3 alert bad certificate",
    43: "sslv3 alert unsupported certificate",
    44: "sslv3 alert certificate revoked",
    45: "sslv3 alert certificate expired",
    46: "sslv3 alert certificate unknown",
    47: "sslv3 alert illegal parameter",
    48: "tlsv1 alert unknown ca",
    49: "tlsv1 alert access denied",
    50: "tlsv1 alert decode error",
    51: "tlsv1 alert decrypt error",
    70: "tlsv1 alert protocol version",
    71: "tlsv1 alert insufficient security",
    80: "tlsv1 alert internal error",
    86: "tlsv1 alert inappropriate fallback",
    90: "tlsv1 alert user cancelled",
    109: "tlsv13 alert missing extension",
    110: "tlsv1 unsupported extension",
    112: "tlsv1 unrecognized name",
    116: "tlsv13 alert certificate required",
    120: "tlsv1 alert no application protocol",
}


def alert_error(number: int) -> str:
    """OpenSSL 3.0's text for an alert that was received."""
    reason = ALERTS.get(number, f"reason({1000 + number})")
    return (
        f"error:{0x0A000000 + 1000 + number:08X}:SSL routines::{reason} (SSL alert number {number})"
    )


def write(levels: LogLevels, code: str, **values: object) -> LogLine:
    """A line of httpd's log.

    Args:
        levels: LogLevel in force.
        code: key of ``TEMPLATES``.
        values: what stands for the template's names; text from outside stays as it is.
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

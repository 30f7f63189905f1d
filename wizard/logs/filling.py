"""The catalogue's commands with what lines name instead of the examples.

What a log names is outside text, and the commands are there to be pasted: nothing but names,
addresses, ports and plain paths passes.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.logs.named import Named
from wizard.model.host_names import HIGHEST_PORT, bracketed, is_address
from wizard.model.remedy import Remedy
from wizard.reference.schemes import HANDLERS

_HOST_NAME: Final = re.compile(r"(?=[^.]*[a-z])[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_SAFE_PATH: Final = re.compile(r"(?:[A-Za-z]:)?/[A-Za-z0-9._/@+-]{1,300}")
_DIRECTIVE: Final = re.compile(r"SSL[A-Za-z]{1,60}")
_EXAMPLE: Final = re.compile(r"(?<![\w.-])backend\.internal(:8443)?(?![\w.:-])")
_EXAMPLE_PORT: Final = re.compile(r"(?<!\w:)(?<![\w.])8443(?!\w)")
_EXAMPLE_VHOST: Final = re.compile(r"(?<![\w.-])app\.example\.com(?![\w.:-])")
_EXAMPLE_ADDRESS: Final = re.compile(r"192\.0\.2\.1(:\d{1,5})?(?![\w.])")
_OTHER_EXAMPLE: Final = re.compile(r"backend\.internal:(?:8080|50051)(?!\w)")
"""What the same port may speak instead of TLS."""
_OTHER_NAME: Final = re.compile(r"(https://[a-z0-9.-]{1,253}(?<!backend\.internal)):8443(?!\w)")
"""A name that the same backend's certificate has, in an example."""
_SERVER_NAME: Final = re.compile(r"(?: \\\n   )? -(?:servername|verify_hostname) backend\.internal")
_CHECKED_NAME: Final = re.compile(r"(-(?:servername|verify_hostname) )backend\.internal")

#: Causes whose remedies leave the scheme of the URL as it is.
_SCHEME_STAYS: Final = frozenset(
    (
        "backend-error-status",
        "connection-refused",
        "connection-reset",
        "connection-timeout",
        "missing-trailing-slash",
        "stale-backend-address",
        "stale-pooled-connection",
    )
)
_WEB: Final = {"http": "http", "ws": "http", "h2c": "http"}
"""To the schemes without TLS, that of curl."""
_THIS_MACHINE: Final = ("localhost", "127.", "::1")
_PORT_OF_TLS: Final = "443"
"""With which the port of a URL with TLS ends, by custom: 443, 8443, 9443 …"""


def is_name(text: str) -> bool:
    """Whether outside text is a host's name that can be pasted."""
    return _HOST_NAME.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Whether outside text is an absolute path that can be pasted."""
    return _SAFE_PATH.fullmatch(text) is not None


def place(host: str, port: int) -> str:
    """Host and port, where both can be pasted; else empty.

    Args:
        host: name or address, outside text.
        port: 0 where it is not known.
    """
    if not 0 < port <= HIGHEST_PORT or not (is_name(host) or is_address(host)):
        return ""
    return f"{bracketed(host)}:{port}"


def deciding(vhost: str) -> str:
    """The command that decides which of several causes it is.

    Args:
        vhost: that lines name, outside text; empty where they name none or several.
    """
    return "proxy-wizard check" + (f" --vhost {vhost}" if is_name(vhost) else "")


def filled(remedy: Remedy, slug: str, named: Named) -> Remedy:
    """A remedy with what the lines name instead of the examples.

    Args:
        remedy: of the catalogue.
        slug: the finding's.
        named: by the lines.
    """
    if remedy.command is None:
        return remedy
    command = remedy.command
    if slug in _SCHEME_STAYS:
        command = _with_scheme(command, named.scheme or _customary(named))
    if is_name(named.name):
        command = _CHECKED_NAME.sub(rf"\g<1>{named.name}", command)
    if is_name(named.certificate):
        command = _with_certificate(command, slug, named)
    if slug == "ip-address-backend":
        command = _with_address(command, named.host, named.port)
    else:
        command = _with_backend(command, slug, named.host, named.port)
    command = _with_vhost(command, slug, named)
    if slug == "missing-trailing-slash" and is_path(named.path):
        command = command.replace("/foo ", f"{named.path} ")
    file = named.file.replace("\\", "/")  # httpd on Windows takes both
    if is_path(file) and _DIRECTIVE.fullmatch(named.directive):
        command = command.replace("SSLProxyCACertificateFile", named.directive)
        command = command.replace("/etc/ssl/backend-ca.pem", file)
    return remedy._replace(command=_for_windows(command, named) if named.windows else command)


def _customary(named: Named) -> str:
    """The scheme of a URL of which lines name the host, or the port, alone."""
    if not named.host and not named.port:
        return "https"  # all of it stays an example
    return "https" if str(named.port).endswith(_PORT_OF_TLS) else "http"


def _with_scheme(command: str, scheme: str) -> str:
    """An example for https, for another scheme."""
    if scheme not in HANDLERS or scheme in ("https", "balancer"):
        return command
    if "curl " in command:
        web = _WEB.get(scheme, "https")
        command = command.replace("https://backend", f"{web}://backend")
        return command if web == "https" else command.replace("curl -sk", "curl -s")
    return command.replace("https://backend", f"{scheme}://backend")


def _with_certificate(command: str, slug: str, named: Named) -> str:
    """An example with the name that the backend's certificate has."""
    if slug == "ip-address-backend":
        return command.replace("backend.internal", named.certificate)
    return command.replace("old.internal", named.certificate)


def _with_address(command: str, host: str, port: int) -> str:
    """An example for an address in the URL: the name in it is the one to be found."""
    if 0 < port <= HIGHEST_PORT:
        command = command.replace(":8443", f":{port}")
    if not is_address(host):
        return command
    return _EXAMPLE_ADDRESS.sub(
        lambda found: f"{bracketed(host)}{found[1]}" if found[1] else host, command
    )


def _with_backend(command: str, slug: str, host: str, port: int) -> str:
    """An example with the host and the port that the lines name."""
    known = 0 < port <= HIGHEST_PORT
    if known:
        command = _EXAMPLE_PORT.sub(str(port), command)
        command = _OTHER_NAME.sub(f"\\g<1>:{port}", command)
    address = is_address(host)
    if (port and not known) or not (address or is_name(host)):
        return command
    if address:  # httpd sends none as SNI
        command = _SERVER_NAME.sub("", command)
    target = bracketed(host)
    # A host that a path ran into stands without port in the URL.
    end = f":{port}" if known else "" if slug == "missing-trailing-slash" else ":PORT"
    if not known:
        command = _EXAMPLE_PORT.sub("PORT", command)
    elif slug == "backend-speaks-plain-http":
        command = _OTHER_EXAMPLE.sub(f"{target}{end}", command)
    return _EXAMPLE.sub(lambda found: f"{target}{end}" if found[1] else target, command)


def _with_vhost(command: str, slug: str, named: Named) -> str:
    """An example with the client's Host, where it is the name that was compared, and the site."""
    if slug == "preserve-host-changes-name" and is_name(named.name):
        command = _EXAMPLE_VHOST.sub(named.name, command)
    if not is_name(named.vhost):
        return command
    command = _EXAMPLE_VHOST.sub(named.vhost, command)
    return command.replace("check --route", f"check --vhost {named.vhost} --route")


def _for_windows(command: str, named: Named) -> str:
    """A command for httpd on Windows; the backend's own machine may be another."""
    if named.host.startswith(_THIS_MACHINE):
        command = command.replace("ss -ltnp | grep ", "netstat -ano | findstr :")
    if command.startswith("curl "):
        command = command.replace("/dev/null", "NUL").replace("'%{http_code}\\n'", '"%{http_code}"')
    return command

"""What the catalogue of findings says about a cause without knowing the route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.logs import loading
from wizard.logs.named import NOTHING, Named
from wizard.model.host_names import is_address
from wizard.model.remedy import Remedy, Where
from wizard.reference.schemes import HANDLERS

# What a log names goes into commands that are there to be pasted: nothing else may pass.
_HOST_NAME = re.compile(r"(?=[^.]*[a-z])[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_SAFE_PATH = re.compile(r"(?:[A-Za-z]:)?/[A-Za-z0-9._/@+-]{1,300}")
_DIRECTIVE = re.compile(r"SSL[A-Za-z]{1,60}")
_PORTS = 65536
_EXAMPLE = re.compile(r"(?<![\w.-])backend\.internal(:8443)?(?![\w.:-])")
_EXAMPLE_PORT = re.compile(r"(?<!\w:)(?<![\w.])8443(?!\w)")
_EXAMPLE_VHOST = re.compile(r"(?<![\w.-])app\.example\.com(?![\w.:-])")
_EXAMPLE_ADDRESS: Final = "192.0.2.1:8443"
_SERVER_NAME = re.compile(r"(?: \\\n   )? -(?:servername|verify_hostname) backend\.internal")
_CHECKED_NAME = re.compile(r"(-(?:servername|verify_hostname) )backend\.internal")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: How a paragraph begins that is about another side than the finding's own.
_SIDES: Final[Mapping[str, Where]] = {"On the backend": "backend", "On this machine": "config"}

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
_OVER_HTTP: Final = frozenset({"http", "https", "ws", "wss", "h2", "h2c", "balancer"})
_OF_SOCKETS: Final = frozenset(
    ("connection-not-permitted", "connection-refused", "connection-timeout")
)
_TRIES: Final = ("curl ", "openssl s_client")


def explanation(slug: str, named: Named = NOTHING) -> str:
    """What the cause is, in plain words; empty for a slug that the catalogue has not.

    Args:
        slug: of the finding.
        named: what the lines name.
    """
    if slug not in TABLE:
        return ""
    if _no_tunnel(slug, named):
        from wizard.findings import forward_proxy  # imports much that only this needs

        why, _ = forward_proxy.refusal(named.proxy_status or None, _target(named))
        return f"{forward_proxy.NO_TUNNEL}. httpd asks it for a tunnel (CONNECT). {why}"
    return f"{TABLE[slug].title}. {_prose(pages.section(slug, 'What it is'))}"


def of(slug: str, named: Named = NOTHING, *, certain: bool = True) -> tuple[Remedy, ...]:
    """What can be done about it, and how to verify that it helped.

    Args:
        slug: of the finding.
        named: what the lines name: it goes into the commands instead of the page's examples.
        certain: whether the lines leave no other cause; else the last remedy decides.
    """
    if slug not in TABLE:
        return ()
    remedies = loading.remedies(named) if slug == "module-missing" else []
    if _no_tunnel(slug, named):
        remedies = _of_forward_proxy(named)
    elif slug in _OF_SOCKETS and named.socket:
        remedies = _of_socket(slug, named.socket)
    elif _SAFE_PATH.fullmatch(named.denied):
        remedies = _of_denied(named.denied)
    if not remedies:
        where = TABLE[slug].actor
        remedies += _steps(pages.section(slug, "Use instead"), where, "This helps:")
        verify = _steps(pages.section(slug, "How to verify"), where, "To verify it:")
        remedies += [remedy._replace(looks=True) for remedy in verify]
    filled = [_filled(remedy, slug, named) for remedy in remedies if _is_for(remedy, named.scheme)]
    return tuple(filled) if certain else (*filled, _deciding(named))


def _no_tunnel(slug: str, named: Named) -> bool:
    return slug == "connection-reset" and bool(named.proxy or named.proxy_status)


def _target(named: Named) -> str:
    """Host and port of the backend, where they can be pasted."""
    usable = _HOST_NAME.fullmatch(named.host) or is_address(named.host)
    if not usable or not 0 < named.port < _PORTS:
        return "HOST:PORT"
    return f"[{named.host}]:{named.port}" if ":" in named.host else f"{named.host}:{named.port}"


def _of_forward_proxy(named: Named) -> list[Remedy]:
    """What helps where the forward proxy refuses, as ``check`` says it."""
    from wizard.findings import forward_proxy  # imports much that only this needs

    target = _target(named)
    _, helps = forward_proxy.refusal(named.proxy_status or None, target)
    host, _, port = named.proxy.rpartition(":")
    usable = (_HOST_NAME.fullmatch(host) or is_address(host)) and int(port) < _PORTS
    proxy = named.proxy if usable else "PROXY:PORT"
    command = f"curl -sv -o /dev/null -x http://{proxy} -k https://{target}/"
    return [*helps, Remedy("network", "Repeat it by hand.", command)]


def _of_socket(slug: str, path: str) -> list[Remedy]:
    """What helps where the backend is a Unix domain socket: no port, no firewall is concerned."""
    if not _SAFE_PATH.fullmatch(path):
        return [Remedy("config", "See what was denied:", "ausearch -m avc -c httpd -ts recent")]
    listening = f"ls -l {path}\nss -lxp | grep {path}"
    if slug != "connection-not-permitted":
        return [
            Remedy(
                "backend",
                "Start the program that makes the socket, or correct its path in the URL "
                "(unix:PATH|…). See whether it exists, and who listens on it:",
                listening,
            )
        ]
    return [
        Remedy(
            "config",
            "Let httpd's user write to the socket (owner, group or mode, where the program that "
            "makes it sets them) and enter each directory above it:",
            f"namei -l {path}",
        ),
        Remedy(
            "config",
            "With SELinux, see the socket's label and what was denied:",
            f"ls -Z {path}\nausearch -m avc -c httpd -ts recent",
        ),
    ]


def _of_denied(path: str) -> list[Remedy]:
    """What helps where SELinux kept a file from httpd: neither its mode nor its content."""
    return [
        Remedy(
            "config",
            "Give the file the label of its place; one in a home directory moves to /etc/pki/tls "
            "(keys: private, certificates: certs) before. See the label, and set it:",
            f"ls -Z {path}\nrestorecon -v {path}",
        )
    ]


def _is_for(remedy: Remedy, scheme: str) -> bool:
    """Whether a command can be tried with this scheme: curl and s_client speak no AJP."""
    if scheme not in HANDLERS or scheme in _OVER_HTTP:
        return True
    return not any(program in (remedy.command or "") for program in _TRIES)


def deciding(vhost: str) -> str:
    """The command that decides which of several causes it is.

    Args:
        vhost: that lines name, outside text; empty where they name none or several.
    """
    return (
        f"proxy-wizard check --vhost {vhost}"
        if _HOST_NAME.fullmatch(vhost)
        else ("proxy-wizard check")
    )


def _deciding(named: Named) -> Remedy:
    return Remedy(
        "config",
        "These lines alone leave other causes open. This decides it:",
        deciding(named.vhost),
        looks=True,
    )


def _filled(remedy: Remedy, slug: str, named: Named) -> Remedy:
    """A remedy with what the lines name instead of the examples."""
    if remedy.command is None:
        return remedy
    command = remedy.command
    if slug in _SCHEME_STAYS:
        command = _with_scheme(command, named.scheme)
    if _HOST_NAME.fullmatch(named.name):
        command = _CHECKED_NAME.sub(rf"\g<1>{named.name}", command)
    command = _with_backend(command, slug, named.host, named.port)
    if _HOST_NAME.fullmatch(named.vhost):
        command = _EXAMPLE_VHOST.sub(named.vhost, command)
        command = command.replace(
            "wizard check --route", f"wizard check --vhost {named.vhost} --route"
        )
    if slug == "missing-trailing-slash" and _SAFE_PATH.fullmatch(named.path):
        command = command.replace("/foo ", f"{named.path} ")
    file = named.file.replace("\\", "/")  # httpd on Windows takes both
    if _SAFE_PATH.fullmatch(file) and _DIRECTIVE.fullmatch(named.directive):
        command = command.replace("SSLProxyCACertificateFile", named.directive)
        command = command.replace("/etc/ssl/backend-ca.pem", file)
    return remedy._replace(command=command)


def _with_scheme(command: str, scheme: str) -> str:
    """An example for https, for another scheme."""
    if scheme not in HANDLERS or scheme in ("https", "balancer"):
        return command
    if "curl " in command:
        web = _WEB.get(scheme, "https")
        command = command.replace("https://backend", f"{web}://backend")
        return command if web == "https" else command.replace("curl -sk", "curl -s")
    return command.replace("https://backend", f"{scheme}://backend")


def _with_backend(command: str, slug: str, host: str, port: int) -> str:
    """An example with the host and the port that the lines name."""
    known = 0 < port < _PORTS
    if known:
        command = _EXAMPLE_PORT.sub(str(port), command)
    address = is_address(host)
    if address and slug == "ip-address-backend":  # the example's name is the one to be found
        place = f"[{host}]" if ":" in host else host
        return command.replace(_EXAMPLE_ADDRESS, f"{place}:{port}") if known else command
    if (port and not known) or not (address or _HOST_NAME.fullmatch(host)):
        return command
    if address:  # httpd sends none as SNI
        command = _SERVER_NAME.sub("", command)
    place = f"[{host}]" if ":" in host else host

    def named(found: re.Match[str]) -> str:
        return f"{place}:{port if known else 'PORT'}" if found[1] else place

    return _EXAMPLE.sub(named, command)


def _steps(text: str, where: Where, default: str) -> Iterator[Remedy]:
    """A section's prose, each time with the command that follows it."""
    place = 0
    for fence in _FENCE.finditer(text):
        *before, said = _said(text[place : fence.start()], where) or [Remedy(where, default)]
        yield from before
        side: Where = "config" if fence[1] == "apache" else said.where
        yield said._replace(where=side, command=fence[2].rstrip("\n"))
        place = fence.end()
    yield from _said(text[place:], where)


def _said(text: str, where: Where) -> list[Remedy]:
    """Prose, and whose side it is: a paragraph that names another side stands by itself."""
    found: list[Remedy] = []
    for paragraph in filter(None, map(_prose, text.split("\n\n"))):
        side = next((side for words, side in _SIDES.items() if paragraph.startswith(words)), None)
        if side is None and found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {paragraph}")
        else:
            found.append(Remedy(side or where, paragraph))
    return found


def _prose(text: str) -> str:
    return " ".join(text.split())

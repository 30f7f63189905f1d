"""The commands that repeat a probe by hand, folded so that they run as they are shown."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wizard.model.host_names import bracketed
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.config import Route
    from wizard.model.probe import ProbeReport

_NOTE = "# curl -k checks nothing: only to look"
_ON = " \\"
"""At the end of a line: the command goes on."""


def commands(route: Route, probe: ProbeReport | None, width: int) -> str:
    """Lines for a shell; what explains them is a comment there.

    Args:
        route: of the backend.
        probe: the last one; None: none was made.
        width: columns to fold the commands at.
    """
    if not (route.backend.host or route.backend.socket):
        return "There is no backend to connect to."
    lines = []
    if route.backend.uses_tls:
        lines += [folded(_openssl(route, probe), width, "</dev/null"), _NOTE]
    lines.append(folded(_curl(route, probe), width))
    return "\n".join(lines)


def folded(command: Sequence[str], width: int, end: str = "") -> str:
    """A command, its lines ended by backslashes where they are too long.

    Args:
        command: words.
        width: columns of a line.
        end: of the command, as a shell reads it.
    """
    first, *rest = _parts(command, end)
    lines = [first]
    for part in rest:
        if len(lines[-1]) + 1 + len(part) + len(_ON) <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(f"  {part}")
    return f"{_ON}\n".join(_broken(line, width - len(_ON)) for line in lines)


def _broken(line: str, room: int) -> str:
    """A line that is too long, ended inside a word as a shell allows it outside of quotes."""
    if len(line) <= room or "'" in line or '"' in line:
        return line
    at = line.rfind("/", 0, room - 1) + 1
    at = at if at > room // 2 else room - 1
    return f"{line[:at]}\\\n{_broken(line[at:], room)}"


def _parts(command: Sequence[str], end: str) -> list[str]:
    """The words as a shell needs them; an option and its value stay together."""
    quoted = [printable(shlex.quote(word)) for word in command]
    parts: list[str] = []
    for word, written in zip(command, quoted, strict=True):
        is_value = not word.startswith("-") and parts and parts[-1].startswith("-")
        if is_value and " " not in parts[-1]:
            parts[-1] = f"{parts[-1]} {written}"
        else:
            parts.append(written)
    return [*parts, end] if end else parts


def _openssl(route: Route, probe: ProbeReport | None) -> list[str]:
    """The handshake that httpd makes, with what it checks."""
    backend, policy = route.backend, route.tls
    command = ["openssl", "s_client"]
    if backend.socket:
        command += ["-unix", backend.socket]
    else:
        command += ["-connect", f"{bracketed(_address(route, probe))}:{backend.port}"]
    if probe is not None and probe.request.forward_proxy is not None:
        host, port = probe.request.peer
        command += ["-proxy", f"{bracketed(host)}:{port}"]
    command += ["-servername", backend.sni] if backend.sni else ["-noservername"]
    if backend.scheme == "h2":
        command += ["-alpn", "h2"]
    file, path = policy.ca_certificate_file.value, policy.ca_certificate_path.value
    command += ["-CAfile", file] if file else []
    command += ["-CApath", path] if path else []
    command += [] if file or path else ["-no-CAfile", "-no-CApath", "-no-CAstore"]
    if policy.checks_name or policy.checks_cn_only:
        command += ["-verify_hostname", backend.check_name]
    return command


def _curl(route: Route, probe: ProbeReport | None) -> list[str]:
    """The request, over a handshake that checks nothing."""
    backend = route.backend
    head = probe is None or probe.http is None or probe.http.method == "HEAD"
    command = ["curl", "-sS"]
    command += ["-I"] if head else ["-o", "/dev/null", "-D", "-"]
    command += ["-k"] if backend.uses_tls else []
    command += ["-H", f"Host: {backend.host_header}"]
    host = backend.sni or backend.host or "localhost"  # curl sends the URL's name as SNI
    if backend.socket:
        command += ["--unix-socket", backend.socket]
    elif host != _address(route, probe):
        there = f"{bracketed(_address(route, probe))}:{backend.port}"
        command += ["--connect-to", f"{bracketed(host)}:{backend.port}:{there}"]
    if probe is not None and probe.request.forward_proxy is not None:
        command += ["-x", probe.request.forward_proxy]
    scheme = "https" if backend.uses_tls else "http"
    path = probe.request.path if probe is not None else "/"
    return [*command, f"{scheme}://{bracketed(host)}:{backend.port}{path}"]


def _address(route: Route, probe: ProbeReport | None) -> str:
    """Where to connect to: an address that was only assumed is known to nobody else."""
    if probe is not None and probe.dns is not None and probe.dns.assumed:
        return next(iter(probe.dns.addresses), route.backend.host)
    return route.backend.host

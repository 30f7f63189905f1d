"""Lines of the kernel's audit log: SELinux or AppArmor forbade httpd something.

Sources: the SELinux Notebook, "AVC Audit Events"; httpd_selinux(8); apparmor(7).
"""

from __future__ import annotations

import re
from typing import Final

from wizard.logs.filling import is_path
from wizard.logs.named import NOTHING, Named
from wizard.logs.recognition import Recognition, Strength

_SELINUX: Final = re.compile(r"avc: {1,4}denied {1,4}\{ ([a-z_ ]{1,100}) \}")
_TROUBLE: Final = re.compile(
    r"SELinux is preventing (\S{1,200}) from ([a-z_]{1,40}) access on the ([^\n]{0,200})"
)
# Other programs of web servers, php-fpm for one, have the domain httpd_t too.
_OPERATION: Final = re.compile(r'operation="([a-z_]{1,40})"')
_PROGRAM: Final = re.compile(r"""\bcomm="?([^"\s]{1,64})""")
_PORT: Final = re.compile(r"\b(?:dest=|port )(\d{1,5})\b")
_SOURCE_PORT: Final = re.compile(r"\bsrc=(\d{1,5})\b")
_OF_TLS: Final = (".pem", ".crt", ".cer", ".cert", ".key", ".crl")
_OF_START: Final = (".conf", ".load", ".log", "_log", ".pid")
_OPENING: Final = frozenset(("open", "read", "append", "write", "create", "search"))
# The second form is setroubleshoot's: "file client.pem."
_FILE: Final = re.compile(
    r"""\b(?:path|name)="?([^"\s]{1,500})|^[a-z_]{3,30} ([^\s"]{1,500}?)\.?$"""
)


def denial(text: str) -> Recognition | None:
    """What a refusal of SELinux or AppArmor means for a reverse proxy.

    Args:
        text: a line of audit.log, ``ausearch``, dmesg, journalctl or setroubleshoot.

    Returns:
        None for any other line.
    """
    if 'apparmor="DENIED"' in text:
        operation = _OPERATION.search(text)
        what = operation[1] if operation else ""
        return _told("AppArmor", what, text, permissive=False) if _by_httpd(text) else _other()
    selinux = _SELINUX.search(text) if "avc:" in text else None
    if selinux is not None:
        permissive = "permissive=1" in text
        return _told("SELinux", selinux[1], text, permissive) if _by_httpd(text) else _other()
    trouble = _TROUBLE.search(text) if "SELinux is preventing" in text else None
    if trouble is None:
        return None
    ours = trouble[1].rpartition("/")[2] in ("httpd", "apache2")
    return _told("SELinux", trouble[2], trouble[3], permissive=False) if ours else _other()


def _by_httpd(text: str) -> bool:
    program = _PROGRAM.search(text)
    return program[1].startswith(("httpd", "apache2")) if program else ":httpd_t:" in text


def _other() -> Recognition:
    return Recognition("The kernel forbade another program something: nothing about httpd.")


def _told(by: str, what: str, text: str, permissive: bool) -> Recognition:
    if permissive:
        return Recognition(
            f"{by} only reports this (permissive): it did not stop httpd, and would when enforcing."
        )
    if "name_bind" in what:
        return _about_listening(text)
    if "sock_file" in text or ("connect" in what and "unix_stream_socket" in text):
        return _about_socket(by, text)
    if "connect" not in what:
        return _about_file(by, what, text)
    found = _PORT.search(text)
    port = f"to port {found[1]}" if found else "to its backend"
    remedy = "The profile of httpd lacks the rule: `network inet stream,`, or the socket's path."
    if by == "SELinux" and found:
        remedy = (
            "`setsebool -P httpd_can_network_connect on` allows httpd every connection, "
            f"`semanage port -a -t http_port_t -p tcp {found[1]}` those to this port."
        )
    elif by == "SELinux":
        remedy = "`ausearch -m AVC -c httpd | audit2why` says what allows it."
    return Recognition(
        f"{by} forbids httpd to connect {port}; the client gets 503, and the error log says "
        f"(13)Permission denied. {remedy}",
        slugs=("connection-not-permitted",),
        strength=Strength.DECISIVE,
        named=Named(port=int(found[1])) if found else NOTHING,
    )


def _about_socket(by: str, text: str) -> Recognition:
    name = _named(text)
    return Recognition(
        f"{by} forbids httpd to use the backend's Unix domain socket {name}; the client gets 503, "
        "and the error log says (13)Permission denied. The socket's label, or the domain of the "
        "program that listens on it, is none that httpd may talk to: `ausearch -m AVC -c httpd | "
        "audit2why` says what allows it.",
        slugs=("connection-not-permitted",),
        strength=Strength.DECISIVE,
        named=Named(socket=name),
    )


def _about_listening(text: str) -> Recognition:
    found = _SOURCE_PORT.search(text)
    port = found[1] if found else "PORT"
    return Recognition(
        f"SELinux forbids httpd to listen on port {port}: the Listen line fails and httpd does not "
        f"start. `semanage port -a -t http_port_t -p tcp {port}` allows it; -m instead of -a where "
        "the port has another type already. No backend is concerned.",
        slugs=("configuration-refused",),
        strength=Strength.DECISIVE,
        named=Named(listen=int(port)) if found else NOTHING,
    )


def _named(text: str) -> str:
    found = _FILE.search(text)
    return (found[1] or found[2]) if found else ""


def _about_file(by: str, what: str, text: str) -> Recognition:
    name = _named(text)
    slugs = _of_file(name.lower()) if _OPENING.intersection(what.split()) else ()
    hint = ""
    if name and by == "SELinux":
        file = name if is_path(name) else "FILE"
        hint = f" `restorecon -v {file}` gives it the label of its place."
    return Recognition(
        f"{by} denies httpd {name or 'something'}, and no connection to a backend. If it is a "
        "certificate, key, CA file, log or other file of its configuration, httpd cannot use it "
        f"and does not start.{hint}",
        slugs=slugs,
        strength=Strength.CLUE if slugs else Strength.CONTEXT,
        named=Named(denied=name) if slugs and by == "SELinux" else NOTHING,
    )


def _of_file(name: str) -> tuple[str, ...]:
    """What httpd cannot do without a file, by the end of its name."""
    if name.endswith(_OF_TLS):
        return ("ca-file-invalid", "client-certificate-without-key", "configuration-refused")
    return ("configuration-refused",) if name.endswith(_OF_START) else ()

"""What the catalogue of findings says about a cause without knowing the route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.logs import filling, loading
from wizard.logs.named import NOTHING, Named
from wizard.model.remedy import Remedy, Where
from wizard.reference.schemes import HANDLERS

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: How a paragraph begins that is about another side than the finding's own.
_SIDES: Final[Mapping[str, Where]] = {"On the backend": "backend", "On this machine": "config"}
_OVER_HTTP: Final = frozenset({"http", "https", "ws", "wss", "h2", "h2c", "balancer"})
_OF_SOCKETS: Final = frozenset(
    ("connection-not-permitted", "connection-refused", "connection-timeout")
)
_OF_WINDOWS: Final = Remedy(
    "config",
    "Allow httpd.exe outgoing connections in the firewall or the virus scanner; or the port is one "
    "that Windows keeps for itself, then give the backend another. The ranges that are kept:",
    "netsh interface ipv4 show excludedportrange protocol=tcp",
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
        remedies = _of_socket(slug, named)
    elif slug == "connection-not-permitted" and named.windows:
        remedies = [_OF_WINDOWS]
    elif slug == "configuration-refused" and named.listen:
        remedies = _of_listening(named.listen)
    elif slug == "unknown-directive" and named.instead:
        remedies = _of_a_name(named.instead)
    elif filling.is_path(named.denied):
        remedies = _of_denied(named.denied)
    if not remedies:
        where = TABLE[slug].actor
        steps = _steps(pages.section(slug, "Use instead"), where, "This helps:")
        remedies += map(_under_its_side, steps)
        verify = _steps(pages.section(slug, "How to verify"), where, "To verify it:")
        remedies += [remedy._replace(looks=True) for remedy in verify]
    usable = [
        filling.filled(remedy, slug, named) for remedy in remedies if _is_for(remedy, named.scheme)
    ]
    return tuple(usable) if certain else (*usable, _deciding(named))


def _no_tunnel(slug: str, named: Named) -> bool:
    return slug == "connection-reset" and bool(named.proxy or named.proxy_status)


def _target(named: Named) -> str:
    """Host and port of the backend, where they can be pasted."""
    return filling.place(named.host, named.port) or "HOST:PORT"


def _of_forward_proxy(named: Named) -> list[Remedy]:
    """What helps where the forward proxy refuses, as ``check`` says it."""
    from wizard.findings import forward_proxy  # imports much that only this needs

    target = _target(named)
    _, helps = forward_proxy.refusal(named.proxy_status or None, target)
    host, _, port = named.proxy.rpartition(":")
    proxy = filling.place(host, int(port or 0)) or "PROXY:PORT"
    command = f"curl -sv -o /dev/null -x http://{proxy} -k https://{target}/"
    return [*helps, Remedy("network", "Repeat it by hand.", command)]


def _of_socket(slug: str, named: Named) -> list[Remedy]:
    """What helps where the backend is a unix domain socket, as ``check`` says it."""
    from wizard.findings import shell, unix_socket  # import much that only this needs

    if not filling.is_path(named.socket):
        return [shell.DENIED]
    if slug != "connection-not-permitted":
        return unix_socket.where_nobody_listens(named.socket, named.scheme)
    return unix_socket.where_forbidden(named.socket, named.scheme)


def _of_listening(port: int) -> list[Remedy]:
    """What helps where httpd cannot listen: the configuration is right, the port is not free."""
    return [
        Remedy(
            "config",
            "End what listens on the port already, or change the Listen line; a second Listen line "
            "for the same port does it too.",
        ),
        Remedy("config", "See who listens:", f"ss -ltnp 'sport = :{port}'", looks=True),
        Remedy(
            "config",
            "Where it is not permitted: httpd is started as root for ports below 1024, and SELinux "
            "must know the port as httpd's:",
            f"semanage port -a -t http_port_t -p tcp {port}",
        ),
    ]


def _of_a_name(instead: str) -> list[Remedy]:
    """What helps where no httpd has a directive of the name: the page's example is another's."""
    again = "Test it again before you reload: httpd names one error a run."
    return [
        Remedy("config", instead),
        Remedy("config", again, "apachectl configtest", looks=True),
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


def _deciding(named: Named) -> Remedy:
    return Remedy(
        "config",
        "These lines alone leave other causes open. This decides it:",
        filling.deciding(named.vhost),
        looks=True,
    )


def _steps(text: str, where: Where, default: str) -> Iterator[Remedy]:
    """A section's prose, each time with the command that follows it."""
    place = 0
    for fence in _FENCE.finditer(text):
        *before, said = _said(text[place : fence.start()], where) or [Remedy(where, default)]
        yield from before
        ours = fence[1] == "apache" and not said.text.startswith(tuple(_SIDES))
        side: Where = "config" if ours else said.where
        yield said._replace(where=side, command=fence[2].rstrip("\n"))
        place = fence.end()
    yield from _said(text[place:], where)


def _under_its_side(remedy: Remedy) -> Remedy:
    """Without the words that stand before it as its side anyway."""
    side = next((f"{words}, " for words in _SIDES if remedy.text.startswith(f"{words}, ")), "")
    said = remedy.text.removeprefix(side)
    return remedy if said == remedy.text else remedy._replace(text=said[:1].upper() + said[1:])


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

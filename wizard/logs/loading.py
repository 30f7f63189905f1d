"""How the modules are loaded that a line says to be missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wizard.logs.named import Named
from wizard.model.remedy import Remedy
from wizard.reference.schemes import HANDLERS, OVER_TLS

_WEBSOCKETS: Final = frozenset({"ws", "wss"})
_BALANCER: Final = ("proxy_balancer", "slotmem_shm", "lbmethod_byrequests")


def of_scheme(scheme: str) -> tuple[str, ...]:
    """The modules that speak a scheme, without ``_module``; of WebSockets those since 2.4.47.

    Args:
        scheme: of a backend's URL, in lower case.

    Returns:
        Their names; empty when no module of httpd's speaks it.
    """
    if scheme == "balancer":
        return _BALANCER
    handlers = HANDLERS.get(scheme, ())[:1]
    return tuple(module.removesuffix("_module") for module in handlers)


def meaning(scheme: str) -> str:
    """What AH01144 says of a scheme.

    Args:
        scheme: in lower case.
    """
    modules = of_scheme(scheme)
    if not modules:
        return f"No module of httpd's handles {scheme}://: the scheme of the URL is wrong."
    if scheme in _WEBSOCKETS:
        return (
            f"No loaded module handles {scheme}:// backends. httpd before 2.4.47 needs "
            "mod_proxy_wstunnel for it, since then mod_proxy_http (or mod_proxy_wstunnel). "
            "The older mod_proxy_wstunnel also declines a request without `Upgrade: WebSocket`."
        )
    return (
        f"No loaded module handles {scheme}:// backends: mod_{modules[0]} is missing (Debian: "
        f"`a2enmod {' '.join(modules)}`, then restart)."
    )


def remedies(named: Named) -> list[Remedy]:
    """How the modules are loaded that a line names, or that its scheme needs.

    Args:
        named: by the line.

    Returns:
        What helps; empty when the line names neither.
    """
    if named.modules:
        return _load(named.modules, "")
    modules = of_scheme(named.scheme)
    if not modules:
        return [Remedy("config", meaning(named.scheme))] if named.scheme else []
    tls = ("ssl",) if named.scheme in OVER_TLS else ()
    if named.scheme in _WEBSOCKETS:
        return [
            *_load((*modules, *tls), "httpd 2.4.47 and later. "),
            *_load(("proxy_wstunnel", *tls), "httpd before 2.4.47. "),
            _verify((*modules, "proxy_wstunnel", *tls)),
        ]
    return [*_load((*modules, *tls), ""), _verify((*modules, *tls))]


def _load(modules: Sequence[str], when: str) -> list[Remedy]:
    enable = f"a2enmod {' '.join(modules)}\nsystemctl restart apache2"
    lines = "\n".join(f"LoadModule {name}_module modules/mod_{name}.so" for name in modules)
    return [
        Remedy("config", f"{when}On Debian and Ubuntu, enable and restart:", enable),
        Remedy("config", f"{when}Elsewhere, load in the main configuration:", lines),
    ]


def _verify(modules: Sequence[str]) -> Remedy:
    command = f"apachectl -M | grep -E '{'|'.join(modules)}'"
    return Remedy("config", "To verify it:", command)

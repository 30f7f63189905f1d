"""Schemes of backends' URLs, and the modules of httpd that speak them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from wizard.reference.behaviours import holds
from wizard.reference.release import Release

HANDLERS: Final[Mapping[str, tuple[str, ...]]] = {
    "http": ("proxy_http_module",),
    "https": ("proxy_http_module",),
    "ws": ("proxy_http_module", "proxy_wstunnel_module"),
    "wss": ("proxy_http_module", "proxy_wstunnel_module"),
    "h2": ("proxy_http2_module",),
    "h2c": ("proxy_http2_module",),
    "balancer": ("proxy_balancer_module",),
    "ajp": ("proxy_ajp_module",),
    "fcgi": ("proxy_fcgi_module",),
    "scgi": ("proxy_scgi_module",),
    "uwsgi": ("proxy_uwsgi_module",),
    "ftp": ("proxy_ftp_module",),
}
"""Scheme to its modules; one of them must be loaded, besides proxy_module."""
OVER_TLS: Final = frozenset({"https", "wss", "h2"})
"""Schemes for which httpd speaks TLS to the backend."""
WITH_TLS: Final[Mapping[str, str]] = {"http": "https", "ws": "wss", "h2c": "h2"}
"""Schemes without TLS, each with that for the same protocol over TLS."""
OTHER_VERSION: Final[Mapping[str, str]] = {"http": "h2c", "h2c": "http"}
"""Schemes without TLS, each with that for the other version of HTTP."""
_SPEAK_TLS: Final = frozenset({"ssl_module", "tls_module"})


def missing_modules(scheme: str, modules: tuple[str, ...], release: Release) -> tuple[str, ...]:
    """The modules that are not loaded and without which httpd cannot speak a scheme.

    Args:
        scheme: in lower case; no module of httpd's speaks an unknown one.
        modules: loaded ones; without mod_proxy they are not known, and none is missing.
        release: of the httpd.
    """
    loaded = _loaded(modules)
    if "proxy_module" not in loaded:
        return ()
    handlers = HANDLERS.get(scheme) or (f"proxy_{scheme}_module",)
    if scheme in ("ws", "wss") and holds("websocket-tunnel-only", release):
        handlers = ("proxy_wstunnel_module",)
    missing = handlers[:1] if loaded.isdisjoint(handlers) else ()
    if scheme in OVER_TLS and loaded.isdisjoint(_SPEAK_TLS):
        missing += ("ssl_module",)
    return missing


@lru_cache(maxsize=8)
def _loaded(modules: tuple[str, ...]) -> frozenset[str]:
    return frozenset(modules)

"""Schemes of backends' URLs, and the modules of httpd that speak them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
"""Scheme to the modules of which one must be loaded, besides proxy_module."""
OVER_TLS: Final = frozenset({"https", "wss", "h2"})
"""Schemes for which httpd speaks TLS to the backend."""

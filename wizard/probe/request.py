"""The probe of a route: exactly what httpd would send to the backend. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from wizard.model.host_names import bare_name
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import OwnCertificate, ProbeRequest
from wizard.reference.tls_settings import PROTOCOLS, known_protocols, protocols
from wizard.x509 import der_names

if TYPE_CHECKING:
    from wizard.model.certificate import Certificate, TrustMaterial
    from wizard.model.config import Route
    from wizard.reference.release import Release

HTTP_SCHEMES = frozenset({"http", "https", "ws", "wss", "h2", "h2c"})
"""Schemes whose backend is asked one HTTP request."""
_NEWEST = HttpdInfo()
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_KEPT = "/%:;?@&=+$,!~*'()#[]|^`{}\\"
"""Characters of a request's target that are sent as they are; others are percent-encoded."""


def for_route(
    route: Route,
    trust: TrustMaterial,
    timeout: float,
    httpd: HttpdInfo = _NEWEST,
    client: str | None = None,
) -> ProbeRequest | None:
    """The probe of a route's backend.

    Backends of other protocols (ajp, fcgi …) are only resolved and connected to. The request holds
    only what httpd would send.

    Args:
        route: the route.
        trust: contents of the files of its policy; those that OpenSSL cannot load are left out.
        timeout: seconds for each stage.
        httpd: whose request it would be.
        client: address of the imagined client; None: it is not told to the backend.

    Returns:
        The request; None if the configuration alone does not say which backend it is.
    """
    backend = route.backend
    if route.unknown is not None or not (backend.socket or (backend.host and backend.port)):
        return None
    http = backend.scheme in HTTP_SCHEMES
    plain = ProbeRequest(
        host=backend.host,
        port=backend.port,
        tls=backend.uses_tls,
        timeout=timeout,
        socket=backend.socket,
        user=httpd.service.user if backend.socket else None,
        group=httpd.service.group if backend.socket else None,
        forward_proxy=None if backend.socket else route.proxy_remote.value,
        proxy_login=None if backend.socket else route.proxy_login.value,
        http=http,
        host_header=backend.host_header if http else "",
        path=_target(route) if http else "/",
        upgrade=backend.uses_websocket,
        alpn=("h2",) if backend.scheme in ("h2", "h2c") else (),
        release=httpd.release,
        libssl=httpd.libssl,
        answers=route.answers,
        headers=_headers(route, client) if http else (),
        openssl_conf=httpd.openssl_conf,
    )
    return _with_tls(plain, route, trust) if backend.uses_tls else plain


def _with_tls(plain: ProbeRequest, route: Route, trust: TrustMaterial) -> ProbeRequest:
    policy = route.tls
    own = trust.client_certificate
    above = {c.subject_der: c for c in _chain(trust)}
    return replace(
        plain,
        sni=route.backend.sni,
        protocols=_protocols(policy.protocol.value, plain.release),
        cipher_suite=policy.cipher_suite.value,
        cipher_suite_tls13=policy.cipher_suite_tls13.value,
        ca_file=policy.ca_certificate_file.value if trust.ca_file.loads else None,
        ca_path=policy.ca_certificate_path.value if trust.ca_path.loads else None,
        crl_file=policy.ca_revocation_file.value if trust.crl_file.loads else None,
        crl_path=policy.ca_revocation_path.value if trust.crl_path.loads else None,
        crl_check=policy.ca_revocation_check.value,
        own_certificates=tuple(
            OwnCertificate(file, one.sha256, _issuers(one, above))
            for one, file in zip(own.certificates, own.files, strict=False)
        ),
        client_chain=tuple(c.der for c in own.non_leaf),
        client_chain_file=trust.machine_chain.path
        if own.state == "ok" and trust.machine_chain.loads
        else None,
    )


def _protocols(words: str | None, release: Release) -> tuple[str, ...] | None:
    known = known_protocols(release)
    if words is None:
        return None if known == PROTOCOLS else known
    return protocols(words, known)


def _chain(trust: TrustMaterial) -> tuple[Certificate, ...]:
    """What mod_ssl builds the chain of its certificate from, when it does: of its whole store."""
    added = trust.machine_chain.certificates + trust.client_certificate.non_leaf
    return added + trust.anchors if added else ()


def _issuers(own: Certificate, by_subject: Mapping[bytes, Certificate]) -> tuple[str, ...]:
    """Names of the authorities above a certificate, as far as mod_ssl knows them."""
    found: dict[bytes, None] = {}
    current: Certificate | None = own
    while current is not None and current.issuer_der not in found:
        found[current.issuer_der] = None
        current = by_subject.get(current.issuer_der)
    return tuple(der_names.text(der) for der in found)


def _headers(route: Route, client: str | None) -> tuple[tuple[str, str], ...]:
    """The fields that httpd adds to a plain request of the client.

    What a RequestHeader makes of the request is not known here, so it is not sent
    (modules/proxy/proxy_util.c, ap_proxy_create_hdrbrgd: X-Forwarded-* are merged to what is there,
    the client's Host before ProxyPreserveHost).
    """
    fields = {
        one.name: one.value
        for one in route.request_headers
        if one.certain and one.value is not None
    }
    if route.adds_forwarded:
        name = bare_name(route.vhost.server_name or "")
        added = {"For": client, "Host": route.client_host, "Server": name}
        for word, value in added.items():
            own = next((n for n in fields if n.lower() == f"x-forwarded-{word.lower()}"), None)
            before = fields.pop(own) if own is not None else None
            values = [one for one in (before, value) if one]
            if values:
                fields[f"X-Forwarded-{word}"] = ", ".join(values)
    return tuple((name, value) for name, value in fields.items() if _is_field(name, value))


def _is_field(name: str, value: str) -> bool:
    """Whether a field can be sent (RFC 9110, 5.1 and 5.5); httpd drops or refuses others."""
    return bool(_TOKEN.fullmatch(name)) and not _CONTROL.search(value)


def _target(route: Route) -> str:
    """Path and query that httpd asks the backend for."""
    _, separator, rest = route.request_url.rpartition("|")[2].partition("://")
    slash = rest.find("/")
    path = rest[slash:] if separator and slash >= 0 else route.backend.path
    return quote(path.encode("utf-8", "surrogateescape"), safe=_KEPT) or "/"


def at(route: Route, path: str) -> Route | None:
    """The route as it is for another request.

    Args:
        route: the route.
        path: path of the client's request.

    Returns:
        The route with that request; None where the path is not below the route's, or where a
        pattern decides the URL.
    """
    pattern = "Match" in route.kind or route.kind.startswith("RewriteRule")
    if pattern or not all(p.startswith(route.path) for p in (route.request_path, path)):
        return None
    present, wanted = (p[len(route.path) :] for p in (route.request_path, path))
    url = route.request_url.removesuffix(present) + wanted
    return replace(route, request_path=path, request_url=url)

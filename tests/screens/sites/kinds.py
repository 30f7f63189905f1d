"""How each of the sites is broken: its virtual hosts, its backends, what lies beside them. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives import hashes

from wizard.demo.backends import Behaviour, Identity
from wizard.demo.pki import Issued, issue

WWW, API = "www.corp.test", "api.corp.test"
"""What browsers ask the server for."""
ERP, CRM, OLD, SHOP = "erp.corp.test", "crm.corp.test", "old.corp.test", "shop.corp.test"
"""Names that lead to backends."""
_STRICT = "SSLProxyEngine on\nSSLProxyVerify require\n"
_TRUSTING = f"{_STRICT}SSLProxyCACertificateFile {{dir}}/corp-root.pem\n"


@dataclass(frozen=True)
class Parts:
    """What a site is made of.

    Args:
        body: of its file, a format: ``{front}`` is the server's port, ``{dir}`` its directory,
            ``{erp}``, ``{crm}``, … the port of the backend of that name.
        backends: by the name that leads to each.
        beside: files in the directory of the main configuration.
        given: files elsewhere, which the operator has from somebody.
        broken: what the server is told to read once it runs, added to ``body``.
        fingerprint: SHA-256 of a certificate, as its owner tells it on the telephone.
    """

    body: str
    backends: Mapping[str, Behaviour]
    beside: Mapping[str, bytes] = field(default_factory=dict)
    given: Mapping[str, bytes] = field(default_factory=dict)
    broken: str = ""
    fingerprint: str = ""


class Authorities:
    """The company's CA with its intermediate, and somebody else's."""

    def __init__(self) -> None:
        self.root = issue("Corp Root CA 2024", ca=True, organisation="Corp")
        self.issuing = issue("Corp Issuing CA 1", self.root, ca=True, organisation="Corp")
        self.other = issue("Other Root CA", ca=True, organisation="Other")

    def shows(self, name: str, *, days: tuple[float, float] = (-1, 365)) -> Behaviour:
        """A backend whose certificate the root signed."""
        return Behaviour(Identity(issue(name, self.root, dns=[name], days=days)))

    def below(self, name: str, *sent: Issued) -> Behaviour:
        """A backend whose certificate the intermediate signed; what it sends above it."""
        return Behaviour(Identity(issue(name, self.issuing, dns=[name]), sent))


def _host(lines: str, name: str = WWW) -> str:
    inner = "".join(f"    {line}\n" for line in f"ServerName {name}\n{lines}".splitlines())
    return f"<VirtualHost *:{{front}}>\n{inner}</VirtualHost>\n"


def _pass(path: str = "/", host: str = ERP) -> str:
    port = "erp" if host[0].isdigit() else host.partition(".")[0]
    return f"ProxyPass {path} https://{host}:{{{port}}}/\n"


def internal_ca(ca: Authorities) -> Parts:
    """The root lies beside the main file, and no line names it."""
    beside = {"corp-root.pem": ca.root.pem, "other-root.pem": ca.other.pem}
    return Parts(_host(_STRICT + _pass()), {ERP: ca.shows(ERP)}, beside)


def no_ca_file(ca: Authorities) -> Parts:
    """No file of this machine holds the CA; the operator has one from the CA's owner."""
    given = {"corp-root.pem": ca.root.pem}
    return Parts(_host(_STRICT + _pass()), {ERP: ca.shows(ERP)}, given=given)


def ip(ca: Authorities) -> Parts:
    """The URL holds an address; the certificate names a host that leads to it, and so does another
    line of the configuration."""
    body = _host(_TRUSTING + _pass("/reports/") + _pass(host="127.0.0.1"))
    return Parts(body, {ERP: ca.shows(ERP)}, {"corp-root.pem": ca.root.pem})


def ip_by_certificate(ca: Authorities) -> Parts:
    """The same, but only the certificate gives the name: somebody has to be asked."""
    body = _host(_TRUSTING + _pass(host="127.0.0.1"))
    return Parts(body, {ERP: ca.shows(ERP)}, {"corp-root.pem": ca.root.pem})


def preserve(ca: Authorities) -> Parts:
    """The browser's name is asked of a certificate that holds the backend's own."""
    body = _host(f"{_TRUSTING}ProxyPreserveHost On\n{_pass()}")
    return Parts(body, {ERP: ca.shows(ERP)}, {"corp-root.pem": ca.root.pem})


def missing_intermediate(ca: Authorities) -> Parts:
    """The backend forgets its intermediate, which lies beside the root."""
    beside = {"corp-root.pem": ca.root.pem, "corp-issuing.pem": ca.issuing.pem}
    return Parts(_host(_TRUSTING + _pass()), {ERP: ca.below(ERP)}, beside)


def engine_off(ca: Authorities) -> Parts:
    """https:// in ProxyPass, and TLS to backends is off."""
    body = _host(_TRUSTING.replace("SSLProxyEngine on\n", "") + _pass())
    return Parts(body, {ERP: ca.shows(ERP)}, {"corp-root.pem": ca.root.pem})


def depth(ca: Authorities) -> Parts:
    """The chain is complete, and longer than httpd follows."""
    body = _host(_TRUSTING + _pass())
    return Parts(body, {ERP: ca.below(ERP, ca.issuing)}, {"corp-root.pem": ca.root.pem})


def expired(ca: Authorities) -> Parts:
    """Only the backend's owner can help."""
    backends = {OLD: ca.shows(OLD, days=(-400, -3))}
    return Parts(_host(_TRUSTING + _pass(host=OLD)), backends, {"corp-root.pem": ca.root.pem})


def several(ca: Authorities) -> Parts:
    """Twelve routes; three of them fail, each for another reason, the last for its owner's."""
    works = _pass("/reports/") + "".join(_pass(f"/shop{number}/", SHOP) for number in range(1, 5))
    www = _TRUSTING + works + _pass("/crm/", CRM) + _pass("/old/", OLD) + _pass(host="127.0.0.1")
    api = _TRUSTING + "".join(_pass(f"/v{number}/", SHOP) for number in range(1, 5))
    backends = {
        ERP: ca.shows(ERP),
        CRM: ca.below(CRM),
        OLD: ca.shows(OLD, days=(-400, -3)),
        SHOP: ca.shows(SHOP),
    }
    beside = {"corp-root.pem": ca.root.pem, "corp-issuing.pem": ca.issuing.pem}
    return Parts(_host(www) + _host(api, API), backends, beside)


def self_signed(ca: Authorities) -> Parts:
    """The backend's certificate signed itself; its owner tells its fingerprint."""
    leaf = issue(ERP, dns=[ERP])
    fingerprint = leaf.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    backends = {ERP: Behaviour(Identity(leaf))}
    return Parts(_host(_STRICT + _pass()), backends, fingerprint=fingerprint)


def refused(ca: Authorities) -> Parts:
    """The server runs; what its file says by now httpd does not read."""
    body = _host(_TRUSTING + _pass())
    broken = "SSLProxyVerifyy require\n"
    return Parts(body, {ERP: ca.shows(ERP)}, {"corp-root.pem": ca.root.pem}, broken=broken)


def unclosed(ca: Authorities) -> Parts:
    """The server runs; its file lacks an end by now, which nobody but its author can place."""
    made = refused(ca)
    return replace(made, broken="<Location /new>\n    SSLProxyVerify require\n")


KINDS: dict[str, Callable[[Authorities], Parts]] = {
    kind.__name__: kind
    for kind in (
        internal_ca, no_ca_file, ip, ip_by_certificate, preserve, missing_intermediate, engine_off,
        depth, expired, several, self_signed, refused, unclosed,
    )
}  # fmt: skip

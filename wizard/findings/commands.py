"""Commands to paste: what the operator runs to look closer, and to load a repaired configuration.

Text from outside is quoted for a POSIX shell (IEEE 1003.1, 2.2).
"""

from __future__ import annotations

import shlex
from functools import lru_cache

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.model.config import HttpdInfo

_RHEL = "/usr/sbin/httpd"


def fix(facts: Facts, options: str) -> str:
    """``proxy-wizard fix`` for the same configuration; the options are ours and need no quoting."""
    return f"{_own('fix', facts.case.config)} {options}"


def check(facts: Facts) -> str:
    """``proxy-wizard check`` of the same configuration."""
    return _own("check", facts.case.config)


@lru_cache(maxsize=8)
def _own(command: str, config: str | None) -> str:
    program = f"proxy-wizard {command}"
    return program if config is None else f"{program} {shlex.quote(config)}"


def is_debian(httpd: HttpdInfo) -> bool:
    """Whether the httpd is Debian's apache2."""
    return (httpd.path or "").endswith("/apache2")


def configtest(httpd: HttpdInfo) -> str:
    """Test the configuration."""
    if is_debian(httpd):
        return "apache2ctl configtest"
    return "httpd -t" if httpd.path == _RHEL else "apachectl configtest"


def reload(httpd: HttpdInfo) -> str:
    """Test the configuration and, if it passes, load it without dropping a connection."""
    service = "apache2" if is_debian(httpd) else "httpd" if httpd.path == _RHEL else None
    load = f"systemctl reload {service}" if service else "apachectl graceful"
    return f"{configtest(httpd)} && {load}"


def load_modules(httpd: HttpdInfo, modules: tuple[str, ...]) -> str:
    """Load modules (``proxy_http_module`` …): a2enmod on Debian, else lines to add."""
    short = [name.removesuffix("_module") for name in modules]
    if is_debian(httpd):
        return f"a2enmod {' '.join(short)} && {configtest(httpd)} && systemctl restart apache2"
    return "\n".join(f"LoadModule {name}_module modules/mod_{name}.so" for name in short)


def system_store(httpd: HttpdInfo) -> str:
    """The file with the public authorities that the system trusts."""
    if httpd.path == _RHEL:
        return "/etc/pki/tls/certs/ca-bundle.crt"
    return "/etc/ssl/certs/ca-certificates.crt"


def s_client(facts: Facts, *options: str) -> str:
    """The handshake by hand, with httpd's SNI."""
    backend = facts.backend
    host = f"[{backend.host}]" if ":" in backend.host else backend.host
    where = ("-unix", backend.socket) if backend.socket else ("-connect", f"{host}:{backend.port}")
    naming = ("-servername", backend.sni) if backend.sni else ("-noservername",)
    proxy = ("-proxy", evidence.peer(facts)) if facts.forward_proxy is not None else ()
    words = ("openssl", "s_client", *proxy, *where, *naming, *options)
    return f"{shlex.join(words)} </dev/null"


def show_chain(facts: Facts) -> str:
    """The chain that the backend presents, as the operator can see it."""
    return s_client(facts, "-showcerts")


def lookup(facts: Facts) -> str:
    """What the system's resolver says of the name that httpd looks up."""
    asked = facts.probe.request if facts.probe is not None else None
    host = asked.peer[0] if asked is not None and asked.forward_proxy else facts.backend.host
    return shlex.join(("getent", "ahosts", host))


def curl(facts: Facts, *, tls: bool | None = None) -> str:
    """The backend's answer by hand, with the Host that httpd sends; over TLS as httpd does it,
    unless said otherwise."""
    backend = facts.backend
    encrypted = backend.uses_tls if tls is None else tls
    scheme = "https" if encrypted else "http"
    host = f"[{backend.host}]" if ":" in backend.host else backend.host
    words = ["curl", "-sv", "-o", "/dev/null", "-H", f"Host: {backend.host_header}"]
    if backend.socket:
        words += ["--unix-socket", backend.socket]
    if facts.forward_proxy is not None:
        words += ["-x", f"http://{evidence.peer(facts)}"]
    if encrypted:
        words.append("-k")  # the answer is looked at here, not the certificate
    return shlex.join([*words, f"{scheme}://{host}:{backend.port}{backend.path or '/'}"])

"""The OpenSSL that httpd links: its version, its security level, and what it offers.

The OpenSSL in pyOpenSSL's wheel knows neither the distribution's defaults nor openssl.cnf. The
security level decides which keys and signatures pass (X509_V_ERR 66, 67, 68) and which protocol
versions are possible (SSL_CTX_set_security_level(3)); groups, signature algorithms, ciphers for
TLS 1.3 and options are openssl.cnf's (measured: mod_ssl itself sets only the versions, and the
ciphers up to TLS 1.2). So the library that httpd's mod_ssl loads is asked, with the openssl.cnf of
httpd's service: the system's own in this process, where Python loads it too and reads the same
file, any other in another process.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

from wizard.config.installation import linked, openssl_process, ownership
from wizard.model.probe import ProbeRequest
from wizard.probe import client_hello, openssl_default
from wizard.record import record

LIBRARY = "libssl.so.3"
SYSTEM_PROFILE = Path("/etc/crypto-policies/back-ends/openssl.config")
"""The cipher list that PROFILE=SYSTEM means on RHEL and Fedora (crypto-policies(7))."""
USUAL_LEVEL = 2
"""Of Debian, Ubuntu, RHEL, and of OpenSSL itself since 3.2."""
_SECONDS = 10.0
"""Seconds for the answer of another process."""
_CONF = "OPENSSL_CONF"
LEGACY_SERVER_CONNECT = 0x4
"""SSL_OPLEGACY_SERVER_CONNECT (SSL_CTX_set_options(3))."""


@record
class SystemTls:
    """What an OpenSSL does by default.

    Args:
        security_level: 0 to 5.
        version: as OpenSSL gives it; None if it could not be asked.
        legacy_servers: servers without secure renegotiation (RFC 5746) are accepted.
        offered: what a client offers; None: not known.
        objection: why the openssl.cnf of httpd's service was not read, a clause that goes with the
            file's name; ``""``: it was, or there is none.
    """

    security_level: int = USUAL_LEVEL
    version: str | None = None
    legacy_servers: bool = False
    offered: client_hello.Offered | None = None
    objection: str = ""


def of(request: ProbeRequest) -> SystemTls:
    """What the OpenSSL of a request's httpd does."""
    return ask(request.libssl, request.openssl_conf)


@cache
def ask(libssl: str | None = None, conf: str | None = None) -> SystemTls:
    """Ask the library that httpd's mod_ssl loads, openssl.cnf included; each once.

    Args:
        libssl: its path; None: the system's own.
        conf: OPENSSL_CONF of httpd's service, ``""`` if it has none; None: not known, this
            process's counts.
    """
    own = os.environ.get(_CONF, "")
    wanted = own if conf in (None, own) else _from_root(conf or "")
    objection = _objection(wanted) if wanted != own else ""
    if objection:
        wanted = ""
    if wanted == own and (libssl is None or _is_the_systems(libssl)):
        found = openssl_default.ask(LIBRARY)
    else:
        found = _in_another_process(libssl or linked.standard(LIBRARY) or LIBRARY, wanted)
    if found is None:
        return SystemTls(objection=objection)
    level, version, options, hello = found
    return SystemTls(
        level,
        version,
        bool(options & LEGACY_SERVER_CONNECT),
        client_hello.parse(bytes.fromhex(hello)),
        objection,
    )


def _from_root(conf: str) -> str:
    """The file, links followed; a relative name from /, where systemd starts httpd."""
    return os.path.realpath(f"/{conf}") if conf else ""


def _objection(conf: str) -> str:
    """Why an openssl.cnf is not to be loaded: it can name code to run (engines, providers)."""
    there = conf != os.devnull and os.path.lexists(conf)
    return ownership.objection(conf) if there else ""


def _is_the_systems(libssl: str) -> bool:
    own = linked.standard(LIBRARY)
    try:
        return own is not None and Path(own).samefile(libssl)
    except (OSError, ValueError):
        return False


def _in_another_process(libssl: str, conf: str) -> openssl_default.Answer | None:
    """What an OpenSSL says that Python has not loaded, or has with another openssl.cnf.

    Loading a library runs its code: one that other users can have put there is not loaded.
    """
    if ownership.objection(os.path.realpath(libssl)):
        return None
    env = {k: v for k, v in os.environ.items() if k.startswith("OPENSSL_") and k != _CONF}
    if conf:
        env[_CONF] = conf
    try:
        answer = json.loads(openssl_process.ask(openssl_default, libssl, env, seconds=_SECONDS))
    except ValueError:
        return None
    return None if answer is None else tuple(answer)


@cache
def ciphers(suite: str) -> str:
    """A cipher list without PROFILE=SYSTEM, which only those distributions' OpenSSL knows."""
    if not suite.upper().startswith("PROFILE=SYSTEM"):
        return suite
    try:
        listed = SYSTEM_PROFILE.read_text("ascii", "replace").strip()
    except OSError:
        listed = ""
    return listed or "DEFAULT"

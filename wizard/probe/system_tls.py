"""The OpenSSL that httpd links: its version and security level.

The OpenSSL in pyOpenSSL's wheel knows neither the distribution's defaults nor openssl.cnf. The
security level decides which keys and signatures pass (X509_V_ERR 66, 67, 68) and which protocol
versions are possible (SSL_CTX_set_security_level(3)). So the library that httpd's mod_ssl loads is
asked: the system's own in this process, where Python loads it too, any other in another process.
"""

from __future__ import annotations

import json
import os
import subprocess  # nosec B404 # argument lists only, no shell
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wizard import executable
from wizard.config.installation import linked, ownership
from wizard.probe import openssl_default

LIBRARY = "libssl.so.3"
SYSTEM_PROFILE = Path("/etc/crypto-policies/back-ends/openssl.config")
"""The cipher list that PROFILE=SYSTEM means on RHEL and Fedora (crypto-policies(7))."""
USUAL_LEVEL = 2
"""Of Debian, Ubuntu, RHEL, and of OpenSSL itself since 3.2."""
_SECONDS = 10.0
"""Seconds for the answer of another process."""


@dataclass(frozen=True, slots=True)
class SystemTls:
    """What an OpenSSL does by default.

    Args:
        security_level: 0 to 5.
        version: as OpenSSL gives it; None if it could not be asked.
    """

    security_level: int = USUAL_LEVEL
    version: str | None = None


@cache
def ask(libssl: str | None = None) -> SystemTls:
    """Ask the library that httpd's mod_ssl loads, openssl.cnf included; each library once.

    Args:
        libssl: its path; None: the system's own.
    """
    if libssl is None or _is_the_systems(libssl):
        found = openssl_default.ask(LIBRARY)
    else:
        found = _in_another_process(libssl)
    return SystemTls() if found is None else SystemTls(*found)


def _is_the_systems(libssl: str) -> bool:
    own = linked.standard(LIBRARY)
    try:
        return own is not None and Path(own).samefile(libssl)
    except (OSError, ValueError):
        return False


def _in_another_process(libssl: str) -> tuple[int, str] | None:
    """Version and level of an OpenSSL that Python has not loaded.

    Loading a library runs its code: one that other users can have put there is not loaded.
    """
    if ownership.objection(os.path.realpath(libssl)):
        return None
    directory = str(Path(libssl).parent)  # its libcrypto is there too
    env = {k: v for k, v in os.environ.items() if k.startswith("OPENSSL_")}
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # our own interpreter and file
            [*executable.helper(openssl_default), libssl],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=executable.environment({**env, "LD_LIBRARY_PATH": directory}),
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return None if answer is None else (int(answer[0]), str(answer[1]))


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

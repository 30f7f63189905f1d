"""What the proof by a real httpd needs on this machine, and how it is installed."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Mapping

from wizard.record import record


@record
class _Packages:
    """How a family of distributions installs what is needed.

    Args:
        command: of its package manager, up to the packages' names.
        httpd: packages of httpd with mod_ssl.
        names: package of libnss_wrapper, by which httpd resolves the lab's names.
    """

    command: str
    httpd: tuple[str, ...]
    names: str


_DEBIAN = _Packages("apt-get install", ("apache2",), "libnss-wrapper")
_RHEL = _Packages("dnf install", ("httpd", "mod_ssl"), "nss_wrapper")
_FAMILIES = {"debian": _DEBIAN, "ubuntu": _DEBIAN, "rhel": _RHEL, "fedora": _RHEL}
"""By os-release's ID or a word of its ID_LIKE (os-release(5))."""


def how(*, httpd: bool, names: bool, release: Mapping[str, str] | None = None) -> str:
    """How to get the proof by a real httpd on this machine.

    Args:
        httpd: whether there is one.
        names: whether it can resolve the lab's names.
        release: os-release's fields; None: this machine's.

    Returns:
        One line; empty if nothing is missing.
    """
    if httpd and names:
        return ""
    if release is None:
        release = {}
        with contextlib.suppress(OSError):  # there is none
            release = platform.freedesktop_os_release()
    ids = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    family = next((_FAMILIES[each] for each in ids if each in _FAMILIES), None)
    if family is None:
        missing = ("Apache httpd with mod_ssl",) * (not httpd) + ("libnss_wrapper",) * (not names)
        return f"For the proof by a real httpd install {' and '.join(missing)}."
    packages = family.httpd * (not httpd) + (family.names,) * (not names)
    return f"For the proof by a real httpd: {family.command} {' '.join(packages)}"

"""Which httpd's rules hold, in words: the first line of every report, and its notes."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.model.config import Configuration
from wizard.model.httpd_info import HttpdInfo
from wizard.reference import backports
from wizard.reference.behaviours import BEHAVIOURS
from wizard.reference.release import NEWEST, Version, dotted, parse
from wizard.text import printable

OLDEST: Version = (2, 4, 37)
"""The oldest release that is still somewhere in use: RHEL 8's. Older ones are known less well."""


def headline(configuration: Configuration) -> str:
    """The configuration, its layout, whose rules hold and how that was found: one line."""
    return (
        f"{printable(configuration.root)} ({configuration.layout} layout): "
        f"{rules(configuration.httpd)}"
    )


def rules(httpd: HttpdInfo) -> str:
    """Whose rules hold, and how that was found.

    Returns:
        ``httpd 2.4.71 with OpenSSL 3.0.19, which runs with it (pid 812)``.
    """
    known = f"httpd {httpd.version or dotted(NEWEST.httpd)} with "
    if httpd.assumed:
        openssl = httpd.openssl or dotted(NEWEST.openssl)
        return f"{known}OpenSSL {openssl} is assumed, the newest known"
    openssl = httpd.openssl or f"{dotted(NEWEST.openssl)} (assumed)"
    found = f", {printable(httpd.found)}" if httpd.found else ""
    return f"{known}OpenSSL {openssl}{found}"


def short(httpd: HttpdInfo) -> str:
    """Whose rules hold, where there is little room: ``httpd 2.4.71, OpenSSL 3.0.19``."""
    release = httpd.release
    assumed = " (assumed)" if httpd.assumed else ""
    return (
        f"httpd {httpd.version or dotted(release.httpd)}, "
        f"OpenSSL {httpd.openssl or dotted(release.openssl)}{assumed}"
    )


def notes(httpd: HttpdInfo, *, wizard: bool = False, whole: bool = True) -> Iterator[str]:
    """What the operator should know of whose rules hold, each a sentence or two.

    Args:
        httpd: whose.
        wizard: for the wizard, which takes these options at its start and has steps for commands.
        whole: also what a distribution may have changed.
    """
    asks = "Step 5 asks it." if wizard else "`prove` asks it."
    if httpd.unasked:
        yield printable(httpd.unasked)
    if httpd.assumed:
        yield (
            "Which httpd is meant can be said when the wizard is started."
            if wizard
            else "Say which httpd is meant: --httpd FILE (it is run then), or --httpd-version and "
            "--openssl-version."
        )
        return
    release = parse(httpd.version)
    if release is not None and release < OLDEST:
        yield (
            f"httpd {httpd.version} is older than {dotted(OLDEST)}: what is known to differ is "
            f"counted, the rest is as in later releases. {asks}"
        )
    if release is not None and release > NEWEST.httpd:
        yield (
            f"httpd {httpd.version} is newer than {dotted(NEWEST.httpd)}, the newest that was "
            f"measured: its rules are taken for those of that one. {asks}"
        )
    if httpd.backports and whole:
        yield f"Its distribution takes changes of later releases into httpd {httpd.version}."
        titles = [BEHAVIOURS[name].title for name in backports.uncertain(httpd.release)]
        if titles:
            yield f"Uncertain is therefore whether {'; '.join(titles)}. {asks}"

"""Browser, httpd and backend in two lines, with the stages of httpd's connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from wizard.text import printable

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport

_WITH_BROWSER: Final = 72
_WITH_TIMES: Final = 100
_OF_TLS: Final = {"verify": "issuer", "name": "name", "expiry": "date", "tls": "handshake"}
"""The stage at which httpd refuses a certificate, in a word."""
_OF_OPENSSL: Final = {
    9: "date", 10: "date", 13: "date", 14: "date", 18: "self-signed", 22: "depth", 23: "revoked",
    26: "purpose",
}  # fmt: skip
"""What OpenSSL refuses, in a word (X509_V_ERR_*, x509_vfy.h)."""


_OF_MOD_SSL: Final = {"chain-too-deep": "depth"}
"""What mod_ssl refuses by itself, by the finding."""


def picture(session: Session, glyphs: Glyphs, width: int) -> Text:
    """Browser, httpd and backend; below the stages of httpd's connection.

    Args:
        session: has the route.
        glyphs: the signs of this terminal.
        width: columns of the screen; only where there are many, what each stage took is told, and
            where there are few, the browser is left out.
    """
    route = session.route
    if route is None:
        return Text("")
    found = session.diagnosis
    probe = found.case.probe if found is not None else session.probing
    broken = found is not None and found.verdict.outcome == "fail"
    front = "https" if route.vhost.front_tls.value else "http"
    head, tail = glyphs.line, glyphs.broken if broken else glyphs.arrow
    style = "red" if broken else "green" if found is not None else "dim"
    text = Text(overflow="ellipsis", no_wrap=True)
    browser = f"Browser {head} {front} {glyphs.arrow} " if width >= _WITH_BROWSER else ""
    text.append(f"{browser}httpd {head} ")
    text.append(f"{printable(route.backend.scheme, 10)} {tail}", style)
    where = route.backend.socket or f"{route.backend.host or '?'}:{route.backend.port}"
    text.append(f" {printable(where, 200)}\n")
    failed = _refused(found) if broken and found is not None else ("", "")
    text.append(" " * len(browser))
    return text.append_text(stages(route, probe, failed, glyphs, times=width >= _WITH_TIMES))


def _refused(found: Diagnosis) -> tuple[str, str]:
    """The stage that fails, and of TLS what is refused in a word."""
    stage, error = found.verdict.stage or "", found.verdict.openssl
    word = _OF_TLS.get(stage, "")
    if stage == "verify" and found.findings and found.findings[0].slug in _OF_MOD_SSL:
        word = _OF_MOD_SSL[found.findings[0].slug]
    return stage, _OF_OPENSSL.get(error.code, word) if error is not None else word


def stages(
    route: Route,
    probe: ProbeReport | None,
    failed: tuple[str, str],
    glyphs: Glyphs,
    *,
    times: bool,
) -> Text:
    """``DNS ✓   TCP ✓   TLS ✗ name   HTTP –``

    Args:
        route: to the backend.
        probe: what is known by now.
        failed: the stage that fails and a word for it; empty: none does.
        glyphs: the signs of this terminal.
        times: whether there is room for what each stage took.
    """
    text = Text()
    for name, good, word, seconds in _stages(route, probe, failed):
        if text:
            text.append("   ")
        sign = glyphs.none if good is None else glyphs.good if good else glyphs.bad
        style = "dim" if good is None else "green" if good else "red"
        text.append(f"{name} ")
        text.append(f"{sign} {word}".rstrip(), style)
        if times and seconds is not None:
            text.append(f" {seconds * 1000:.0f} ms", "dim")
    return text


_Stage = tuple[str, bool | None, str, float | None]


def _stages(route: Route, probe: ProbeReport | None, failed: tuple[str, str]) -> list[_Stage]:
    """Name, whether it went well (None: it was not reached), a word, seconds."""
    stage, refused = failed
    dns, tcp, tls, http = (
        (probe.dns, probe.tcp, probe.tls, probe.http) if probe else (None, None, None, None)
    )
    found: list[_Stage] = [
        ("DNS", None, "", None) if dns is None else
        ("DNS", bool(dns.addresses), "" if dns.addresses else "no such name", dns.seconds),
        ("TCP", None, "", None) if tcp is None else
        ("TCP", tcp.address is not None, "" if tcp.address else "refused", tcp.seconds),
    ]  # fmt: skip
    if route.backend.uses_tls:
        if tls is None:
            found.append(("TLS", None, "", None))
        else:
            good = tls.completed and stage not in _OF_TLS
            word = "" if good else refused
            found.append(("TLS", good, word, tls.seconds))
    if http is None or stage in _OF_TLS:
        found.append(("HTTP", None, "", None))
    else:
        good = http.status is not None and http.status < 500 and stage != "http"
        found.append(("HTTP", good, str(http.status or ""), http.seconds))
    return found

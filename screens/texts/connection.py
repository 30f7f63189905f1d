"""Browser, httpd and backend in two lines, with the stages of httpd's connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from wizard.text import printable
from wizard.wording import connection as wording
from wizard.wording.connection import Stage

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport
    from wizard.wording.connection import State

_WITH_BROWSER: Final = 72
_WITH_TIMES: Final = 82
_OF_BACKEND: Final = frozenset({"DNS", "TCP", "TLS", "HTTP"})
_OF_TLS: Final = {"verify": "issuer", "name": "name", "expiry": "date", "tls": "handshake"}
"""The stage at which httpd refuses a certificate, in a word."""
_SIGNS: Final[dict[State, tuple[str, str]]] = {
    "good": ("good", "green"), "bad": ("bad", "red"), "weak": ("good", "yellow"),
    "aside": ("none", "dim"), "waits": ("none", "dim"), "unknown": ("unknown", "cyan"),
}  # fmt: skip
"""State to a sign of the terminal, and its style."""
_OF_OPENSSL: Final = {
    9: "date", 10: "date", 13: "date", 14: "date", 18: "self-signed", 22: "depth", 23: "revoked",
    26: "purpose",
}  # fmt: skip
"""What OpenSSL refuses, in a word (X509_V_ERR_*, x509_vfy.h)."""


_OF_MOD_SSL: Final = {"chain-too-deep": "depth", "engine-off": "engine off"}
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
    broken = found is not None and found.reached.outcome == "fail"
    front = "https" if route.vhost.front_tls.value else "http"
    head, tail = glyphs.line, glyphs.broken if broken else glyphs.arrow
    style = "red" if broken else "green" if found is not None else "dim"
    if found is not None and found.verdict.answers_itself:
        tail, style = glyphs.line, "dim"  # no connection is tried
    text = Text(overflow="ellipsis", no_wrap=True)
    browser = f"Browser {head} {front} {glyphs.arrow} " if width >= _WITH_BROWSER else ""
    text.append(f"{browser}httpd {head} ")
    text.append(f"{printable(route.backend.scheme, 10)} {tail}", style)
    where = route.backend.socket or f"{route.backend.host or '?'}:{route.backend.port}"
    text.append(f" {printable(where, 200)}\n")
    text.append(" " * len(browser))
    return text.append_text(row(route, probe, found, glyphs, times=width >= _WITH_TIMES))


def row(
    route: Route,
    probe: ProbeReport | None,
    found: Diagnosis | None,
    glyphs: Glyphs,
    *,
    times: bool,
) -> Text:
    """``DNS ✓   TCP ✓   TLS ✗ name   HTTP –``; ``Access ✗ 403   DNS –`` … where httpd answers.

    Args:
        route: to the backend.
        probe: what is known by now.
        found: once it is known how the connection ended.
        glyphs: the signs of this terminal.
        times: whether there is room for what each stage took.
    """
    reached = {stage.name: stage for stage in wording.stages(route, probe, found)}
    if found is not None and found.reached.stage == "dns" and wording.is_aside(found):
        reached["DNS"] = Stage("DNS", "bad")  # httpd looks another name up than the probe
    text = Text()
    own = tuple(name for name in reached if name not in _OF_BACKEND)
    for name in (*own, "DNS", "TCP", *(("TLS",) if route.backend.uses_tls else ()), "HTTP"):
        stage = reached.get(name)
        if text:
            text.append("   ")
        sign, style = _SIGNS[stage.state if stage is not None else "waits"]
        text.append(f"{name} ")
        word = _word(stage, probe, found) if name not in own else _status(found)
        text.append(f"{getattr(glyphs, sign)} {word}".rstrip(), style)
        if times and stage is not None and stage.state != "aside" and stage.seconds is not None:
            text.append(f" {stage.seconds * 1000:.0f} ms", "dim")
    return text


def _status(found: Diagnosis | None) -> str:
    """What httpd itself answers."""
    return str(found.verdict.status or "") if found is not None else ""


def _word(stage: Stage | None, probe: ProbeReport | None, found: Diagnosis | None) -> str:
    """What is to be known of a stage at a glance."""
    if stage is None or probe is None:
        return ""
    if stage.name == "HTTP" and stage.state in ("good", "bad", "weak") and probe.http is not None:
        return str(probe.http.status or "no answer")
    if stage.state != "bad":
        return ""
    if stage.name == "TLS" and found is not None:
        return _refused(found)
    if stage.name == "DNS" and not stage.text:
        return "another name"
    return {"DNS": "no such name", "TCP": "no connection"}.get(stage.name, "")


def _refused(found: Diagnosis) -> str:
    """What of the certificate or the handshake is refused, in a word."""
    word = _OF_TLS.get(found.reached.stage or "", "")
    if found.reached.openssl is not None:
        return _OF_OPENSSL.get(found.reached.openssl.code, word)
    cause = found.findings[0].slug if found.findings else ""
    return _OF_MOD_SSL.get(cause, word)

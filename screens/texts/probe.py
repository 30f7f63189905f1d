"""What a probe found, in words: how the connection goes, and what can be asked besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.hanging import hanging
from wizard.model.scope import Assumed
from wizard.text import printable
from wizard.wording import connection

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.wording.connection import Check, Checks, Stage, State

_HEADS: Final = {
    "good": "bold green", "bad": "bold red", "weak": "bold yellow", "unknown": "bold cyan",
    "aside": "dim", "waits": "cyan",
}  # fmt: skip
_ROWS: Final = {
    "good": "green", "bad": "red", "weak": "yellow", "unknown": "cyan", "aside": "dim",
    "waits": "dim",
}  # fmt: skip
_NAME: Final = 7
"""Columns of ``DNS``, ``TLS``, ``HTTP``."""


def headline(session: Session, glyphs: Glyphs, width: int) -> Text:
    """How the connection goes, in a sentence: what the eye lands on."""
    state, said = _sentence(session)
    style = _HEADS[state]
    return hanging(Text(f"{_sign(state, glyphs)} ", style), Text(said, style), width)


def _sentence(session: Session) -> tuple[State, str]:
    found = session.diagnosis
    if found is not None:
        return connection.sentence(found)
    if session.load_error:
        return "bad", session.load_error
    if session.configuration is not None and session.route is None:
        return "unknown", session.nothing_proxied
    if session.probe_error:
        return "unknown", session.probe_error
    if session.route is not None and "probe" in session.stops:
        return "waits", "The backend is being asked: Esc cancels"
    if session.route is not None:
        return "unknown", "This backend was not asked yet: Enter asks it"
    return "waits", "The configuration is being read"


def asked(session: Session, glyphs: Glyphs) -> str:
    """How many backends have answered, while all are asked; empty: they are not."""
    if session.asked is None:
        return ""
    done, total = session.asked
    return f"{done} of {total} backends asked {glyphs.ellipsis} Esc cancels"


def connected(session: Session, glyphs: Glyphs, width: int) -> Text:
    """A row for each stage of the connection: sign, what happened, milliseconds.

    Args:
        session: has the route.
        glyphs: the signs of this terminal.
        width: columns.
    """
    route, found = session.route, session.diagnosis
    if route is None or (found is None and "probe" not in session.stops):
        return Text("")
    if found is not None and found.case.probe is None:
        return Text.assemble(
            (f"{glyphs.mark} Nobody has asked the backend yet: Enter asks it", "bold")
        )
    probe = found.case.probe if found is not None else session.probing
    stages = connection.stages(route, probe, found)
    names = max((_NAME, *(len(stage.name) + 1 for stage in stages)))
    rows = [_row(stage, glyphs, width, names) for stage in stages]
    if found is not None and rows and connection.is_aside(found):
        note = "httpd does not get there: this is what the backend shows to this program."
        rows.append(hanging("  ", Text(note, "dim"), width))
    notes = probe.notes if probe is not None else ()
    rows += [hanging("  ", Text(printable(note), "dim"), width) for note in notes]
    return Text("\n").join(rows)


def _row(stage: Stage, glyphs: Glyphs, width: int, names: int) -> Text:
    dim = "dim" if stage.state in ("aside", "waits") else ""
    head = Text.assemble((f"{_sign(stage.state, glyphs)} ", _ROWS[stage.state]))
    head.append(f"{stage.name:<{names}}", dim)
    took = f"{stage.seconds * 1000:.0f} ms" if stage.seconds is not None else ""
    body = Text(stage.text or glyphs.ellipsis, dim)
    room = width - head.cell_len - len(took) - 2
    if stage.checks is not None:
        told = _told(stage.checks, glyphs, dim)
        fits = body.cell_len + 2 + told.cell_len <= room
        body.append("; " if fits else "\n").append_text(told)
        fits = fits and body.cell_len + 2 + len(stage.more) <= room
        if fits and stage.more:
            body.append(f"  {stage.more}", "dim")
    return hanging(head, body, width, took)


def _told(checks: Checks, glyphs: Glyphs, style: str) -> Text:
    """``chain ✓ dates ✓ name ✗``, and which are not made."""
    text = Text()
    signs: dict[Check, tuple[str, str]] = {
        "holds": (glyphs.good, "green"), "fails": (glyphs.bad, "red"),
        "unknown": (glyphs.unknown, "cyan"),
    }  # fmt: skip
    for name, check in zip(checks._fields, checks, strict=True):
        if check in signs:
            sign, colour = signs[check]
            text.append(f"{' ' if text else ''}{name} ", style).append(sign, style or colour)
    if checks.unchecked:
        text.append("; " if text else "", style)
        text.append(f"{', '.join(checks.unchecked)} not checked", style or "yellow")
    return text


def _sign(state: State, glyphs: Glyphs) -> str:
    return {
        "good": glyphs.good, "bad": glyphs.bad, "weak": glyphs.warn, "unknown": glyphs.unknown,
        "aside": glyphs.none, "waits": glyphs.waiting,
    }[state]  # fmt: skip


def assumable(diagnosis: Diagnosis | None, assumed: Sequence[Assumed]) -> str | None:
    """Which name could be taken to lead where, for ``Assumed.parsed``; None: nothing needs one.

    Args:
        diagnosis: of the route; None: it was not probed yet.
        assumed: names that are taken to lead somewhere.
    """
    if assumed:
        return " ".join(map(str, assumed))
    probe = diagnosis.case.probe if diagnosis else None
    if diagnosis is None or probe is None:
        return None
    if probe.dns is not None and not probe.dns.addresses:
        return f"{probe.request.peer[0]}:"
    named = any(f.slug == "ip-address-backend" for f in diagnosis.findings)
    covered = probe.tls.leaf.dns_names if probe.tls is not None and probe.tls.leaf else ()
    host = diagnosis.case.route.backend.host
    fitting = (str(Assumed(name, host)) for name in covered if "*" not in name)
    return next(fitting, None) if named else None


def only_path(route: Route) -> str:
    """Why no other path of a route can be asked for; empty where any below it can."""
    only = f"The wizard can ask for {printable(route.request_path, 200)} only."
    pattern = printable(route.path, 200)
    if route.kind.startswith("RewriteRule"):
        return (
            "This route is a RewriteRule: what becomes of a path depends on what its pattern "
            f"{pattern} matches, and on the rules and conditions around it. {only}"
        )
    if "Match" in route.kind or not route.request_path.startswith(route.path):
        return (
            f"This route is a {route.kind} with a pattern: the backend's URL is made of what "
            f"{pattern} matches in the path. {only}"
        )
    return ""


def outside(route: Route, path: str) -> str:
    """Why a path is none of a route's."""
    asked, own = printable(path, 200) or "An empty path", printable(route.path, 200)
    return f"{asked} does not begin with {own}: httpd does not take this route for it."

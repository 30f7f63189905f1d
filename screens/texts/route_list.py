"""The routes in a column, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from screens import order
from screens.terminal.glyphs import Glyphs
from screens.texts.route import shortened, vhost_name
from wizard.wording import entries

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route


def routes(session: Session, glyphs: Glyphs, width: int, height: int) -> tuple[str, Text]:
    """The routes in a column, the worst first, the current one marked.

    Args:
        session: has them.
        glyphs: the signs of this terminal.
        width: columns.
        height: rows; those around the current one are shown.

    Returns:
        Title and rows.
    """
    known = {route.id: route for route in session.routes}
    ordered = order.worst_first(session.routes, session.diagnoses)
    failing = len(order.faults(session))
    title = f"Routes {glyphs.dot} {failing} of {len(ordered)} fail{'s' * (failing == 1)}"
    if session.asked is not None:
        title = f"Routes {glyphs.dot} {session.asked[0]} of {session.asked[1]} asked"
    at = ordered.index(session.current) if session.current in ordered else 0
    first = max(0, min(at - height // 2, len(ordered) - height))
    text = Text()
    for route in ordered[first : first + height]:
        text.append_text(_route(known[route], session, glyphs, width))
    return title, text


def _route(route: Route, session: Session, glyphs: Glyphs, width: int) -> Text:
    found = session.diagnoses.get(route.id)
    sign, style, answer = glyphs.waiting, "dim", glyphs.ellipsis
    if found is not None:
        sign, style = {
            "critical": (glyphs.bad, "red"), "warning": (glyphs.warn, "yellow"),
            "ok": (glyphs.good, "green"), "unknown": (glyphs.unknown, "cyan"),
        }[found.severity]  # fmt: skip
        answer = str(found.verdict.status or entries.state(found))
    here = route.id == session.current
    mark = glyphs.mark if here else " "
    name = shortened(f"{vhost_name(route)} {route.path}", max(8, width - len(answer) - 5)).plain
    text = Text.assemble((f"{mark}{sign} {answer} ", style), (name, "bold" if here else ""))
    return text.append("\n")

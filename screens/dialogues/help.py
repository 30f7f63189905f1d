"""The keys: those of what is shown first, then those that every step has; and hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Label, Static

from screens.dialogues.base import Dialogue
from screens.texts.steps import Step
from screens.widgets import keys
from screens.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.dom import DOMNode

_STEP: Final = "step."
"""How the ids of the keys begin that lead to a step."""
_EVERYWHERE: Final = (
    ("Enter", "what is marked with ›: answer, go on, unfold"),
    ("↓ ↑", "the list that has the focus; on the case the next route"),
    ("PgDn PgUp", "scroll, wherever the focus is"),
    ("Tab", "to the next part of the screen; in a path it completes the name first, as a shell "
     "does"),
    ("Esc", "leave a field, close a dialogue, end what is under way, back to the case; it never "
     "changes anything"),
    ("y n", "only in a question: write, or do not"),
)  # fmt: skip
_HINTS: Final = (
    ("copy", "what is copied is sent to your terminal (OSC 52). tmux passes it on with "
     "`set -s set-clipboard on`; some terminals ignore it. To save works everywhere."),
    ("mouse", "to select text, hold Shift (in iTerm: Option) while you drag"),
    ("colours", "NO_COLOR=1 in the environment: none; d: dark or light, kept for the next start"),
    ("quit", "nothing is written to the server unless you answered a question with y; a change "
     "that is being written is finished first"),
)  # fmt: skip
_Row = tuple[str, str, bool]
"""A key, what it does, whether it can do it just now."""


class HelpDialogue(Dialogue):
    """Keys and hints about the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "leave", "Close", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        """What this step is about, its keys, all others."""
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else self
        with Vertical(classes="dialogue page"):
            yield Label(_title(below), classes="title", markup=False)
            with VerticalScroll():
                yield Static(Group(*_page(below)))
        yield KeyBar()


def _step(screen: Screen[Any]) -> Step | None:
    step = getattr(screen, "STEP", None)
    return step if isinstance(step, Step) else None


def _title(screen: Screen[Any]) -> str:
    step = _step(screen)
    if step is None:
        return "Keys of this dialogue"
    return f"Keys of step {step.number}, {step.title}" if step.number else "Keys of the case"


def _page(screen: Screen[Any]) -> Iterator[Table | Text]:
    step = _step(screen)
    if step is not None and step.sentence:
        yield Text(step.sentence, "dim")
    yield _table(own_keys(screen))
    for title, rows in (
        ("Everywhere", [*_plain(_EVERYWHERE), *general_keys(screen.app)]),
        ("Good to know", _plain(_HINTS)),
    ):
        yield Text(f"\n{title}", "bold")
        yield _table(rows)


def _table(rows: Iterable[_Row]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=9)
    table.add_column()
    for key, what, enabled in rows:
        table.add_row(Text(key), Text(what, "" if enabled else "dim"))
    return table


def _plain(rows: Iterable[tuple[str, str]]) -> list[_Row]:
    return [(key, what, True) for key, what in rows]


def own_keys(screen: Screen[Any]) -> list[_Row]:
    """The keys of the widget that has the focus, of the screen, and of its other widgets, those
    that are not in the footer, too.

    Args:
        screen: that the help is about.
    """
    inside = screen.focused.ancestors_with_self if screen.focused is not None else ()
    nodes: list[DOMNode] = [one for one in inside if isinstance(one, Widget)]
    found = keys.with_id([*nodes, screen, *screen.query("*")])
    found.sort(key=lambda each: keys.place_of(each[1][0]))
    rows = [*_unnamed(screen), *(_row(screen, node, bindings) for node, bindings in found)]
    return sorted(rows, key=lambda row: not row[2])  # what can be done now first


def _unnamed(screen: Screen[Any]) -> Iterator[_Row]:
    """What a list does on Enter: only the screen can say it."""
    label = screen.key_label("enter") if isinstance(screen, keys.NamesKeys) else None
    if label:
        yield keys.name_of(screen.app, Binding("enter", "")), label, True


def general_keys(app: App[Any]) -> list[_Row]:
    """The keys that every step has.

    Args:
        app: whose keys they are.
    """
    screen, rows = app.screen, []
    steps = []
    for node, bindings in keys.with_id([app]):
        name, binding = bindings[0].key, bindings[0]
        if (binding.id or "").startswith(_STEP) and name != "0":
            steps.append(name)
        elif binding.id != "help.f1":
            rows.append(_row(screen, node, bindings))
    if steps:
        rows.insert(0, (f"{steps[0]} … {steps[-1]}", "that step in full", True))
    return [*rows, ("^p", "every action by name", True)]


def _row(screen: Screen[Any], node: DOMNode, bindings: list[Binding]) -> _Row:
    first = bindings[0]
    names = dict.fromkeys(keys.name_of(screen.app, binding) for binding in bindings)
    what = first.tooltip or first.description
    state = keys.state_of(screen, node, first)
    if state is None:
        what = f"{what}. Not now: {keys.why_not(screen, first.key)}"
    elif not state:
        what = f"{what} (not now)"
    return " ".join(names), what, bool(state)

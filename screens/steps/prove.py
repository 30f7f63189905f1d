"""Step 5: one result, what differs, httpd's log folded; below it the changes that were made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.events import Click
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Static

from screens import order
from screens.steps.base import ROOMY, ROUTES, VAST, WIDE, StepScreen
from screens.texts import case, comparison, journal, prove, steps
from screens.texts.journal import Journal
from screens.widgets.block import Block
from wizard.model.change import Change
from wizard.wording.moment import moment

_LOGS: Final = ("log-before", "log-after")
_ONWARD: Final = "onward"
_LIMITS: Final = "limits"
_FRAME: Final = 8
"""Columns that a frame and what stands around it take."""


class Page(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Holds everything; the arrows move the mark, so they do not scroll it."""


class ProveScreen(StepScreen):
    """What a private httpd did before and after the plan; what was written here, and undone."""

    STEP = steps.PROVE
    AUTO_FOCUS = "#prove"
    SCROLLS = "#prove"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Unfold", id="prove.enter",
                tooltip="Unfold what is marked; after a change on to the case"),
        Binding("a", "apply", "Apply…", id="prove.apply",
                tooltip="Show what would be written, and ask"),
        Binding("r", "rehearse", "Rehearse", id="prove.rehearse",
                tooltip="Try the plan on a private httpd on loopback, again"),
        Binding("u", "undo", "Undo…", id="prove.undo",
                tooltip="Undo the marked change, else the last one; asks first"),
        Binding("f", "finish", "Finish…", id="prove.finish",
                tooltip="Finish the change that was interrupted; asks first"),
        Binding("down", "mark(1)", "Mark", show=False, id="prove.down", tooltip="Mark the next"),
        Binding("up", "mark(-1)", "Mark", show=False, id="prove.up", tooltip="Mark the one before"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    ProveScreen {
        #outcome, #rehearsed { height: auto; margin: 1 1 0 1; max-width: 104; }
        #against, #asked-besides, #limits, #onward { height: auto; padding: 0 1; }
        #against, #asked-besides, #limits { max-width: 104; }
        #comparison { height: auto; margin: 1 1; max-width: 104; }
        #logs { height: auto; layout: vertical; }
        #logs Static { height: auto; padding: 0 1; }
        &.-wide #logs, &.-vast #logs { layout: horizontal; }
        &.-wide #logs Static, &.-vast #logs Static { width: 1fr; }
        #changes { margin: 1 0 0 0; }
        &.-short #outcome, &.-short #rehearsed { margin: 0 1; }
        &.-short #comparison, &.-short #logs, &.-short #changes { margin: 0; }
        &.-short #comparison { margin: 0 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._marked = ""
        self._turned: set[str] = set()
        self._unfolded: set[str] = set()
        self._told: object = None
        self._sorted: tuple[object, object] = (None, None)
        self._journal = Journal((), 0)
        self._weighed: tuple[object, ...] = (None, None, None)
        self._against: tuple[prove.Said, ...] = ()
        self._lines: dict[str, range] = {}

    def compose_body(self) -> Iterable[Widget]:
        """The routes where there is room; what came of a change; the rehearsal; the logs; the
        changes."""
        with Horizontal(id="prove-columns"):
            yield Block("prove-routes")
            with Page(id="prove"):
                yield Static("", id="outcome", markup=False)
                yield Block("prove-done")
                yield Static("", id="rehearsed", markup=False)
                yield Static("", id=_ONWARD, markup=False)
                yield Static("", id="against", markup=False)
                yield Static("", id="comparison", markup=False)
                yield Static("", id="asked-besides", markup=False)
                with Container(id="logs"):
                    for name in _LOGS:
                        yield Static("", id=name, classes="fold", markup=False)
                yield Static("", id=_LIMITS, classes="fold", markup=False)
                yield Block("changes")

    # what is shown

    def show(self) -> None:
        """What came of the last change and of the rehearsal, and the changes so far."""
        if self.session.done is not self._told:  # a change ended: on to the case is marked
            self._told = self.session.done
            self._marked = ""
        self._sort()
        if self._marked not in self.items:
            self._marked = next(iter(self.items), "")
        self._show_done()
        self._show_rehearsal()
        self._show_routes()
        self._show_folds()
        self._show_changes()

    @property
    def _is_done(self) -> bool:
        """Whether the last change that was made is one of the current route."""
        done = self.session.done
        return done is not None and done.route == self.session.current

    @property
    def _onward(self) -> str:
        """What is done in the case now, after a change or where a plan waits; empty: nothing."""
        session = self.session
        if self.wizard.is_making_here:
            return ""
        if self._is_done:
            another = order.next_fault(session) is not None
            return f"Back to the case{': another route fails' if another else ''}"
        return prove.turn(session)

    def _show_done(self) -> None:
        session, glyphs = self.session, self.glyphs
        outcome, onward = self.query_one("#outcome", Static), self.query_one("#onward", Static)
        block = self.query_one("#prove-done", Block)
        outcome.display = self._is_done and not self.wizard.is_making_here
        where = self._onward
        onward.display = bool(where)
        onward.update(self._line(_ONWARD, where))
        if self.wizard.is_making_here:
            block.put("Writing", case.writing(self.wizard))
        elif self._is_done and session.done is not None:
            outcome.update(case.verdict(session, glyphs).drawn())
            block.put(moment(session.done.at, seconds=True), case.done(session, glyphs, self._room))
        else:
            block.put("", Text(""))

    def _show_rehearsal(self) -> None:
        session, glyphs = self.session, self.glyphs
        rows = comparison.rows(session)
        quiet = (self._is_done or self.wizard.is_making_here) and not rows
        head = self.query_one("#rehearsed", Static)
        head.display = not quiet
        head.update(prove.result(session, glyphs).drawn())
        state = session.repair, session.rehearsals, session.rehearsal_error
        if any(new is not old for new, old in zip(state, self._weighed, strict=True)):
            self._weighed = state
            self._against = prove.against(session, glyphs)
        against = self.query_one("#against", Static)
        against.display = bool(self._against) and not quiet
        against.update(prove.drawn(self._against))
        table = self.query_one("#comparison", Static)
        table.display = bool(rows)
        table.update(comparison.table(rows, glyphs) if rows else "")
        beside = self.query_one("#asked-besides", Static)
        beside.display = bool(prove.beside(session))
        beside.update(Text(prove.beside(session), "dim"))

    def _show_folds(self) -> None:
        logs = dict(zip(_LOGS, prove.logs(self.session), strict=False))
        self.query_one("#logs").display = bool(logs)
        for name in _LOGS:
            title, lines = logs.get(name, ("", ()))
            self._fold(name, title, lines)
        notes = prove.notes(self.session)
        self._fold(_LIMITS, "How this differs from the real httpd" if notes else "", notes, "note")

    def _fold(self, name: str, title: str, lines: tuple[str, ...], word: str = "line") -> None:
        """A part that can be unfolded, its lines counted; without a title it is gone."""
        place = self.query_one(f"#{name}", Static)
        place.display = bool(title)
        count = len(lines)
        head = f"{title} ({count} {word}{'s' * (count != 1)})"
        if name not in self.items:
            place.update(Text(f"    {head}", "dim"))
            return
        is_open = self._is_open(name)
        sign = self.glyphs.unfolded if is_open else self.glyphs.folded
        told = [Padding(Text(line, "dim"), (0, 0, 0, 4)) for line in lines] if is_open else []
        place.update(Group(self._line(name, f"{sign} {head}"), *told))

    def _line(self, name: str, text: str) -> Text:
        if name == self._marked:
            return Text(f"{self.glyphs.mark} {text}", "bold")
        return Text(f"  {text}")

    def _show_changes(self) -> None:
        block = self.query_one("#changes", Block)
        marked = self._marked.removeprefix("change ")
        text, self._lines = journal.rows(
            self.session, self._journal, marked, self._unfolded, self.glyphs,
            max(40, self._room),
        )  # fmt: skip
        if self.wizard.changes_error:
            text, self._lines = Text(self.wizard.changes_error, "red"), {}
        elif not self._journal.here and self._journal.elsewhere:
            text = Text("None was made here.", "dim")
        block.put(journal.title(self._journal), text)

    def _sort(self) -> None:
        """Find out which changes belong here; asked once for each journal that was read."""
        now = self.wizard.changes, self.session.configuration
        if now[0] is not self._sorted[0] or now[1] is not self._sorted[1]:
            self._sorted = now
            self._journal = journal.of(self.session, self.wizard.changes)

    @property
    def _room(self) -> int:
        """Columns in a frame."""
        return self.size.width - _FRAME - ROUTES * (self.size.width >= VAST)

    def _show_routes(self) -> None:
        if self.size.width >= VAST:
            self.show_routes("#prove-routes")

    def on_resize(self) -> None:
        """Another width has room for other things."""
        if self.is_mounted:
            self.call_after_refresh(self.show)

    def on_screen_resume(self) -> None:
        """Another command may have changed something meanwhile."""
        super().on_screen_resume()
        self.wizard.read_changes()

    # the mark

    @property
    def items(self) -> list[str]:
        """What can be marked, from top to bottom."""
        found = [_ONWARD] if self._onward else []
        logs = zip(_LOGS, prove.logs(self.session), strict=False)
        found += [name for name, (_, lines) in logs if lines]
        found += [_LIMITS] if prove.notes(self.session) else []
        return found + [f"change {change.id}" for change, _ in self._journal.here]

    def _is_open(self, name: str) -> bool:
        """Whether a part is unfolded: logs are at once where there is room."""
        has_room = self.size.width >= WIDE and self.size.height >= ROOMY
        return (name in self._turned) != (name in _LOGS and has_room)

    def action_mark(self, by: int) -> None:
        """Mark the next part or the one before; beyond the last one scroll."""
        items = self.items
        at = items.index(self._marked) + by if self._marked in items else -1
        if 0 <= at < len(items):
            self._mark(items[at])
        else:
            self.query_one(Page).scroll_relative(y=by, animate=False)

    def _mark(self, item: str) -> None:
        self._marked = item
        self.redraw()
        self.call_after_refresh(self._see_mark)

    def _see_mark(self) -> None:
        page = self.query_one(Page)
        if self._marked.startswith("change "):
            block = self.query_one("#changes", Block)
            lines = self._lines.get(self._marked.removeprefix("change "), range(1))
            place = block.virtual_region
            row = Region(place.x, place.y + 1 + lines.start, place.width, len(lines))
            page.scroll_to_region(row, animate=False)
        elif self._marked:
            page.scroll_to_widget(self.query_one(f"#{self._marked}"), animate=False)

    def on_click(self, event: Click) -> None:
        """A click marks a part and does what Enter does."""
        name = event.widget.id if event.widget is not None else None
        if name in self.items:
            self._mark(name)
            self.action_enter()

    def action_enter(self) -> None:
        """Unfold or fold what is marked; after a change go on to the case."""
        marked = self._marked
        if marked == _ONWARD:
            self.wizard.action_step("case")
            return
        if marked.startswith("change "):
            self._unfolded ^= {marked.removeprefix("change ")}
        else:
            self._turned ^= {marked}
        self._mark(marked)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now."""
        session = self.session
        if action == "enter":
            return bool(self._marked)
        if action == "apply":
            if session.repair is None or session.repair.plan.is_empty:
                return False
            return None if self.wizard.obstacle else True
        if action == "rehearse":
            return session.repair is not None and not self.wizard.is_making
        if action == "undo":
            if journal.newest(self._journal.here) is None and self._chosen is None:
                return False
            return None if self._why_not_undo else True
        if action == "finish":
            return self._interrupted is not None
        return super().check_action(action, parameters)

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        if binding != "prove.enter":
            return None
        if self._marked == _ONWARD:
            return "Case"
        is_open = self._marked.removeprefix("change ") in self._unfolded or (
            not self._marked.startswith("change ") and self._is_open(self._marked)
        )
        return "Fold" if is_open else "Unfold"

    def why_not(self, binding: str) -> str:
        """Why a dim key does nothing."""
        return self._why_not_undo if binding == "prove.undo" else self.wizard.obstacle

    @property
    def _chosen(self) -> Change | None:
        """The change that is marked; where none is, the last one that is not undone."""
        marked = self._marked.removeprefix("change ")
        found = next((change for change, _ in self._journal.here if change.id == marked), None)
        return found or journal.newest(self._journal.here)

    @property
    def _why_not_undo(self) -> str:
        """Why the chosen change cannot be undone now; empty: it can."""
        if self.wizard.is_making:
            return "A change is being written already."
        chosen = self._chosen
        return "This change is undone already." if chosen and chosen.state == "undone" else ""

    @property
    def _interrupted(self) -> Change | None:
        """The change that ``f`` finishes."""
        return next((one for one, maker in self._journal.here if journal.is_open(one, maker)), None)

    def action_rehearse(self) -> None:
        """Rehearse the plan (again)."""
        self.wizard.rehearse()

    def action_apply(self) -> None:
        """Show what will be written where, and ask."""
        self.wizard.apply()

    def action_undo(self) -> None:
        """Take the chosen change back, after asking."""
        if self._chosen is not None:
            self.wizard.undo(self._chosen)

    def action_finish(self) -> None:
        """Finish the interrupted change, after asking."""
        if self._interrupted is not None:
            self.wizard.finish(self._interrupted)

    def readable(self) -> tuple[str, str]:
        """The whole rehearsal with its logs, what came of the last change, and the changes."""
        session = self.session
        parts = []
        if self._is_done and session.done is not None:
            parts += [case.verdict(session, self.glyphs).text.plain]
            parts += [case.done(session, self.glyphs, case.WIDEST).plain]
        parts += [prove.whole(session, self.glyphs), journal.plain(self._journal)]
        return "rehearsal.txt", "\n\n".join(p.strip("\n") for p in parts if p.strip()) + "\n"

"""Step 5: the rehearsal before and after, then the change itself, and its roll-back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from screens.steps.base import StepScreen
from screens.texts import change as texts
from screens.texts import prove, steps
from screens.texts.pieces import styled
from screens.widgets.table import Table
from wizard.wording import rehearsal as wording

if TYPE_CHECKING:
    from wizard.model.change import Change, Holder


class ProveScreen(StepScreen):
    """What a throw-away httpd does before and after the plan, side by side; then the real one."""

    STEP = steps.PROVE
    AUTO_FOCUS = "#before-pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rehearse", "Rehearse", id="prove.rehearse",
                tooltip="Try the plan in a throw-away httpd on loopback"),
        Binding("a", "apply", "Apply…", id="prove.apply",
                tooltip="Write the change, test it and reload httpd; asks first"),
        Binding("u", "undo", "Undo", id="prove.undo",
                tooltip="Undo a change; asks first"),
        Binding("f", "finish", "Finish", id="prove.finish", show=False,
                tooltip="Finish a change that was interrupted; asks first"),
        Binding("v", "view", "View", show=False, id="prove.view",
                tooltip="The rehearsal, the change being applied, or the list of changes"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """The sentence on top; the rehearsal, the change and the list of changes in tabs."""
        yield Static("", id="outcome", classes="headline", markup=False)
        with TabbedContent(id="prove"):
            with TabPane("Rehearsal", id="tab-rehearsal"), Vertical():
                with Horizontal(id="rehearsal"):
                    for run in ("before", "after"):
                        with VerticalScroll(id=f"{run}-pane", classes="pane", can_focus=True):
                            yield Static("", id=run, markup=False)
                yield Static("", id="rehearsal-notes", classes="state", markup=False)
            with TabPane("Apply", id="tab-apply"), VerticalScroll(can_focus=True):
                yield Static("", id="applying", markup=False)
            with TabPane("Changes", id="tab-changes"), Vertical():
                yield Table(id="changes", cursor_type="row")
                with VerticalScroll(id="change-outcome", can_focus=True):
                    yield Static("", id="change-state", markup=False)

    def on_mount(self) -> None:
        """The columns of the list of changes."""
        self.query_one("#before-pane").border_title = "As it is"
        self.query_one("#after-pane").border_title = "With the change"
        self.query_one("#changes", DataTable).add_columns("State", "Made", "Files", "Reason")
        self._listed: tuple[tuple[Change, Holder | None], ...] = ()

    def action_rehearse(self) -> None:
        """Rehearse the plan (again)."""
        self.open_tab("tab-rehearsal")
        self.wizard.rehearse()

    def action_apply(self) -> None:
        """Show what will be written where, and ask."""
        self.wizard.apply()

    @property
    def _chosen(self) -> Change | None:
        row = self.query_one("#changes", DataTable).cursor_row
        return self._listed[row][0] if 0 <= row < len(self._listed) else None

    def action_undo(self) -> None:
        """Take the chosen change back, after asking."""
        self.open_tab("tab-changes")
        if self._chosen is None:
            self.notify("No change was made here.")
        else:
            self.wizard.undo(self._chosen)

    def action_finish(self) -> None:
        """Finish the chosen change, after asking."""
        self.open_tab("tab-changes")
        if self._chosen is not None:
            self.wizard.finish(self._chosen)

    def _show_changes(self) -> None:
        if self.wizard.changes is not self._listed:
            self._listed = self.wizard.changes
            table = self.query_one("#changes", DataTable)
            table.clear()
            for change, maker in self._listed:
                table.add_row(*prove.change_row(change, maker))
        done = self.session.done
        text = Text(self.wizard.changes_error)
        if done is not None and done.undone:
            text.append_text(done.ended.text)
        self.query_one("#change-state", Static).update(text)

    def show(self) -> None:
        """The rehearsal, or what it lacks; what was written; the changes."""
        session = self.session
        self.query_one("#outcome", Static).update(prove.outcome(session, self.glyphs))
        rehearsal = session.rehearsal
        for name in ("before", "after"):
            run = getattr(rehearsal, name) if rehearsal else None
            text = styled(wording.run(name.title(), run, whole=False) if run else ())
            self.query_one(f"#{name}", Static).update(text)
        self.query_one("#rehearsal-notes", Static).update(prove.notes(session))
        making = self.wizard.change
        applying = texts.applying(making.steps) if making is not None else Text("")
        if self.wizard.waits_for is not None:
            applying = texts.waiting(self.wizard.waits_for)
        if session.done is not None:
            applying.append_text(session.done.ended.text)
        self.query_one("#applying", Static).update(applying)
        self._show_changes()

    def readable(self) -> tuple[str, str]:
        """Both runs, one below the other."""
        session = self.session
        parts = [prove.outcome(session, self.glyphs).plain]
        if session.rehearsal is not None:
            parts.append(styled(wording.pieces(session.rehearsal)).plain)
        return "rehearsal.txt", "\n\n".join(part.rstrip() for part in parts) + "\n"

"""Step 3: what httpd does and why; the log lines; a pasted log beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import OptionList, Static, TabbedContent, TabPane, TextArea
from textual.widgets.option_list import Option

from screens.newest import Newest
from screens.steps.base import StepScreen
from screens.texts import diagnose, steps
from screens.widgets.log_box import LogBox
from wizard.errors import WizardError
from wizard.text import printable
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from wizard.engine.engine import Engine
    from wizard.model.diagnosis import Finding
    from wizard.model.explanation import Explanation


class DiagnoseScreen(StepScreen):
    """The verdict in one sentence first, then the cause, then what else is wrong."""

    STEP = steps.DIAGNOSE
    AUTO_FOCUS = "#findings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "page", "More", id="diagnose.page",
                tooltip="The finding's full page (also Enter): wrong fixes, how to verify"),
        Binding("l", "log", "Open log", id="diagnose.log",
                tooltip="Read an error log and match it to the findings"),
        Binding("e", "explain", "Paste log", id="diagnose.explain",
                tooltip="Paste lines of an error log, and have them explained"),
        Binding("v", "view", "View", id="diagnose.view",
                tooltip="The findings, httpd's log lines, or a log to explain"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """The sentence on top; findings, log lines and a pasted log in tabs."""
        yield Static("", id="verdict", classes="headline", markup=False)
        with TabbedContent(id="diagnose"):
            with (
                TabPane("Findings", id="tab-findings"),
                Horizontal(classes="panes"),
            ):
                yield OptionList(id="findings", classes="pane list", markup=False)
                with VerticalScroll(id="finding-pane", classes="pane", can_focus=True):
                    yield Static("", id="finding", markup=False)
            with TabPane("Log lines", id="tab-log"), VerticalScroll(can_focus=True):
                yield Static("", id="log", markup=False)
            with TabPane("Explain a log", id="tab-explain"), Vertical():
                yield LogBox("Paste lines of an error log here; Escape leaves the field.", "paste")
                with VerticalScroll(id="explained-pane", can_focus=True):
                    yield Static("", id="explained", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a page only for a finding."""
        if action == "page":
            diagnosis = self.session.diagnosis
            return True if diagnosis and diagnosis.findings else None
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Titles, where there is room for frames."""
        self._newest = Newest()
        self.query_one("#findings").border_title = "Cause first"
        self.query_one("#finding-pane").border_title = "Place, proof, reason, remedy; then in full"

    def show(self) -> None:
        """The verdict and the findings of the current route."""
        session = self.session
        diagnosis = session.diagnosis
        self.query_one("#verdict", Static).update(diagnose.headline(session, self.glyphs))
        options = self.query_one("#findings", OptionList)
        highlighted = options.highlighted
        options.clear_options()
        for number, finding in enumerate(diagnosis.findings if diagnosis else ()):
            options.add_option(Option(diagnose.option(finding, number)))
        if diagnosis and diagnosis.findings:
            options.highlighted = min(highlighted or 0, len(diagnosis.findings) - 1)
        self._show_finding()
        self.refresh_bindings()
        self.query_one("#log", Static).update(diagnose.log(diagnosis))

    @property
    def _finding(self) -> Finding | None:
        diagnosis = self.session.diagnosis
        index = self.query_one("#findings", OptionList).highlighted
        if diagnosis is None or index is None or index >= len(diagnosis.findings):
            return None
        return diagnosis.findings[index]

    def _show_finding(self) -> None:
        finding = self._finding
        self.query_one("#finding", Static).update(
            diagnose.finding(self.session, finding) if finding else diagnose.nothing(self.session)
        )

    @on(OptionList.OptionHighlighted, "#findings")
    def _highlighted(self) -> None:
        self._show_finding()

    @on(OptionList.OptionSelected, "#findings")
    def action_page(self) -> None:
        """Open the full page of the finding."""
        finding = self._finding
        if finding is not None:
            self._read_page(finding.slug)

    @work(thread=True, exclusive=True, group="page", description="page", exit_on_error=False)
    def _read_page(self, slug: str) -> None:
        from screens.dialogues.page import PageDialogue  # here: it takes a while
        from wizard.findings import pages

        text = pages.text(slug)
        self.app.call_from_thread(self.app.push_screen, PageDialogue(slug, text))

    def action_log(self) -> None:
        """Ask for a log file and explain it."""
        from screens.dialogues.open import OpenDialogue

        def opened(path: str | None) -> None:
            if path is not None:
                self.query_one("#explained", Static).update(f"Reading {printable(path)} …")
                self.open_tab("tab-explain", "#explained-pane")
                self._explain_file(path)

        self.app.push_screen(
            OpenDialogue("Error log to explain", "httpd's ErrorLog.", "/var/log/apache2/"), opened
        )

    def action_explain(self) -> None:
        """Go to the field for a pasted log."""
        self.open_tab("tab-explain", "#paste")

    @on(TextArea.Changed, "#paste")
    def _pasted(self) -> None:
        self.session.stop("explain")
        self._explain_paste(self.query_one(LogBox))

    @work(group="paste", description="paste", exit_on_error=False)
    async def _explain_paste(self, box: LogBox) -> None:
        """Explain what stands there in the end: many letters may come one after another."""
        async with self._newest.turn() as is_newest:
            lines = box.text.splitlines() if is_newest else []
            if any(map(str.strip, lines)):
                await self._explain(lambda engine: engine.explain(lines), note=box.note)

    @work(group="explain", description="explain", exit_on_error=False)
    async def _explain_file(self, path: str) -> None:
        await self._explain(lambda engine: engine.explain(engine.log(path, waiting=False)))

    async def _explain(self, ask: Callable[[Engine], Explanation], note: str = "") -> None:
        stop = self.session.begin("explain")
        engine = self.wizard.engine.about(stop=stop)
        explained = await asyncio.to_thread(_answer, engine, ask)
        if not self.session.is_over("explain", stop):
            text = diagnose.explanation(explained, self.session.diagnosis)
            self.query_one("#explained", Static).update(Text(note) + text)

    def readable(self) -> tuple[str, str]:
        """The verdict with every finding."""
        diagnosis = self.session.diagnosis
        parts = [diagnose.headline(self.session, self.glyphs).plain]
        found = diagnosis.findings if diagnosis else ()
        parts += [diagnose.finding(self.session, finding).plain for finding in found]
        parts.append(diagnose.log(diagnosis).plain)
        return "diagnosis.txt", "\n\n".join(part.rstrip() for part in parts) + "\n"


def _answer(engine: Engine, ask: Callable[[Engine], Explanation]) -> Explanation | str:
    """What a log tells, or why it cannot be read; in a thread of its own."""
    try:
        return ask(engine)
    except (WizardError, OSError) as error:
        return describe(error, wizard=True)

"""Step 3: the cause on one page, what it rests on folded; a log of the operator's beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static, TextArea

from screens.newest import Newest
from screens.steps.base import StepScreen
from screens.texts import diagnose, explained, steps
from screens.widgets.block import Block
from screens.widgets.folds import Folds, Labelled
from screens.widgets.log_box import LogBox
from wizard.errors import WizardError
from wizard.text import printable
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from wizard.engine.engine import Engine
    from wizard.model.explanation import Explanation
    from wizard.model.route_id import RouteId


_MOST_WRONG: Final = ((("-vast", "-roomy"), 4), (("-roomy",), 2))
"""Wrong fixes that are shown, by size; else one."""
_NEAR: Final = 3
"""Rows below or above the view from which the mark comes into it with one key."""


class Page(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Holds the page; the arrows move the mark, so they do not scroll it."""


class DiagnoseScreen(StepScreen):
    """The cause, what happens, where it is seen, what not to do, what helps; the rest folded."""

    STEP = steps.DIAGNOSE
    AUTO_FOCUS = "#diagnosis"
    SCROLLS = "#diagnosis"
    SCOPED_CSS = False  # the classes of sizes are the screen's own
    CSS = """
    #diagnose { height: 1fr; }
    #diagnosis { padding: 0 1; width: 1fr; scrollbar-size-vertical: 1; }
    #diagnosis .-spaced { margin: 0 0 1 0; }
    #diagnosis:focus #diagnose-folds {
      border: round $marked; border-title-color: $marked; border-title-style: bold;
    }
    .-few-colours #diagnosis:focus #diagnose-folds,
    #diagnosis:nocolor:focus #diagnose-folds { border: double $marked; }
    #diagnose-routes { width: 40; height: 1fr; }
    #diagnose-log { width: 60; height: 1fr; }
    #diagnose-explain { width: 60; height: 1fr; }
    .-narrow #diagnose-explain { width: 1fr; }
    .-vast #diagnose-explain { width: 80; }
    #paste { height: 6; margin: 0 0 1 0; }
    .-short #paste { height: 4; }
    #explained-pane { height: 1fr; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("4", "onward", "Fix", id="diagnose.onward",
                tooltip="Step 4: what repairs it"),
        Binding("enter", "enter", "Unfold", id="diagnose.enter",
                tooltip="Unfold or fold what is marked; where nothing is, go on to step 4"),
        Binding("a", "apply", "Apply…", id="diagnose.apply",
                tooltip="Show what would be written, and ask"),
        Binding("r", "again", "Again", show=False, id="diagnose.again",
                tooltip="Read the configuration and ask the backend again"),
        Binding("l", "log", "Log file…", id="diagnose.log",
                tooltip="Read an error log and match it to the findings"),
        Binding("e", "explain", "Paste log", id="diagnose.explain",
                tooltip="Paste lines of an error log, and have them explained"),
        Binding("m", "page", "Full page", id="diagnose.page",
                tooltip="All that is known of the cause: wrong fixes, how to verify"),
        Binding("down", "move(1)", "Down", show=False, id="diagnose.down",
                tooltip="Mark the next line that unfolds"),
        Binding("up", "move(-1)", "Up", show=False, id="diagnose.up",
                tooltip="Mark the line before that unfolds"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._newest = Newest()
        self._about: tuple[RouteId | None, str | None] = (None, None)
        self._explained = Text("")
        self._is_explaining = False

    def compose_body(self) -> Iterable[Widget]:
        """The routes where there is much room; the page; httpd's log, or a log to explain."""
        with Horizontal(id="diagnose"):
            yield Block("diagnose-routes")
            with Page(id="diagnosis"):
                for name in diagnose.PARTS:
                    yield Labelled(f"diagnose-{name}")
                yield Folds("diagnose-folds", self.glyphs)
            with VerticalScroll(id="diagnose-log", classes="frame", can_focus=True):
                yield Static("", id="log", markup=False)
            with Vertical(id="diagnose-explain", classes="frame"):
                yield LogBox("Paste lines of an error log here; Escape leaves the field.", "paste")
                with VerticalScroll(id="explained-pane", can_focus=True):
                    yield Static("", id="explained", markup=False)

    def on_mount(self) -> None:
        """Titles."""
        self.query_one("#diagnose-log").border_title = "httpd's log"
        self.query_one("#diagnose-folds").border_title = "Also noticed, and more"

    def on_resize(self) -> None:
        """Another width has room for other things."""
        if self.is_mounted:
            self.call_after_refresh(self.show)

    # what is shown

    def show(self) -> None:
        """All that is known of the current route."""
        session, folds = self.session, self.query_one(Folds)
        about = session.current, session.scope.path
        if self._about != about:
            if self._about[1] != about[1]:
                self._is_explaining = False  # it was beside another configuration
            self._about = about
            folds.forget()
            self.query_one(Page).scroll_home(animate=False)
        self._arrange()
        most_wrong = next((n for size, n in _MOST_WRONG if self.has_class(*size)), 1)
        self._show_parts(diagnose.parts(session, self.glyphs, most_wrong))
        folds.put(diagnose.folds(session, most_wrong, log=self.has_class("-narrow")))
        self.call_after_refresh(self.refresh_bindings)  # Enter depends on what is in view
        self.query_one("#log", Static).update(diagnose.log_drawn(session.diagnosis))
        if self.has_class("-vast"):
            self.show_routes("#diagnose-routes", columns=36, above=5)

    def _show_parts(self, parts: Sequence[diagnose.Part]) -> None:
        """Put the parts in their places, with air between them where there is room."""
        shown = {part.name: part for part in parts}
        last = ""
        is_roomy = self.has_class("-roomy")
        for name in reversed(diagnose.PARTS):
            part = shown.get(name, diagnose.Part(name, Text(""), Text("")))
            widget = self.query_one(f"#diagnose-{name}", Labelled)
            widget.put(part.label, part.text, part.place, part.wide)
            ends = widget.display and not last.startswith("seen-")
            widget.set_class(ends and (is_roomy or name == "cause"), "-spaced")
            last = name if widget.display else last

    def _arrange(self) -> None:
        """Show what there is room for: a log's view takes the place of the page, or of httpd's log
        beside it."""
        is_narrow = self.has_class("-narrow")
        self.query_one("#diagnose-routes").display = self.has_class("-vast")
        self.query_one("#diagnosis").display = not (is_narrow and self._is_explaining)
        self.query_one("#diagnose-log").display = not (is_narrow or self._is_explaining)
        self.query_one("#diagnose-explain").display = self._is_explaining

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now."""
        session = self.session
        if action == "enter":
            return bool(self._enter)
        if action == "page":
            return bool(session.diagnosis and session.diagnosis.findings)
        if action == "onward":
            return session.route is not None
        if action == "again":
            return session.configuration is not None or bool(session.load_error)
        if action == "apply":
            if session.repair is None or session.repair.plan.is_empty:
                return False
            return None if self.wizard.obstacle else True
        if action == "move":
            return not self._has_view_keys
        return super().check_action(action, parameters)

    @property
    def _has_view_keys(self) -> bool:
        """Whether the arrows are for the view beside the page."""
        views = ("#diagnose-log", "#diagnose-explain")
        focused = self.focused
        return focused is not None and any(
            view in focused.ancestors_with_self for view in map(self.query_one, views)
        )

    @property
    def _enter(self) -> str:
        """What Enter does: what the page marks."""
        session = self.session
        if self._has_view_keys or session.route is None:
            return ""
        found = session.diagnosis
        if found is None or found.case.probe is None:
            return "" if "probe" in session.stops else "Ask the backend"
        folds = self.query_one(Folds)
        if folds.marked is None or (folds.marked.body is None and folds.line(-1) is None):
            return "Fix"
        if not self._is_in_view(folds.line()):
            return "More"
        if folds.marked.body is None:
            return "Paste log"
        return "Fold" if folds.is_unfolded else "Unfold"

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        if binding == "step.back" and (self.in_field or self._is_explaining):
            return "Leave field" if self.in_field else "Close log"
        return self._enter if binding == "diagnose.enter" else None

    def why_not(self, _binding: str) -> str:
        """Why a dim key does nothing."""
        return self.wizard.obstacle

    def action_enter(self) -> None:
        """Do what is marked."""
        do = self._enter
        if do == "Ask the backend":
            self.wizard.probe()
        elif do == "Fix":
            self.action_onward()
        elif do == "Paste log":
            self.action_explain()
        elif do == "More":
            self._show_marked()
        elif do:
            self.query_one(Folds).toggle()
            self.call_after_refresh(self._show_marked)

    def action_onward(self) -> None:
        """Go on to step 4."""
        self.wizard.action_step("fix")

    def action_apply(self) -> None:
        """Show what would be written, and ask."""
        self.wizard.apply()

    def action_again(self) -> None:
        """Read and ask again; a backend that was not asked is asked."""
        found = self.session.diagnosis
        if self.session.configuration is None or (found and found.case.probe is not None):
            self.wizard.read_again()
        else:
            self.wizard.probe()

    def action_move(self, by: int) -> None:
        """Mark another line that unfolds; where that is far, scroll towards it."""
        page, folds = self.query_one(Page), self.query_one(Folds)
        following = folds.line(by)
        if following is not None and self._is_in_view(following, _NEAR):
            folds.move(by)
            self.call_after_refresh(self._show_marked)
        else:
            page.scroll_relative(y=by, animate=False)
            self.call_after_refresh(self.refresh_bindings)

    def _is_in_view(self, line: Widget | None, near: int = 0) -> bool:
        """Whether the first row of a line is in view, or so few rows away."""
        if line is None:
            return False
        page = self.query_one(Page).region
        return page.y - near <= line.region.y < page.bottom + near

    def _show_marked(self) -> None:
        """Bring the marked line into view, as much of it as there is room for."""
        line = self.query_one(Folds).line()
        if line is not None:
            page = self.query_one(Page)
            top = line.region.height > page.size.height
            page.scroll_to_widget(line, animate=False, top=top, force=True)
        self.refresh_bindings()

    def action_scroll_body(self, pages: int) -> None:
        """Scroll the view that has the keys, else the page."""
        name = self.SCROLLS
        if self._is_explaining and (self._has_view_keys or self.has_class("-narrow")):
            name = "#explained-pane"
        elif self._has_view_keys:
            name = "#diagnose-log"
        box = self.query_one(name)
        box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)

    def action_back(self) -> None:
        """Leave the field; then the log's view; else as everywhere."""
        if self.in_field or not self._is_explaining:
            super().action_back()
            return
        self.session.stop("explain")
        self._is_explaining = False
        self.redraw()
        self.query_one(Page).focus(scroll_visible=False)

    def leave_field(self) -> None:
        """Give the keys to what was explained."""
        self.query_one("#explained-pane").focus()

    # the whole page of a finding

    def action_page(self) -> None:
        """Open the full page of the cause, or of the finding that is unfolded and marked."""
        diagnosis = self.session.diagnosis
        if diagnosis is None or not diagnosis.findings:
            return
        folds = self.query_one(Folds)
        slugs = [finding.slug for finding in diagnosis.findings]
        marked = folds.marked if folds.is_unfolded else None
        named = marked.key.partition(" ")[2] if marked is not None else ""
        self._read_page(named if named in slugs else slugs[0])

    @work(thread=True, exclusive=True, group="page", description="page", exit_on_error=False)
    def _read_page(self, slug: str) -> None:
        from screens.dialogues.page import PageDialogue  # here: it takes a while
        from screens.texts import own_words
        from wizard.findings import pages

        text = own_words.page(pages.text(slug))
        self.app.call_from_thread(self.app.push_screen, PageDialogue(slug, text))

    # a log

    def _open_view(self, focus: str, title: str) -> None:
        """Show the view of a log, with the field only if that gets the keys."""
        self._is_explaining = True
        self.query_one(LogBox).display = focus == "#paste"
        self.query_one("#diagnose-explain").border_title = Text(title)
        self._arrange()
        target = self.query_one(focus)
        self.focus_due = target
        self.call_after_refresh(target.focus)

    def action_log(self) -> None:
        """Ask for a log file and explain it."""
        from screens.dialogues.open import OpenDialogue

        def opened(path: str | None) -> None:
            if path is not None:
                self._say(Text(f"Reading {printable(path)} …"))
                self._open_view("#explained-pane", f"Explain {printable(Path(path).name, 40)}")
                self._explain_file(path)

        self.app.push_screen(
            OpenDialogue("Error log to explain", "httpd's ErrorLog.", "/var/log/apache2/"), opened
        )

    def action_explain(self) -> None:
        """Go to the field for a pasted log."""
        self._open_view("#paste", "Explain a log")

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
        found = await asyncio.to_thread(_answer, engine, ask)
        if not self.session.is_over("explain", stop):
            self._say(Text(note) + explained.explanation(found, self.session.diagnosis))

    def _say(self, text: Text) -> None:
        self._explained = text
        self.query_one("#explained", Static).update(text)

    # what is saved

    def readable(self) -> tuple[str, str]:
        """The verdict with every finding, and a log that was explained."""
        told = f"\n{self._explained.plain.strip()}\n" if self._is_explaining else ""
        return "diagnosis.txt", diagnose.saved(self.session) + told


def _answer(engine: Engine, ask: Callable[[Engine], Explanation]) -> Explanation | str:
    """What a log tells, or why it cannot be read; in a thread of its own."""
    try:
        return ask(engine)
    except (WizardError, OSError) as error:
        return describe(error, wizard=True)

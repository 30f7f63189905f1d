"""Step 4: the ways on top, the changed lines below them, always in view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from screens.steps.asking import AskingScreen
from screens.steps.base import VAST
from screens.texts import case as texts
from screens.texts import fix, owner, question, steps
from screens.texts import ways as ways_texts
from screens.texts.ways import Way
from screens.widgets.block import Block
from screens.widgets.changed import ChangedLines
from screens.widgets.diff import DiffView
from screens.widgets.question import Question
from screens.widgets.source import SourceView
from wizard.masking import lines as masking

_VIEWS = ("change", "steps", "patch")


class FixScreen(AskingScreen):
    """The operator's decisions above, what follows from them below."""

    STEP = steps.FIX
    AUTO_FOCUS = "#ways"
    SCROLLS = "#fix-below"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "Apply…", id="fix.apply",
                tooltip="Show what would be written, and ask"),
        Binding("enter", "take", "Take this way", id="fix.enter",
                tooltip="Plan with the marked way; on the one that is taken: go on to step 5"),
        Binding("f", "file", "CA…", id="fix.file", tooltip="Name the CA's certificate file"),
        Binding("v", "view", "View", id="fix.view",
                tooltip="The changed lines, the steps in words, or the whole patch"),
        Binding("r", "plan", "Again", show=False, id="fix.plan",
                tooltip="Ask the backend and plan once more"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._ways: tuple[Way, ...] = ()
        self._shown: object = None
        self._view = "change"

    def compose_body(self) -> Iterable[Widget]:
        """The ways; the day of an exception; the question, or the change; what is left. Beside
        them, where there is much room, the routes and the file."""
        with Horizontal(id="fix-columns"):
            yield Block("fix-routes")
            with Container(id="fix"):
                with Vertical(id="fix-ways"):
                    yield Label("How shall it be repaired?", id="fix-title")
                    yield OptionList(id="ways", markup=False)
                    yield Static("", id="fix-none", markup=False)
                with Horizontal(id="fix-until"):
                    yield Label("Last day of the exception: ")
                    yield Input("", placeholder="YYYY-MM-DD", id="until", compact=True)
                with VerticalScroll(id="fix-below"):
                    yield Question(self.glyphs)
                    yield ChangedLines("fix-change")
                    yield Block("fix-owner")
                    yield Block("fix-steps")
                    yield DiffView()
                    yield Static("", id="fix-notes", markup=False)
            yield SourceView("fix-source", "frame")

    def on_mount(self) -> None:
        """Titles."""
        self.query_one("#fix-source").border_title = "Where it is written"

    def on_resize(self) -> None:
        """Another width has room for other things."""
        if self.is_mounted:
            self.call_after_refresh(self.redraw)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now."""
        session = self.session
        if action == "apply":
            return self.can_apply(shown=True)
        if action == "take":
            way = self._marked_way
            if way is None or self.answers_have_keys or (self.is_others_turn and self._is_taken):
                return False
            return None if way.decisions is None else True
        if action == "file":
            return self.asks or bool(session.plan and session.plan.trust) or (
                session.decisions.trust != "found"
            )  # fmt: skip
        if action == "view":
            return self.has_patch
        if action == "plan":
            return session.diagnosis is not None
        return super().check_action(action, parameters)

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        return {
            "save": self.save_label,
            "fix.enter": self.query_one(Question).enter_label if self.answers_have_keys
            else "Prove it" if self._is_taken else "Take this way",
            "step.back": "Back" if self.can_leave and not self.answers_have_keys else "Case",
        }.get(binding)  # fmt: skip

    @property
    def _marked_way(self) -> Way | None:
        """The way that Enter takes."""
        at = self.query_one("#ways", OptionList).highlighted
        return self._ways[at] if at is not None and at < len(self._ways) else None

    @property
    def _is_taken(self) -> bool:
        """Whether the plan follows the marked way."""
        way = self._marked_way
        return way is not None and ways_texts.is_taken(way, self.session.decisions)

    def action_take(self) -> None:
        """Plan with the marked way, or go on."""
        way = self._marked_way
        if way is None:
            return
        if way.decisions is None:
            self.notify(ways_texts.BY_OTHERS)
        elif not self._is_taken:
            self.wizard.decide(way.decisions)
        elif not self.session.plan_error and not self.is_others_turn:
            self.wizard.action_step("prove")

    def why_not(self, binding: str) -> str:
        """Why a dim key does nothing."""
        return ways_texts.BY_OTHERS if binding == "fix.enter" else self.wizard.obstacle

    def show(self) -> None:
        """The ways, and the plan or why there is none."""
        session = self.session
        self._show_ways()
        field = self.query_one("#until", Input)
        self.query_one("#fix-until").display = session.decisions.policy == "temporary"
        if not field.has_focus:
            field.value = session.decisions.until
        self.show_question()
        self._show_plan()
        if self.size.width >= VAST:
            self.show_routes("#fix-routes")
            self.show_source("#fix-source")

    def _show_ways(self) -> None:
        session = self.session
        found = ways_texts.ways(session)
        state = session.current, found, session.decisions, session.scope.path
        options = self.query_one("#ways", OptionList)
        none = self.query_one("#fix-none", Static)
        if state == self._shown:
            return
        again = isinstance(self._shown, tuple) and self._shown[:2] == state[:2]
        place = options.highlighted if again else None
        self._shown = state
        self._ways = found
        options.clear_options()
        options.add_options(
            Option(
                ways_texts.option(
                    way, self.glyphs, taken=ways_texts.is_taken(way, session.decisions)
                )
            )
            for way in found
        )
        taken = [ways_texts.is_taken(way, session.decisions) for way in found]
        options.highlighted = place if place is not None else taken.index(True) if any(taken) else (
            0 if found else None
        )  # fmt: skip
        options.display = bool(found)
        none.display = not found
        none.update("" if found else self._no_way())

    def _no_way(self) -> str:
        found = self.session.diagnosis
        if found is None:
            return self.session.unprobed
        return "Nothing to repair." if found.severity == "ok" else "No choice is to be made here."

    def _show_plan(self) -> None:
        session = self.session
        repair = session.repair
        blocks = {
            name: self.query_one(f"#fix-{name}", Block) for name in ("change", "steps", "owner")
        }
        diff, notes = self.query_one(DiffView), self.query_one("#fix-notes", Static)
        has_patch = repair is not None and not repair.plan.is_empty
        view = self._view if has_patch and not self.asks else ""
        for block in blocks.values():
            block.display = False
        diff.display = view == "patch"
        notes.update("")
        if self.asks:
            return
        if self.is_others_turn and repair is not None:
            blocks["owner"].put(
                owner.turn(repair), owner.letter(session), "s saves it, c copies it"
            )
        elif repair is None:
            blocks["change"].put(
                "Change", Text(texts.no_plan(session) or "Nothing to change.", "dim")
            )
        elif view == "change":
            self.query_one(ChangedLines).show(repair, session.patch)
        elif view == "steps":
            blocks["steps"].put("Steps", fix.words(repair))
        elif view == "patch":
            diff.show(session.patch, repair.sources, fix.above_diff(repair))
        if view:
            notes.update(fix.below(session))

    @on(OptionList.OptionSelected, "#ways")
    def _chosen(self) -> None:
        self.action_take()

    @on(OptionList.OptionHighlighted, "#ways")
    def _way_marked(self) -> None:
        self.refresh_bindings()  # what Enter does depends on the marked way

    @on(Input.Submitted, "#until")
    def _until(self, event: Input.Submitted) -> None:
        self.wizard.decide(replace(self.session.decisions, until=event.value.strip()))
        self.query_one("#ways").focus()

    @on(Input.Blurred, "#until")
    def _left(self, event: Input.Blurred) -> None:
        """What was typed counts without Enter, too."""
        typed = event.value.strip()
        if self.session.decisions.policy == "temporary" and typed != self.session.decisions.until:
            self.wizard.decide(replace(self.session.decisions, until=typed))

    def action_apply(self) -> None:
        """Show what would be written, and ask."""
        self.wizard.apply()

    def action_plan(self) -> None:
        """Ask and plan once more."""
        self.wizard.plan()

    def action_view(self) -> None:
        """The changed lines, the steps, or the whole patch."""
        self._view = _VIEWS[(_VIEWS.index(self._view) + 1) % len(_VIEWS)]
        self.redraw()

    def action_back(self) -> None:
        """Out of the field, or back to the question that was answered; else to the case."""
        if self.in_field or self.answers_have_keys or not self.leave_question():
            super().action_back()

    def readable(self) -> tuple[str, str]:
        """The patch as it is shown: what is saved has its secrets, to be applied. Before there is
        one, the question, or the ways."""
        session = self.session
        if not self.is_others_turn and not self.has_patch:
            told = question.readable(session, self.glyphs) if self.asks else ""
            ways = [way.title for way in self._ways] or [self._no_way()]
            return "ways.txt", "\n".join((*ways, told or texts.no_plan(session), ""))
        name, data = self.saved()
        shown, secrets = masking.for_showing(data, session.repair.sources if session.repair else {})
        return name, (shown if secrets else data).decode("utf-8", "backslashreplace")

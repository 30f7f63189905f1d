"""The case: from load to proof on one screen, nothing pressed yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from screens import order
from screens.steps.asking import AskingScreen
from screens.steps.base import FILE, ROOMY, ROUTES, VAST, WIDE
from screens.texts import case as texts
from screens.texts import connection, owner, question, steps
from screens.texts.hanging import beginning
from screens.texts.ways import is_taken, ways
from screens.widgets.block import Block
from screens.widgets.changed import ChangedLines
from screens.widgets.question import Question
from screens.widgets.source import SourceView
from wizard.wording.moment import moment

_LEAST, _MOST = 5, 8
"""Rows of the change with its frame that come before the reasons."""
_LEAST_WHY = 2
"""Rows of the reasons."""
_MARGIN = 5
"""Columns beside them; one is the scroll bar's, so that they are folded alike with and without."""


class Body(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Holds the blocks; the arrows go from route to route, so they do not scroll it."""


class CaseScreen(AskingScreen):
    """Verdict, connection, change and proof of a route; or the question that is open."""

    STEP = steps.CASE
    AUTO_FOCUS = "#case"
    SCROLLS = "#case"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Details", id="case.enter",
                tooltip="Do what is marked: answer, ask the backend, next fault, details"),
        Binding("a", "apply", "Apply…", id="case.apply",
                tooltip="Show what would be written, and ask"),
        Binding("u", "undo", "Undo this", id="case.undo",
                tooltip="Take back what was just written; asks first"),
        Binding("f", "file", "File…", id="case.file", tooltip="Name the CA's certificate file"),
        Binding("w", "ways", "Other ways", id="case.ways",
                tooltip="Other ways to repair it, in step 4"),
        Binding("down", "move(1)", "Next route", id="case.down", tooltip="The next route"),
        Binding("up", "move(-1)", "Route before", id="case.up", tooltip="The route before"),
        Binding("r", "again", "Again", show=False, id="case.again",
                tooltip="Read the configuration and ask the backend again"),
        Binding("A", "all", "Ask all", show=False, id="case.all",
                tooltip="Ask the backend of every route"),
        Binding("o", "open", "Open", show=False, id="case.open",
                tooltip="Open another configuration"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._about: object = None
        self._why = Text()

    def compose_body(self) -> Iterable[Widget]:
        """The routes on the left where there is room; the blocks; the file on the right."""
        with Horizontal(id="columns"):
            yield Block("case-routes")
            with Body(id="case"):
                with Vertical(id="case-head"):
                    yield Static("", id="verdict", markup=False)
                    yield Static("", id="case-picture", markup=False)
                yield Block("case-reasons")
                yield Question(self.glyphs)
                yield Block("case-done")
                yield ChangedLines("case-change")
                yield Block("case-owner")
                yield Block("case-first")
                yield Static("", id="case-why", markup=False)
                yield Block("case-proof")
                yield Static("", id="case-others", markup=False)
            yield SourceView("case-source", "frame")

    def on_mount(self) -> None:
        """Titles; and whatever becomes longer or shorter, the room is shared anew."""
        self.query_one("#case-source").border_title = "Where it is written"
        for name in ("case", "case-change"):  # a change that is scrolled makes the body no longer
            self.watch(self.query_one(f"#{name}"), "virtual_size", self._share, init=False)

    # what is shown

    def show(self) -> None:
        """Everything that is known of the current route."""
        session, glyphs = self.session, self.glyphs
        if self._about != (session.current, session.scope.path):
            self._about = session.current, session.scope.path
            self.query_one(Body).scroll_home(animate=False)
        self.query_one("#verdict", Static).update(texts.verdict(session, glyphs).drawn())
        head = self.query_one("#case-head", Vertical)
        head.border_title = Text(texts.title(session, glyphs, self.room - 6))
        self.query_one("#case-picture", Static).update(
            connection.picture(session, glyphs, self.room)
        )
        self._show_routes()
        self._show_reasons()
        self._show_change(asks=self.asks)
        self._show_rest()
        self.show_question()
        self._mark_active()

    @property
    def _is_done(self) -> bool:
        """Whether what is shown is what came of the last change."""
        done = self.session.done
        return done is not None and done.route == self.session.current

    @property
    def asks(self) -> bool:
        """Whether the question stands there: not while something else is shown in its place."""
        return not self._is_done and not self.wizard.is_making_here and super().asks

    def _mark_active(self) -> None:
        """The frame of what the arrows or Page Down move is bright: the body has no frame."""
        wide = self.size.width >= WIDE
        names = ("routes",) if wide else ("change", "owner", "done")
        for block in self.query(Block):
            mine = (block.id or "").removeprefix("case-") in names
            block.set_class(mine and not self.answers_have_keys, "active")

    def _show_change(self, *, asks: bool) -> None:
        session, glyphs = self.session, self.glyphs
        change = self.query_one("#case-change", ChangedLines)
        letter = self.query_one("#case-owner", Block)
        made = self.query_one("#case-done", Block)
        done = session.done
        if self.wizard.is_making_here:
            made.put("Writing", texts.writing(self.wizard))
        elif self._is_done and done is not None:
            word = "Undone" if done.undone else "Done" if done.deployed else "Failed"
            told = texts.done(session, glyphs, self.room - _MARGIN)
            made.put(f"{word} {moment(done.at, seconds=True)}", told)
        else:
            made.put("", Text(""))
        repair = session.repair
        hidden = asks or made.display
        if hidden or repair is None or not repair.plan.is_empty:
            letter.put("", Text(""))
        else:
            letter.put(owner.turn(repair), owner.letter(session), owner.HINT)
        seen = session.preview.repair if session.preview is not None else None
        if asks and seen is not None and self.size.height >= ROOMY and session.preview is not None:
            change.show(seen, session.preview.patch, "Change, as it would be with the marked file")
        elif hidden or repair is None or repair.plan.is_empty:
            change.put("Change", Text("" if hidden or repair else texts.no_plan(session), "dim"))
        else:
            change.show(repair, session.patch)

    def _show_rest(self) -> None:
        session, glyphs = self.session, self.glyphs
        why, proof = self.query_one("#case-why", Static), self.query_one("#case-proof", Block)
        others = self.query_one("#case-others", Static)
        first = texts.first(session) if not self._is_done and not self.asks else Text("")
        self.query_one("#case-first", Block).put("First, on this machine", first, texts.LOOK_AGAIN)
        changes = not self._is_done and not self.asks and bool(texts.why(session).plain)
        why.display = changes and (not first or self.size.height >= ROOMY)
        cramped = self.asks and self.size.height < ROOMY
        if self._is_done or self.wizard.is_making_here or cramped:
            proof.put("", Text(""))
        else:
            proof.put(*texts.proof(session, glyphs))
        others.display = self._is_done or order.is_well_beside_faults(session)
        others.update(texts.others(session, glyphs) if others.display else Text(""))
        if self.has_class("-vast"):
            self.show_source("#case-source")

    def _show_reasons(self) -> None:
        block = self.query_one("#case-reasons", Block)
        if self.size.width >= WIDE and self.size.height >= ROOMY and not self._is_done:
            block.put("Why", texts.reasons(self.session, self.glyphs))
        else:
            told = texts.certificate_in_use(self.session, self.glyphs)
            block.put("The backend's certificates", Text("") if self._is_done else told)

    @property
    def room(self) -> int:
        """Columns of the blocks."""
        width = self.size.width
        return width - ROUTES * (width >= WIDE) - FILE * (width >= VAST)

    def _show_routes(self) -> None:
        wide = self.size.width >= WIDE
        self.query_one("#case-routes", Block).display = wide
        if wide:
            self.show_routes("#case-routes", above=5)

    def on_resize(self) -> None:
        """Another width has room for other things."""
        if self.is_mounted:
            self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Show everything anew, and what may be long as high as there is room."""
        super().redraw()
        self.call_after_refresh(self._fit)

    def _share(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give the change, or what stands in its place, the room that the rest leaves, and the
        reasons what that leaves: the proof stays in view."""
        body, why = self.query_one(Body), self.query_one("#case-why", Static)
        long = [self.query_one(f"#case-{name}", Block) for name in ("change", "owner", "done")]
        rest = sum(
            child.outer_size.height
            for child in body.children
            if child.display and child not in (*long, why)
        )
        room = body.size.height - rest
        asked = self.query_one(Question)
        if asked.display and not any(block.display for block in long):
            asked.fit(room + asked.outer_size.height)
        if why.display:
            wanted = sum(block.whole for block in long if block.display)
            lines = max(_LEAST_WHY, room - max(_LEAST, min(_MOST, wanted)))
            width = min(body.size.width, texts.WIDEST + _MARGIN) - _MARGIN
            told = beginning(texts.why(self.session), width, lines, self.glyphs.ellipsis)
            if told != self._why:
                self._why = told
                why.update(told)
            room -= told.plain.count("\n") + 1
        for block in long:
            block.styles.max_height = max(_LEAST, room)

    def action_scroll_body(self, pages: int) -> None:
        """Scroll what does not fit: the change to its end, then everything; back the same way."""
        names = ("#case-change", "#case-owner", "#case-done", "#case")
        boxes = [each for name in names if (each := self.query_one(name)).display]
        if pages > 0:
            left = (each for each in boxes if each.scroll_y < each.max_scroll_y)
        else:
            left = (each for each in reversed(boxes) if each.scroll_y > 0)
        box = next(left, None)
        if box is not None:
            box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now."""
        session = self.session
        if action == "enter":
            return None if self._looks else bool(self._enter)
        if action == "back":
            return self._is_done or self.can_leave or bool(session.stops)
        if action == "apply":
            return self.can_apply(shown=not self._is_done)
        if action == "undo":
            done = session.done
            return self._is_done and done is not None and bool(done.ended.id) and not done.undone
        if action == "file":
            return self.asks
        if action == "ways":
            return not self._is_done and session.repair is not None and bool(self._other_ways)
        if action == "move":
            return len(session.routes) > 1 and not self.answers_have_keys
        if action == "all":
            return len(session.routes) > 1
        return super().check_action(action, parameters)

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        return {
            "case.enter": {
                "answer": self.query_one(Question).enter_label or "Answer", "next": "Next fault",
                "ask": "Ask the backend", "open": "Open", "details": "Details", "": "",
            }[self._enter],
            "case.ways": f"Other ways ({self._other_ways})",
            "step.back": "Case" if self._is_done else "Back" if self.can_leave else "Cancel",
            "save": self.save_label,
            "case.again": "Read again" if self.session.load_error else None,
            "case.down": self._down_label,
        }.get(binding)  # fmt: skip

    @property
    def _down_label(self) -> str:
        """What the next route is: at the last one the arrows only lead back."""
        following = order.beside(self.session, 1)
        found = self.session.diagnoses.get(following) if following else None
        fails = found is not None and found.severity == "critical" and self._enter != "next"
        return "Next fault" if fails else "Next route" if following else "Route before"

    @property
    def _other_ways(self) -> int:
        """How many ways there are besides the one that the plan follows."""
        found = ways(self.session)
        return sum(not is_taken(way, self.session.decisions) for way in found)

    def why_not(self, binding: str) -> str:
        """Why a dim key does nothing."""
        return texts.LOOKING if binding == "case.enter" else self.wizard.obstacle

    @property
    def _looks(self) -> bool:
        """Whether the answers of the question are still looked for."""
        return self._enter == "answer" and self.query_one(Question).marked is None

    @property
    def _enter(self) -> order.Onward:
        if self.wizard.is_making_here:
            return ""
        return order.onward(self.session, asks=self.asks, done=self._is_done)

    def action_enter(self) -> None:
        """Do what is marked."""
        do = self._enter
        if do == "answer":
            self.query_one(Question).take()
        elif do == "next":
            following = order.next_fault(self.session)
            if following is not None:
                self.wizard.choose(following)
        elif do == "ask":
            self.wizard.probe()
        elif do == "open":
            self.action_open()
        elif do == "details":
            self.wizard.action_step("diagnose")

    def action_apply(self) -> None:
        """Show what would be written, and ask."""
        self.wizard.apply()

    def action_undo(self) -> None:
        """Take back what was just written."""
        done = self.session.done
        if done is not None and done.deployed is not None:
            self.wizard.undo(done.deployed.change)

    def action_ways(self) -> None:
        """See the other ways."""
        self.wizard.action_step("fix")

    def action_move(self, by: int) -> None:
        """Go to the next route, the worst first, or to the one before."""
        route = order.beside(self.session, by)
        if route is not None:
            self.wizard.choose(route)

    def action_again(self) -> None:
        """Read and ask again."""
        self.wizard.read_again()

    def action_all(self) -> None:
        """Ask every backend."""
        self.wizard.probe_all()

    def action_back(self) -> None:
        """Out of the owner's text, or the question; else end what is under way."""
        if self._is_done and not self.wizard.is_making:
            self.session.done = None
            self.redraw()
        elif not self.leave_question():
            self.wizard.cancel()

    # what is saved

    def readable(self) -> tuple[str, str]:
        """The case; where somebody else has to act, the text for them."""
        session = self.session
        if self.is_others_turn and not self._is_done:
            return "for-the-owner.txt", owner.saved(session)
        parts = [texts.verdict(session, self.glyphs).text]
        parts += [connection.picture(session, self.glyphs, WIDE)]
        names = ("#case-done", "#case-change", "#case-owner", "#case-proof")
        parts += [b.text for name in names if (b := self.query_one(name, Block)).display]
        if self.asks:
            parts.append(Text(question.readable(session, self.glyphs)))
        return "case.txt", texts.readable(parts)

    def saved(self) -> tuple[str, bytes]:
        """After a change the report; else as step 4."""
        if self._is_done:
            name, text = self.readable()
            return name, text.encode("utf-8", "surrogateescape")
        return super().saved()

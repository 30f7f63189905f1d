"""Step 1: which configuration, which route, and what is in force for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static

from screens.steps.base import StepScreen
from screens.texts import in_force, listing, steps
from screens.texts import route as present
from screens.widgets.routes import RouteTable
from screens.widgets.search import SearchField
from screens.widgets.sideways import Sideways
from screens.widgets.source import SourceView, edge
from wizard.wording import installed

if TYPE_CHECKING:
    from wizard.model.config import Configuration
    from wizard.model.route_id import RouteId

_FRAME = 0.1
"""Seconds between two updates with the routes read so far."""
_REST = 0.15
"""Seconds that the cursor rests on a route before it becomes the current one: a key that is held
down goes past hundreds, and for each one a repair would be planned."""
_LOOK = 0.02
"""Seconds between two looks whether keys that a slow machine has not got to are dealt with."""
_AROUND = 2
"""Lines around each marked one, where the file stands below what is in force."""


class InForce(Sideways, can_focus=True):
    """What is in force for a route; below it, where there is no room beside it, the lines."""

    class Resized(Message):
        """There is other room for it."""

    def on_resize(self) -> None:
        """Its columns are to be divided anew."""
        self.post_message(self.Resized())

    def compose(self) -> ComposeResult:
        """Prose that is folded, then lines that are not."""
        yield Static("", id="policy", markup=False)
        yield Static("", id="policy-lines", markup=False)


class LoadScreen(StepScreen):
    """The routes with their answers, and what is in force for the one under the cursor."""

    STEP = steps.LOAD
    AUTO_FOCUS = "#routes"
    SCROLLS = "#in-force"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "onward", "Probe it", id="load.enter",
                tooltip="Go to step 2 with the route under the cursor"),
        Binding("o", "open", "Open", id="load.open", tooltip="Open another configuration"),
        Binding("slash", "search", "Filter", id="load.search", key_display="/",
                tooltip="Show only routes with a name, path, backend, answer or cause"),
        Binding("x", "defaults", "Defaults", id="load.defaults",
                tooltip="What is at httpd's default, too, and what does not count"),
        Binding("A", "all", "Ask all", id="load.all", tooltip="Ask the backend of every route"),
        Binding("r", "read", "Read again", id="load.read",
                tooltip="Read the configuration again"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._shown: Configuration | None = None
        self._path = ""
        self._whole = False
        self._due: RouteId | None = None
        self._at: RouteId | None = None
        self._moved = 0.0
        self._counted: tuple[object, ...] = ()
        self._count = ""
        self._causes = Text("")
        self._said: dict[Static, Text | str] = {}

    def compose_body(self) -> Iterable[Widget]:
        """Complaints; below them the routes and what is in force; the file where there is room."""
        routes = RouteTable(self.glyphs)
        with Vertical(id="load"):
            yield Static("", id="problems", markup=False)
            with Horizontal(id="load-columns"):
                with Container(id="load-left"):
                    with Vertical(id="load-routes", classes="frame"):
                        yield SearchField(routes)
                        yield Static("", id="causes", markup=False)
                        yield Static("", id="load-state", markup=False)
                        yield routes
                    yield InForce(id="in-force", classes="frame")
                yield SourceView("beside", "frame")

    def on_mount(self) -> None:
        """While a big site is read, the routes found so far are shown."""
        self.query_one(SearchField).display = False
        self.query_one("#beside").border_title = "Where it is written"
        self._path = self.session.scope.path or ""
        self._reading = self.set_interval(_FRAME, self._grow, pause=True)

    # what is shown

    def _grow(self) -> None:
        session = self.session
        if session.configuration is None and not session.load_error:
            self.query_one(RouteTable).grow(session.seen)
            self._show_frame()
        else:
            self._reading.pause()

    def show(self) -> None:
        """The routes, and what is in force for the current one."""
        session = self.session
        table = self.query_one(RouteTable)
        if (session.scope.path or "") != self._path:  # another configuration: its own search
            self._path = session.scope.path or ""
            self._due = None
            field = self.query_one(SearchField)
            field.value = ""
            field.display = field.has_focus
        if session.configuration is not self._shown or session.load_error:
            self._shown = session.configuration
            table.fill(session)
        if self._due is None and session.current != self._at:
            self._at = session.current
            table.follow(session.current)
        if session.configuration is None and not session.load_error:
            self._reading.resume()
        table.refresh_states(session)
        self._show_problems()
        self._show_frame()
        self._show_route()

    def on_resize(self) -> None:
        """Another width has room for other things."""
        if self.is_mounted:
            self.call_after_refresh(self.show)

    @on(RouteTable.Filled)
    def _filled(self) -> None:
        self._show_frame()
        self.refresh_bindings()  # Enter leads to hits, where there are any

    def _show_frame(self) -> None:
        """The counts, and what stands in the place of routes where there are none."""
        session, table = self.session, self.query_one(RouteTable)
        frame, state = self.query_one("#load-routes"), self.query_one("#load-state", Static)
        field, reasons = self.query_one(SearchField), self.query_one("#causes", Static)
        if table.is_without_hits:
            self._put(state, listing.no_hits(field.value))
        elif session.configuration is not None and not session.routes:
            self._put(state, f"{session.nothing_proxied}.")
        else:
            self._put(state, "")
        about = (
            id(session), id(session.configuration), session.load_error, table.version,
            session.asked, len(session.seen), frame.size.width,
        )  # fmt: skip
        if about != self._counted:
            self._counted = about
            self._count = listing.counts(session, self.glyphs)
            self._causes = listing.causes(session, max(1, frame.size.width - 4))
            frame.border_subtitle = Text(self._source(frame.size.width - 4))
        self._put(reasons, Text("") if field.display else self._causes)
        hits = f"{table.row_count} of " if table.is_narrowed and session.routes else ""
        frame.border_title = Text(f"{hits}{self._count}")
        self._fit()

    def _put(self, static: Static, text: Text | str) -> None:
        """Show a text, or nothing; one that is shown already costs no layout."""
        if self._said.get(static) != text:
            self._said[static] = text
            static.update(text)
        static.display = bool(text)

    def _source(self, room: int) -> str:
        """What was read, by whose rules."""
        configuration = self.session.configuration
        if configuration is None:
            return ""
        rules = installed.short(configuration.httpd)
        left = room - len(rules) - 3
        if left < len("…/httpd.conf"):
            return in_force.fitted(configuration.root, room)
        return f"{in_force.fitted(configuration.root, left)} {self.glyphs.dot} {rules}"

    def _fit(self) -> None:
        """The frame of the routes is as high as they are; what is in force needs the rest."""
        frame, body = self.query_one("#load-routes"), self.query_one("#load-columns")
        if self.has_class("-vast"):
            frame.styles.height = "1fr"
            return
        above = [one for one in frame.children if one.display and not isinstance(one, RouteTable)]
        rows = self.query_one(RouteTable).row_count
        most = max(4, body.size.height * 9 // 20)
        frame.styles.height = min(most, max(1, rows) + len(above) + 2)

    def _show_problems(self) -> None:
        """What httpd complains about, above everything."""
        session, static = self.session, self.query_one("#problems", Static)
        configuration = session.configuration
        text = Text("")
        if session.load_error:
            text = Text(f"{self.glyphs.bad} {session.load_error}", "bold red")
            text.append(" o opens another configuration.", "not bold")
        elif configuration is not None:
            problems = configuration.problems
            text = in_force.problems(problems, self.glyphs, most=1, hints=False)
        self._put(static, text)

    @on(InForce.Resized)
    def _divide(self) -> None:
        self._fit()
        self._show_route()

    def _show_route(self) -> None:
        """What is in force, and the lines that say so."""
        session, route = self.session, self.session.route
        frame, configuration = self.query_one("#in-force"), session.configuration
        frame.border_title = Text(in_force.title(route))
        policy, marks = Text(""), {}
        if route is not None and configuration is not None:
            width = max(20, min(100, frame.content_size.width - 1))
            policy = in_force.text(route, configuration, width, whole=self._whole)
            marks = present.marks(route)
        problems = configuration.problems if configuration is not None else ()
        if len(problems) > 1 or any(one.hint for one in problems):
            policy.append("\nhttpd's complaints\n", "bold")
            policy.append_text(in_force.problems(problems, self.glyphs))
            policy.append("\n")
        self._put(self.query_one("#policy", Static), policy)
        files = configuration.files if configuration is not None else {}
        below, beside = self.query_one("#policy-lines", Static), self.query_one(SourceView)
        if self.has_class("-narrow"):
            sign = edge(self.glyphs)
            self._put(below, in_force.lines(files, marks, sign, around=_AROUND, short=True)[0])
        else:
            self._put(below, "")
            beside.show(files, marks)

    # the route under the cursor

    @on(RouteTable.Chosen)
    def _moved_to(self, event: RouteTable.Chosen) -> None:
        """Make the route the current one: at once, or where the cursor comes to rest."""
        now = time.monotonic()
        moving = self._due is not None or now - self._moved < _REST or self.wizard.has_more_keys
        waits = self._due is not None
        self._due, self._moved = event.route, now
        if not moving:
            self._take()
        elif not waits:
            self.run_worker(self._rest(), group="choose", exclusive=True)

    async def _rest(self) -> None:
        while self._due is not None:
            left = self._moved + _REST - time.monotonic()
            if left <= 0 and not self.wizard.has_more_keys:
                break
            await asyncio.sleep(max(left, _LOOK))
        self._take()

    def _take(self) -> None:
        due, self._due = self._due, None
        if due is not None and due != self.session.current:
            self._at = due  # the cursor may be further by now
            self.wizard.choose(due)

    def on_screen_suspend(self) -> None:
        """What comes is about the route under the cursor."""
        self._take()

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now."""
        session = self.session
        if action == "onward":
            return not self.in_field and (session.route is not None or self._opens)
        if action == "defaults":
            return session.route is not None
        if action in ("all", "search") and len(session.routes or session.seen) < 2:
            return False
        return super().check_action(action, parameters)

    @property
    def _opens(self) -> bool:
        """Whether there is nothing here to go on with."""
        session = self.session
        read = session.configuration is not None
        return bool(session.load_error) or (read and not session.routes)

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        session = self.session
        waiting = len(session.diagnoses) < len(session.routes)
        return {
            "load.enter": "Open" if self._opens else "Probe it",
            "load.all": "Ask all" if waiting and session.asked is None else "",
            "load.read": "" if self.has_class("-narrow") else None,
            "load.defaults": "Hide defaults" if self._whole else "Defaults",
            "step.back": "Show all" if self._searches else "Case",
        }.get(binding)

    @property
    def _searches(self) -> bool:
        return bool(self.query_one(SearchField).display)

    def action_onward(self) -> None:
        """Go to step 2 with the route under the cursor."""
        if self._opens:
            self.action_open()
            return
        self._due = self.query_one(RouteTable).here or self._due
        self._take()
        self.wizard.action_step("probe")

    @on(DataTable.RowSelected, "#routes")
    def _clicked(self) -> None:
        self.action_onward()

    def action_defaults(self) -> None:
        """Show what is at httpd's default, or hide it."""
        self._whole = not self._whole
        self._show_route()
        above = str(self._said.get(self.query_one("#policy", Static), ""))
        above = above.partition(in_force.AT_DEFAULT)[0] if self._whole else ""
        box = self.query_one(InForce)
        self.call_after_refresh(box.scroll_to, y=above.count("\n"), animate=False)
        self.refresh_bindings()

    def action_all(self) -> None:
        """Ask every backend."""
        self.wizard.probe_all()

    def action_read(self) -> None:
        """Read the configuration again."""
        self.wizard.read_again()

    def action_search(self) -> None:
        """Go to the search field."""
        field = self.query_one(SearchField)
        field.display = True
        self._fit()
        self.focus_due = field
        field.focus()

    def action_back(self) -> None:
        """Show all routes again; else as everywhere."""
        if self._searches:
            self.leave_field()
        else:
            super().action_back()

    def leave_field(self) -> None:
        """End the search: the list is whole again, and has the keys."""
        field = self.query_one(SearchField)
        self.query_one(RouteTable).focus()
        field.value = ""
        field.display = False
        self._fit()

    @on(Input.Blurred)
    def _left(self) -> None:
        field = self.query_one(SearchField)
        field.display = bool(field.value) or field.has_focus
        self._fit()

    def readable(self) -> tuple[str, str]:
        """What is in force, with its places; without a route why there is none."""
        session = self.session
        if session.route is not None:
            return "policy.txt", present.policy_text(session.route)
        problems = session.configuration.problems if session.configuration else ()
        told = in_force.problems(problems, self.glyphs).plain or session.load_error
        return "policy.txt", f"{told or session.unprobed}\n"

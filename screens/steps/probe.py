"""Step 2: how the backend answers httpd, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from screens.steps.base import FRAME, ROUTES, VAST, WIDE, StepScreen
from screens.texts import by_hand, steps
from screens.texts import chain as chain_text
from screens.texts import probe as probe_text
from screens.texts.case import readable
from screens.widgets.block import Block
from wizard.model.scope import Assumed, Scope

_LONGEST = 100
"""Columns of prose."""

_COPIES = "c copies them whole"
"""Below fingerprints that are shown by their beginning."""

_Enter = Literal["diagnose", "ask", ""]
"""What Enter does."""


class ProbeScreen(StepScreen):
    """The connection stage by stage, the chain, the commands to repeat it by hand, and SNI."""

    STEP = steps.PROBE
    AUTO_FOCUS = "#probe"
    SCROLLS = "#probe"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", "Diagnose", id="probe.next",
                tooltip="On to step 3; where the backend was not asked yet, ask it"),
        Binding("r", "probe", "Again", id="probe.retry", tooltip="Ask the backend again"),
        Binding("h", "host", "Host…", id="probe.host",
                tooltip="Imagine a client that sends another Host header"),
        Binding("p", "path", "Path…", id="probe.path",
                tooltip="Imagine a client that asks for another path"),
        Binding("i", "name", "Name…", id="probe.name",
                tooltip="Look a name up as if it led to an address"),
        Binding("A", "all", "All routes", id="probe.all", tooltip="Ask the backend of every route"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._about: object = None

    def compose_body(self) -> Iterable[Widget]:
        """The routes where there is room; the connection; the frames."""
        with Horizontal(id="probe-columns"):
            yield Block("probe-routes")
            with VerticalScroll(id="probe", can_focus=True):
                yield Static("", id="probe-asked", markup=False)
                yield Static("", id="probe-head", markup=False)
                yield Static("", id="probe-stages", markup=False)
                with Container(id="probe-frames"):
                    yield Block("probe-chain")
                    with Vertical(id="probe-beside"):
                        yield Block("probe-hand")
                        yield Block("probe-sni")

    # what is shown

    def show(self) -> None:
        """What is known of the current route's backend."""
        session, glyphs = self.session, self.glyphs
        if self._about != (session.current, session.scope.path):
            self._about = session.current, session.scope.path
            self.query_one("#probe").scroll_home(animate=False)
        route, found = session.route, session.diagnosis
        probe = found.case.probe if found is not None else None
        prose, frame = self._widths()
        progress = self.query_one("#probe-asked", Static)
        progress.update(probe_text.asked(session, glyphs))
        progress.display = session.asked is not None
        self.query_one("#probe-head", Static).update(probe_text.headline(session, glyphs, prose))
        stages = self.query_one("#probe-stages", Static)
        told = probe_text.connected(session, glyphs, prose)
        stages.update(told)
        stages.display = bool(told.plain)
        chain = self.query_one("#probe-chain", Block)
        chain.put("Chain", chain_text.chain(found, glyphs, frame))
        chain.border_subtitle = _COPIES if "SHA-256" in chain.text.plain else None
        commands = by_hand.commands(route, probe, frame) if route is not None else ""
        self.query_one("#probe-hand", Block).put("By hand", Text(commands))
        self.query_one("#probe-sni", Block).put("SNI", chain_text.sni(probe, frame))
        if self.size.width >= VAST:
            self.show_routes("#probe-routes")

    def _widths(self) -> tuple[int, int]:
        """Columns of the rows on top, and of what is in a frame."""
        page = self.size.width - 1  # the scroll bar
        page -= ROUTES if self.size.width >= VAST else 0
        frame = page // 2 if self.size.width >= WIDE else page
        return min(page - FRAME, _LONGEST), frame - FRAME

    def on_resize(self) -> None:
        """Rows are folded for the width."""
        if self.is_mounted:
            self.call_after_refresh(self.show)

    def readable(self) -> tuple[str, str]:
        """All of it, each fingerprint in full."""
        session, glyphs = self.session, self.glyphs
        route, found = session.route, session.diagnosis
        probe = found.case.probe if found is not None else None
        parts = [
            probe_text.headline(session, glyphs, _LONGEST),
            probe_text.connected(session, glyphs, _LONGEST),
            chain_text.chain(found, glyphs, _LONGEST, whole=True),
            Text(by_hand.commands(route, probe, _LONGEST) if route is not None else ""),
            chain_text.sni(probe, _LONGEST),
        ]
        return "probe.txt", readable(parts)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now; a name is asked for where one may be missing."""
        session = self.session
        if action == "next":
            return bool(self._enter)
        if action == "name":
            return self._assumable is not None
        if action in ("probe", "host"):
            return session.route is not None
        if action == "path":
            return None if self.why_not("probe.path") else session.route is not None
        if action == "all":
            return len(session.routes) > 1
        return super().check_action(action, parameters)

    def key_label(self, binding: str) -> str | None:
        """What a key is called here and now."""
        if binding == "probe.next":
            return "Ask the backend" if self._enter == "ask" else "Diagnose"
        if binding == "step.back" and "probe" in self.session.stops:
            return "Cancel"
        return None

    def why_not(self, binding: str) -> str:
        """Why a dim key does nothing."""
        route = self.session.route
        return probe_text.only_path(route) if binding == "probe.path" and route is not None else ""

    @property
    def _enter(self) -> _Enter:
        session = self.session
        found = session.diagnosis
        if found is not None and found.case.probe is not None:
            return "diagnose"
        if session.route is None or "probe" in session.stops:
            return ""
        return "ask"

    def action_next(self) -> None:
        """Go on; where nobody has asked the backend yet, ask it."""
        if self._enter == "ask":
            self.wizard.probe()
        else:
            self.wizard.action_step("diagnose")

    def action_probe(self) -> None:
        """Ask the current route's backend (again)."""
        self.wizard.probe()

    def action_all(self) -> None:
        """Ask every route's backend."""
        self.wizard.probe_all()

    def action_host(self) -> None:
        """Ask for the Host header of the imagined client."""

        def answered(host: str | None) -> None:
            if host is not None:
                self.wizard.read_again(host=host)

        self.ask(
            "Host header of the client",
            "With ProxyPreserveHost On it decides which name httpd asks the backend for and "
            "checks. Empty: the ServerName of the VirtualHost.",
            self.session.route.client_host if self.session.route else "",
            answered,
        )

    @property
    def _assumable(self) -> str | None:
        return probe_text.assumable(self.session.diagnosis, self.session.scope.resolve)

    def action_name(self) -> None:
        """Ask where names are to lead, for this walk through the steps."""

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                found = tuple(map(Assumed.parsed, text.split()))
            except ValueError as error:
                self.notify(f"{error}.", severity="warning", markup=False)
                return
            self.wizard.read_again(resolve=Scope().assuming(found).resolve)

        self.ask(
            "NAME:ADDRESS to assume",
            "As if this name led to this IP address, whatever DNS and /etc/hosts say; to apply a "
            "change, it has to lead there. Several with blanks between. Empty: none.",
            self._assumable or "",
            answered,
        )

    def action_path(self) -> None:
        """Ask for the path of the imagined client's request."""
        route = self.session.route
        if route is None:
            return

        def answered(path: str | None) -> None:
            if path is None or route is not self.session.route:
                return
            found = self.wizard.engine.at(route, path)
            if found is None:
                self.notify(probe_text.outside(route, path), severity="warning", markup=False)
                return
            self.session.put(found)
            self.wizard.probe()

        self.ask(
            "Path of the client's request",
            f"It begins with {route.path}; httpd passes on the rest.",
            route.request_path,
            answered,
        )

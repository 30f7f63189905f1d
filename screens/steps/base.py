"""What the case and the five steps have in common: the strip, the footer, the way back, scrolling,
copy and save."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from screens.texts import route as present
from screens.texts import route_list
from screens.widgets.block import Block
from screens.widgets.key_bar import KeyBar
from screens.widgets.source import SourceView
from screens.widgets.step_bar import StepBar
from wizard.wording import installed

if TYPE_CHECKING:
    from textual.worker import Worker

    from screens.host import Host
    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from screens.texts.steps import Step


WIDE, VAST = 100, 160
"""Columns from which two things stand beside each other, and three."""
ROOMY = 32
"""Rows from which there is room for more than what decides."""
ROUTES, FILE = 36, 60
"""Columns of the routes, and of the file, with their frames."""
FRAME = 4
"""Columns of a frame and of the room in it, left and right."""


def _takes_text(widget: Widget) -> bool:
    """Whether letters are text for a widget that has the keys."""
    return widget.check_consume_key("a", "a")


class StepScreen(Screen[None]):
    """One step. A subclass composes its body and shows what the session holds."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (VAST, "-vast")]  # noqa: RUF012  # Textual's own
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall"), (ROOMY, "-roomy")]  # noqa: RUF012  # Textual's own
    STEP: ClassVar[Step]
    AUTO_FOCUS: ClassVar[str]
    """Selector of the widget that the keys belong to first, and when a field is left."""
    SCROLLS: ClassVar[str] = ""
    """Selector of what Page Down scrolls, wherever the focus is; empty: what has the focus."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Case", id="step.back",
                tooltip="Leave the field; end what is under way; go back to the case"),
        Binding("pagedown", "scroll_body(1)", "Scroll", show=False, id="step.page-down",
                tooltip="Scroll down, wherever the focus is"),
        Binding("pageup", "scroll_body(-1)", "Scroll", show=False, id="step.page-up",
                tooltip="Scroll up, wherever the focus is"),
        Binding("o", "open", "Open", show=False, id="step.open",
                tooltip="Open another configuration"),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a field / is text."""
        if action == "search":
            return not self.in_field
        return super().check_action(action, parameters)

    def __init__(self) -> None:
        super().__init__()
        #: What gets the keys in a moment: those that come before are meant for it.
        self.focus_due: Widget | None = None

    @property
    def in_field(self) -> bool:
        """Whether keys are text just now."""
        return self.focused is not None and _takes_text(self.focused)

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield StepBar(self.STEP, self.wizard)
        if self.STEP.sentence:
            yield Static(self.STEP.sentence, id="sentence", markup=False)
        with Container(id="body"):
            yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> Iterable[Widget]:
        """The widgets of this step."""
        raise NotImplementedError

    def show(self) -> None:
        """Show what the session holds now; called whenever that changed."""
        raise NotImplementedError

    def show_routes(self, name: str, *, columns: int = ROUTES - FRAME, above: int = 6) -> None:
        """Show the routes in a block, the current one marked.

        Args:
            name: selector of the block.
            columns: in it.
            above: rows of the screen that are not for routes.
        """
        rows = max(3, self.size.height - above)
        found = route_list.routes(self.session, self.glyphs, columns, rows)
        self.query_one(name, Block).put(*found)

    def show_source(self, name: str) -> None:
        """Show the file of the current route with its lines marked.

        Args:
            name: selector of the view.
        """
        configuration, route = self.session.configuration, self.session.route
        files = configuration.files if configuration else {}
        self.query_one(name, SourceView).show(files, present.marks(route) if route else {})

    def redraw(self) -> None:
        """Show everything anew: the strip, the body, the keys."""
        self.query_one(StepBar).refresh()
        self.show()
        self.refresh_bindings()

    def readable(self) -> tuple[str, str]:
        """What copy and save take.

        Returns:
            A name for the file (``verdict.txt``) and the text.
        """
        raise NotImplementedError

    def saved(self) -> tuple[str, bytes]:
        """What save writes: the same text below whose rules hold, or its exact bytes where they
        matter."""
        name, text = self.readable()
        configuration = self.session.configuration
        if configuration is not None:
            notes = installed.notes(configuration.httpd, wizard=True)
            text = "\n".join((installed.headline(configuration), *notes, "", text))
        return name, text.encode("utf-8", "surrogateescape")

    def is_private(self) -> bool:
        """Whether what is saved is for this user alone."""
        return False

    def action_back(self) -> None:
        """Leave the field; else end what is under way; else go back to the case."""
        if self.in_field:
            self.leave_field()
        elif not self.wizard.cancel():
            self.wizard.action_step("case")

    def leave_field(self) -> None:
        """Give the keys back to what had them first."""
        self.query_one(self.AUTO_FOCUS).focus()

    def action_scroll_body(self, pages: int) -> None:
        """Scroll by what is in view."""
        if self.SCROLLS:
            box = self.query_one(self.SCROLLS)
            box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)

    def action_open(self) -> None:
        """Ask for a configuration file or directory."""
        from screens.dialogues.open import OpenDialogue

        def opened(path: str | None) -> None:
            if path is not None:
                self.wizard.read_again(path=path)

        self.app.push_screen(
            OpenDialogue(
                "Configuration to open",
                self.session.load_error
                or "A main file, a virtual host's, or a directory; empty: the installed httpd's.",
                self.session.scope.path or "",
                directories=True,
            ),
            opened,
        )

    def ask(self, title: str, hint: str, text: str, answered: Callable[[str | None], None]) -> None:
        """Ask for one line of text."""
        from screens.dialogues.text import TextDialogue

        self.app.push_screen(TextDialogue(title, hint, text), answered)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a fault of the wizard itself, so that nobody waits for what failed."""
        self.wizard.on_worker_state_changed(event)

    def on_screen_resume(self) -> None:
        """Another step may have changed the session meanwhile."""
        self.redraw()

    @property
    def wizard(self) -> Host:
        """The application."""
        return cast("Host", self.app)

    @property
    def session(self) -> Session:
        """What the operator has loaded and chosen so far."""
        return self.wizard.session

    @property
    def glyphs(self) -> Glyphs:
        """The signs of this terminal."""
        return self.wizard.glyphs

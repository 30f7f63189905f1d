"""A question whose text scrolls by the same keys wherever the focus is."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import MouseScrollDown, MouseScrollUp
from textual.screen import ModalScreen, ScreenResultType

SCROLL: Final[tuple[BindingType, ...]] = (
    Binding("pagedown", "page(1)", "Scroll", id="scroll.page-down", key_display="PgDn/PgUp",
            tooltip="Scroll a screen; also up, down, Home, End and the mouse wheel"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="scroll.page-up"),
    Binding("down", "scroll(1)", "Down", show=False, id="scroll.down"),
    Binding("up", "scroll(-1)", "Up", show=False, id="scroll.up"),
    Binding("home", "edge(-1)", "Begin", show=False, id="scroll.home"),
    Binding("end", "edge(1)", "End", show=False, id="scroll.end"),
)  # fmt: skip
"""For a subclass's own keys to stand before them."""


class Asked(VerticalScroll, inherit_bindings=False):
    """The text of a question; its keys are the screen's."""

    DEFAULT_CSS = """
    Asked { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """


class Scrolling(ModalScreen[ScreenResultType]):
    """A box over the step, with one text in it that may be longer than the screen.

    A subclass has ``SCROLL`` among its keys.
    """

    DEFAULT_CSS = """
    Scrolling { align: center middle; }
    Scrolling .box {
        width: 100%; height: auto; border: heavy $marked; border-title-color: $marked;
        border-title-style: bold; background: $surface;
    }
    Scrolling .box.refusal { border: heavy $error; border-title-color: $text-error; }
    Scrolling .answers { height: 1; padding: 0 1; }
    Scrolling .answers .more { width: 1fr; color: $text-muted; }
    Scrolling .answers Button { margin: 0 0 0 2; min-width: 8; padding: 0 1; }
    """
    SLACK: ClassVar[int] = 0
    """Rows of the screen that are not the text's; 0: the text takes what is left."""

    @property
    def asked(self) -> Asked:
        """The text."""
        return self.query_one(Asked)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is more only where not everything has room."""
        if action in ("scroll", "page", "edge"):
            return any(text.max_scroll_y > 0 for text in self.query(Asked))
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Say how much more there is, wherever the text stands."""
        if self.SLACK:
            self.asked.styles.height = "auto"
        self.watch(self.asked, "scroll_y", lambda: self.tell_more(), init=False)
        self.watch(self.asked, "virtual_size", lambda: self._laid_out(), init=False)

    def on_resize(self) -> None:
        """Another size has room for more or less."""
        if self.SLACK:
            self.asked.styles.max_height = max(1, self.size.height - self.SLACK)
        self._laid_out()

    def _laid_out(self) -> None:
        self.call_after_refresh(self.refresh_bindings)
        self.call_after_refresh(self.tell_more)

    def tell_more(self) -> None:
        """Say what is below, where there is a place for it."""

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel scrolls the text wherever the pointer is."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """As down."""
        self._wheel(event, -1)

    def _wheel(self, event: MouseScrollDown | MouseScrollUp, rows: int) -> None:
        event.stop()
        self.action_scroll(int(rows * self.app.scroll_sensitivity_y))

    def action_scroll(self, rows: int) -> None:
        """Scroll some rows; what has the focus keeps it."""
        self.asked.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll a screen, but for a row that stays in view."""
        self.asked.scroll_relative(y=pages * max(1, self.asked.size.height - 1), animate=False)

    def action_edge(self, side: int) -> None:
        """Scroll to the first row or to the last."""
        self.asked.scroll_to(y=self.asked.max_scroll_y if side > 0 else 0, animate=False)

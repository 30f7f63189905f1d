"""The questions before anything is written: answered by y, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from screens.dialogues.scrolling import SCROLL, Asked, Scrolling
from screens.texts.changed import WEAKENS
from screens.widgets.folded import Draw, Folded
from screens.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from screens.texts.writing import WriteText


class YesOrNo(Scrolling[bool]):
    """A question with its consequences; nothing happens unless it is answered with y.

    "No" has the focus at first, so Enter alone never says yes.

    Args:
        title: the question.
        yes: what a yes does, in a word.
        strip: makes the line on top; None: there is none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no", key_display="n/Esc"),
        Binding("s", "save", "Save patch", id="confirm.save",
                tooltip="Save the patch to a file; the question stays"),
        Binding("left,right", "other", "Other answer", show=False, id="confirm.other"),
        *SCROLL,
    ]  # fmt: skip
    AUTO_FOCUS = "#no"

    def __init__(
        self, title: str, yes: str = "Yes", strip: Callable[[], Widget] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._yes = yes
        self._strip = strip
        #: Saves what is asked about; None: nothing is to be saved.
        self.save: Callable[[], object] | None = None

    def compose(self) -> ComposeResult:
        """The question; "no" has the focus."""
        if self._strip is not None:
            yield self._strip()
        with Vertical(classes="box") as box:
            box.border_title = self.headline()
            with Asked():
                yield from self.compose_text()
            with Horizontal(classes="answers"):
                yield Static("", classes="more", id="more", markup=False)
                yield Button("No (n)", id="no", compact=True)
                yield Button(f"{self._yes} (y)", id="yes", variant="warning", compact=True)
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A patch can be saved where there is one."""
        if action == "save":
            return self.save is not None
        return super().check_action(action, parameters)

    def action_save(self) -> None:
        """Save the patch; the question stays."""
        if self.save is not None:
            self.save()

    def headline(self) -> Content:
        """The question, as the frame shows it."""
        return Content(self._title)

    def compose_text(self) -> Iterable[Widget]:
        """What is asked about."""
        raise NotImplementedError

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    def action_other(self) -> None:
        """Go to the other button."""
        self.query_one("#yes" if self.focused and self.focused.id == "no" else "#no").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class ConfirmDialogue(YesOrNo):
    """A question in a box over the step.

    Args:
        title: the question.
        text: what will happen, line by line, or what makes it for so many columns.
    """

    SLACK = 4
    DEFAULT_CSS = "ConfirmDialogue .box { max-width: 100; }"

    def __init__(self, title: str, text: Text | Draw) -> None:
        super().__init__(title)
        self._text = text

    def compose_text(self) -> Iterable[Widget]:
        """The consequences."""
        if isinstance(self._text, Text):
            yield Static(self._text, markup=False)
        else:
            yield Folded(self._text)


class WriteQuestion(YesOrNo):
    """The last question before files are written: the changed lines first, then what comes of them,
    then the whole patch.

    Args:
        text: what is asked about.
        save: saves the patch; None: it cannot be saved here.
        strip: makes the line on top; None: there is none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Write", id="confirm.yes")
    ]
    DEFAULT_CSS = """
    WriteQuestion { background: $background; align: left top; }
    WriteQuestion .box { height: 1fr; }
    """

    def __init__(
        self,
        text: WriteText,
        save: Callable[[], object] | None = None,
        strip: Callable[[], Widget] | None = None,
    ) -> None:
        super().__init__(text.title, "Write", strip)
        self._text = text
        self.save = save

    def headline(self) -> Content:
        """The question; that a check is weakened stands beside it, at every size."""
        if not self._text.weakens:
            return super().headline()
        return Content.assemble(self._title, "  ", (f"{WEAKENS} a check", "bold $text-error"))

    def compose_text(self) -> Iterable[Widget]:
        """The changed lines and what comes of them; below it the whole patch."""
        yield Folded(self._text.above, id="question-text")
        yield Folded(self._text.below, id="question-patch")

    def on_mount(self) -> None:
        """The frame is red where a check is weakened."""
        self.query_one(".box").set_class(self._text.weakens, "refusal")

    def tell_more(self) -> None:
        """How much is below, and whether that is the patch alone."""
        text = self.asked
        below = int(text.max_scroll_y - text.scroll_offset.y)
        seen = text.scroll_offset.y + text.size.height
        whole = seen >= self.query_one("#question-text").size.height
        what = "whole patch" if whole else "more"
        more = f"PgDn {what} ({below} line{'s' * (below != 1)})" if below else ""
        self.query_one("#more", Static).update(more)

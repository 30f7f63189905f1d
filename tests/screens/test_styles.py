"""What has the keys is seen at every size, in every theme, with few colours and with none; what is
dim can be read; a notice covers nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable, OptionList, Static, Tree
from textual.widgets._toast import Toast, ToastHolder, ToastRack

from screens.terminal.contrast import contrast
from screens.texts.steps import STEPS
from screens.widgets.key_bar import KeyBar
from tests.screens.asking import opened, press, settle
from tests.screens.fake import app

SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))
THEMES = ("textual-dark", "textual-light")
PLAIN = ("", "NO_COLOR", "16 colours")


class Frames(Screen[None]):
    """Two frames side by side, a list in one, text in the other; and a question."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-vast")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="left", classes="frame"):
                yield OptionList("one", "two", "three", id="list")
            with VerticalScroll(id="right", classes="frame", can_focus=True):
                yield Static("text")
        with Vertical(id="question", classes="question"):
            yield Static("which?")
        table: DataTable[str] = DataTable(cursor_type="row", id="table")
        table.add_column("x")
        for number in range(30):
            table.add_row(f"row {number}")
        tree: Tree[None] = Tree("root", id="tree")
        tree.root.expand()
        for number in range(30):
            tree.root.add_leaf(f"leaf {number}")
        yield table
        yield tree
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#left").border_title = "Left"
        self.query_one("#right").border_title = "Right"


@asynccontextmanager
async def showing(
    size: tuple[int, int], screen: Screen[None] | None = None, *, notices: bool = False
) -> AsyncIterator[Pilot[Any]]:
    wizard = app()
    async with wizard.run_test(size=size, notifications=notices) as pilot:
        await settle(pilot)
        if screen is not None:
            await wizard.push_screen(screen)
            await settle(pilot)
        yield pilot


def environment(monkeypatch: pytest.MonkeyPatch, plain: str) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if plain == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")


def seen(pilot: Pilot[Any], plain: str) -> list[list[tuple[str, object, object, object]]]:
    """Every cell as the terminal gets it: letter, colours as far as it has them, what is bold."""

    def shade(color: Any) -> object:
        if color is None:
            return None
        return color.downgrade(ColorSystem.STANDARD).number if plain == "16 colours" else color.name

    lines = []
    for strip in pilot.app.screen._compositor.render_strips():
        cells = []
        for text, style, _ in strip:
            look = (
                (shade(style.color), shade(style.bgcolor), (style.bold, style.reverse))
                if style
                else (None, None, None)
            )
            cells += [(letter, *look) for letter in text]
        lines.append(cells)
    return lines


def edge(lines: list[list[Any]], widget: Widget) -> tuple[Any, ...]:
    region = widget.region
    return tuple(lines[region.y][region.x]), tuple(lines[region.bottom - 1][region.right - 1])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("plain", PLAIN)
def test_the_frame_with_the_keys_is_seen(
    monkeypatch: pytest.MonkeyPatch, theme: str, plain: str
) -> None:
    """By its lines alone where there is no colour; the others look alike, a question never does."""
    environment(monkeypatch, plain)

    async def go() -> None:
        async with showing(SIZES[0], Frames()) as pilot:
            wizard = pilot.app
            wizard.theme = theme
            wizard.set_class(plain == "16 colours", "-few-colours")
            for size in SIZES:
                await pilot.resize_terminal(*size)
                looks = {}
                for focused in ("#list", "#right"):
                    wizard.screen.query_one(focused).focus()
                    await settle(pilot)
                    lines = seen(pilot, plain)
                    for box in ("#left", "#right", "#question"):
                        looks[focused, box] = edge(lines, wizard.screen.query_one(box))
                bright, dim = looks["#list", "#left"], looks["#list", "#right"]
                assert bright != dim
                assert looks["#right", "#right"] == bright
                assert looks["#right", "#left"] == dim
                for question in (looks["#list", "#question"], looks["#right", "#question"]):
                    assert question not in (bright, dim)
                    assert question[0][0] == "┏"
                if plain:
                    assert (bright[0][0], dim[0][0]) == ("╔", "╭")

    asyncio.run(go())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("plain", PLAIN)
def test_the_line_with_the_cursor_is_seen(
    monkeypatch: pytest.MonkeyPatch, theme: str, plain: str
) -> None:
    environment(monkeypatch, plain)

    async def go() -> None:
        async with showing((80, 40), Frames()) as pilot:
            pilot.app.theme = theme
            pilot.app.set_class(plain == "16 colours", "-few-colours")
            for which, marked, other in (
                ("#list", "two", "three"),
                ("#table", "row 1", "row 2"),
                ("#tree", "leaf 0", "leaf 1"),
            ):
                pilot.app.screen.query_one(which).focus()
                await settle(pilot)
                await press(pilot, "down")
                lines = seen(pilot, plain)
                one, two = (look_of(lines, word) for word in (marked, other))
                assert one != two
                if plain:  # the ground is another, not a shade of the same
                    assert one[1] != two[1]

    asyncio.run(go())


def look_of(lines: list[list[Any]], word: str) -> tuple[Any, ...]:
    """The colours and weight of the first letter of a word."""
    for row in lines:
        at = "".join(cell[0] for cell in row).find(word)
        if at >= 0:
            return tuple(row[at][1:])
    raise AssertionError(word)


def letters(pilot: Pilot[Any]) -> Iterator[tuple[str, Segment]]:
    for strip in pilot.app.screen._compositor.render_strips():
        line = "".join(segment.text for segment in strip)
        for segment in strip:
            if any(letter.isalnum() for letter in segment.text):
                yield line, segment


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_every_letter_can_be_read(theme: str, size: tuple[int, int]) -> None:
    """WCAG 2.2, 1.4.3, also what is dim, what the cursor is on, and the keys that are dim."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            wizard.theme = theme
            await settle(pilot)
            keys = ["0", *(str(step.number) for step in STEPS)]
            worst = []
            for key in keys:
                await press(pilot, key)
                for line, segment in letters(pilot):
                    assert segment.style is not None
                    assert not segment.style.dim
                    fore, back = segment.style.color, segment.style.bgcolor
                    assert fore is not None
                    assert back is not None
                    how = contrast(Color.from_rich_color(fore), Color.from_rich_color(back))
                    if how < 4.4:  # colours are rounded
                        worst.append((round(how, 1), key, segment.text, line.strip()))
            assert not worst

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES)
def test_a_notice_covers_nothing(size: tuple[int, int]) -> None:
    async def go() -> None:
        async with showing(size, notices=True) as pilot:
            for key in ("0", "1", "4", "s", "question_mark"):
                pilot.app.clear_notifications()
                if key == "question_mark":
                    await press(pilot, "escape")
                await press(pilot, key)
                text = "Sent to the terminal's clipboard. If it does not arrive, save it. " * 3
                pilot.app.notify(text)
                pilot.app.notify(text, severity="warning")
                await settle(pilot)
                shown = pilot.app.screen._compositor.visible_widgets
                notices = [
                    region.intersection(clip)
                    for widget, (region, clip) in shown.items()
                    if isinstance(widget, Toast)
                ]
                assert notices
                top = min(region.y for region in notices)
                assert size[1] - 5 <= top
                assert max(region.bottom for region in notices) == size[1] - 1  # above the keys
                lines = Region(0, top, size[0], size[1] - 1 - top)
                for widget, (region, clip) in shown.items():
                    if not isinstance(widget, Toast | ToastHolder | ToastRack | Screen):
                        assert not region.intersection(clip).overlaps(lines), (key, widget)

    asyncio.run(go())


@pytest.mark.parametrize("which", ["#list", "#table", "#tree"])
def test_a_notice_leaves_the_cursor_in_view(which: str) -> None:
    async def go() -> None:
        frames = Frames()
        async with showing((80, 24), frames, notices=True) as pilot:
            widget = frames.query_one(which)
            for other in frames.children:
                if other is not widget and widget not in other.walk_children(with_self=False):
                    other.display = isinstance(other, KeyBar)
            if isinstance(widget, OptionList):
                widget.add_options([f"more {number}" for number in range(30)])
            widget.focus()
            await settle(pilot)
            for _ in range(widget.size.height - 2):
                pilot.app.simulate_key("down")
            await settle(pilot)
            line = marked(pilot)
            assert line
            pilot.app.notify("one\ntwo\nthree")
            await settle(pilot)
            await settle(pilot)
            assert marked(pilot) == line

    asyncio.run(go())


def marked(pilot: Pilot[Any]) -> str:
    """The text of the line that the cursor is on, as far as it is in view."""
    widget = pilot.app.focused
    assert widget is not None
    at = getattr(widget, "highlighted", None)
    at = getattr(widget, "cursor_row", None) if at is None else at
    at = getattr(widget, "cursor_line", None) if at is None else at
    assert at is not None
    y = at - widget.scroll_offset.y + (1 if isinstance(widget, DataTable) else 0)
    if not 0 <= y < widget.size.height:
        return ""
    row = seen(pilot, "")[widget.content_region.y + y]
    return "".join(cell[0] for cell in row)


def test_what_is_graver_stays_longer() -> None:
    async def go() -> None:
        async with showing((80, 24)) as pilot:
            for severity in ("information", "warning", "error"):
                pilot.app.notify("word", severity=severity)
            pilot.app.notify("as long as it takes", timeout=100)
            await settle(pilot)
            seconds = [one.timeout for one in pilot.app._notifications]
            assert seconds == sorted(set(seconds))
            assert seconds[0] < 5
            assert seconds[-1] == 100

    asyncio.run(go())


def test_prose_is_never_wider_than_it_can_be_read() -> None:
    class Prose(Screen[None]):
        def compose(self) -> ComposeResult:
            yield Static("word " * 200, id="prose", classes="prose100")

    async def go() -> None:
        for width, most in ((60, 60), (80, 80), (200, 100)):
            async with showing((width, 24), Prose()) as pilot:
                assert pilot.app.screen.query_one("#prose").size.width <= most

    asyncio.run(go())


def test_a_line_is_filtered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is drawn; and anew where the colours become others."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def go() -> None:
        async with showing(SIZES[0], Frames()) as pilot:
            drawn: list[int] = []
            (only,) = pilot.app.get_line_filters()
            apply = only.apply

            def counted(segments: list[Segment], background: Color) -> list[Segment]:
                drawn.append(1)
                return apply(segments, background)

            monkeypatch.setattr(only, "apply", counted)
            await pilot.resize_terminal(*SIZES[1])
            await settle(pilot)
            assert drawn
            drawn.clear()
            seen(pilot, "")
            assert not drawn
            pilot.app.set_class(True, "-few-colours")
            assert pilot.app.get_line_filters() != [only]
            pilot.app.set_class(False, "-few-colours")
            assert pilot.app.get_line_filters() == [only]
            pilot.app.theme = THEMES[1]
            assert pilot.app.get_line_filters() != [only]

    asyncio.run(go())

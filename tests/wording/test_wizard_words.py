"""The wizard's sentences name keys: no command of this program, no option, no way in a circle."""

from __future__ import annotations

import re
import string
import time
from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest

from tests.cli.samples import ROUTE
from wizard.errors import (
    Advice,
    ChangeError,
    ConfigError,
    EditedError,
    FileError,
    Left,
    Obstacle,
    StoppedError,
    WizardError,
)
from wizard.model.change import BusyError, Change, ChangedFile, Command, Holder
from wizard.model.httpd_info import HttpdInfo
from wizard.model.permission import Ask, Concern, Reason
from wizard.model.remark import ChoiceError, Point, Remark, Value, as_told
from wizard.wording import change as change_wording
from wizard.wording import installed, permission, remarks
from wizard.wording.errors import describe

OPTION = re.compile(r"(?<![\w-])--\w")
COMMAND = re.compile(r"proxy-wizard \w|`(?:check|fix|prove|apply|rollback|rules|explain)\b")
CIRCLE = re.compile(r"press [0-9]|\([0-9], \w\)", re.IGNORECASE)
NUMBERS: dict[str, Value] = {"count": 2, "days": 90, "error": 20, "files": 3, "links": 2}
DAYS = ("day", "latest")
LISTS = ("places", "pinned", "presented")


def values(point: Point) -> tuple[tuple[str, Value], ...]:
    """A value for each parameter of a point's sentences."""
    texts = (remarks._TEXTS[point], remarks._IN_THE_WIZARD.get(point, ""))
    names = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    nested = {"why", "first", "second", "what"}
    made: dict[str, Value] = {}
    for name in names:
        made[name] = NUMBERS.get(name, "something")
        if name in DAYS:
            made[name] = date(2026, 12, 31)
        elif name in LISTS:
            made[name] = ("one", "another")
        elif name in nested:
            made[name] = as_told("a reason")
        elif name == "sha256":
            made[name] = "ab" * 32
    return tuple(made.items())


def holders() -> Iterator[Holder]:
    for command in (*get_args(Command), None):
        yield Holder(4711, command, int(time.time()))
        yield Holder(0, command)


def errors() -> Iterator[WizardError | OSError]:
    left = Left("20261130-1", "written", ("/etc/a",), ("/etc/b",), ("/etc/c",), "/var/lib/x")
    for step in get_args(Advice.__annotations__["step"]):
        for what in (None, Left(), left):
            error = ChangeError("It is so.", file="/etc/a", hint=Advice(step, "20261130-1"))
            error.left = what
            yield error
    for obstacle in get_args(Obstacle):
        yield FileError("No", 1, obstacle, file="/etc/a", where="/etc")
    yield EditedError("It was edited.", file="/etc/a", hint=Advice("edits"))
    yield ConfigError("It cannot be read", file="/etc/a", line=3)
    yield StoppedError()
    yield PermissionError(13, "Permission denied", "/etc/a")
    yield from (BusyError(holder) for holder in holders())
    yield from (ChoiceError(Remark(p, values(p)), file="/etc/a") for p in Point)


def told() -> Iterator[tuple[str, str]]:
    """What the wizard may say, each with where it comes from."""
    for point in Point:
        yield point.value, remarks.sentence(Remark(point, values(point)), wizard=True)
    for reason in Reason:
        concern = Concern(ROUTE.id, "500")
        yield reason.value, " ".join(permission.concerns(Ask(reason, (concern,))))
        yield reason.value, permission.question(Ask(reason, ()))
        if reason in (*permission._AGAINST, *permission._NO_PLAN):
            yield reason.value, permission.headline(reason)
    for error in errors():
        yield type(error).__name__, describe(error, wizard=True)
    for holder in holders():
        for words in (change_wording.working, change_wording.waiting, change_wording.busy,
                      change_wording.under_way):  # fmt: skip
            yield str(holder.command), words(holder, wizard=True)
    made = Change("20261130-1", "2026-11-30T05:42:20Z", "written", "/etc/a.conf", ("r: x",),
                  (ChangedFile("/etc/a", None, "ab"),))  # fmt: skip
    for piece in (*change_wording.undo(made, {}, wizard=True),
                  *change_wording.finish(made, wizard=True)):  # fmt: skip
        yield "change", piece.whole
    for httpd in (HttpdInfo(), HttpdInfo("2.4.10"), HttpdInfo("2.4.99", backports=True)):
        for note in installed.notes(httpd, wizard=True):
            yield "httpd", note


EVERY = sorted(set(told()))


def test_everything_is_rendered() -> None:
    assert {point.value for point in Point} <= {source for source, _ in EVERY}
    assert all(text or source in {reason.value for reason in Reason} for source, text in EVERY)


@pytest.mark.parametrize("pattern", [OPTION, COMMAND, CIRCLE], ids=["option", "command", "circle"])
def test_the_wizard_names_keys(pattern: re.Pattern[str]) -> None:
    assert [(source, text) for source, text in EVERY if pattern.search(text)] == []


def test_the_command_line_names_its_own() -> None:
    """The control: the same sentences for the command line have what is looked for."""
    spoken = [remarks.sentence(Remark(p, values(p))) for p in Point]
    spoken += [describe(error) for error in errors()]
    assert any(OPTION.search(text) for text in spoken)
    assert any(COMMAND.search(text) for text in spoken)

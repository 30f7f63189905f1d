"""A change in words: what has not read it, what is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from tests.cli.samples import ROUTE
from tests.wording.conftest import Zone
from wizard.model.change import (
    SECONDS,
    Change,
    ChangedFile,
    Deployed,
    DeployStep,
    Doubt,
    Holder,
    LiveCheck,
    NotReloaded,
    Unread,
    Waiting,
)
from wizard.wording import change as wording

CHANGE = Change("20261130-000000-0000", "", "applied", "/etc/httpd/conf/httpd.conf", (), ())
REASONS = [one for part in get_args(Unread) for one in (get_args(part) or (part,))]
SURE = {"none-runs", "none-reads"}


def told(done: Deployed) -> str:
    return "\n".join(piece.whole for piece in wording.deployed(done))


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_says_what_is_on_disk_and_what_goes_on(reason: Unread) -> None:
    why = NotReloaded(reason, (7, 8), "AH00526 {pids}\x1b[2J", "httpd -t && systemctl reload httpd")
    for state in ("applied", "undone"):
        change = Change(CHANGE.id, "", state, CHANGE.config, (), ())
        done = Deployed(change, not_reloaded=why)
        said = told(done)
        assert "\x1b" not in said
        if reason in {"refused", "would-end", "failed"}:
            assert "AH00526 {pids}" in said
        if reason in get_args(Doubt) and reason != "hidden":
            assert "pid 7, pid 8" in said
        assert done.outcome == ("good" if reason in SURE else "not-reloaded")
        expected = "the change is made" if state == "applied" else "as they were before the change"
        assert (expected in said) == (done.outcome == "not-reloaded")
        fatal = reason in {"refused", "would-end"}
        reload = "Mend that first, then reload it with" if fatal else "\nReload it with"
        assert (f"{reload}: httpd -t &&" in said) == (done.outcome == "not-reloaded")


def test_an_answer_that_fails_counts_before_who_has_not_read() -> None:
    others = NotReloaded("others", (8,), command="kill -USR1 8")
    for status, outcome in ((200, "not-reloaded"), (500, "bad-answer"), (None, "bad-answer")):
        look = LiveCheck(ROUTE, "127.0.0.1", 80, status)
        assert Deployed(CHANGE, looks=(look,), not_reloaded=others).outcome == outcome


def test_each_step_says_its_bound() -> None:
    for step in get_args(DeployStep):
        bound = f"(at most {SECONDS[step]} s)" if step in SECONDS else ""
        assert wording.step(step).endswith(bound)
        if step in SECONDS:
            assert wording.step(Waiting(step, 28)).endswith(", at most 28 s more")


def test_what_is_undone_fits_the_screen_whatever_it_repaired() -> None:
    files = (ChangedFile("/etc/ca.pem", None, "b"), ChangedFile("/etc/a\x1b.conf", "a", "b"))
    reasons = tuple(f"app.test /app{number}/: ca-not-configured" for number in range(12))
    change = Change(
        CHANGE.id, "2026-11-30T15:23:30Z", "applied", CHANGE.config, (*reasons, "test"), files
    )
    told = [piece.whole for piece in wording.undo(change, {"/etc/a\x1b.conf": (2, 1)})]
    assert told[:-1] == [
        f"change {CHANGE.id}, made 2026-11-30 15:23 UTC, applied",
        "it repaired: app.test /app0/ and 11 more: ca-not-configured",
        "it repaired: test",
        "restores /etc/a\\x1b.conf   +2 -1",
        "deletes /etc/ca.pem",
    ]
    assert "httpd is not reloaded" in list(wording.undo(change, {}, reload=False))[-1].whole
    listed = [piece.whole for piece in wording.listed(change, None)]
    assert listed[0] == f"{CHANGE.id}  applied  2026-11-30 15:23 UTC"
    assert "new file: /etc/ca.pem" in listed


def test_the_wizard_shows_times_as_the_operators_clock_does(zone: Zone) -> None:
    zone("Europe/Berlin")
    change = replace(CHANGE, created="2026-11-02T15:23:30Z")
    for told in (wording.undo(change, {}, wizard=True), wording.finish(change, wizard=True)):
        assert next(told).whole.startswith(f"change {CHANGE.id}, made 2026-11-02 16:23 CET, ")
    maker = Holder(7, "apply", int(datetime(2026, 11, 2, 15, 23, 30, tzinfo=UTC).timestamp()))
    assert wording.under_way(maker) == "being made by process 7 since 2026-11-02 16:23:30"
    assert wording.under_way(maker, wizard=True) == (
        "being made by process 7 since 2026-11-02 16:23:30 CET"
    )
    assert wording.working(maker, wizard=True).startswith(
        "a command that applies a change (process 7) has been working here since 2026-11-02 16:23"
    )


def test_what_was_undone_is_named_and_what_was_left_is_not() -> None:
    files = tuple(ChangedFile(f"/etc/{name}", None, "b") for name in ("used.pem", "free.pem"))
    change = Change(CHANGE.id, "", "undone", CHANGE.config, (), files)
    said = told(Deployed(change, kept=("/etc/used.pem",), notes=("it was left.",)))
    assert said == "deleted: /etc/free.pem\nhttpd was reloaded.\nit was left."
    assert wording.headline(Deployed(change)) == "undone"


def test_answers_that_are_alike_are_one_sentence() -> None:
    routes = [replace(ROUTE, id=replace(ROUTE.id, path=path)) for path in ("/a", "/b", "/c")]
    looks = tuple(
        LiveCheck(route, "127.0.0.1", 80, status)
        for route, status in zip(routes, (200, 200, 503), strict=True)
    )
    assert told(Deployed(CHANGE, looks=looks)).splitlines()[1:] == [
        "the running server answers app.example.com /a and 1 more: 200",
        "the running server answers app.example.com /c: 503 (asked at 127.0.0.1 port 80)",
    ]

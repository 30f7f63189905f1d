"""The changed lines and what comes of them, in words and colours, at several widths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.text import Text

from screens.texts import changed
from tests.screens import plans
from tests.screens.plans import BUNDLE, CORP, FAILS, HOST, NEW, OLD, PLAYED, SITE, WORKS, Planned
from wizard.model.plan import FixPlan
from wizard.model.rehearsal import Impostor, Pretence, Reception

WIDTHS = (53, 74, 116)


def styles(text: Text, words: str) -> set[str]:
    """Of every character of some words."""
    begin = text.plain.index(words)
    return {
        str(span.style)
        for span in text.spans
        if span.start < begin + len(words) and span.end > begin
    }


def rows(text: Text) -> list[str]:
    return text.plain.rstrip("\n").split("\n")


def test_as_in_a_patch_but_with_numbers_and_without_its_head() -> None:
    text = changed.lines(*plans.plain(), 74, context=1)
    assert rows(text) == [
        "  4        SSLProxyVerify require",
        f"  5  -     {OLD}",
        f"  5  +     {NEW}",
        "  6    </VirtualHost>",
    ]
    assert styles(text, OLD) == {"red"}
    assert styles(text, NEW) == {"green"}
    assert styles(text, "</VirtualHost>") == set()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [plans.plain, plans.trusting, plans.weak, plans.long])
def test_every_row_fits(width: int, make: Callable[[], Planned]) -> None:
    text = changed.lines(*make(), width, titled=True)
    assert max(cell_len(row) for row in rows(text)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_every_letter_of_a_long_line_is_there(width: int) -> None:
    text = changed.lines(*plans.trusting(), width, context=0).plain
    joined = "".join(row.strip() for row in text.split("\n"))
    assert BUNDLE in joined.replace(" ", "")
    assert "SSLProxyCACertificateFile" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_what_weakens_is_red_and_says_so(width: int) -> None:
    text = changed.lines(*plans.weak(), width, context=0)
    setting = "+ SSLProxyCheckPeerName off"
    assert styles(text, setting) == {"red"}
    row = next(row for row in rows(text) if setting in row)
    assert row.endswith("   WEAKENS")
    assert styles(text, "WEAKENS") == {"bold red"}


def test_the_word_stands_below_a_line_that_leaves_no_room() -> None:
    narrow = changed.lines(*plans.weak(), 36, context=0)
    at = next(n for n, row in enumerate(rows(narrow)) if "+ SSLProxyCheckPeerName" in row)
    assert rows(narrow)[at + 1].strip() == "WEAKENS"


def test_a_new_file_is_counted_and_its_ca_named() -> None:
    text = changed.lines(*plans.trusting(), 116).plain
    assert f"new file  {BUNDLE}   1 certificate, Corp Root CA" in text
    assert "BEGIN" not in text
    assert plans.ROOT.pem.decode().split("\n")[1] not in text


def test_places_far_apart_are_told_apart() -> None:
    lines = "".join(f"Listen {n}\n" for n in range(1, 60))
    two = FixPlan("production", (plans.edit(3, 3, "Listen a"), plans.edit(50, 50, "Listen b")))
    shown = rows(changed.lines(*plans.planned(two, text=lines), 74, context=0))
    assert shown[0].startswith("www.corp.test.conf, line 3 ")
    assert shown[0].endswith(" /etc/apache2/sites-available")
    assert shown[3] == "www.corp.test.conf, line 50"


def test_no_more_than_asked_for_but_what_weakens() -> None:
    shown = rows(changed.lines(*plans.long(), 74, context=0, most=8))
    assert sum("+ Listen" in row for row in shown) == 8
    assert shown[-1] == "… 32 more changed lines, in the whole patch"
    weak = changed.lines(*plans.weak(), 74, context=0, most=0).plain
    assert "WEAKENS" in weak
    assert "temporary exception" not in weak


def test_the_title_is_the_path_or_the_name_where_there_is_no_room() -> None:
    assert changed.title(*plans.trusting(), 70) == SITE  # the new file is named where it stands
    assert changed.title(*plans.trusting(), 40) == "www.corp.test.conf"


def test_names_from_outside_are_harmless() -> None:
    hostile = "evil\x1b[31m\u202e"
    host = replace(HOST, server_name=hostile)
    made, patch = plans.planned(
        FixPlan("production", (plans.edit(5, 5, hostile),)),
        replace(CORP, vhost=host, id=replace(CORP.id, server_name=hostile)),
    )
    told = changed.lines(made, patch, 74).plain + changed.counts_for(made)
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_the_virtual_hosts_that_it_counts_for() -> None:
    repair, _ = plans.plain()
    assert changed.counts_for(repair) == "www.corp.test only"


def test_checks() -> None:
    assert changed.checks(plans.plain()[0]).plain == "none weakened"
    assert changed.checks_sentence(plans.plain()[0]).plain == "No check is weakened."
    for told in (changed.checks(plans.weak()[0]), changed.checks_sentence(plans.weak()[0])):
        assert told.plain == (
            "WEAKENS the name check of www.corp.test / until 2026-12-13: any certificate of a "
            "trusted CA passes, whatever name it holds"
        )
        assert styles(told, "WEAKENS") == {"bold red"}


def test_an_exception_that_goes_on_is_told() -> None:
    repair, patch = plans.weak()
    later = repair.planned[0]
    assert repair.after is not None
    exceptions = tuple(replace(one, until=one.until.replace(day=1)) for one in later.exceptions)
    before = replace(repair.report.configuration, routes=(replace(later, exceptions=exceptions),))
    again = replace(repair, report=replace(repair.report, configuration=before))
    assert changed.checks(again).plain == (
        "none weakened further; an exception goes on until 2026-12-13"
    )
    assert "WEAKENS" not in changed.lines(again, patch, 74).plain


def test_rehearsals() -> None:
    (one,) = changed.rehearsed((PLAYED,))
    assert one.plain == "200 from the backend (now 500 from httpd)"
    other = replace(PLAYED, route=replace(CORP.id, path="/b"))
    (same,) = changed.rehearsed((PLAYED, other))
    assert same.plain.startswith("www.corp.test / and 1 more: 200 from the backend")
    worse = replace(other, after=FAILS)
    good, bad = changed.rehearsed((PLAYED, worse))
    assert (str(good.style), str(bad.style)) == ("green", "bold red")
    assert bad.plain == "www.corp.test /b: 500 from httpd, as it is now"
    (none,) = changed.rehearsed(())
    assert str(none.style) == "bold red"


def test_impostors() -> None:
    assert [each.plain for each in changed.impostors((PLAYED,))] == ["refused"]
    let_in = tuple(Impostor(each, Reception.LET_IN) for each in Pretence)
    told = list(changed.impostors((replace(PLAYED, after=replace(WORKS, impostors=let_in)),)))
    assert told[0].plain == "refused -> let in"
    assert {str(each.style) for each in told} == {"bold red"}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("short", ["short"]),
        ("twenty letters and more", ["twenty letters", "and more"]),
        ("a/long/path/without/blanks", ["a/long/path/", "without/", "blanks"]),
        ("x" * 30, ["x" * 16, "x" * 10, "x" * 4]),
        ("猫" * 12, ["猫" * 8, "猫" * 4]),
    ],
)
def test_lines_are_folded_at_blanks_and_slashes(text: str, pieces: list[str]) -> None:
    assert changed.folded(text, 16, 10) == pieces

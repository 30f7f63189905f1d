"""``proxy-wizard rules``: the list, a page, a misspelt name, JSON."""

from __future__ import annotations

import json

import pytest

from wizard.cli import output
from wizard.cli.main import main
from wizard.cli.rules import _page  # colours are asked for here without a terminal
from wizard.findings.table import TABLE


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_list_holds_every_finding_by_family_in_80_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "configuration", "trust", "names and dates", "handshake", "network and HTTP", "answers"
    ]  # fmt: skip
    named = [line.split() for line in lines if line.startswith("  ") and line[2] != " "]
    assert named == [[slug, entry.severity] for slug, entry in TABLE.items()]
    for entry in TABLE.values():
        assert f"      {entry.title}" in lines


@pytest.mark.parametrize("slug", TABLE)
def test_a_page_is_printed_in_full(slug: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", slug]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{slug}\n{TABLE[slug].title}\n{TABLE[slug].family}, ")
    for heading in ("What it is", "Why it matters", "Use instead", "Wrong fixes", "How to verify"):
        assert f"\n{heading}\n" in shown
    assert "```" not in shown
    assert "](" not in shown
    assert not [
        line for line in shown.splitlines() if len(line) > 80 and not line.startswith("    <https:")
    ]
    assert "- *" not in shown
    assert "**" not in shown


def test_only_what_is_no_command_is_folded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["rules", "weak-key"]) == 0
    lines = capsys.readouterr().out.splitlines()
    command = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 > backend.key"
    assert f"    {command}" in lines
    assert not any(
        "Certificate Verification: Error (66): EE certificate key" in one for one in lines
    )


def test_commands_are_shown_as_they_are_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "connection-not-permitted"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    setsebool -P httpd_can_network_connect 1" in lines
    assert "    <Location /app>" not in lines


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("chain-to-deep", "Did you mean chain-too-deep?"),
        ("CA-NOT-TRUSTD", "Did you mean ca-not-trusted?"),
        ("zzzz", "proxy-wizard rules lists them all."),
        ("evil\x1b[31m", "proxy-wizard rules lists them all."),
        ("", "proxy-wizard rules lists them all."),
    ],
)
def test_a_name_that_is_none_ends_with_3_and_the_nearest(
    name: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", name]) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("proxy-wizard: error: there is no finding ")
    assert shown.err.endswith(f"{hint}\n")
    assert "\x1b" not in shown.err


def test_case_and_blanks_around_a_name_do_not_matter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", " Engine-OFF "]) == 0
    assert capsys.readouterr().out.startswith("engine-off\n")


def test_json_lists_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert [rule["slug"] for rule in document["rules"]] == list(TABLE)
    assert all("page" not in rule for rule in document["rules"])


def test_json_of_one_finding_holds_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "dns-failure", "--format", "json"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert rule["severity"] == "critical"
    assert "## Wrong fixes" in rule["page"]


def test_colour_marks_headings_only_when_enabled() -> None:
    assert "\x1b[1mWhat it is\x1b[0m" in _page("engine-off", output.Palette(enabled=True))
    assert "\x1b" not in _page("engine-off", output.Palette(enabled=False))

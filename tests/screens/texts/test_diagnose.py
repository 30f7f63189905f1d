"""The words of step 3, for every finding of the catalogue."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from screens.session import Session
from screens.terminal.glyphs import UNICODE
from screens.texts import diagnose, own_words
from screens.texts import explained as explained_text
from screens.texts.helps import helps, wrong_fixes
from tests.cli.samples import FAILING
from tests.findings.cases import FILE
from tests.findings.pairs import CHECKS
from tests.screens import fake
from wizard.findings import diagnose as found_by
from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.model.config import Configuration
from wizard.model.diagnosis import Case, Diagnosis
from wizard.model.explanation import Cause, ExplainedLine, Explanation
from wizard.model.plan import FixPlan, Repair, Resolved
from wizard.model.remedy import Remedy
from wizard.model.scope import Scope
from wizard.text import fingerprint

_COMMANDS = re.compile(
    r"proxy-wizard (check|fix|apply|prove|rules|explain|rollback)"
    r"|--(ca|policy|until|host|accept-fingerprint|yes|timeout|leave|format)\b"
    r"|`(fix|check|apply|prove|rules|explain|rollback)[ `]"
    r"|\bthat fix\b|\bcheck fails\b"
)
DIGITS = re.compile(r"[0-9a-f]{64}")


def configured(case: Case) -> Configuration:
    return replace(fake.configuration(1), routes=(case.route,), files={}, problems=())


def session(slug: str) -> Session:
    """A walk whose route has a finding, as its cause where it can be one."""
    case, verdict = CHECKS[slug].fires
    session = Session(Scope(path="/srv/my site"))
    session.load(configured(case))
    findings = found_by(case, verdict)
    first = next(one for one in findings if one.slug == slug)
    rest = tuple(one for one in findings if one is not first)
    session.diagnoses[case.route.id] = Diagnosis(case, verdict, (first, *rest))
    return session


def shown(session: Session) -> dict[str, diagnose.Part]:
    return {part.name: part for part in diagnose.parts(session, UNICODE, 4)}


def everything(session: Session) -> Iterator[str]:
    """All that step 3 says of a route, folded or not."""
    for part in diagnose.parts(session, UNICODE, 4):
        yield from (part.label.plain, part.place, part.text.plain)
    for fold in diagnose.folds(session, 0, log=True):
        yield fold.head.plain
        yield fold.body.plain if fold.body is not None else ""
    yield diagnose.saved(session)


@pytest.mark.parametrize("slug", TABLE)
def test_every_finding_has_its_page(slug: str) -> None:
    walk = session(slug)
    diagnosis = walk.diagnosis
    assert diagnosis is not None
    cause = diagnosis.findings[0]
    parts = shown(walk)
    assert parts["cause"].text.plain == f"{cause.title}\n{slug}"
    assert parts["happens"].text.plain.endswith(own_words.prose(cause.why))
    seen = [part for name, part in parts.items() if name.startswith("seen")]
    assert 1 <= len(seen) <= 3
    assert all(part.text.plain.strip() and "\n" not in part.text.plain for part in seen)
    assert parts["wrong"].text.plain
    assert parts["helps"].text.plain
    for fold in diagnose.folds(walk, 1, log=True):
        assert fold.head.plain
        assert fold.body is None or fold.body.plain.strip()
    keys = [fold.key for fold in diagnose.folds(walk, 1, log=True)]
    assert len(set(keys)) == len(keys)
    assert keys[-1] == "explain"


@pytest.mark.parametrize("slug", TABLE)
def test_nothing_names_a_command_of_this_program(slug: str) -> None:
    for text in everything(session(slug)):
        assert not _COMMANDS.search(text), text


@pytest.mark.parametrize("slug", TABLE)
def test_what_helps_has_no_digits_from_the_wire_in_a_command(slug: str) -> None:
    walk = session(slug)
    diagnosis = walk.diagnosis
    assert diagnosis is not None
    for finding in diagnosis.findings:
        for one in helps(walk, diagnosis, finding):
            assert not DIGITS.search(" ".join((one.text, *one.lines)))


@pytest.mark.parametrize("slug", TABLE)
def test_the_full_page_names_no_command_and_keeps_its_sections(slug: str) -> None:
    text, ours = pages.text(slug), own_words.page(pages.text(slug))
    assert not _COMMANDS.search(ours), _COMMANDS.search(ours)
    headings = re.compile(r"^## .+$", re.MULTILINE)
    assert headings.findall(ours) == headings.findall(text)
    assert ours.count("```") % 2 == 0
    assert "```sh\n```" not in ours


@pytest.mark.parametrize("slug", TABLE)
def test_wrong_fixes_are_sentences_without_markup(slug: str) -> None:
    found = wrong_fixes(slug)
    assert len(found) == pages.section(slug, "Wrong fixes").count("\n- ") + 1
    for text in found:
        assert "`" not in text
        assert "\n" not in text
        assert text.rstrip(")").endswith((".", "!", "?")), text


def test_what_switches_a_check_off_is_the_first_that_is_warned_of() -> None:
    assert wrong_fixes("ip-address-backend")[0].startswith("SSLProxyCheckPeerName off: ")
    assert wrong_fixes("ca-not-configured")[0].startswith("SSLProxyVerify none: ")
    assert wrong_fixes("wildcard-too-deep")[1] == "*.*.example.com: no verifier accepts it."
    assert wrong_fixes("no-such-finding") == ()


def test_the_fingerprint_is_shown_to_be_compared() -> None:
    walk = session("self-signed-certificate")
    diagnosis = walk.diagnosis
    assert diagnosis is not None
    case = diagnosis.case
    assert case.probe is not None
    assert case.probe.tls is not None
    digest = case.probe.tls.chain[0].sha256
    _, compared, *_ = helps(walk, diagnosis, diagnosis.findings[0])
    assert compared.lines == (f"SHA-256 {fingerprint(digest)}", "Compare it with its owner.")
    assert compared.text.endswith("Step 4 takes the fingerprint that the owner tells you.")


def test_what_the_wizard_does_itself_is_named_with_its_key() -> None:
    walk = session("ip-address-backend")
    diagnosis = walk.diagnosis
    assert diagnosis is not None
    cause = diagnosis.findings[0]
    first = helps(walk, diagnosis, cause)[0]
    assert (
        first.text
        == "Write https://backend.internal:8443 in place of the address. Step 4 plans it."
    )
    assert first.lines == ()
    plan = FixPlan("production", resolved=(Resolved(diagnosis.case.route.id, cause.slug),))
    walk.planned.repair = Repair(None, plan, None)  # type: ignore[arg-type]  # only the plan counts
    assert helps(walk, diagnosis, cause)[0].text.endswith("a applies the change of step 4.")
    walk.planned.repair = Repair(None, FixPlan("production"), None)  # type: ignore[arg-type]
    assert helps(walk, diagnosis, cause)[0].text.endswith("Step 4 says what is left to do.")


def test_a_file_is_named_in_step_4() -> None:
    walk = session("ca-not-configured")
    diagnosis = walk.diagnosis
    assert diagnosis is not None
    texts = [one.text for one in helps(walk, diagnosis, diagnosis.findings[0])]
    assert texts[0] == (
        'Get the root certificate "Example Root" from the CA\'s owner. f in step 4 takes its file.'
    )
    assert texts[1].endswith("f in step 4 takes /etc/ssl/certs/ca-certificates.crt.")


def test_the_line_to_edit_comes_first_and_the_log_last() -> None:
    parts = shown(session("ip-address-backend"))
    assert parts["seen"].place == "app.conf:9"
    assert parts["seen"].label.plain == "Seen in"
    assert parts["seen-2"].label.plain == ""
    assert FILE not in "".join(part.place for part in parts.values())  # whole in the evidence


def test_of_a_hidden_line_the_level_that_shows_it_is_named() -> None:
    case, verdict = CHECKS["ip-address-backend"].fires
    hidden = replace(FAILING.verdict.log[0], code="AH02411", shown=False, level="info")
    seen = replace(hidden, code="AH00898", shown=True, level="error", module="proxy")
    finding = found_by(case, verdict)[0]
    begins = replace(hidden, code="AH01964")
    for log, told in (
        ((begins, seen, hidden), "AH02411 (hidden: LogLevel warn, shown at info)"),
        ((begins, seen), f"AH00898 {seen.text}"),
        ((replace(hidden, shown=True),), f"AH02411 {hidden.text}"),
    ):
        walk = session("ip-address-backend")
        diagnosis = Diagnosis(case, replace(verdict, log=log), (finding,))
        walk.diagnoses[case.route.id] = diagnosis
        last = [part for name, part in shown(walk).items() if name.startswith("seen")][-1]
        assert (last.place, last.text.plain) == ("error log", told)
        body = next(f.body for f in diagnose.folds(walk, 1, log=True) if f.key == "log")
        assert body is not None
        assert ("* [ssl:info] AH02411" in body.plain) is (hidden in log)


def test_times_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    try:
        walk = session("certificate-expired")
        diagnosis = walk.diagnosis
        assert diagnosis is not None
        assert any(" UTC" in line for line in diagnosis.findings[0].evidence)
        said = "\n".join(everything(walk))
        assert " UTC" not in said
        assert " CET" in said
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_route_without_finding() -> None:
    case, _ = CHECKS["ip-address-backend"].fires
    walk = session("ip-address-backend")
    failing = CHECKS["ip-address-backend"].fires[1]
    for verdict, told in (
        (replace(failing, outcome="ok", status=200, stage=None), "Nothing is wrong here."),
        (replace(failing, reason="Why not."), "No finding explains it."),
        (replace(failing, outcome="unknown", stage=None), "is not known."),
    ):
        walk.diagnoses[case.route.id] = Diagnosis(case, verdict)
        assert told in shown(walk)["cause"].text.plain
        assert "helps" not in shown(walk)
    unasked = replace(case, probe=None)
    walk.diagnoses[case.route.id] = Diagnosis(unasked, replace(failing, outcome="unknown"))
    assert shown(walk)["cause"].text.plain.endswith("r asks it.")
    del walk.diagnoses[case.route.id]
    assert shown(walk)["cause"].text.plain == walk.unprobed
    assert [fold.key for fold in diagnose.folds(walk, 1, log=True)] == ["explain"]


def test_an_explained_log_marks_what_was_found_here_and_names_keys() -> None:
    walk = session("ip-address-backend")
    cause = Cause(
        "ip-address-backend",
        "It is an address.",
        ("AH02411",),
        (Remedy("config", "This decides it:", "proxy-wizard check --vhost a.example"),),
        explains=1,
    )
    explained = Explanation(
        (cause,),
        (ExplainedLine("AH02411", "AH02411", None, "Another name.", ("ip-address-backend",)),),
        lines_read=1,
        lines_recognised=1,
        command="proxy-wizard check --vhost a.example",
    )
    said = explained_text.explanation(explained, walk.diagnosis).plain
    assert "ip-address-backend  (also found here by probing)" in said
    assert not _COMMANDS.search(said)
    assert "r asks again here." in said
    assert explained_text.explanation("No such file.", None).plain == "No such file."

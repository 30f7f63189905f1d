"""The report at a glance: how many rows it takes, and that nothing in it is broken or repeated."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.cli import samples
from tests.findings.cases import CASE, OK, ROOT
from tests.findings.pairs import CHECKS
from wizard.cli import output
from wizard.cli.formats import text
from wizard.findings import diagnose
from wizard.model.config import Problem, SourceFile
from wizard.model.diagnosis import Case, Diagnosis, Remedy, Report, Verdict
from wizard.model.plan import Edit, FixPlan, Intended, Resolved, TrustChoice, Unresolved
from wizard.model.remark import Point, remark
from wizard.model.scope import Scope

PLAIN = output.Palette(enabled=False)
NO_PLAN = FixPlan("production")
WIDTHS = (60, 80, 100, 120)
UNPROBED = Verdict("unknown", reason="The backend was not asked.")


def rendered(report: Report, plan: FixPlan | None = None) -> list[str]:
    return text.render(report, PLAIN, plan or NO_PLAN).splitlines()


def report_of(*cases: tuple[Case, Verdict], scope: Scope | None = None) -> Report:
    """A report of routes as their rules find them; each of several has a path of its own."""
    made = []
    for number, (case, verdict) in enumerate(cases):
        path = case.route.path if len(cases) == 1 else f"/app{number}/"
        route = replace(case.route, id=replace(case.route.id, path=path), path=path)
        found = diagnose(replace(case, route=route), verdict)
        made.append(Diagnosis(replace(case, route=route), verdict, found))
    whole = samples.report(*made)
    configuration = replace(whole.configuration, problems=cases[0][0].problems)
    return replace(whole, configuration=configuration, scope=scope or Scope())


@pytest.mark.parametrize("slug", CHECKS)
def test_one_route_fits_on_a_screen_and_no_word_is_broken(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(CHECKS[slug].fires)
    diagnosis = report.diagnoses[0]
    known = repr((diagnosis, report.configuration))
    shown = next((f for f in diagnosis.findings if f.severity != "info"), None)
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        rows = rendered(report)
        assert len(rows) <= (16 if width >= 80 else 20), "\n".join(rows)
        for row in rows:
            one_word = len(row.split()) <= 2 or "proxy-wizard " in row
            assert len(row) <= min(width, 100) or one_word, row
        words = " ".join(rows).split()
        for word in words:
            path = re.sub(r":\d+$", "", word.strip("(),;:'\"."))
            assert path.count("/") < 2 or path.removeprefix("balancer://") in known, word
        if shown is not None:
            assert set(shown.title.split()) <= set(words)


def test_ten_routes_with_one_cause_are_one_entry() -> None:
    rows = rendered(report_of(*[CHECKS["ca-not-configured"].fires] * 10))
    assert len(rows) <= 18
    assert rows[2].startswith("FAIL  app.example.com /app0/ and 9 more -> https://backend.internal")
    assert sum(row.startswith("FAIL") for row in rows) == 2  # once more in the summary
    assert any(row.startswith("10 routes: 10 fail (0.5 s)") for row in rows)


def test_of_twelve_routes_those_that_work_are_counted() -> None:
    broken = [CHECKS[slug].fires for slug in ("ca-rekeyed", "name-mismatch", "connection-refused")]
    rows = rendered(report_of(*[(CASE, OK)] * 9, *broken))
    assert len(rows) <= 30
    assert any(row.startswith("12 routes: 3 fail, 9 work (0.5 s)") for row in rows)
    assert sum(row.startswith("FAIL") for row in rows) == 6
    assert not [row for row in rows if "/app0/" in row]


def test_a_refused_configuration_is_one_entry_of_five_hundred_routes() -> None:
    rows = rendered(report_of(*[CHECKS["configuration-refused"].fires] * 500))
    assert len(rows) <= 20
    said = [row for row in rows if "httpd's words" in row]
    assert not [row for row in said if row.startswith("  error:")]
    assert " and 499 more " in rows[4] or " and 499 more " in "".join(rows)


def test_other_lines_to_edit_are_named() -> None:
    whole = report_of(*[CHECKS["ca-not-configured"].fires] * 6)
    moved = []
    for line, one in enumerate(whole.diagnoses, 30):
        cause, *others = one.findings
        cause = replace(cause, place=f"{samples.FILE}:{line}")
        moved.append(replace(one, findings=(cause, *others)))
    rows = rendered(replace(whole, diagnoses=tuple(moved)))
    assert f"  --> {samples.FILE}:30 and 5 other lines" in rows
    rows = rendered(replace(whole, diagnoses=tuple(moved[:3])))
    assert f"  --> {samples.FILE}:30, app.conf:31, app.conf:32" in rows


def test_a_problem_of_many_lines_is_said_once() -> None:
    case = replace(
        CASE,
        problems=tuple(
            Problem(samples.FILE, line, "the words", "warning") for line in range(40, 49)
        ),
    )
    rows = rendered(report_of((case, OK)))
    assert rows[1] == f"  note: {samples.FILE}:40 and 8 other lines: the words"
    assert len(rows) == 4


def test_a_problem_and_its_hint_are_two_sentences() -> None:
    case = replace(
        CASE, problems=(Problem(samples.FILE, 4, "the words", "warning", hint="the hint"),)
    )
    rows = rendered(report_of((case, OK)))
    assert rows[1] == f"  note: {samples.FILE}:4: the words. the hint."


def test_of_a_module_that_is_not_loaded_one_directive_is_enough() -> None:
    (case, verdict), unloaded = CHECKS["unknown-directive"].fires, ("ssl_module",)
    first = replace(case.problems[1], modules=unloaded)
    second = replace(first, line=first.line + 90, message="another directive")
    case = replace(case, problems=(first, second))
    assert not [row for row in rendered(report_of((case, verdict))) if row.startswith("  error:")]


def test_a_remedy_without_its_command_is_a_whole_sentence() -> None:
    """A command that does not fit is not shown, and nothing points to it."""
    long = Scope("/etc/" + "directory/" * 8 + "site.conf")
    for slug, check in CHECKS.items():
        rows = rendered(report_of(check.fires, scope=long))
        for at in (at for at, row in enumerate(rows) if row.startswith("      fix: ")):
            end = next(at for at in range(at + 1, len(rows)) if not rows[at][:8].isspace())
            shown = [row for row in rows[at:end] if row.startswith(" " * 10)]
            assert shown or rows[end - 1].endswith("."), (slug, rows)


def test_an_exception_that_is_over_does_not_fail_the_client() -> None:
    rows = rendered(report_of(CHECKS["temporary-exception-expired"].fires))
    assert rows[2] == "FAIL  app.example.com / -> https://backend.internal:8443/"


def test_a_ca_is_no_remedy_for_a_directive_in_the_wrong_place() -> None:
    """A patch that moves it may trust a CA as well."""
    for slug, trusts in (("directive-not-allowed-here", False), ("ca-not-configured", True)):
        report = report_of(CHECKS[slug].fires)
        route = report.diagnoses[0].case.route.id
        plan = replace(
            NO_PLAN,
            edits=(EDIT,),
            resolved=(Resolved(route, slug),),
            trust=(TrustChoice((ROOT,), "/etc/ssl/root.pem", remark(Point.NO_CA_FOUND)),),
            intended={route: Intended({}, frozenset({ROOT.sha256}))},
        )
        shown = "\n".join(rendered(report, plan))
        assert ("rust" in shown.partition("fix: ")[2].partition("\n")[0]) == trusts, shown


def test_other_backends_are_other_entries() -> None:
    """What the backend's owner repairs is repaired once for each backend."""
    case, verdict = CHECKS["connection-refused"].fires
    elsewhere = replace(case.route.backend, host="other.internal", url="https://other.internal/")
    other = replace(case, route=replace(case.route, backend=elsewhere))
    rows = rendered(report_of((case, verdict), (other, verdict)))
    assert sum(row.startswith("FAIL") for row in rows) == 4


def test_evidence_stands_as_in_the_file_without_its_secrets() -> None:
    case, verdict = CHECKS["name-mismatch"].fires
    lines = ["#"] * 8 + ["\tproxypass  /   https://user:pa55w0rd@backend.internal:8443/", ""]
    report = report_of((case, verdict))
    files = {samples.FILE: SourceFile(samples.FILE, samples.FILE, "\n".join(lines).encode())}
    report = replace(report, configuration=replace(report.configuration, files=files))
    shown = "\n".join(rendered(report))
    assert f"  --> {samples.FILE}:9" in shown
    assert "proxypass  /   https://***@backend.internal:8443/" in shown
    assert "pa55w0rd" not in shown


def test_what_stands_in_an_entry_is_harmless() -> None:
    case, verdict = CHECKS["connection-refused"].fires
    told = replace(
        samples.FINDING,
        title=samples.HOSTILE,
        place=f"/etc/{samples.HOSTILE}:7",
        proof=(f"/etc/{samples.HOSTILE}:8  ProxyPass {samples.HOSTILE}", samples.HOSTILE),
        why=samples.HOSTILE,
        remedies=(Remedy("config", samples.HOSTILE, f"echo {samples.HOSTILE}"),),
    )
    other = replace(told, slug="other", severity="warning")
    where = replace(case.route.backend, url=f"https://{samples.HOSTILE}/")
    path = f"/{samples.HOSTILE}"
    route = replace(case.route, id=replace(case.route.id, path=path), backend=where, balancer=path)
    made = Diagnosis(replace(case, route=route), verdict, (told, other))
    for diagnosis in (made, replace(made, verdict=OK)):
        shown = text.render(samples.report(diagnosis), PLAIN, NO_PLAN)
        assert "evil" in shown
        assert not [sign for sign in shown if ord(sign) < 32 and sign != "\n"]
        assert not {"\u202e", "\udcff"} & set(shown)


def test_nothing_is_wrong() -> None:
    rows = rendered(report_of((CASE, OK), (CASE, OK)))
    assert rows[1:] == ["", "2 routes: 2 work (0.5 s)"]


def test_what_was_not_asked_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    case = replace(CASE, probe=None)
    report = replace(report_of(*[(case, UNPROBED)] * 3), probed=False)
    report = replace(report, scope=Scope("site.conf", probe=False))
    assert rendered(report)[2:] == [
        "SKIP  app.example.com /app0/ and 2 more -> https://backend.internal:8443/   not asked",
        "",
        "3 routes: 3 not asked (0.5 s)",
        "next: proxy-wizard check site.conf   (it asks the backends)",
    ]


def test_what_is_not_known_says_why() -> None:
    rows = rendered(report_of((CASE, Verdict("unknown", reason="The answer has no status."))))
    assert rows[2].startswith("UNKNOWN  app.example.com / -> ")
    assert "      The answer has no status." in rows
    assert rows[-1] == "next: proxy-wizard prove --current"


def test_what_works_and_is_weak_is_merged() -> None:
    rows = rendered(report_of(*[CHECKS["verification-off"].fires] * 4))
    assert rows[2].startswith("WARN  app.example.com /app0/ and 3 more -> ")
    assert sum(row.startswith("WARN") for row in rows) == 1


EDIT = Edit(samples.FILE, 7, 6, (b"SSLProxyVerify require\n",), "verified")
NARROW = Scope("site conf/app.conf", vhost="app.example.com", route="/")


@pytest.mark.parametrize(
    ("slug", "plan", "last"),
    [
        ("ca-not-configured", "choice", " --ca FILE"),
        ("ca-not-configured", "edits", ""),
        ("cipher-mismatch", "none", ""),
        ("connection-refused", "none", "check"),
    ],
)
def test_next_comes_the_command_that_goes_on(slug: str, plan: str, last: str) -> None:
    report = report_of(CHECKS[slug].fires, scope=NARROW)
    diagnosis = report.diagnoses[0]
    route, cause = diagnosis.case.route.id, diagnosis.findings[0]
    left = Unresolved(route, cause, remark(Point.NO_CA_FOUND), needs_choice=True)
    plans = {
        "choice": replace(NO_PLAN, unresolved=(left,)),
        "edits": replace(NO_PLAN, edits=(EDIT,), resolved=(Resolved(route, cause.slug),)),
        "none": NO_PLAN,
    }
    command, options = ("check", "") if last == "check" else ("fix", last)
    wanted = f"next: proxy-wizard {command} 'site conf/app.conf' --vhost=app.example.com --route=/"
    row = next(row for row in rendered(report, plans[plan]) if row.startswith("next: "))
    assert row == wanted + options


def test_fix_is_no_remedy_where_it_writes_no_patch() -> None:
    report = report_of(CHECKS["name-mismatch"].fires)
    diagnosis = report.diagnoses[0]
    left = Unresolved(diagnosis.case.route.id, diagnosis.findings[0], remark(Point.NO_CA_FOUND))
    shown = "\n".join(rendered(report, replace(NO_PLAN, unresolved=(left,))))
    assert shown.count("proxy-wizard fix") == 1
    assert shown.endswith("\nnext: proxy-wizard fix   (it prints the commands for this)")

"""What is shown before the question whether to write: in rows of a terminal, on plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import CERTIFICATE, FAILING, ROUTE, report
from wizard.cli import layout
from wizard.cli.output import Palette
from wizard.demo import pki
from wizard.fix.source.unified_diff import unified
from wizard.model.config import SourceFile
from wizard.model.plan import Edit, FixPlan, NewFile, Repair, TrustChoice
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run
from wizard.model.remark import Point, remark
from wizard.wording import confirmation, patch

ROOT = pki.issue("Corp Root CA", ca=True)
PEM = ROOT.pem.count(b"\n")
SITE = "/etc/apache2/sites-available/www.corp.test.conf"
BUNDLE = "/etc/apache2/proxy-trust/proxy-trust-erp.corp.test.pem"
LINES = b"""<VirtualHost *:443>
    ServerName www.corp.test
    RequestHeader set Authorization "Basic c2VjcmV0OnNlY3JldA=="
    SSLProxyEngine on
    ProxyPass / https://erp.corp.test/
</VirtualHost>
"""
STRICT = (
    b"    SSLProxyVerify require\n",
    b"    SSLProxyVerifyDepth 1\n",
    b"    SSLProxyCheckPeerName on\n",
    b"    SSLProxyCheckPeerExpire on\n",
    f"    SSLProxyCACertificateFile {BUNDLE}\n".encode(),
)
TRUST = TrustChoice(
    (replace(CERTIFICATE, subject="CN=Corp Root CA,O=Corp"),),
    "/root/corp-root.pem",
    remark(Point.NAMED_BY_OPERATOR, file="/root/corp-root.pem"),
)
OUT = tuple(Impostor(each, Reception.REFUSED) for each in Pretence)
FAILS = Run(True, status=500, impostors=OUT)
WORKS = Run(True, status=200, backend_status=200, proxied=True, impostors=OUT)


def planned(*edits: Edit, trust: tuple[TrustChoice, ...] = (TRUST,)) -> tuple[Repair, bytes]:
    new = NewFile(BUNDLE, b"# Subject: CN=Corp Root CA\n" + ROOT.pem, "")
    plan = FixPlan("production", edits, (new,), trust=trust)
    files = {SITE: SourceFile(SITE, SITE, LINES)}
    before = report()
    configuration = replace(before.configuration, files=files)
    return Repair(replace(before, configuration=configuration), plan), unified(plan, files)


def rows(repair: Repair, diff: bytes, *played: Rehearsal) -> list[str]:
    pieces = confirmation.pieces(repair, diff, played, ())
    return "\n".join(layout.lines(pieces, Palette(enabled=False), 2)).split("\n")


def rehearsed(path: str, before: Run, after: Run) -> Rehearsal:
    route = replace(ROUTE.id, server_name="www.corp.test", path=path)
    return Rehearsal(route, "www.corp.test", path, before, after)


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_one_route_and_one_ca_fit_on_a_screen_with_the_question() -> None:
    shown = rows(*planned(Edit(SITE, 5, 4, STRICT, "")), rehearsed("/", FAILS, WORKS))
    assert len(shown) + 2 <= 23  # the heading above, and the question
    assert max(map(len, shown)) <= 80
    assert f"  {SITE}   +5" in shown
    assert f"  {BUNDLE}   new ({PEM} lines of PEM)" in shown
    assert "  Corp Root CA   until 2027-01-01" in shown
    assert "  www.corp.test /   500 from httpd  ->  200 from the backend" in shown
    assert "  an impostor: refused" in shown
    assert f"  {SITE}:5" in shown
    text = "\n".join(shown)
    assert ROOT.pem.decode().split("\n")[1] not in text
    assert "c2VjcmV0" not in text


def test_many_routes_with_one_answer_are_one_row() -> None:
    played = [rehearsed(f"/app{number}/", FAILS, WORKS) for number in range(10)]
    other = rehearsed("/new/", FAILS, FAILS)
    shown = rows(*planned(Edit(SITE, 5, 4, STRICT, "")), *played, other)
    told = "  www.corp.test /app0/ and 9 more   500 from httpd  ->  200 from the backend"
    assert told in shown
    assert "  www.corp.test /new/   500 from httpd, before and after" in shown
    assert sum("an impostor" in row for row in shown) == 1


def test_a_long_patch_is_cut_and_says_so() -> None:
    many = tuple(f"    # {number}\n".encode() for number in range(40))
    shown = rows(*planned(Edit(SITE, 5, 4, many, "")))
    assert sum(row.startswith("    + ") for row in shown) == confirmation.MOST_LINES
    assert "  … 28 more lines: proxy-wizard fix shows the patch" in shown


def test_of_a_changed_bundle_the_base64_is_counted() -> None:
    """It is no new file: a certificate comes into one that is there."""
    plan = FixPlan("production", (Edit(BUNDLE, 1, 0, tuple(ROOT.pem.splitlines(True)), ""),))
    files = {BUNDLE: SourceFile(BUNDLE, BUNDLE, b"# old\n-- a/x\n")}
    (changed,) = patch.files(unified(plan, files), {})
    assert (changed.added, changed.removed, changed.new) == (PEM, 0, False)
    assert [line.text for line in changed.lines] == [f"({PEM} lines of PEM)"]


def test_a_removed_line_that_looks_like_a_head() -> None:
    """Nor is it shown: a word that is no directive may be a secret."""
    plan = FixPlan("production", (Edit(SITE, 2, 2, (b"++ b/x\n",), ""),))
    files = {SITE: SourceFile(SITE, SITE, b"one\n-- a/x\nthree\n")}
    (changed,) = patch.files(unified(plan, files), {})
    assert (changed.path, changed.added, changed.removed) == (SITE, 1, 1)
    assert [(x.number, x.sign, x.text) for x in changed.lines] == [
        (2, "-", "***"),
        (3, "+", "***"),
    ]


def test_what_still_fails_is_told_by_cause() -> None:
    failing = [
        replace(FAILING, case=replace(FAILING.case, route=replace(ROUTE, id=route)))
        for route in (replace(ROUTE.id, path="/a"), replace(ROUTE.id, path="/b"))
    ]
    plan = FixPlan("production")
    pieces = list(confirmation.still(failing, plan))
    assert [piece.whole for piece in pieces] == [
        "still fails afterwards:",
        "app.example.com /a and 1 more   ca-not-trusted",
    ]
    assert list(confirmation.still([], plan)) == []

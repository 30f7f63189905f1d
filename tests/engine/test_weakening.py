"""Which checks a plan weakens, and which lines of its patch do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.samples import report
from tests.support.site import REQUIRE, standing
from wizard.demo import pki
from wizard.engine.engine import Engine
from wizard.engine.weakening import marks, renewed, weakened
from wizard.fix.source.unified_diff import apply_to, unified
from wizard.model.config import Configuration
from wizard.model.plan import Edit, FixChoice, FixPlan, Repair
from wizard.model.scope import Assumed, Scope
from wizard.wording.excerpt import excerpts

DAY = date.today() + timedelta(days=30)
STRICT = """\
SSLProxyVerify require
SSLProxyCheckPeerName on
SSLProxyCheckPeerExpire on
SSLProxyProtocol TLSv1.2 +TLSv1.3
SSLProxyCipherSuite ECDHE+AESGCM:@SECLEVEL=2
"""


def read(path: Path, body: str, url: str) -> Configuration:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path.write_text(
        f"<VirtualHost *:80>\n    ServerName app.test\n    SSLProxyEngine on\n{lines}"
        f"    ProxyPass / {url}\n</VirtualHost>\n"
    )
    return Engine(Scope(path=str(path))).load()


def repair(
    tmp_path: Path, before: str, after: str, url: str = "https://good.test/", to: str = ""
) -> Repair:
    """As if a plan had made the one of the other; read as every configuration is."""
    path = tmp_path / "site.conf"
    old = read(path, before, url)
    new = read(path, after, to or url)
    plan = FixPlan("temporary", (Edit(str(path), 1, 1, (b"#\n",), ""),))
    reports = (replace(report(), configuration=one, diagnoses=()) for one in (old, new))
    return Repair(next(reports), plan, next(reports))


@pytest.mark.parametrize(
    ("line", "instead", "check"),
    [
        ("SSLProxyVerify require", "SSLProxyVerify none", "chain check"),
        ("SSLProxyVerify require", "SSLProxyVerify optional", "chain check"),
        ("SSLProxyVerify require", "SSLProxyVerify optional_no_ca", "chain check"),
        ("SSLProxyCheckPeerName on", "SSLProxyCheckPeerName off", "name check"),
        ("SSLProxyCheckPeerName on", "SSLProxyCheckPeerCN off", "name check"),
        ("SSLProxyCheckPeerExpire on", "SSLProxyCheckPeerExpire off", "date check"),
        ("TLSv1.2 +TLSv1.3", "TLSv1.1 +TLSv1.2", "choice of TLS versions"),
        ("@SECLEVEL=2", "@SECLEVEL=0", "choice of ciphers"),
        ("AESGCM", "AESGCM:AES128-SHA", "choice of ciphers"),
    ],
)
def test_what_weakens_is_told_with_its_line(
    tmp_path: Path, line: str, instead: str, check: str
) -> None:
    changed = STRICT.replace(line, instead)
    made = repair(tmp_path, STRICT, changed)
    (one,) = weakened(made)
    assert one.check == check
    assert one.what
    written = next(each for each in changed.splitlines() if instead in each)
    assert one.directive == written
    number = 4 + changed.splitlines().index(written)
    added = {mark for mark in marks(made) if mark[1] == "+"}
    assert added == {(str(tmp_path / "site.conf"), "+", number)}


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("", ""),
        ("SSLProxyVerify require", "SSLProxyVerify require\nSSLProxyVerifyDepth 5"),
        ("TLSv1.2 +TLSv1.3", "TLSv1.3"),
        ("TLSv1.2 +TLSv1.3", "all -TLSv1 -TLSv1.1"),
        ("AESGCM", "AESGCM:ECDHE+CHACHA20"),
        ("AESGCM:@SECLEVEL=2", "AESGCM:@SECLEVEL=3"),
    ],
)
def test_what_does_not(tmp_path: Path, line: str, instead: str) -> None:
    made = repair(tmp_path, STRICT, STRICT.replace(line, instead))
    assert weakened(made) == ()
    assert marks(made) == frozenset()


def test_a_lifted_exception_weakens_nothing(tmp_path: Path) -> None:
    assert (
        weakened(repair(tmp_path, "SSLProxyVerify none\nSSLProxyCheckPeerName off", STRICT)) == ()
    )


def test_a_line_that_says_what_counted_already_weakens_nothing(tmp_path: Path) -> None:
    """none is httpd's default."""
    assert weakened(repair(tmp_path, "", "SSLProxyVerify none")) == ()


def test_a_directive_that_goes_may_weaken(tmp_path: Path) -> None:
    made = repair(tmp_path, STRICT, STRICT.replace("SSLProxyVerify require\n", ""))
    (one,) = weakened(made)
    assert one.directive == "SSLProxyVerify none, the default"
    assert marks(made) == {(str(tmp_path / "site.conf"), "-", 4)}


def test_tls_that_is_dropped_is_the_urls_line(tmp_path: Path) -> None:
    made = repair(tmp_path, STRICT, STRICT, to="http://good.test/")
    (one,) = weakened(made)
    assert (one.check, one.directive) == ("encryption", "http://good.test/")
    assert marks(made) == {(str(tmp_path / "site.conf"), "+", 4 + len(STRICT.splitlines()))}


def test_tls_where_there_was_none_weakens_nothing(tmp_path: Path) -> None:
    made = repair(
        tmp_path, STRICT, "SSLProxyVerify none", "http://good.test/", "https://good.test/"
    )
    assert weakened(made) == ()


def test_a_plan_that_changes_nothing_weakens_nothing(tmp_path: Path) -> None:
    made = replace(repair(tmp_path, STRICT, ""), after=None)
    assert (weakened(made), marks(made), renewed(made)) == ((), frozenset(), None)


def test_an_exception_of_the_planner(tmp_path: Path) -> None:
    """The lines that weaken are in its patch, added; its last day is told; so is a later one."""
    root = pki.issue("Example Root", ca=True)
    leaf = pki.issue("other.test", root, dns=["other.test"])
    with standing(tmp_path, leaf, root) as site:
        trusted = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem"
        site.write(f"{trusted}\n    SSLProxyCheckPeerCN on")
        scope = Scope(path=str(site.main), resolve=(Assumed("good.test", "127.0.0.1"),))
        made = Engine(scope).repair(FixChoice("temporary", until=DAY))
        (one,) = weakened(made)
        assert (one.check, one.until) == ("name check", DAY)
        assert one.directive == "SSLProxyCheckPeerName off"
        files = made.report.configuration.files
        (shown,) = excerpts(unified(made.plan, files), made.sources)
        red = {
            row.text.strip()
            for row in shown.rows
            if (shown.path, row.sign, row.number) in marks(made)
        }
        assert red == {"SSLProxyCheckPeerName off", "SSLProxyCheckPeerCN off"}
        assert renewed(made) is None

        for path, data in apply_to(made.plan, files).items():
            Path(path).write_bytes(data)
        later = FixChoice("temporary", until=DAY + timedelta(days=7))
        again = Engine(scope).repair(later)
        assert weakened(again) == ()
        assert renewed(again) == later.until

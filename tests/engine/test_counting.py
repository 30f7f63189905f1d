"""For which VirtualHosts a plan counts, on configurations as they are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.cli.samples import report
from wizard.engine.counting import virtual_hosts
from wizard.engine.engine import Engine
from wizard.model.config import Configuration
from wizard.model.plan import Edit, FixPlan, Repair, Resolved
from wizard.model.scope import Scope

HOST = """\
<VirtualHost *:80>
    ServerName {name}
    SSLProxyEngine on
    ProxyPass / https://{name}.internal/
</VirtualHost>
"""
SITE = "".join(HOST.format(name=name) for name in ("a.test", "b.test", "c.test"))
PLAN = FixPlan("production", (Edit("site.conf", 1, 1, (b"#\n",), ""),))


def read(tmp_path: Path, text: str) -> Configuration:
    path = tmp_path / "site.conf"
    path.write_text(text)
    return Engine(Scope(path=str(path))).load()


def names(tmp_path: Path, after: str, plan: FixPlan = PLAN) -> list[str | None]:
    old, new = (
        replace(report(), configuration=read(tmp_path, text), diagnoses=())
        for text in (SITE, after)
    )
    return [host.server_name for host in virtual_hosts(Repair(old, plan, new))]


def test_the_one_whose_lines_change(tmp_path: Path) -> None:
    assert names(tmp_path, SITE.replace("b.test.internal", "new.internal")) == ["b.test"]


def test_lines_that_only_move_count_for_nobody(tmp_path: Path) -> None:
    assert names(tmp_path, f"# moved\n\n{SITE}") == []


def test_what_the_main_server_sets_counts_for_all(tmp_path: Path) -> None:
    assert names(tmp_path, f"SSLProxyVerify require\n{SITE}") == ["a.test", "b.test", "c.test"]


def test_one_that_the_plan_itself_says_shares_its_lines(tmp_path: Path) -> None:
    shared = replace(PLAN, edits=(replace(PLAN.edits[0], affects=("c.test /",)),))
    assert names(tmp_path, SITE.replace("a.test.internal", "x.internal"), shared) == [
        "a.test",
        "c.test",
    ]


def test_one_whose_trust_is_repaired_in_a_file_beside(tmp_path: Path) -> None:
    """What is in force stays the same: the contents of its CA file do not."""
    route = read(tmp_path, SITE).routes[1].id
    assert names(tmp_path, SITE, replace(PLAN, resolved=(Resolved(route, "ca-expired"),))) == [
        "b.test"
    ]

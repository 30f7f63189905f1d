"""``apply`` believes the rehearsal: a change that breaks a route that works is not made."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.cli import apply, prove
from wizard.cli.options import plan_options
from wizard.cli.parser import build_parser
from wizard.model.config import Configuration
from wizard.model.diagnosis import Report
from wizard.model.httpd_info import HttpdInfo
from wizard.model.plan import FixPlan, NewFile, Repair
from wizard.model.rehearsal import Rehearsal, Run
from wizard.model.route_id import RouteId

WORKS = Run(True, status=200, backend_status=200, proxied=True)
FAILS = Run(True, status=502)


def test_a_route_that_works_must_go_on_working(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan = FixPlan("production", (), (NewFile(f"{tmp_path}/new.pem", b"x", ""),))
    configuration = Configuration("/etc/httpd.conf", "/etc", "file", HttpdInfo(), (), ())
    report = Report(configuration, (), 0.0)
    repair = Repair(report, plan, None)
    played = (Rehearsal(RouteId(1, "app.test", "/", "ProxyPass"), "app.test", "/", WORKS, FAILS),)
    monkeypatch.setenv("PROXY_WIZARD_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(plan_options, "plan", lambda *_, **__: repair)
    monkeypatch.setattr(prove, "rehearse", lambda *_: played)
    assert apply.run(build_parser("apply").parse_args(["apply", "--yes"])) == 2
    assert "a route that works would fail" in capsys.readouterr().err
    assert not (tmp_path / "new.pem").exists()

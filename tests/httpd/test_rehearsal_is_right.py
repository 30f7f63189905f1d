"""The rehearsal shows what the real server does: the same routes, asked of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fix.random_sites import Sites
from tests.fix.test_repairs_on_httpd import standing
from tests.support import httpd
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.model.scope import Scope


@pytest.mark.parametrize("seed", range(3))
def test_the_same_answers(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path.resolve()
    hosts = directory / "hosts"
    with standing(directory) as made:
        sites = Sites(directory, made, seed)
        main = sites.write(8)
        routes = config.load(str(main)).routes
        for name, value in httpd.environment(hosts).items():
            monkeypatch.setenv(name, value)
        rehearsed = [
            run.before.status for run in rehearse(Scope(str(main)), routes) if run.before.started
        ]
        with httpd.running(main, hosts):
            real = [httpd.get(sites.port, r.client_host, r.request_path).status for r in routes]
    assert rehearsed == real

"""Which name of the certificate goes into the URL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verdict import samples
from wizard.fix.decide.name_in_url import fitting


@pytest.mark.parametrize("server_name", ["App.example", "https://app.example", "app.example:443"])
def test_the_virtual_hosts_own_name_comes_last(server_name: str) -> None:
    route = samples.route()
    route = replace(route, vhost=replace(route.vhost, server_name=server_name))
    assert fitting(route, ["app.example", "backend.internal"]) == ["backend.internal"]
    assert fitting(route, ["app.example"]) == ["app.example"]

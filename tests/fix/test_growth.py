"""A plan for many virtual hosts: what it costs grows with their number, not with its square."""

from __future__ import annotations

from pathlib import Path

from tests.support.yardstick import bounded
from wizard.engine.engine import Engine
from wizard.fix import plan
from wizard.model.plan import BundlePlace, FixChoice, TrustFound
from wizard.model.scope import Scope

MANY = 16_000
SECONDS = 8
"""Of processor time: seven times what it takes; what grows with the square takes 26."""


def test_many_virtual_hosts(tmp_path: Path) -> None:
    file = tmp_path / "sites.conf"
    file.write_text(
        "".join(
            f"<VirtualHost *:80>\nServerName h{n}.test\nProxyPass / https://b.internal/\n"
            "</VirtualHost>\n"
            for n in range(MANY)
        )
    )
    report = Engine(Scope(str(file), probe=False)).check()
    with bounded(SECONDS):
        made = plan.make(report, FixChoice("production"), TrustFound({}, BundlePlace(None)))
    assert sum(b"SSLProxyEngine on" in b"".join(edit.new_lines) for edit in made.edits) == MANY

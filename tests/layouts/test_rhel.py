"""What is RHEL's own: options in a file that the unit names, no PidFile in the configuration."""

from __future__ import annotations

from pathlib import Path

from tests.layouts import rhel
from tests.layouts.proxy import TRUST, installed


def test_options_from_the_units_environment_file(tmp_path: Path) -> None:
    """``OPTIONS=…`` without export; the PID file is the one that is compiled in."""
    with installed(rhel.RHEL, tmp_path.resolve()) as proxy:
        machine = proxy.machine
        machine.remove(rhel.DROP_IN)
        proxy.edit(rhel.UNIT, "Environment=LANG=C", "EnvironmentFile=-/etc/sysconfig/httpd")
        machine.put("/etc/sysconfig/httpd", "# options\nOPTIONS=-DAPP\nLANG=C\n")
        proxy.edit(proxy.layout.main, "PidFile run/httpd.pid\n", "")
        proxy.start()
        assert proxy.status() == 500
        said = proxy.wizard("apply", "--yes", *TRUST)
        assert "graceful reload" in said
        assert "answers app.test /: 200" in said
        assert proxy.status() == 200
        called = machine.path("/run/systemctl").read_text().splitlines()
        assert called == ["start httpd", "is-active --quiet httpd", "reload httpd"]

"""A second instance of Debian's httpd: its own unit, and the first one is left alone."""

from __future__ import annotations

from pathlib import Path

from tests.layouts import debian
from tests.layouts.proxy import TRUST, installed

FIRST = "/var/log/apache2/error.log"


def test_a_lone_site_belongs_to_its_own_instance(tmp_path: Path) -> None:
    """Named by its own file, and reloaded by its own unit."""
    with installed(debian.INSTANCE, tmp_path.resolve()) as proxy:
        machine = proxy.machine
        proxy.start()
        machine.path("/run/systemd/system").mkdir(parents=True)
        machine.script(
            "/usr/bin/systemctl",
            'echo "$@" >>/run/systemctl\n'
            f'test "$1" != reload || exec apache2ctl-{debian.NAME} graceful',
        )
        before = proxy.files()
        pid = proxy.pid()
        done = machine.wizard("apply", proxy.layout.site, "--yes", *TRUST)
        assert done.returncode == 0, done.stderr
        assert proxy.status() == 200
        done = machine.wizard("rollback")
        assert done.returncode == 0, done.stderr
        assert proxy.status() == 500
        assert proxy.pid() == pid
        assert proxy.files() == before
        unit = f"apache2@{debian.NAME}"
        calls = [f"is-active --quiet {unit}", f"reload {unit}"] * 2
        assert machine.path("/run/systemctl").read_text().splitlines() == calls
        assert machine.path(FIRST).read_text().count("resuming normal operations") == 1

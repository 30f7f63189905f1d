"""What is SUSE's own: modules, flags and files that only the command line names."""

from __future__ import annotations

from pathlib import Path

from tests.layouts import suse
from tests.layouts.proxy import TRUST, installed


def test_where_systemd_is_not_the_manager(tmp_path: Path) -> None:
    """httpd itself is called for the reload, with all that start_apache2 gives it."""
    with installed(suse.SUSE, tmp_path.resolve()) as proxy:
        machine = proxy.machine
        proxy.start()
        machine.remove("/run/systemd", "/run/systemctl")
        found = proxy.check()
        assert "ssl_module" in found["config"]["httpd"]["modules"]
        before = proxy.files()
        pid = proxy.pid()
        said = proxy.wizard("apply", "--yes", *TRUST)
        assert "answers app.test /: 200" in said
        assert (proxy.status(), proxy.pid()) == (200, pid)
        done = machine.wizard("rollback")
        assert done.returncode == 0, done.stderr
        assert proxy.files() == before
        assert (proxy.status(), proxy.pid()) == (500, pid)
        assert not machine.path("/run/systemctl").exists()

"""What is a container's own: logs on its output, files that are mounted one by one."""

from __future__ import annotations

from pathlib import Path

from tests.layouts import container
from tests.layouts.proxy import TRUST, installed
from tests.support.waiting import until


def test_the_log_is_the_containers_output(tmp_path: Path) -> None:
    with installed(container.CONTAINER, tmp_path.resolve()) as proxy:
        proxy.edit(proxy.layout.main, "ErrorLog logs/error_log", "ErrorLog /proc/self/fd/2")
        proxy.layout.start(proxy.machine)
        until(proxy.machine.path(proxy.layout.pid_file).exists)
        assert proxy.pid() == 1
        assert proxy.status() == 500
        said = proxy.wizard("apply", "--yes", *TRUST)
        assert "answers app.test /: 200" in said
        assert proxy.status() == 200
        assert proxy.machine.wizard("rollback").returncode == 0
        assert proxy.status() == 500


def test_a_file_that_is_mounted_by_itself(tmp_path: Path) -> None:
    """It cannot be replaced by a rename; nothing is changed, and the patch is kept."""
    with installed(container.CONTAINER, tmp_path.resolve()) as proxy:
        site = proxy.layout.site
        done = proxy.machine.shell(f"cp {site} /srv/app.conf && mount --bind /srv/app.conf {site}")
        assert done.returncode == 0, done.stderr
        proxy.machine.environment["TMPDIR"] = "/srv"
        proxy.start()
        before = proxy.files()
        done = proxy.machine.wizard("apply", "--yes", *TRUST)
        assert done.returncode == 3
        assert f"{site}: this file is mounted by itself" in done.stderr
        assert f"{container.ROOT}/bin/apachectl graceful" in done.stderr
        assert proxy.files() == before
        (patch,) = proxy.machine.path("/srv").glob("proxy-wizard-*.patch")
        assert f"+++ b{site}" in patch.read_text()
        assert proxy.status() == 500

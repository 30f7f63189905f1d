"""check, fix, prove, apply and rollback, each by its real command, on a running httpd that is laid
out as each distribution does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layouts.proxy import LAYOUTS, TRUST, Proxy, installed

HOST = ("etc/httpd", "etc/apache2*/*", "etc/sysconfig/*", "usr/local/apache2", "usr/sbin/httpd*",
        "usr/lib64/httpd", "usr/local/sbin/*", "var/log/httpd", "run/httpd*")  # fmt: skip


def seen() -> list[list[str]]:
    """What the host has where the layouts are built."""
    return [sorted(str(entry) for entry in Path("/").glob(place)) for place in HOST]


@pytest.fixture(params=LAYOUTS)
def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    before = seen()
    with installed(LAYOUTS[request.param], tmp_path.resolve()) as made:
        made.start()
        yield made
    assert seen() == before


def test_from_the_fault_to_the_rollback(proxy: Proxy) -> None:
    layout = proxy.layout
    before = proxy.files()
    pid = proxy.pid()
    assert proxy.status() == 500

    found = proxy.check()
    assert (found["config"]["root"], found["config"]["server_root"]) == (layout.main, layout.root)
    (route,) = found["routes"]
    assert route["verdict"]["status"] == 500
    assert route["findings"][0]["slug"] == "ca-not-configured"

    patch = proxy.wizard("fix", *TRUST)
    bundle = f"{layout.root}/proxy-trust/proxy-trust-backend.internal.pem"
    assert f"+++ b{layout.site}\n" in patch
    assert f"+++ b{bundle}\n" in patch

    shown = proxy.wizard("prove", *TRUST)
    assert "500 from httpd  ->  200 from the backend" in shown
    assert proxy.files() == before

    said = proxy.wizard("apply", "--yes", *TRUST)
    assert "graceful reload" in said
    assert "answers app.test /: 200" in said
    assert proxy.status() == 200
    assert proxy.pid() == pid
    changed = proxy.files()
    new = {name for name in changed if changed[name] != before.get(name)}
    assert new == {
        layout.site.removeprefix(f"{layout.root}/"), "proxy-trust",
        bundle.removeprefix(f"{layout.root}/"),
    }  # fmt: skip

    assert proxy.machine.wizard("rollback").returncode == 0
    assert proxy.files() == before
    assert proxy.status() == 500
    assert proxy.pid() == pid
    assert proxy.starts() == 3


def test_a_pid_file_that_is_gone(proxy: Proxy) -> None:
    """The layout's own way to reload would start a second server: the one that runs is told."""
    pid = proxy.pid()
    place = proxy.machine.path(proxy.layout.pid_file)
    place.unlink()
    said = proxy.wizard("apply", "--yes", *TRUST)
    assert "answers app.test /: 200" in said
    assert (proxy.status(), proxy.pid()) == (200, pid)
    place.unlink()
    done = proxy.machine.wizard("rollback")
    assert (done.returncode, "httpd was reloaded." in done.stderr) == (0, True)
    assert (proxy.status(), proxy.pid(), proxy.starts()) == (500, pid, 3)


# A container's server is its process 1: with it ends the container.
@pytest.mark.parametrize("proxy", sorted({*LAYOUTS} - {"container"}), indirect=True)
def test_none_runs(proxy: Proxy) -> None:
    """A PID file that a crash left does not say that one does; children that live on do."""
    place = proxy.machine.path(proxy.layout.pid_file)
    children = f"/proc/{proxy.pid()}/task/{proxy.pid()}/children"
    orphans = proxy.machine.shell(f"cat {children}; kill -KILL {proxy.pid()}").stdout
    done = proxy.machine.wizard("apply", *proxy.layout.named, "--yes", *TRUST)
    assert done.returncode == 5, done.stderr
    assert "whether with this configuration is not known" in done.stderr
    assert proxy.status() == 500
    proxy.machine.shell(f"kill -KILL {orphans}")
    assert place.exists()
    done = proxy.machine.wizard("rollback")
    assert done.returncode == 0, done.stderr
    assert "there was nothing to reload" in done.stderr
    assert proxy.starts() == 1

"""What check tells the operator to run exists in that layout, and does what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.layouts import container, debian, rhel
from tests.layouts.layout import run
from tests.layouts.proxy import LAYOUTS, Proxy, installed

STORES = {
    "rhel": "/etc/pki/tls/certs/ca-bundle.crt",
    "suse": "/etc/ssl/ca-bundle.pem",
}
LINE = "LoadModule ssl_module modules/mod_ssl.so"


@pytest.fixture(params=LAYOUTS)
def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    with installed(LAYOUTS[request.param], tmp_path.resolve()) as made:
        yield made


def without_package(proxy: Proxy) -> None:
    """mod_ssl is not installed; dnf brings it."""
    machine = proxy.machine
    files = [f"{rhel.MODULES}/mod_ssl.so", f"{rhel.ROOT}/conf.modules.d/00-ssl.conf"]
    files.append(f"{rhel.ROOT}/conf.d/ssl.conf")
    run(machine, f"tar -cf /srv/mod_ssl.tar {' '.join(files)} && rm {' '.join(files)}")
    machine.script("/usr/bin/dnf", 'test "$*" = "install mod_ssl" && tar -C / -xf /srv/mod_ssl.tar')


def commented(proxy: Proxy) -> None:
    proxy.edit(proxy.layout.main, f"\n{LINE}", f"\n#{LINE}")


def not_enabled(proxy: Proxy) -> None:
    run(proxy.machine, f"a2dismod-{debian.NAME} ssl")


def not_in_sysconfig(proxy: Proxy) -> None:
    proxy.edit("/etc/sysconfig/apache2", ' ssl"', '"')
    assert proxy.machine.run("start_apache2", "-t").returncode != 0


MISSING: dict[str, tuple[Callable[[Proxy], None], str]] = {
    "rhel": (
        without_package,
        "dnf install mod_ssl && httpd -D APP -t && systemctl restart httpd",
    ),
    "container": (commented, LINE),
    "instance": (
        not_enabled,
        "a2enmod-intranet ssl && apache2ctl-intranet configtest && apache2ctl-intranet restart",
    ),
    "suse": (not_in_sysconfig, "a2enmod ssl && start_apache2 -t && systemctl restart apache2"),
}
RELOAD = {
    "rhel": "httpd -D APP -t && systemctl reload httpd",
    "container": f"{container.ROOT}/bin/apachectl configtest && "
    f"{container.ROOT}/bin/apachectl graceful",
    "instance": "apache2ctl-intranet configtest && apache2ctl-intranet graceful",
    "suse": "start_apache2 -t && systemctl reload apache2",
}


def test_a_module_is_loaded_and_the_server_reloaded(proxy: Proxy) -> None:
    remove, command = MISSING[proxy.layout.name]
    remove(proxy)
    told = proxy.commands()
    assert told[0] == command
    store = STORES.get(proxy.layout.name, "/etc/ssl/certs/ca-certificates.crt")
    assert any(command.endswith(f" --ca {store}") for command in told)
    assert b"BEGIN CERTIFICATE" in proxy.machine.run("cat", store).stdout.encode()

    if proxy.layout.name == "container":  # not up before: its process 1 is the server
        proxy.edit(proxy.layout.main, f"\n#{LINE}", f"\n{LINE}")
        proxy.start()
    else:
        run(proxy.machine, command)
        proxy.started_again(1)
    assert proxy.status() == 500
    assert proxy.check()["routes"][0]["verdict"]["stage"] == "verify"

    proxy.backend.stop()
    reload = RELOAD[proxy.layout.name]
    assert reload in proxy.commands()
    pid, times = proxy.pid(), proxy.starts()
    run(proxy.machine, reload)
    proxy.started_again(times + 1)
    assert proxy.pid() == pid

"""What is RHEL's own: options in a file that the unit names, no PidFile, PROFILE=SYSTEM."""

from __future__ import annotations

from pathlib import Path

from tests.layouts import rhel
from tests.layouts.proxy import TRUST, installed
from wizard.config.installation import linked


def test_options_from_the_units_environment_file(tmp_path: Path) -> None:
    """``OPTIONS=…`` without export; the PID file is the one that is compiled in."""
    with installed(rhel.RHEL, tmp_path.resolve()) as proxy:
        machine = proxy.machine
        machine.remove(rhel.DROP_IN)
        proxy.edit(rhel.UNIT, "Environment=LANG=C", "EnvironmentFile=-/etc/sysconfig/httpd")
        machine.put("/etc/sysconfig/httpd", "# options\nOPTIONS=-DAPP\nLANG=C\n")
        proxy.start()
        assert proxy.status() == 500
        said = proxy.wizard("apply", "--yes", *TRUST)
        assert "graceful reload" in said
        assert "answers app.test /: 200" in said
        assert proxy.status() == 200
        called = machine.path("/run/systemctl").read_text().splitlines()
        assert called == ["start httpd", "is-active --quiet httpd", "reload httpd"]


def test_an_openssl_that_does_not_know_the_systems_profile(tmp_path: Path) -> None:
    """RHEL's configuration with an httpd of one's own: -t passes, and httpd does not start."""
    with installed(rhel.RHEL, tmp_path.resolve()) as proxy:
        proxy.edit(proxy.layout.site, "require", "require\n    SSLProxyCipherSuite PROFILE=SYSTEM")
        assert proxy.machine.run("httpd", "-D", "APP", "-t").returncode == 0
        assert proxy.machine.run("systemctl", "start", "httpd").returncode != 0
        (route,) = proxy.check()["routes"]
        assert route["verdict"]["stage"] == "start"
        assert route["verdict"]["ah_codes"][0] == "AH01898"
        assert "AH01898" in proxy.log()
        shown = proxy.wizard("prove", *TRUST)
        assert "httpd does not start  ->  200 from the backend" in shown


def test_whose_openssl_knows_it(tmp_path: Path) -> None:
    library = tmp_path / "libssl.so.3"
    library.write_bytes(b"\x7fELF\0PROFILE=SYSTEM\0")
    assert linked.knows_profiles(str(library), "upstream") is True
    library.write_bytes(b"\x7fELF\0DEFAULT\0")
    assert linked.knows_profiles(str(library), "rhel") is False
    assert linked.knows_profiles(str(tmp_path / "none"), "rhel") is False
    assert linked.knows_profiles(None, "rhel") is True
    assert linked.knows_profiles(None, "debian") is None

"""Without a real httpd ``demo --check`` says how to get one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.httpd import HTTPD
from wizard.demo import proof

FAMILIES = {
    "debian": {"ID": "debian"},
    "ubuntu": {"ID": "ubuntu", "ID_LIKE": "debian"},
    "mint": {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"},
    "rhel": {"ID": "rhel", "ID_LIKE": "fedora"},
    "rocky": {"ID": "rocky", "ID_LIKE": "rhel centos fedora"},
    "fedora": {"ID": "fedora"},
}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_packages_of_the_distribution(name: str) -> None:
    debian = name in ("debian", "ubuntu", "mint")
    said = proof.how(httpd=False, names=True, release=FAMILIES[name])
    wanted = "apt-get install apache2" if debian else "dnf install httpd mod_ssl"
    assert said == f"For the proof by a real httpd: {wanted}"
    said = proof.how(httpd=False, names=False, release=FAMILIES[name])
    assert said.endswith(f"{wanted} {'libnss-wrapper' if debian else 'nss_wrapper'}")
    said = proof.how(httpd=True, names=False, release=FAMILIES[name])
    assert said.endswith("install libnss-wrapper" if debian else "install nss_wrapper")


@pytest.mark.parametrize("release", [{}, {"ID": "x\x1b[31m", "ID_LIKE": "y z"}])
def test_another_distribution(release: dict[str, str]) -> None:
    said = proof.how(httpd=False, names=False, release=release)
    assert said == (
        "For the proof by a real httpd install Apache httpd with mod_ssl and libnss_wrapper."
    )


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert proof.how(httpd=True, names=True, release=FAMILIES["debian"]) == ""


def test_the_command_without_httpd() -> None:
    hidden = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$0" && exec "$@"', HTTPD]
    command = [sys.executable, "-m", "wizard", "demo", "--check"]
    done = subprocess.run([*hidden, *command], capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("yes, predicted") == 16
    assert done.stdout.splitlines()[-1] == (
        "For the proof by a real httpd: apt-get install apache2"
    )

"""Debian's own configuration, as it is and with everything enabled that can run together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.config.oracle.compare import differences
from tests.config.oracle.oracle import Answer, ask_httpd, ask_reader
from wizard.config import load
from wizard.config.installation.environment import parse_shell

STOCK = Path("/etc/apache2")
OTHER_MPMS = {"mpm_prefork", "mpm_worker"}


@pytest.fixture
def stock(root: Path) -> Path:
    """A copy of /etc/apache2, mod_info enabled so that httpd can dump it."""
    copy = root / "apache2"
    shutil.copytree(STOCK, copy, symlinks=True)
    (copy / "mods-enabled/info.load").symlink_to("../mods-available/info.load")
    # The example site's certificate belongs to another package; -t asks only whether it is there.
    site = copy / "sites-available/default-ssl.conf"
    certificate = "/etc/ssl/certs/ca-certificates.crt"
    site.write_text(re.sub(r"/etc/ssl/\S+snakeoil\S+", certificate, site.read_text()))
    return copy


@pytest.fixture
def everything(stock: Path) -> Path:
    """Every module, site and snippet enabled."""
    for kind in ("mods", "sites", "conf"):
        enabled = stock / f"{kind}-enabled"
        shutil.rmtree(enabled)
        enabled.mkdir()
        for path in (stock / f"{kind}-available").iterdir():
            if path.stem not in OTHER_MPMS:
                (enabled / path.name).symlink_to(f"../{kind}-available/{path.name}")
    return stock


def both(copy: Path) -> tuple[Answer, Answer]:
    """Both read the copy, with run and log directories that exist."""
    main = copy / "apache2.conf"
    text = main.read_text()
    main.write_text(text.replace('#ServerRoot "/etc/apache2"', f'ServerRoot "{copy}"'))
    found = parse_shell((copy / "envvars").read_text())
    variables = found | {"APACHE_RUN_DIR": str(copy), "APACHE_LOG_DIR": str(copy)}
    return ask_httpd(main, environment=variables), ask_reader(main, environment=variables)


def test_stock(stock: Path) -> None:
    theirs, ours = both(stock)
    assert theirs.entries, theirs.raw
    assert differences(theirs, ours, in_macros=False) == []


def test_everything_enabled(everything: Path) -> None:
    theirs, ours = both(everything)
    assert len(theirs.modules) > 100, theirs.raw
    assert len(theirs.entries) > 300
    assert differences(theirs, ours, in_macros=False) == []


def test_a_copy_is_read_as_the_original(everything: Path) -> None:
    found = load(str(everything))
    assert found.layout == "debian"
    assert found.server_root == str(everything)
    assert "ssl_module" in found.httpd.modules
    assert str(everything / "sites-enabled/default-ssl.conf") in found.files
    assert [p for p in found.problems if p.phase != "warning"] == []

"""Whose OpenSSL is asked about a server's files, and when it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.config.installation import fakes
from tests.support import openssl_cnf
from wizard.config.installation import server_openssl
from wizard.config.installation.layout import Layout, locate
from wizard.demo import pki
from wizard.model.scope import HttpdChoice

STEPS = (("command", "Curves", "nosuch"), ("command", "Curves", "P-256"), ("pair",))


def asked(**environment: str) -> object:
    layout = Layout("file", "/x.conf", "/", environment, openssl_conf="")
    return dict(server_openssl.failures(layout, [STEPS]))


def test_what_fails_is_told_with_its_number() -> None:
    found = server_openssl.failures(Layout("file", "/x.conf", "/"), [STEPS, STEPS])
    assert [number for number, _ in found[STEPS]] == [0, 2]
    assert found[STEPS][1][1] == "no certificate assigned"


@pytest.mark.parametrize(("mode", "counts"), [(0o644, True), (0o666, False)])
def test_a_configuration_that_others_can_write_is_not_loaded(
    mode: int, counts: bool, tmp_path: Path
) -> None:
    conf = tmp_path / "openssl.cnf"
    conf.write_text("")
    conf.chmod(mode)
    assert bool(asked(OPENSSL_CONF=str(conf))) is counts


def test_after_a_certificate_nothing_more_of_a_directory_is_opened(tmp_path: Path) -> None:
    """Hundreds of servers have one directory with hundreds of them."""
    first, rest = tmp_path / "0.pem", tmp_path / "1.pem"
    first.write_bytes(pki.issue("Some CA", ca=True).pem)
    os.mkfifo(rest)
    steps = (("names", str(first), str(rest)), ("pair",))
    found = dict(server_openssl.failures(Layout("file", "/x.conf", "/"), [steps]))
    assert [number for number, _ in found[steps]] == [1]


def test_a_library_that_is_none_says_nothing(tmp_path: Path) -> None:
    library = tmp_path / "libssl.so.3"
    library.write_text("junk")
    layout = Layout("file", "/x.conf", "/", libssl=str(library))
    assert dict(server_openssl.failures(layout, [STEPS])) == {}


STRICT = openssl_cnf.text("CipherString = DEFAULT@SECLEVEL=5")
"""An openssl.cnf with which OpenSSL refuses a usual certificate."""


def is_strict(layout: Layout, directory: Path) -> bool:
    """Whether the OpenSSL that is asked has read it."""
    file = directory / "ca.pem"
    file.write_bytes(pki.issue("Strict CA", ca=True).pem)
    steps = (("certificate", str(file), False), ("pair",))
    found = dict(server_openssl.failures(layout, [steps]))[steps]
    return [number for number, _ in found] == [0, 1]


@pytest.mark.parametrize(("how", "read"), [("openssl.cnf", False), ("{}/openssl.cnf", True)])
def test_a_relative_name_is_none_of_the_directory_that_one_stands_in(
    how: str, read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openssl.cnf").write_text(STRICT)
    monkeypatch.chdir(tmp_path)
    environment = {"OPENSSL_CONF": how.format(tmp_path)}
    layout = Layout("file", "/x.conf", "/", environment, openssl_conf="")
    assert is_strict(layout, tmp_path) is read


def test_what_a_prefix_names_is_not_loaded_where_no_program_is_to_be_asked(
    tmp_path: Path, nothing_runs: Path
) -> None:
    """The file could name code, as a provider."""
    (tmp_path / "openssl.cnf").write_text(STRICT)
    fakes.httpd(tmp_path / "bin/httpd")
    (tmp_path / "bin/envvars").write_text(f"export OPENSSL_CONF={tmp_path}/openssl.cnf\0\n")
    (tmp_path / "modules").mkdir()
    (tmp_path / "conf").mkdir()
    main = tmp_path / "conf/httpd.conf"
    main.write_text("Listen 8443\n")
    for ask, conf in ((True, f"{tmp_path}/openssl.cnf"), (False, None)):
        layout = locate(str(main), httpd=HttpdChoice(ask=ask))
        assert layout.openssl_conf == conf
        assert is_strict(layout, tmp_path) is ask


@pytest.mark.parametrize("name", ["OPENSSL_MODULES", "OPENSSL_ENGINES"])
@pytest.mark.parametrize(("mode", "counts"), [(0o755, True), (0o1777, False)])
def test_modules_are_not_loaded_from_where_others_can_lay_one(
    name: str, mode: int, counts: bool, tmp_path: Path
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    modules.chmod(mode)
    assert bool(asked(**{name: str(modules)})) is counts

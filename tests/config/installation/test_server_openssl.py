"""Whose OpenSSL is asked about a server's files, and when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.config.installation import server_openssl
from wizard.config.installation.layout import Layout

STEPS = (("command", "Curves", "nosuch"), ("command", "Curves", "P-256"), ("pair",))


def asked(**environment: str) -> object:
    layout = Layout("file", "/x.conf", "/", environment)
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


def test_a_library_that_is_none_says_nothing(tmp_path: Path) -> None:
    library = tmp_path / "libssl.so.3"
    library.write_text("junk")
    layout = Layout("file", "/x.conf", "/", libssl=str(library))
    assert dict(server_openssl.failures(layout, [STEPS])) == {}

"""Which httpd is meant by a configuration, with several of them on the machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.config.installation import fakes
from tests.support import others
from wizard import config
from wizard.config.installation import identity, processes, program
from wizard.config.installation.layout import Layout, locate
from wizard.errors import ConfigError, UsageError
from wizard.httpd import reload
from wizard.model.scope import HttpdChoice

DEBIAN = "/usr/sbin/apache2"
MODULES = "/usr/lib/apache2/modules"


pytestmark = pytest.mark.usefixtures("nothing_runs")


def found(path: Path | None, **choice: Any) -> tuple[str | None, str | None, str]:
    """Program, version, and how it was found."""
    layout = located(path, **choice)
    return layout.binary, layout.version, layout.found


def located(path: Path | None, **choice: Any) -> Layout:
    return locate(None if path is None else str(path), httpd=HttpdChoice(**choice))


def test_the_program_beside_the_configuration(tmp_path: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    beside = str(tmp_path / "opt/bin/httpd")
    for path in (main, tmp_path / "opt"):
        layout = located(path)
        assert (layout.binary, layout.version) == (beside, "2.4.41")
        assert layout.found == f"which belongs to its prefix ({beside})"
        assert (layout.kind, layout.server_root) == ("upstream", str(tmp_path / "opt"))
        assert (layout.native, layout.copy_of) == (True, None)
        assert layout.module_directory == str(tmp_path / "opt/modules")
        assert layout.static_modules == ("core_module", "so_module", "http_module")


def test_a_virtual_host_file_of_a_prefix_belongs_to_its_httpd(tmp_path: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    site = main.parent / "extra" / "site.conf"
    site.parent.mkdir()
    site.write_text("<VirtualHost *:80>\nServerName a.example\n</VirtualHost>\n")
    layout = located(site)
    assert (layout.partial, layout.version) == (True, "2.4.41")


def test_of_two_httpds_the_one_whose_modules_the_file_names(tmp_path: Path) -> None:
    """Debian's has unixd built in, and this one loads it."""
    fakes.prefix(tmp_path / "opt", "2.4.41")
    (tmp_path / "opt/modules/mod_unixd.so").write_bytes(b"")
    main = tmp_path / "site" / "my.conf"
    main.parent.mkdir()
    for line in (
        f"LoadModule unixd_module {tmp_path}/opt/modules/mod_unixd.so",
        f"ServerRoot {tmp_path}/opt\nLoadModule unixd_module modules/mod_unixd.so",
        f'ServerRoot "{tmp_path}/opt"\n  loadmodule unixd_module "modules/mod_unixd.so"',
    ):
        main.write_text(f"Listen 80\n{line}\n")
        path = str(tmp_path / "opt/bin/httpd")
        assert found(main) == (path, "2.4.41", f"whose modules it loads ({path})")
    main.write_text(f"Listen 80\nLoadModule ssl_module {MODULES}/mod_ssl.so\n")
    assert found(main)[::2] == (DEBIAN, f"whose modules it loads ({DEBIAN})")
    main.write_text(f"Listen 80\nLoadModule unixd_module {tmp_path}/opt/modules/mod_unixd.so\n")
    assert config.load(str(main)).httpd.path == str(tmp_path / "opt/bin/httpd")


def test_a_file_of_no_layout_belongs_to_the_httpd_in_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fakes.httpd(tmp_path / "bin" / "httpd", "2.4.43", root="/elsewhere")
    main = tmp_path / "my.conf"
    main.write_text("Listen 80\n")
    monkeypatch.setenv("PATH", f".::{tmp_path}/bin")
    assert found(main) == (str(other), "2.4.43", f"which PATH has ({other})")
    assert located(main).server_root == "/elsewhere"
    monkeypatch.setenv("PATH", "/nowhere")
    assert found(main)[0] == DEBIAN  # in a directory of services


def test_a_copy_of_a_layout_is_not_judged_by_an_httpd_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/httpd.conf").write_text("Listen 80\n")
    assert found(tmp_path) == (None, None, "")
    assert located(tmp_path).unasked == "No httpd for it was found on this machine."


@pytest.mark.parametrize("words", [["-f", "MAIN"], ["-d", "ROOT"], ["-dROOT", "-fconf/httpd.conf"]])
def test_the_one_that_runs_with_it(words: list[str], tmp_path: Path, nothing_runs: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    other = fakes.httpd(tmp_path / "other" / "httpd", "2.4.43")
    told = [w.replace("MAIN", str(main)).replace("ROOT", str(tmp_path / "opt")) for w in words]
    fakes.process(nothing_runs, 812, ["httpd", *told, "-k", "start"], other)
    fakes.process(nothing_runs, 813, ["httpd", *told, "-k", "start"], other, parent=812)
    assert found(main) == (str(other), "2.4.43", "which runs with it (pid 812)")
    assert not located(main).native  # not its layout's own: it is reloaded by this very program
    assert reload.command(located(main))[0] == str(other)


def test_the_one_that_runs_with_its_compiled_in_configuration(
    tmp_path: Path, nothing_runs: Path
) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    fakes.process(nothing_runs, 7, ["httpd", "-DFOREGROUND"], tmp_path / "opt/bin/httpd")
    assert found(main)[2] == "which runs with it (pid 7)"
    assert located(main).native


def test_processes_that_are_not_meant(tmp_path: Path, nothing_runs: Path) -> None:
    """Another configuration; a container's; one whose program is gone; no httpd."""
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    other = fakes.httpd(tmp_path / "other" / "httpd", "2.4.43")
    container = tmp_path / "container"
    theirs = container / str(main).lstrip("/")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("Listen 81\n")
    words = ["httpd", "-f", str(main)]
    fakes.process(nothing_runs, 1, ["httpd", "-f", "/elsewhere/httpd.conf"], other)
    fakes.process(nothing_runs, 2, words, other, root=str(container))
    fakes.process(nothing_runs, 3, words, tmp_path / "gone (deleted)")
    fakes.process(nothing_runs, 4, words, other, name="nginx")
    fakes.process(nothing_runs, 5, ["httpd", "-d", ".", "-f", "conf/httpd.conf"], other)
    assert found(main)[2].startswith("which belongs to its prefix")
    assert not fakes.was_run(other)


def test_a_process_of_another_user_is_not_asked(tmp_path: Path, nothing_runs: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    other = fakes.httpd(tmp_path / "other" / "httpd", "2.4.43")
    fakes.process(nothing_runs, 812, ["httpd", "-f", str(main)], other, owner=others.NOBODY)
    assert found(main)[1] == "2.4.41"
    assert not fakes.was_run(other)


def test_the_operators_word(tmp_path: Path, nothing_runs: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    other = fakes.httpd(tmp_path / "other" / "prog", "2.4.43", vendor="Red Hat Enterprise Linux")
    fakes.process(nothing_runs, 812, ["httpd", "-f", str(main)], tmp_path / "opt/bin/httpd")
    layout = located(main, program=str(other))
    assert (layout.binary, layout.version) == (str(other), "2.4.43")
    assert layout.found == f"which the operator names ({other})"
    assert (layout.backports, layout.native) == (True, False)
    assert layout.module_directory is None
    assert reload.command(layout)[0] == str(other)


def test_without_a_configuration_the_named_httpds_own(tmp_path: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    layout = located(None, program=str(tmp_path / "opt/bin/httpd"))
    assert (layout.main_file, layout.version) == (str(main), "2.4.41")


def test_without_a_layout_the_configuration_of_the_one_that_runs_or_is_in_path(
    tmp_path: Path, nothing_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.config.installation.layout.FAMILIES", ())
    monkeypatch.setattr(program, "_SYSTEM", ())
    monkeypatch.setenv("PATH", str(tmp_path / "opt/bin"))
    with pytest.raises(ConfigError, match="No installed httpd"):
        located(None)
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    assert located(None).main_file == str(main)
    with pytest.raises(ConfigError, match="No installed httpd"):
        located(None, ask=False)
    running = fakes.prefix(tmp_path / "second", "2.4.43")
    words = ["httpd", "-f", str(running)]
    fakes.process(nothing_runs, 9, words, tmp_path / "second/bin/httpd")
    monkeypatch.setattr(processes, "_FRESH", 0.0)
    assert located(None).main_file == str(running)


def test_no_program_is_asked(tmp_path: Path, nothing_runs: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    layout = located(main, ask=False)
    assert (layout.binary, layout.version, layout.openssl) == (None, None, None)
    assert layout.unasked == "No program was asked, as the operator wishes."
    assert not fakes.was_run(tmp_path / "opt/bin/httpd")


def test_told_versions_count_whatever_a_program_says(tmp_path: Path) -> None:
    main = fakes.prefix(tmp_path / "opt", "2.4.41")
    layout = located(main, version="2.4.29", openssl="1.1.1w")
    assert layout.release.httpd == (2, 4, 29)
    assert layout.release.openssl == (1, 1, 1)
    assert layout.binary == str(tmp_path / "opt/bin/httpd")
    assert layout.found == "as the operator says"
    assert located(main, ask=False, version="2.4.29").assumed_version == "2.4.29"


def test_a_told_version_of_red_hats_layout_may_carry_backports(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/httpd.conf").write_text("Listen 80\n")
    assert located(tmp_path, version="2.4.37").backports
    assert not located(tmp_path).backports


@pytest.mark.parametrize("kind", ["missing", "directory", "not executable", "not httpd", "empty"])
def test_what_is_named_and_is_no_httpd(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "program"
    if kind == "directory":
        path.mkdir()
    elif kind != "missing":
        path.write_text("#!/bin/sh\necho nginx version: nginx/1.22\n")
        path.chmod(0o644 if kind == "not executable" else 0o755)
    with pytest.raises(UsageError, match=r"no such program|no program|no httpd"):
        identity.named("" if kind == "empty" else str(path))


def test_a_program_that_does_not_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_SECONDS", 0.2)
    path = tmp_path / "httpd"
    path.write_text("#!/bin/sh\nexec sleep 60\n")
    path.chmod(0o755)
    assert program.ask(str(path)) is None


def test_a_program_that_was_replaced_is_asked_again(tmp_path: Path) -> None:
    path = fakes.httpd(tmp_path / "httpd", "2.4.41", root="/opt/old")
    asked = program.ask(str(path))
    assert asked is not None
    assert (asked.version, asked.root) == ("2.4.41", "/opt/old")
    fakes.httpd(path, "2.4.62.1", root="/opt/new")
    os.utime(path, ns=(1, 1))
    again = program.ask(str(path))
    assert again is not None
    assert (again.version, again.root) == ("2.4.62", "/opt/new")


def test_debians_own() -> None:
    layout = located(None)
    assert layout.found == f"which its layout has ({DEBIAN})"
    assert layout.module_directory == MODULES
    assert layout.openssl is not None
    assert layout.libssl is not None
    assert layout.backports is False
    asked = program.ask(DEBIAN)
    assert asked is not None
    assert (asked.root, asked.main_file) == ("/etc/apache2", "/etc/apache2/apache2.conf")
    assert asked.pid_file.endswith(".pid")

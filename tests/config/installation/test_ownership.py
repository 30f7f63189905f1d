"""Attacks: a configuration, a prefix or a process that points to somebody else's program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.installation import fakes
from tests.support import others
from wizard.cli.main import main as command
from wizard.config.installation import ownership
from wizard.config.installation.layout import locate
from wizard.model.scope import HttpdChoice

PROXY = (
    "LoadModule proxy_module modules/mod_proxy.so\n"
    "<VirtualHost *:80>\nServerName a.example\nProxyPass / http://127.0.0.1:9/\n</VirtualHost>\n"
)


pytestmark = pytest.mark.usefixtures("nothing_runs")


def theirs(tmp_path: Path, how: str) -> Path:
    """A prefix that others may change, in one place; its main file."""
    root = tmp_path / "opt"
    main = fakes.prefix(root, lines=PROXY)
    program = root / "bin/httpd"
    if how == "the program is theirs":
        others.give(program)
    elif how == "its directory is theirs":
        others.give(program.parent)
    elif how == "a directory above is theirs":
        others.give(root)
    elif how == "all of it is theirs":
        for path in (root, *root.rglob("*")):
            others.give(path)
    elif how == "anybody may write the program":
        program.chmod(0o777)
    elif how == "anybody may write its directory":
        program.parent.chmod(0o777)
    elif how == "a group may write a directory above":
        root.chmod(0o775)
    elif how == "an ACL lets others write":
        others.let_write(program)
    else:  # a link that leads to theirs
        real = fakes.httpd(tmp_path / "elsewhere" / "httpd")
        others.give(real.parent)
        program.unlink()
        program.symlink_to(real)
    return main


HOW = [
    "the program is theirs",
    "its directory is theirs",
    "a directory above is theirs",
    "all of it is theirs",
    "anybody may write the program",
    "anybody may write its directory",
    "a group may write a directory above",
    "an ACL lets others write",
    "a link that leads to theirs",
]


@pytest.mark.parametrize("how", HOW)
def test_a_program_that_others_can_change_is_never_run(how: str, tmp_path: Path) -> None:
    main = theirs(tmp_path, how)
    layout = locate(str(main))
    assert not list(tmp_path.rglob("*.ran"))
    assert (layout.binary, layout.version, layout.openssl) == (None, None, None)
    assert "was not asked which httpd it is" in layout.unasked
    assert "can be changed" in layout.unasked


@pytest.mark.parametrize("mark", [".git", ".hg", ".svn"])
def test_a_program_that_a_pull_request_brings_is_never_run(mark: str, tmp_path: Path) -> None:
    """The checkout belongs to the user who checks it, as a CI job does."""
    main = fakes.prefix(tmp_path / "checkout" / "server", lines=PROXY)
    work_tree = mark == ".git"  # where .git is a file
    place = tmp_path / "checkout" / mark
    place.write_text("gitdir: /elsewhere\n") if work_tree else place.mkdir()
    layout = locate(str(main))
    assert (layout.binary, layout.version) == (None, None)
    assert f"repository {tmp_path}/checkout." in layout.unasked
    assert not list(tmp_path.rglob("*.ran"))


def test_it_is_said_and_nothing_else_of_the_machine_stands_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = theirs(tmp_path, "all of it is theirs")
    assert command(["check", "--no-probe", str(main)]) == 2  # a module is missing
    shown = capsys.readouterr().out
    assert shown.split("\n")[0].endswith(" (assumed)")
    assert "was not asked which httpd it is" in " ".join(shown.split())
    assert command(["prove", "--current", str(main)]) == 3
    assert "was not asked which httpd it is" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.ran"))


def test_named_by_the_operator_it_is_run(tmp_path: Path) -> None:
    main = theirs(tmp_path, "the program is theirs")
    layout = locate(str(main), httpd=HttpdChoice(str(main.parent.parent / "bin/httpd")))
    assert layout.version == "2.4.50"


def test_modules_of_others_lead_to_no_program(tmp_path: Path) -> None:
    theirs(tmp_path, "all of it is theirs")
    main = tmp_path / "my.conf"
    main.write_text(f"Listen 80\nLoadModule ssl_module {tmp_path}/opt/modules/mod_ssl.so\n")
    layout = locate(str(main))
    assert (layout.binary, layout.version) == (None, None)
    assert "was not asked" in layout.unasked
    assert not list(tmp_path.rglob("*.ran"))


def test_a_process_of_theirs_is_not_run(tmp_path: Path, nothing_runs: Path) -> None:
    """Root's process, but a program that they can replace; found where nothing else points."""
    main = tmp_path / "my.conf"
    main.write_text("Listen 80\n")
    program = fakes.httpd(tmp_path / "bin" / "httpd")
    others.give(program.parent)
    fakes.process(nothing_runs, 5, ["httpd", "-f", str(main)], program)
    assert locate(str(main)).binary != str(program)
    assert not fakes.was_run(program)


def test_envvars_that_others_can_change_are_not_followed(tmp_path: Path) -> None:
    """LD_LIBRARY_PATH of the prefix's own envvars would bring their code into the program."""
    main = fakes.prefix(tmp_path / "opt")
    program = tmp_path / "opt/bin/httpd"
    program.write_text(program.read_text().replace('"$*" >>', '"$LD_LIBRARY_PATH" >>'))
    envvars = tmp_path / "opt/bin/envvars"
    envvars.write_text("LD_LIBRARY_PATH=/their/lib\nexport LD_LIBRARY_PATH\n")
    envvars.chmod(0o666)
    assert locate(str(main)).version == "2.4.50"
    assert "/their/lib" not in Path(f"{program}.ran").read_text()
    envvars.chmod(0o644)
    program.touch()
    assert locate(str(main)).version == "2.4.50"
    assert "/their/lib" in Path(f"{program}.ran").read_text()


@pytest.mark.parametrize("path", ["/nowhere/httpd", "/etc", "/dev/null", "/a\0b"])
def test_what_is_no_plain_file(path: str) -> None:
    assert ownership.objection(path)


def test_roots_own_is_taken_by_anybody() -> None:
    assert ownership.objection("/usr/sbin/apache2") == ""


def test_a_sticky_directory_is_no_objection(tmp_path: Path) -> None:
    place = others.shared(tmp_path / "shared")
    program = fakes.httpd(place / "httpd")
    assert ownership.objection(str(program)) == ""

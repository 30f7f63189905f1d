"""``configtest`` of Debian's own configuration."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from wizard.config.installation.layout import Layout, locate
from wizard.httpd import command
from wizard.httpd.budget import Budget


@pytest.fixture
def debian(tmp_path: Path) -> Layout:
    """A copy of /etc/apache2, of a httpd that was not started since the machine was."""
    copy = tmp_path / "apache2"
    shutil.copytree("/etc/apache2", copy, symlinks=True)
    with (copy / "envvars").open("a") as file:
        file.write(f"\nexport APACHE_RUN_DIR={tmp_path}/run\n")
    return locate(str(copy))


def test_passes_before_a_first_start(debian: Layout, tmp_path: Path) -> None:
    """apache2ctl, which the service starts httpd with, makes the directory that /run then lacks."""
    assert debian.environment["APACHE_RUN_DIR"] == f"{tmp_path}/run"
    said = command.configtest(debian)
    assert said.ok, said.text
    assert not (tmp_path / "run").exists()


def test_another_directory_that_is_missing_is_a_fault(debian: Layout) -> None:
    main = Path(debian.main_file)
    main.write_text(main.read_text().replace("${APACHE_RUN_DIR}", "/nonexistent"))
    said = command.configtest(debian)
    assert not said.ok
    assert "DefaultRuntimeDir must be a valid directory" in said.text


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_a_signal_that_meets_it_before_it_has_its_own_session(tmp_path: Path, name: str) -> None:
    """Ctrl-C of the terminal is sent to the child too, which is of the same group for a moment."""
    script = f"[ -e {tmp_path}/met ] || {{ : > {tmp_path}/met; kill -{name} $$; }}; echo said"
    assert command.call(["sh", "-c", script], {}, Budget(10)) == command.CommandResult(True, "said")


def test_a_program_that_is_killed_is_not_called_for_ever(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    done = command.call(["sh", "-c", f"echo >> {calls}; kill -TERM $$"], {}, Budget(10))
    assert not done.ok
    assert calls.read_text().count("\n") == 2
    assert -signal.SIGKILL not in command._FROM_OUTSIDE

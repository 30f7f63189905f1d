"""Every lesson of the lab on real httpd, as ``demo --check`` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.demo.run import Result, run
from wizard.findings.table import TABLE


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    with Lab() as lab:
        return {result.lesson.name: result for result in run(lab)}


def test_there_are_a_dozen_lessons_with_names_of_their_own() -> None:
    assert len(LESSONS) >= 12
    assert len({lesson.name for lesson in LESSONS}) == len(LESSONS)
    assert all(lesson.cause in TABLE for lesson in LESSONS)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_goes_as_it_says(results: dict[str, Result], lesson: Lesson) -> None:
    result = results[lesson.name]
    assert result.problem == ""
    assert result.cause == lesson.cause


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_configuration_repairs_is_shown_by_real_httpd(
    results: dict[str, Result], lesson: Lesson
) -> None:
    result = results[lesson.name]
    if lesson.repair == "configuration":
        assert result.fixed is True
        assert result.proven
        assert result.impostor_refused
    else:
        assert result.fixed is None


def test_the_lab_leaves_nothing(tmp_path: Path) -> None:
    with Lab() as lab:
        directory = lab.directory
        assert (directory / LESSONS[0].name / "httpd.conf").is_file()
    assert not directory.exists()


def test_the_command_keeps_its_files_where_it_is_told(tmp_path: Path) -> None:
    kept = tmp_path / "lab"
    command = [sys.executable, "-m", "wizard", "demo", "--check", "--keep", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("shown by httpd") == 16
    assert (kept / "depth" / "sites" / "app.conf").is_file()
    again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 3
    assert "no empty directory" in again.stderr


def test_the_list_names_every_lesson() -> None:
    command = [sys.executable, "-m", "wizard", "demo", "--list"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [x.name for x in LESSONS]

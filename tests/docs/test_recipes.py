"""The commands of the recipes, run on the lab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = Path(sys.executable).with_name("proxy-wizard")
BY_NAME = {lesson.name: lesson for lesson in LESSONS}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names():
        yield running


def site(lab: Lab, name: str) -> str:
    return str(lab.scope(BY_NAME[name]).path)


def well(lab: Lab) -> str:
    """A configuration with which all is well."""
    directory = Path(site(lab, "wrong-ca")).parent
    text = (directory / "sites" / "app.conf").read_text()
    main = directory / "well.conf"
    main.write_text(
        (directory / "httpd.conf").read_text().replace("Include sites/*.conf\n", "")
        + text.replace("other-root.pem", "corp-root.pem")
    )
    return str(main)


def commands(page: str, holding: str) -> str:
    """The block of shell commands on a page that holds some words."""
    text = (DOCS / page).read_text("utf-8")
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if holding in block)


def shell(script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script],
        cwd=directory,
        env=os.environ | {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_cron_is_silent_only_when_all_is_well(lab: Lab, tmp_path: Path) -> None:
    script = commands("recipes/expiry-mail.md", "/etc/cron.daily")
    here = script.replace("/opt/proxy-wizard/bin/", "")
    assert here != script

    def mail(config: str) -> str:
        return shell(here.replace("check ", f"check {config} "), tmp_path).stdout

    assert mail(well(lab)) == ""
    assert mail(site(lab, "expired")).startswith("PROXY-WIZARD CRITICAL - 1 route, 1 failing: ")
    assert mail(site(lab, "not-verified")).startswith("PROXY-WIZARD WARNING - ")
    assert mail(str(tmp_path / "nothing")).startswith("PROXY-WIZARD UNKNOWN - ")


@pytest.mark.parametrize(
    ("page", "holding", "lesson", "said"),
    [
        ("recipes/expiry-mail.md", "certificate-", "expired", "certificate has expired\n"),
        ("reference/check.md", "the cause of", "depth", "app.example.com\t/\tchain-too-deep\n"),
        ("reference/check.md", "the cause of", "depth", "\t20"),
    ],
)
def test_what_jq_takes_from_the_report(
    lab: Lab, tmp_path: Path, page: str, holding: str, lesson: str, said: str
) -> None:
    script = commands(page, holding).replace(
        "check --format", f"check {site(lab, lesson)} --format"
    )
    done = shell(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


def test_ci_stops_what_fails_and_names_paths_of_the_repository(lab: Lab, tmp_path: Path) -> None:
    script = commands("recipes/ci.md", "|| [ $? -lt 2 ]")
    for lesson, code in (("not-verified", 0), ("dead-at-start", 1)):
        repository = tmp_path / lesson
        (repository / "sites").mkdir(parents=True)
        text = (Path(site(lab, lesson)).parent / "sites" / "app.conf").read_text()
        (repository / "sites" / "app.conf").write_text(text)
        assert shell(script, repository).returncode == code
        results = json.loads((repository / "proxies.sarif").read_text())["runs"][0]["results"]
        where = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert where == "sites/app.conf"


def test_the_example_of_the_plugin_is_what_it_prints(lab: Lab, tmp_path: Path) -> None:
    page = (DOCS / "recipes" / "monitoring.md").read_text("utf-8")
    example = re.findall(r"```console\n\$ (.*?)\n(.*?)```", page, re.DOTALL)[0]
    done = shell(f"{example[0]} {site(lab, 'depth')}", tmp_path)
    ported = re.sub(r"https://[\w.]+:\d+", "https://backend.internal:8443", done.stdout)
    assert re.sub(r"time=[\d.]+", "time=0.829", ported) == example[1]

"""The Ansible role on several hosts, each this machine with another configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "recipes" / "ansible"
BIN = Path(sys.executable).parent
DEPTH = next(lesson for lesson in LESSONS if lesson.name == "depth")
WEAK = next(lesson for lesson in LESSONS if lesson.name == "not-verified")
HOSTILE = "/{{ 7 * 7 }}/"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names():
        yield running


def play(
    lab: Lab,
    directory: Path,
    hosts: dict[str, str | None],
    *more: str,
    **of_each: str,
) -> tuple[int, str, dict[str, Any]]:
    """Exit code, output and report of the playbook."""
    inventory = {
        "proxies": {
            "hosts": {
                name: {"proxy_wizard_config": path, **of_each} for name, path in hosts.items()
            },
            "vars": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "proxy_wizard_command": str(BIN / "proxy-wizard"),
            },
        }
    }
    (directory / "inventory.json").write_text(json.dumps(inventory))
    report = directory / "report.json"
    words = ["-i", str(directory / "inventory.json"), "check.yml", *more]
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), *words, "-e", f"proxy_wizard_report={report}"],
        cwd=RECIPE,
        env=os.environ
        | {"ANSIBLE_HOME": str(directory), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
        | {"ANSIBLE_LOCAL_TEMP": str(directory), "ANSIBLE_REMOTE_TEMP": str(directory)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, json.loads(report.read_text())["hosts"]


def test_one_report_and_critical_findings_fail(lab: Lab, tmp_path: Path) -> None:
    site = Path(lab.scope(DEPTH).path or "").parent / "hostile.conf"
    site.write_text(
        "SSLProxyEngine on\n<VirtualHost *:80>\n  ServerName odd.example.com\n"
        f'  ProxyPass "{HOSTILE}" "http://127.0.0.1:1/"\n</VirtualHost>\n'
    )
    code, said, report = play(
        lab,
        tmp_path,
        {
            "deep": lab.scope(DEPTH).path,
            "weak": lab.scope(WEAK).path,
            "odd": str(site),
            "none": str(tmp_path / "nothing.conf"),
        },
    )
    assert code == 2, said
    schema = json.loads((ROOT / "docs" / "reference" / "check.schema.json").read_text())
    found = {}
    for name in ("deep", "weak", "odd"):
        jsonschema.validate(report[name], schema)
        found[name] = report[name]["routes"][0]["findings"][0]["slug"]
    assert found == {
        "deep": "chain-too-deep",
        "weak": "verification-off",
        "odd": "connection-refused",
    }
    assert report["none"] is None
    recap = dict(line.split(None, 1) for line in said.splitlines() if " unreachable=" in line)
    assert {name for name, line in recap.items() if "failed=1" in line} == {"deep", "odd", "none"}
    assert "critical: app.example.com / -> https://erp.backend.test:" in said
    assert f"critical: odd.example.com {HOSTILE} -> " in said  # nothing in a report is a template


def test_a_strict_play_fails_on_warnings(lab: Lab, tmp_path: Path) -> None:
    strict = '{"proxy_wizard_fail_on": ["critical", "warning"], "proxy_wizard_options": ["-v"]}'
    code, said, _ = play(lab, tmp_path, {"weak": lab.scope(WEAK).path}, "-e", strict)
    assert code == 2, said
    assert "warning: app.example.com / -> " in said


def test_a_report_is_written_though_every_host_fails(lab: Lab, tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing.conf")
    code, said, report = play(lab, tmp_path, {"one": missing, "two": missing})
    assert code == 2, said
    assert report == {"one": None, "two": None}
    assert said.count("nothing.conf") >= 2  # each says why


def test_a_program_that_is_not_there_and_one_that_says_something_else(
    lab: Lab, tmp_path: Path
) -> None:
    for command in (str(tmp_path / "nowhere"), "echo"):
        extra = json.dumps({"proxy_wizard_command": command})
        code, said, report = play(lab, tmp_path, {"weak": lab.scope(WEAK).path}, "-e", extra)
        assert code == 2, said
        assert report == {"weak": None}


def test_a_report_is_written_though_no_host_is_reached(lab: Lab, tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\nexit 255\n")  # as ssh ends when it gets no connection
    ssh.chmod(0o755)
    far = {"ansible_connection": "ssh", "ansible_ssh_executable": str(ssh)}
    code, said, report = play(lab, tmp_path, {"far": None, "farther": None}, **far)
    assert code == 2, said
    assert report == {"far": None, "farther": None}
    assert said.count("UNREACHABLE") == 2


def test_all_well(lab: Lab, tmp_path: Path) -> None:
    code, said, report = play(lab, tmp_path, {"weak": lab.scope(WEAK).path})
    assert code == 0, said
    assert report["weak"]

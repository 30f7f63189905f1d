"""What the operator leaves to the backend's side is not repaired, and said what to do about."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.engine.engine import Engine
from wizard.findings.table import LEAVABLE
from wizard.model.plan import FixChoice, Repair
from wizard.wording.remarks import sentence


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as lab, lab.names():
        yield lab


def lesson(name: str) -> Lesson:
    return next(each for each in LESSONS if each.name == name)


def repair(lab: Lab, name: str, *leave: str) -> Repair:
    one = lesson(name)
    choice = FixChoice(ca_files=lab.ca_files(one), leave=leave)
    return Engine(lab.scope(one), resolver=lab.resolver).repair(choice)


@pytest.mark.parametrize(
    ("name", "slug", "told"),
    [
        ("preserve-host", "preserve-host-changes-name", "DNS:app.example.com,DNS:erp.backend.test"),
        ("missing-intermediate", "missing-intermediate", "fullchain.pem"),
    ],
)
def test_a_finding_is_left_with_the_commands_for_the_other_side(
    lab: Lab, name: str, slug: str, told: str
) -> None:
    assert slug in LEAVABLE
    assert not repair(lab, name).plan.is_empty  # it could be repaired here
    plan = repair(lab, name, slug).plan
    assert plan.is_empty
    (left,) = [one for one in plan.unresolved if one.finding.slug == slug]
    assert "left to the backend's side, as asked for" in sentence(left.reason)
    assert told in " ".join(left.commands)
    assert not left.needs_choice


def test_the_request_for_a_certificate_can_be_made(lab: Lab, tmp_path: Path) -> None:
    plan = repair(lab, "preserve-host", "preserve-host-changes-name").plan
    request = plan.unresolved[0].commands[0]
    subprocess.run(["sh", "-c", request], cwd=tmp_path, check=True, capture_output=True)
    (made,) = tmp_path.glob("*.csr")
    shown = subprocess.run(
        ["openssl", "req", "-in", made, "-noout", "-text"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "DNS:app.example.com, DNS:erp.backend.test" in shown


def test_other_findings_are_repaired_all_the_same(lab: Lab) -> None:
    plain, leaving = repair(lab, "internal-ca"), repair(lab, "internal-ca", *sorted(LEAVABLE))
    assert not plain.plan.is_empty
    assert leaving.plan == plain.plan

"""Every lesson without a screen: its verdict, its cause, and whether the repair works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wizard.config.installation.layout import locate
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import FixChoice, Repair
from wizard.record import record


@record
class Result:
    """What became of one lesson.

    Args:
        lesson: the lesson.
        diagnosis: of its route.
        fixed: whether the planned repair brings the backend's answer, and takes the cause away;
            None: configuration cannot repair it, and no patch was offered.
        proven: whether real httpd said so, before and after; else it is predicted.
        impostor_refused: whether real httpd then refuses every impostor; None: it is not known.
        problem: what is not as the lesson says, one sentence; empty when all is.
    """

    lesson: Lesson
    diagnosis: Diagnosis
    fixed: bool | None
    proven: bool
    impostor_refused: bool | None
    problem: str = ""

    @property
    def cause(self) -> str:
        """The first finding."""
        return self.diagnosis.findings[0].slug if self.diagnosis.findings else "-"


def has_httpd(lab: Lab) -> bool:
    """Whether an httpd that can load the lab's configurations is on this machine."""
    scope = lab.scope(LESSONS[0])
    found = locate(scope.path, httpd=scope.httpd).binary is not None
    return found and lab.has_modules


def run(lab: Lab) -> Iterator[Result]:
    """Work through every lesson of a running lab.

    Raises:
        WizardError: a lesson's configuration cannot be read or rehearsed at all.
    """
    with lab.names() as resolvable:
        real = resolvable and has_httpd(lab)
        for lesson in LESSONS:
            yield _one(lab, lesson, real)


def _one(lab: Lab, lesson: Lesson, real: bool) -> Result:
    scope = lab.scope(lesson)
    choice = FixChoice(ca_files=lab.ca_files(lesson))
    engine = Engine(scope, resolver=lab.resolver, state=lab.state)
    repair = engine.repair(choice)
    diagnosis = repair.report.diagnoses[0]
    result = Result(lesson, diagnosis, *_fixed(engine, lesson, repair, real))
    return replace(result, problem=_problem(result))


def _fixed(
    engine: Engine, lesson: Lesson, repair: Repair, real: bool
) -> tuple[bool | None, bool, bool | None]:
    """``fixed``, ``proven`` and ``impostor_refused`` of a result."""
    if repair.plan.is_empty:
        return None, False, None
    after = repair.after.diagnoses[0] if repair.after is not None else None
    gone = after is not None and lesson.cause not in {each.slug for each in after.findings}
    if not real:
        return gone and after is not None and after.reached.outcome == "ok", False, None
    rehearsal = engine.rehearse(repair)[0]
    same = rehearsal.before.status == repair.report.diagnoses[0].reached.status
    if not same:
        raise WizardError(
            f"{lesson.name}: httpd answered {rehearsal.before.status}, "
            f"{repair.report.diagnoses[0].reached.status} was predicted."
        )
    refused = rehearsal.last.keeps_out if rehearsal.last.impostors else None
    fixed = gone and rehearsal.after is not None and rehearsal.after.proxied
    return fixed, True, refused


def _problem(result: Result) -> str:
    lesson = result.lesson
    if result.cause != lesson.cause:
        return f"the cause should be {lesson.cause}"
    if lesson.repair == "backend" and result.fixed is not None:
        return "a patch was offered for what only the backend can repair"
    if lesson.repair == "configuration" and not result.fixed:
        return "the repair does not bring the backend's answer"
    if result.impostor_refused is False:
        return "the repair does not keep an impostor out"
    return ""

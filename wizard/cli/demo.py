"""``proxy-wizard demo``: a lab of broken proxies on loopback."""

from __future__ import annotations

import argparse
import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, output, terminal
from wizard.cli.options import wizard_options
from wizard.cli.parser import add_command
from wizard.errors import UsageError
from wizard.exit_codes import ExitCode
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.demo.lab import Lab
    from wizard.demo.run import Result


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "demo",
        description="A lab on loopback: a throw-away PKI, backends that misbehave, and a broken "
        "virtual host for each lesson. Needs no root and no network. Exit code of --check: 0 every "
        "lesson went as it should, 2 one did not, 3 an error.",
        examples="  proxy-wizard demo\n"
        "  proxy-wizard demo --list\n"
        "  proxy-wizard demo depth\n"
        "  proxy-wizard demo depth --step\n"
        "  proxy-wizard demo --check",
    )
    parser.add_argument("lesson", nargs="?", metavar="LESSON", help="open the wizard on this one")
    parser.add_argument("--list", action="store_true", help="list the lessons")
    parser.add_argument(
        "--check",
        action="store_true",
        help="no screen: diagnose and repair every lesson, and print a table",
    )
    wizard_options.add_step(parser)
    parser.add_argument("--keep", metavar="DIR", help="write the lab's files to DIR and keep them")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from wizard.demo.lessons import LESSONS

    if args.step and (args.list or args.check):
        raise UsageError("--step is for the wizard: --list and --check show none.")
    if args.list:
        width = max(len(lesson.name) for lesson in LESSONS)
        output.write("".join(f"{lesson.name:<{width}}  {lesson.title}\n" for lesson in LESSONS))
        return ExitCode.OK
    if args.lesson is not None and args.lesson not in {lesson.name for lesson in LESSONS}:
        raise UsageError(
            f"there is no lesson {args.lesson!r}.", hint="See `proxy-wizard demo --list`."
        )
    keep = None if args.keep is None else _empty(Path(args.keep))
    from wizard.demo.lab import Lab

    with Lab(keep) as lab:
        if args.check:
            return _check(lab)
        return _open(lab, args.lesson, step_by_step=args.step)


def _empty(directory: Path) -> Path:
    """A directory of this user's that the lab may fill; it is made if it does not exist.

    Nobody else may write into it: what they lay there, a link with the name of a file of the lab,
    would be written through.

    Raises:
        UsageError: something is in it, or it is somebody else's.
    """
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700, parents=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or any(directory.iterdir()):
        raise UsageError(
            "this is no empty directory.", file=str(directory), hint="Name one that does not exist."
        )
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_IWOTH:
        raise UsageError(
            "somebody else can write into this directory.",
            file=str(directory),
            hint="Name one that does not exist.",
        )
    return directory


def _check(lab: Lab) -> ExitCode:
    from wizard.demo import proof
    from wizard.demo.lessons import LESSONS
    from wizard.demo.run import has_httpd
    from wizard.demo.run import run as work_through

    palette = output.Palette()
    head = f"{'lesson':<21} {'httpd':<7} {'cause':<28} fixed"
    output.write(f"{palette(head, 'bold')}\n")
    results = []
    progress = diagnostics.Progress[int](lambda done: f"{done} of {len(LESSONS)} lessons")
    for result in work_through(lab):
        results.append(result)
        progress.close()
        output.write(f"{_line(result, palette)}\n")
        output.flush()
        progress(len(results))
    progress.close()
    output.write(f"\n{_summary(results)}\n")
    missing = proof.how(httpd=has_httpd(lab), names=lab.has_names)
    if missing:
        output.write(f"{missing}\n")
    return ExitCode.FAILURE if any(result.problem for result in results) else ExitCode.OK


def _line(result: Result, palette: output.Palette) -> str:
    verdict = result.diagnosis.verdict
    answer = str(verdict.status) if verdict.status else "dead" if verdict.outcome == "fail" else "-"
    fixed = {True: "yes", False: "no", None: "only the backend's side can"}[result.fixed]
    if result.fixed:
        fixed += ", shown by httpd" if result.proven else ", predicted"
    line = f"{result.lesson.name:<21} {answer:<7} {result.cause:<28} {fixed}"
    if result.problem:
        return palette(f"{line}\n    {printable(result.problem)}", "red")
    return line


def _summary(results: list[Result]) -> str:
    fixed = sum(result.fixed is True for result in results)
    proven = sum(result.proven for result in results)
    refusing = sum(result.impostor_refused is True for result in results)
    wrong = sum(bool(result.problem) for result in results)
    text = (
        f"{len(results)} lessons: {fixed} repaired by configuration ({proven} shown by a real "
        f"httpd on loopback, {refusing} of them refuse an impostor then), "
        f"{len(results) - fixed} named for the backend's side"
    )
    return f"{text}; {wrong} not as the lesson says." if wrong else f"{text}."


def _open(lab: Lab, lesson: str | None, *, step_by_step: bool) -> int:
    terminal.require("`proxy-wizard demo --check` works through every lesson")
    from screens.demo import DemoApp

    with lab.names():
        app = DemoApp(lab, lesson, encoding=sys.stdout.encoding, step_by_step=step_by_step)
        code = terminal.show(app)
    if app.change is not None:
        diagnostics.note(
            f"the demo's changes stand in {printable(str(lab.state))}, none among yours."
            if lab.is_kept
            else "the demo's files are gone, and its changes with them; none stands among yours."
        )
    return code

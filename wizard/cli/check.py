"""``proxy-wizard check``: load, probe and diagnose every proxied route."""

from __future__ import annotations

import argparse
import gc
import importlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, output
from wizard.cli.options import scope_options
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.errors import UsageError, WizardError
from wizard.exit_codes import ExitCode
from wizard.wording.errors import describe
from wizard.wording.progress import sentence

if TYPE_CHECKING:
    from wizard.model.diagnosis import Report

_MOST = 2 << 20
"""Bytes of a configuration for which a plan is made only to name the next command; it takes several
times the memory of the reading."""
_FORMATS = ("text", "json", "sarif", "nagios")
_FOR_PROGRAMS = ("json", "sarif")


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "check",
        description="Read the configuration as httpd reads it, connect to every backend as httpd "
        "would, and say what httpd does with each route and why. Exit code: 0 all is well, "
        "1 a warning, 2 a route fails, 3 could not be determined.",
        examples="  proxy-wizard check\n"
        "  proxy-wizard check /etc/apache2/sites-available/app.conf --route /api\n"
        "  proxy-wizard check --vhost app.example.com:443 --format json",
    )
    scope_options.add_options(parser)
    parser.add_argument(
        "--no-probe", action="store_true", help="read the configuration only, connect to nothing"
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="output format (default: text)"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true",
        help="text: every setting with its source, the certificates, the log lines of httpd",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.owns_process and args.no_probe:
        gc.disable()  # nothing is connected to, which alone makes cycles
    progress = diagnostics.Progress(sentence)
    try:
        scope = scope_options.from_args(args, probe=not args.no_probe)
        report = _checked(Engine(scope, progress=progress), args.format)
    except (WizardError, OSError) as error:
        if args.format != "nagios":
            raise
        # A monitoring plugin's first line on stdout must name the status.
        output.write(f"PROXY-WIZARD UNKNOWN - {describe(error).replace('|', '/')}\n")
        return ExitCode.UNKNOWN
    finally:
        progress.close()
    scope_options.tell_unneeded(report)
    if args.format == "text" and not args.verbose:
        _write_text(report)
    else:
        _write(report, args.format, verbose=args.verbose)
    return exit_code(report)


def _checked(engine: Engine, form: str) -> Report:
    """The report; where httpd refuses the configuration and no route is left, a program that reads
    the output is told of the problems all the same."""
    began = time.monotonic()
    configuration = engine.load()
    try:
        return engine.diagnose(configuration, began=began)
    except UsageError:
        from wizard.wording import refused

        if form in _FOR_PROGRAMS and refused.headline(configuration.problems) is not None:
            _write(engine.diagnose(configuration, (), began=began), form)
        raise


def _write(report: Report, form: str, *, verbose: bool = False) -> None:
    writer = importlib.import_module(f"wizard.cli.formats.{form}")
    writer.write(report, verbose=verbose)


def _write_text(report: Report) -> None:
    """At a glance; the next step depends on what a plan of repair could do."""
    from wizard.cli.formats import text
    from wizard.wording import entries, next_step

    wrong, plan = next_step.considered(entries.of(report)), None
    if wrong and sum(len(file.data) for file in report.configuration.files.values()) < _MOST:
        from wizard.engine import planning

        plan = planning.outlook(replace(report, diagnoses=wrong))
    text.write(report, verbose=False, plan=plan)


def exit_code(report: Report) -> ExitCode:
    """The exit code of a report: the worst route decides; failing beats unknown beats weak."""
    worst = {diagnosis.severity for diagnosis in report.diagnoses}
    if "critical" in worst:
        return ExitCode.FAILURE
    if "unknown" in worst and report.probed:
        return ExitCode.UNKNOWN
    # Without a probe a working backend cannot be told from a broken one: only findings count.
    weak = any(f.severity == "warning" for d in report.diagnoses for f in d.findings)
    return ExitCode.WARNING if weak else ExitCode.OK

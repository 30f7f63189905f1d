"""The wizard's five steps by keys, without a terminal: what ``recorder.py wizard`` runs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace

from screens.app import WizardApp
from tests.screens.asking import opened, press, screen, settle
from wizard.cli.options import scope_options


def main() -> int:
    """Go from reading the configuration to the rehearsal of its repair.

    Returns:
        0 if the rehearsal shows the backend's answer.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    scope_options.add_options(parser)
    parser.add_argument("--ca")
    return asyncio.run(_walk(parser.parse_args()))


async def _walk(args: argparse.Namespace) -> int:
    app = WizardApp(scope_options.from_args(args))
    async with opened(app, (120, 40)) as pilot:
        app.choose(next(r.id for r in app.session.routes if r.path == args.route))
        await settle(pilot)
        await press(pilot, "2", "3", "4")
        app.decide(replace(app.session.decisions, trust="file", ca_file=args.ca))
        await settle(pilot)
        await press(pilot, "5", "0")
        shown = screen(app)
    sys.stdout.write(shown)
    return 0 if "200 from the backend" in shown else 1

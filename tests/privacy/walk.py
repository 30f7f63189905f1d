"""The wizard's five steps by keys, without a terminal: what ``recorder.py wizard`` runs."""

from __future__ import annotations

import argparse
import asyncio
import sys

from textual.widgets import Input

from screens.app import WizardApp
from screens.widgets.choice import Choice
from tests.screens.asking import opened, press, settle, text
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
        app.session.choose(next(r.id for r in app.session.routes if r.path == args.route))
        await press(pilot, "2", "3", "4")
        app.screen.query_one("#ca-file", Input).value = args.ca
        app.screen.query_one("#from-file", Choice).value = True
        await settle(pilot)
        await press(pilot, "5")
        outcome = text(app, "#outcome")
    sys.stdout.write(outcome)
    return 0 if "->  200 from the backend" in outcome else 1

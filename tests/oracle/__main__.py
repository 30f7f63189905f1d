"""``python -m tests.oracle``: asks httpd, asks the product, prints where they differ."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.oracle import truth
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.world import World
from wizard.demo.backends import Backends


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--record", metavar="FILE", type=Path, help="write httpd's truth as JSON")
    parser.add_argument("names", nargs="*", help="scenarios to run; none: all")
    options = parser.parse_args()
    scenarios = [s for s in SCENARIOS if not options.names or s.name in options.names]
    with truth.world_directory() as directory, Backends() as backends:
        run = truth.ask(World(Path(directory), backends), scenarios)
        if options.record:
            text = json.dumps(truth.record(scenarios, run.truths), indent=1)
            options.record.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

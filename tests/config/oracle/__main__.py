"""``python -m tests.config.oracle``: holds the reader against any httpd.

``--httpd PATH`` names its program; without it the installed one is asked. ``--record`` writes what
it says to the cases of ``releases`` into ``releases/truths.json``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.config.oracle import releases
from tests.config.oracle.compare import disagreements
from tests.config.oracle.corpus import CASES
from tests.config.oracle.oracle import layout_of
from tests.support.httpd import INSTALLED, Program
from wizard.config.installation.layout import Layout


def main() -> int:
    """Run from the command line; 1 when something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.config.oracle", description=__doc__)
    parser.add_argument("--httpd", metavar="PATH", default=INSTALLED.path)
    parser.add_argument("--record", action="store_true", help="write down what it says")
    parser.add_argument("--constructs", action="store_true", help="the constructs' corpus instead")
    options = parser.parse_args()
    httpd = Program.at(options.httpd)
    if options.constructs:
        return _constructs(httpd)
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        root = Path(folder)
        theirs = releases.said(httpd, root)
        ours = releases.product(
            layout_of(httpd, Layout("file", "", "/")), root, releases.head(root, httpd)
        )
    if options.record:
        releases.record(httpd, theirs)
    differing = [case for case in theirs if theirs[case] != ours[case]]
    for case in differing:
        _say(f"{case}\n  httpd  {theirs[case] or 'takes it'}\n  reader {ours[case] or 'takes it'}")
    verdicts = sum(bool(theirs[case]) == bool(ours[case]) for case in theirs)
    _say(
        f"{httpd.name}: {len(theirs)} cases, {verdicts} refused or taken alike, "
        f"{len(theirs) - len(differing)} with the same line and words"
    )
    return int(bool(differing))


def _constructs(httpd: Program) -> int:
    differing = 0
    for group, case in CASES:
        with tempfile.TemporaryDirectory(prefix="c") as folder:
            found = disagreements(Path(folder), case, httpd)
        differing += bool(found)
        for text in found:
            _say(f"{group}/{case.name}: {text}")
    _say(f"{httpd.name}: {len(CASES)} constructs, {len(CASES) - differing} read alike")
    return int(differing > 0)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

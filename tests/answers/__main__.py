"""Judge cases by hand: ``python -m tests.answers [NAME…] [--file FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.answers.cases import Case, cases
from tests.answers.judge import judged


def main() -> int:
    """Print what is wrong, case by case.

    Returns:
        1 if anything is.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.answers", description=__doc__)
    parser.add_argument("names", nargs="*", help="cases; none: all")
    parser.add_argument("--file", type=Path, help="cases of this file instead")
    options = parser.parse_args()
    known = cases()
    if options.file is not None:
        lines = options.file.read_text().splitlines()
        known = [Case(json.loads(line)) for line in lines if line.strip()]
    chosen = [case for case in known if not options.names or case.name in options.names]
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        wrong = judged(Path(name), chosen)
    for case, said in wrong.items():
        sys.stdout.write(f"{case}:\n" + "".join(f"    {text}\n" for text in said))
    sys.stdout.write(f"{len(chosen)} cases, {len(wrong)} wrong: {' '.join(wrong)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

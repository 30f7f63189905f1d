"""``python -m tests.config.accepted [COUNT] [SEED]``: more random lines than the suite tries."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.config.accepted.ask import Oracle
from tests.config.accepted.generate import Generator


def main() -> int:
    """Run from the command line; 1 when the reader refuses what httpd accepts."""
    parser = argparse.ArgumentParser(prog="python -m tests.config.accepted", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=20_000)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    options = parser.parse_args()
    kinds: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    candidates = Generator(options.seed).candidates(options.count)
    with tempfile.TemporaryDirectory(prefix="accepted") as folder:
        for each in Oracle(Path(folder)).disagreements(candidates):
            kinds[each.kind] += 1
            if each.kind == "missed":
                missed[each.candidate.text.split()[0]] += 1
            else:
                sys.stdout.write(f"{each.kind}: {each.candidate.text!r}\n    {each.said}\n")
    sys.stdout.write(
        f"{options.count} candidates, seed {options.seed}: {kinds['false']} refused by the reader "
        f"alone, {kinds['missed']} by httpd alone, {kinds['words']} in other words\n"
    )
    for name, count in missed.most_common():
        sys.stdout.write(f"  httpd alone refuses {name}: {count}\n")
    return int(kinds["false"] > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Asks for known faults of what is shipped, and of what it is made and tested with (pip-audit).

``python -m releasing.audit``; ``.ci/run`` calls it. PyPI is asked, by name and version, for each
pinned distribution and for each that is installed here. Where nobody answers (a mirror of PyPI has
no advisories), that is said, and fails nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from releasing import pins

_AUDIT = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
_PINNED = ("--disable-pip", "--require-hashes", "--requirement")
SETS = {
    "what is shipped": (*_PINNED, str(pins.CONSTRAINTS)),
    "what makes a release": (*_PINNED, str(pins.TOOLS)),
    "what is installed here": ("--skip-editable",),
}
_NOBODY = ("requests.exceptions.", "ServiceError", "ConnectionError")
_SECONDS = 300  # for each set


class UnansweredError(Exception):
    """Nobody could be asked."""


def main() -> int:
    """Audit each set.

    Returns:
        1 if something has a known fault.
    """
    code = 0
    for name, options in SETS.items():
        try:
            faults, skipped, audited = outcome(*_ran(options))
        except UnansweredError as reason:
            print(f"pip-audit: {name}: NOT AUDITED, nobody answers: {reason}", file=sys.stderr)
            continue
        for fault in faults:
            print(f"pip-audit: {name}: {fault}", file=sys.stderr)
        not_known = f", not known there: {', '.join(skipped)}" if skipped else ""
        print(f"pip-audit: {name}: {audited} audited, {len(faults)} known faults{not_known}")
        code = 1 if faults else code
    return code


def outcome(code: int, output: str, errors: str) -> tuple[list[str], list[str], int]:
    """What a run of pip-audit says.

    Args:
        code: its exit code.
        output: its JSON.
        errors: what it wrote to stderr.

    Returns:
        A line for each fault, the names that the index does not know, and how many it knows.

    Raises:
        UnansweredError: the index cannot be reached, or knows none of them.
        RuntimeError: pip-audit itself failed.
    """
    try:
        dependencies: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except ValueError:
        last = errors.strip().rpartition("\n")[2][:300]
        if any(sign in errors for sign in _NOBODY):
            raise UnansweredError(last) from None
        raise RuntimeError(f"pip-audit ended with {code}: {last}") from None
    known = [found for found in dependencies if "skip_reason" not in found]
    skipped = [found["name"] for found in dependencies if "skip_reason" in found]
    if skipped and not known:
        raise UnansweredError(f"the index knows none of {len(skipped)}")
    faults = [
        f"{found['name']} {found['version']}: {fault['id']}, "
        f"repaired in {' or '.join(fault['fix_versions']) or 'no release yet'}"
        for found in known
        for fault in found["vulns"]
    ]
    return faults, skipped, len(known)


def _ran(options: Sequence[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(
            [*_AUDIT, *options], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnansweredError(f"no end after {_SECONDS} seconds") from None
    return done.returncode, done.stdout, done.stderr


if __name__ == "__main__":
    sys.exit(main())

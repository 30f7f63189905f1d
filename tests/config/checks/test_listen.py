"""Of two ``Listen`` lines for one port, whether httpd can have both: as 2.4.71 does (measured)."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config
from wizard.model.scope import HttpdChoice

ALL, IPV4, IPV6, ONE, SIX = FORMS = ("", "0.0.0.0:", "[::]:", "127.0.0.1:", "[::1]:")
TAKEN = {
    *permutations((ALL, ONE), 2),
    *permutations((IPV4, ONE), 2),
    *permutations((IPV6, ONE), 2),
    *permutations((IPV6, SIX), 2),
    (ALL, IPV6),
    (ALL, SIX),
    (IPV4, ALL),
}
"""Pairs of which the second cannot be bound (AH00072)."""


@pytest.mark.parametrize(("first", "second"), permutations(FORMS, 2))
def test_two_lines_for_one_port(first: str, second: str, tmp_path: Path) -> None:
    file = tmp_path / "httpd.conf"
    listens = (f"{first}8080", f"{second}8080", f"{second}8081")
    file.write_text(httpd.main_config(tmp_path, listens))
    problems = config.load(str(file), httpd=HttpdChoice(ask=False)).problems
    told = [problem.directive for problem in problems if problem.code == "AH00072"]
    assert told == [f"Listen {second}8080"] * ((first, second) in TAKEN)

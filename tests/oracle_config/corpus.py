"""The corpus by group."""

from __future__ import annotations

from tests.oracle_config import lexing_cases as lexing
from tests.oracle_config import preprocess_cases as preprocess

GROUPS = {
    "lines": lexing.LINES,
    "words": lexing.WORDS,
    "sections": lexing.SECTIONS,
    "includes": preprocess.INCLUDES,
    "variables": preprocess.VARIABLES,
    "conditionals": preprocess.CONDITIONALS,
    "modules": preprocess.MODULES,
    "macros": preprocess.MACROS,
}
CASES = [(group, case) for group, cases in GROUPS.items() for case in cases]

"""Which kinds of arguments a directive has: the one table.

A directive that is not here is either checked by a function of its own (see `checks.walk`), or any
value of it passes.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check
from wizard.config.checks.kinds.of_numbers import NUMBERS
from wizard.config.checks.kinds.of_words import WORDS

VALUE_CHECKS: Mapping[str, Check] = {**NUMBERS, **WORDS}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

"""Scenarios for every row of what was measured of httpd, and for the findings around them."""

from __future__ import annotations

from tests.oracle.facts_defaults import DEFAULTS
from tests.oracle.facts_trust import ERRORS, FILES
from tests.oracle.facts_verdicts import PLACES, VERDICTS

FACTS = DEFAULTS + VERDICTS + ERRORS + FILES + PLACES

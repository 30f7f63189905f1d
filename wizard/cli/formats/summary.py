"""Counts that every format shows."""

from __future__ import annotations

from collections import Counter

from wizard.model.diagnosis import Report
from wizard.record import record


@record
class Summary:
    """How many routes are how well; each counts once, as its worst."""

    routes: int
    ok: int
    warning: int
    critical: int
    unknown: int


def summarize(report: Report) -> Summary:
    """Count the routes of a report by severity."""
    counts = Counter(diagnosis.severity for diagnosis in report.diagnoses)
    return Summary(
        routes=len(report.diagnoses),
        ok=counts["ok"],
        warning=counts["warning"],
        critical=counts["critical"],
        unknown=counts["unknown"],
    )

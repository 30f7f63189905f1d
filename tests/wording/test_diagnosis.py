"""A diagnosis in words: what both front ends are given."""

from __future__ import annotations

from dataclasses import replace

from tests.cli.samples import ROUTE, diagnosis
from wizard.model.config import LogLevels, Setting
from wizard.model.diagnosis import Diagnosis, LogLine
from wizard.wording.diagnosis import log, reasons

HIDDEN = LogLine("AH02276", "ssl", "info", "Certificate Verification: Error (20)", shown=False)
SHOWN = LogLine("AH01084", "proxy", "error", "pass request body failed", shown=True)


def logging(*lines: LogLine, level: str = "warn") -> Diagnosis:
    """The failing route with these log lines, at this level."""
    found = diagnosis()
    route = replace(ROUTE, log_levels=LogLevels(Setting(level)))
    case = replace(found.case, route=route)
    return replace(found, case=case, verdict=replace(found.verdict, log=lines))


def test_a_fault_gives_evidence_then_reason_then_remedies() -> None:
    (finding, *_) = diagnosis().findings
    roles = [piece.role for piece in reasons(finding)]
    assert roles == sorted(roles, key=["quote", "text", "command"].index)
    assert roles.count("quote") == len(finding.evidence)


def test_what_is_hidden_is_seen_at_the_level_of_this_host() -> None:
    *_, sentence, command = log(logging(HIDDEN, SHOWN, level="crit"))
    assert sentence.text == "To see them, without a restart:"
    assert command == ("command", "LogLevel crit ssl:info proxy:info", "")


def test_where_nothing_is_hidden_nothing_is_advised() -> None:
    *_, last = (piece.whole for piece in log(logging(SHOWN)))
    assert last == "  [proxy:error] AH01084: pass request body failed"
    assert [piece.text for piece in log(logging())] == ["httpd logs nothing about this request."]

"""``--format sarif``: SARIF 2.1.0 (OASIS), for code scanning of a configuration repository."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wizard import __version__
from wizard.cli import output
from wizard.masking.free_text import masked
from wizard.model.config import Problem
from wizard.model.diagnosis import Diagnosis, Finding, Report
from wizard.text import printable
from wizard.wording.installed import headline

_LEVELS = {"critical": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(report: Report, *, verbose: bool) -> None:  # noqa: ARG001 - SARIF always holds everything
    """Write the SARIF log to stdout."""
    output.write_json(document(report))


def document(report: Report) -> dict[str, Any]:
    """The SARIF log as plain values."""
    results = [_result(d, finding) for d in report.diagnoses for finding in d.findings]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "proxy-wizard",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": _rules({result["ruleId"] for result in results}),
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "properties": {"httpd": headline(report.configuration)},
                        "toolConfigurationNotifications": [
                            _notification(problem) for problem in report.configuration.problems
                        ],
                    }
                ],
                "results": results,
            }
        ],
    }


def _rules(slugs: set[str]) -> list[dict[str, Any]]:
    from wizard.findings import CATALOGUE

    return [
        {
            "id": slug,
            "shortDescription": {"text": rule.title},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for slug, rule in CATALOGUE.items()
        if slug in slugs
    ]


def _result(diagnosis: Diagnosis, finding: Finding) -> dict[str, Any]:
    route = diagnosis.case.route
    place = f"{route.vhost.server_name or 'main server'} {route.path} -> {route.backend.url}"
    text = "\n".join(
        [f"{finding.title} ({place})", finding.explanation, *finding.evidence]
        + [f"Remedy ({remedy.where}): {remedy.text}" for remedy in finding.remedies]
    )
    key = f"{finding.slug}\0{route.vhost.server_name}\0{route.path}\0{masked(route.backend.url)}"
    return {
        "ruleId": finding.slug,
        "level": _LEVELS[finding.severity],
        "message": {"text": _clean(text)},
        "locations": [_location(route.source.file, route.source.line)],
        "partialFingerprints": {
            # Stays the same while lines move, so that a scanner tracks one finding as one.
            "proxyWizard/v1": hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        },
    }


def _notification(problem: Problem) -> dict[str, Any]:
    return {
        "level": "warning" if problem.phase in ("warning", "reload") else "error",
        "message": {"text": _clean(problem.message)},
        "locations": [_location(problem.file, problem.line)],
    }


def _location(file: str, line: int) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if line > 0:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    """A relative reference below the working directory (what scanners match), else file://."""
    path = Path(file)
    if path.is_absolute():
        try:
            return quote(os.fsencode(path.relative_to(Path.cwd())))
        except ValueError:
            return "file://" + quote(os.fsencode(path))
    return quote(os.fsencode(path))


def _clean(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))

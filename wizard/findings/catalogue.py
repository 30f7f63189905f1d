"""Every rule, and what follows from what the rules say of themselves.

``python -m wizard.findings.catalogue docs/rules`` writes what is generated from them:
``table.json``, every finding's page and the index.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, get_args

from wizard.findings import rules as modules  # each of which is imported by that
from wizard.findings.entry import Entry, Family
from wizard.findings.rule import Rule, Signs, Symptom, places
from wizard.model.diagnosis import Verdict

_TOO_LONG = 22
"""X509_V_ERR_CERT_CHAIN_TOO_LONG: what mod_ssl itself sets where the depth alone is exceeded
(ssl_engine_kernel.c, ssl_callback_SSLVerify)."""


def _rules() -> Iterator[type[Rule]]:
    for module in modules.MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Rule) and value.slug:
                yield value


CATALOGUE: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.slug: rule()
        for rule in sorted(_rules(), key=lambda r: (get_args(Family).index(r.family), r.order))
    }
)
"""Slug to rule, in the order in which findings are listed."""


def candidates(verdict: Verdict) -> tuple[str, ...]:
    """The slugs that can explain a failing verdict, in the order in which they are asked."""
    error = verdict.openssl
    if error is None and verdict.stage != "verify":
        return asked(verdict.stage)
    return _of_error(error.code if error is not None else _TOO_LONG)


@cache
def asked(symptom: Symptom | None) -> tuple[str, ...]:
    """The slugs that can explain a symptom, in the order in which they are asked."""
    stages = {slug: rule.signs.stages for slug, rule in CATALOGUE.items()}
    found = [slug for slug in stages if symptom in stages[slug]]
    return tuple(sorted(found, key=lambda slug: stages[slug][symptom])) if symptom else ()


@cache
def _of_error(code: int) -> tuple[str, ...]:
    """The slugs for a verify error: those that are about this one, then those about any."""
    about_any = asked("verify")
    named = (slug for slug, rule in CATALOGUE.items() if code in rule.verify_errors)
    return (*(slug for slug in named if slug not in about_any), *about_any)


def table_text() -> str:
    """What ``table.json`` has to hold: a row a line."""
    entries = {
        slug: Entry(
            rule.family,
            rule.severity,
            rule.best_practice,
            title=rule.title,
            actor=rule.repair.actor,
            traits=rule.repair.traits,
            leavable=rule.repair.leavable,
        )
        for slug, rule in CATALOGUE.items()
    }
    tables: dict[str, Mapping[str, object]] = {
        "findings": entries,
        "verify_errors": _by_code(lambda signs: signs.verify_errors),
        "log_codes": _by_code(lambda signs: signs.log_codes),
        "alerts": _by_code(lambda signs: signs.alerts),
    }
    written = (f"{json.dumps(name)}: {_rows(table)}" for name, table in tables.items())
    return "{\n" + ",\n".join(written) + "\n}\n"


def _by_code(words: Callable[[Signs], str]) -> dict[str, list[str]]:
    """Code to the slugs that it points to, the most likely first."""
    found: dict[str, dict[str, int]] = {}
    for slug, rule in CATALOGUE.items():
        for code, place in places(words(rule.signs)).items():
            found.setdefault(code, {})[slug] = place
    ordered = sorted(found, key=lambda code: (len(code), code))
    return {code: sorted(found[code], key=lambda slug: found[code][slug]) for code in ordered}


def _rows(table: Mapping[str, object]) -> str:
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
    return f"{{\n{lines}\n}}"


def main(arguments: list[str]) -> int:
    """Write ``table.json``, and the pages to the directory that is named."""
    Path(__file__).with_name("table.json").write_text(table_text(), "utf-8")
    from wizard.findings import pages  # which reads the table

    pages.write(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

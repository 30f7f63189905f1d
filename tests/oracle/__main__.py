"""``python -m tests.oracle``: asks httpd, asks the product, prints where they differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path

from tests.oracle import compare, draw, explained, product, repairs, truth
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.scenario import Scenario
from tests.oracle.world import World
from tests.support import httpd
from wizard.demo.backends import Backends

BATCH = 500
"""Scenarios of one httpd."""
_FIELDS = ("outcome", "status", "ah_codes", "openssl")
"""Of a difference, counted by themselves: an operator sees them first."""


def main() -> int:
    """Run from the command line; 1 when something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--record", metavar="FILE", type=Path, help="write httpd's truth as JSON")
    parser.add_argument("--only-httpd", action="store_true", help="do not ask the product")
    parser.add_argument("--random", metavar="N", type=int, help="draw N scenarios instead")
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="of what is drawn")
    parser.add_argument("--fix", action="store_true", help="plan repairs, and ask httpd after them")
    parser.add_argument("--explain", action="store_true", help="have its logs explained instead")
    parser.add_argument("--httpd", metavar="PATH", help="the binary to ask; else the installed one")
    parser.add_argument("--timeout", metavar="S", type=float, help="seconds a stage of a probe")
    parser.add_argument("--openssl-version", metavar="X", help="what the product takes it for")
    parser.add_argument("names", nargs="*", help="scenarios to run; none: all")
    options = parser.parse_args()
    program = httpd.Program.at(options.httpd) if options.httpd else httpd.INSTALLED
    scenarios: Sequence[Scenario] = SCENARIOS
    if options.random:
        scenarios = draw.draw(options.random, options.seed)
    if options.names:
        scenarios = [s for s in scenarios if s.name in options.names]
    differing, recorded = 0, {}
    fields: Counter[str] = Counter()
    for start in range(0, len(scenarios), BATCH):
        batch = scenarios[start : start + BATCH]
        with truth.world_directory() as directory, Backends() as backends:
            run = truth.ask(World(Path(directory), backends, program), batch)
            run.openssl = options.openssl_version
            run.timeout = options.timeout or run.timeout
            recorded.update(truth.record(batch, run.truths))
            if options.fix:
                differing += _report_repairs(run, batch)
            elif options.explain:
                differing += _report_explanations(run, batch)
            elif not options.only_httpd:
                differing += _report(run, batch, fields)
    if options.record:
        options.record.write_text(json.dumps(recorded, indent=1))
    if options.fix or options.explain or not options.only_httpd:
        _say(f"{len(scenarios)} scenarios, {len(scenarios) - differing} agree")
    if not (options.fix or options.only_httpd):
        agreeing = (f"{name} {len(scenarios) - fields[name]}" for name in _FIELDS)
        _say(f"of them agree in {', '.join(agreeing)}")
    return int(differing > 0)


def _report(run: truth.Run, scenarios: Sequence[Scenario], fields: Counter[str]) -> int:
    """Print what differs; counts it by field, and returns how many scenarios differ."""
    said = product.ask(run, scenarios)
    differing = 0
    for scenario in scenarios:
        found = compare.differences(scenario, run.truths[scenario.name], said[scenario.name])
        if found:
            differing += 1
            given_up = any(difference.field == "diagnosis" for difference in found)
            fields.update(_FIELDS if given_up else {difference.field for difference in found})
            _say(describe(scenario))
            for difference in found:
                _say(f"    {difference}")
    return differing


def _report_explanations(run: truth.Run, scenarios: Sequence[Scenario]) -> int:
    release, wrong = product.release(run), 0
    for scenario in scenarios:
        found = list(explained.faults(scenario, run.truths[scenario.name], release))
        if found:
            wrong += 1
            _say(describe(scenario))
            for fault in found:
                _say(f"    {fault}")
    return wrong


def _report_repairs(run: truth.Run, scenarios: Sequence[Scenario]) -> int:
    done = repairs.repair(run, scenarios)
    wrong = count = 0
    for scenario in scenarios:
        before, after = run.truths[scenario.name], done[scenario.name]
        count += repairs.repairable(scenario, before, after)
        found = repairs.faults(scenario, before, after)
        if found:
            wrong += 1
            _say(describe(scenario))
            for fault in found:
                _say(f"    {fault}")
    _say(f"{count} scenarios of {len(scenarios)} can be repaired in the configuration")
    return wrong


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def describe(value: object) -> str:
    """A scenario as Python: its fields that are not defaults, ready to become a fixed one."""
    if isinstance(value, tuple):
        return f"({', '.join(map(describe, value))}{',' * (len(value) == 1)})"
    if not is_dataclass(value):
        return repr(value)
    given = [
        f"{f.name}={describe(getattr(value, f.name))}"
        for f in fields(value)
        if getattr(value, f.name) != f.default
    ]
    return f"{type(value).__name__}({', '.join(given)})"


if __name__ == "__main__":
    sys.exit(main())

"""What the product says of scenarios that httpd was asked about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.oracle.scenario import Scenario
from tests.oracle.truth import Run
from tests.oracle.world import HOSTS
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.model.diagnosis import Diagnosis
from wizard.model.scope import HttpdChoice, Scope
from wizard.probe.resolve import FixedResolver
from wizard.reference.release import Release


def choice(run: Run) -> HttpdChoice:
    """The httpd that was asked, as the product is told."""
    return HttpdChoice(program=run.world.program.path, openssl=run.openssl)


def release(run: Run) -> Release:
    """What the product takes that httpd and its OpenSSL for."""
    scope = Scope(path=str(next(iter(run.configs.values()))), httpd=choice(run))
    return Engine(scope).load().httpd.release


def ask(run: Run, scenarios: Sequence[Scenario]) -> dict[str, Diagnosis | str]:
    """The diagnosis of each scenario's route, or the sentence with which the product gave up."""
    groups: dict[tuple[Path, str | None], list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault((run.configs[scenario.name], scenario.host), []).append(scenario)
    found: dict[str, Diagnosis | str] = {}
    for (config, host), group in groups.items():
        vhost = group[0].server_name if len(group) == 1 else None
        scope = Scope(
            path=str(config),
            host=host,
            vhost=vhost,
            timeout=run.timeout,
            httpd=choice(run),
        )
        found.update(_check(scope, group))
    return found


def _check(scope: Scope, scenarios: Sequence[Scenario]) -> dict[str, Diagnosis | str]:
    try:
        report = Engine(scope, resolver=FixedResolver(HOSTS)).check()
    except WizardError as error:
        return dict.fromkeys((s.name for s in scenarios), str(error))
    routes: dict[str | None, list[Diagnosis]] = {}
    for diagnosis in report.diagnoses:
        routes.setdefault(diagnosis.case.route.vhost.server_name, []).append(diagnosis)
    found: dict[str, Diagnosis | str] = {}
    for scenario in scenarios:
        of_host = routes.get(scenario.server_name, [])
        if scenario.route < len(of_host):
            found[scenario.name] = of_host[scenario.route]
        else:
            found[scenario.name] = f"only {len(of_host)} routes"
    return found

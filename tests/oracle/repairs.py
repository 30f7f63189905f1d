"""Whether what `fix` plans works: asked of real httpd, before, after, and with impostors.

What configuration can repair is not written down but measured: an ideal virtual host, strict and
with the right CAs, either gets an answer from the backend or does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.oracle.scenario import Leaf, Scenario
from tests.oracle.truth import TIMEOUT, Run, Truth, is_answer
from tests.oracle.world import HOSTS, World
from tests.support import httpd
from wizard import config
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.fix.source import unified_diff
from wizard.model.plan import FixChoice
from wizard.model.scope import HttpdChoice, Scope
from wizard.probe.resolve import FixedResolver

_URL = re.compile(r"\b(https?|h2|wss)://(\[[^\]]+\]|[^:/\s\"]+):\{port\}")
_INTERMEDIATES = "int1+int2+int3+int4"
_ABOVE: Mapping[str, str] = {
    **dict.fromkeys(("root", "int1", "int2", "int3", "int4"), f"root+{_INTERMEDIATES}"),
    "expired-root": "renewed-root",
    "expired-int": "root+renewed-int",
    "pathlen-int": "pathlen-root+pathlen-int",
    "far-int": "far-root+far-int",
    "pathlen-ok-int": "pathlen-ok+pathlen-ok-int",
    "weak-int": "rsa-root+weak-int",
    "rsa-int": "rsa-root+rsa-int",
    "sha1-int": "rsa-root+sha1-int",
}
_UNDER_ROOT = frozenset(
    {"constrained", "permitted", "excluded", "not-ca", "no-constraints", "no-sign"}
    | {"client-only", "server-only"}
)


@dataclass(frozen=True)
class Repair:
    """What became of a scenario.

    Args:
        possible: the ideal virtual host gets an answer.
        offered: the plan changes something for this virtual host.
        served: whether the backend's answer reaches the client afterwards.
        strict: the patched policy verifies, with name and dates.
        fooled: an impostor's answer reaches the client as well: its CA has the right name and
            another key.
        gave_up: the sentence with which the product gave up.
    """

    possible: bool
    offered: bool
    served: bool
    strict: bool
    fooled: bool = False
    gave_up: str = ""


WEAK = {"verification-off", "verification-optional", "name-check-off", "expiry-check-off"}
"""Causes of scenarios that work and should not be so trusting."""
_KEEPS_A_CONNECTION = {"pooled"}
"""What was asked before the impostor took over is still open, and trusted."""


def repairable(scenario: Scenario, truth: Truth, found: Repair) -> bool:
    """Whether something is wrong with a scenario that configuration can repair."""
    return found.possible and (not truth.proxied or scenario.cause in WEAK)


def faults(scenario: Scenario, truth: Truth, found: Repair) -> list[str]:
    """What is wrong with a repair, in words; empty when it is as it should be."""
    wrong = []
    if repairable(scenario, truth, found):
        if not found.offered:
            wrong.append(f"no repair is offered {found.gave_up}".rstrip())
        elif not found.strict:
            wrong.append("the policy is not strict afterwards")
    elif scenario.fixable:
        wrong.append("the scenario calls it repairable, and even the ideal host does not work")
    if (found.possible or truth.proxied) and not found.served:
        wrong.append("no answer arrives afterwards")
    # a missing slash is repaired whatever fault shows next
    hides = scenario.cause == "missing-trailing-slash" or scenario.directives.endswith("{port}")
    # on this machine a port without TLS is asked without it, and nobody is verified any more
    plain = scenario.cause == "backend-speaks-plain-http" and "require" not in scenario.directives
    if plain and scenario.backends[0].speaks in ("plain", "patient") and not found.served:
        wrong.append("the scheme of a port of this machine without TLS is not written")
    if not found.possible and not truth.proxied and found.offered and not (hides or plain):
        wrong.append("a repair is offered that cannot help")
    fresh = scenario.name not in _KEEPS_A_CONNECTION
    if found.served and found.strict and found.fooled and fresh and not plain:
        wrong.append("an impostor is trusted afterwards")
    return wrong


def right_cas(leaf: Leaf) -> str:
    """The authorities above a leaf, as ``{file:…}`` takes them."""
    if leaf.issuer is None:
        return "leaf"
    if leaf.issuer in _UNDER_ROOT:
        return f"root+{leaf.issuer}"
    return _ABOVE.get(leaf.issuer, leaf.issuer)


def possible(world: World, scenarios: Sequence[Scenario]) -> dict[str, bool]:
    """Whether a strict configuration, written by one who knows everything, gets an answer."""
    ports = httpd.free_ports(2)
    bodies = {s.name: body for s in scenarios if (body := _ideal(s)) is not None}
    judged = [s for s in scenarios if s.name in bodies]
    sites = [
        world.virtual_host(
            replace(s, directives=preserve + bodies[s.name]), port, "warn", f"{s.name}.ideal"
        )
        for s in judged
        for port, preserve in zip(ports, ("", _preserved(s)), strict=True)
    ]
    listens = [f"{httpd.LISTEN}:{port}" for port in ports]
    file = world.main_config("ideal", listens, (), "".join(sites))
    with httpd.running(file, world.hosts, program=world.program), ThreadPoolExecutor(12) as pool:
        answers = pool.map(lambda s: any(_served(s, port) for port in ports), judged)
        served = dict(zip(bodies, answers, strict=True))
    return {s.name: served.get(s.name, False) for s in scenarios}


def _preserved(scenario: Scenario) -> str:
    """What a host says that keeps the client's Host; only who had it on may want it."""
    line = "ProxyPreserveHost On\n"
    return line if line.strip() in scenario.directives + scenario.before else ""


def _ideal(scenario: Scenario) -> str | None:
    """The best virtual host for a scenario; None where nobody could know it."""
    url = _URL.search(scenario.directives)
    server = scenario.backends[0]
    leaf = server.leaf
    meant = re.search(r"status=\+[DS]|\{missing:client\}|nonsense=", scenario.directives)
    is_tls = url is not None and (url[1] != "http" or scenario.cause == "backend-speaks-tls")
    if url is None or not is_tls or meant or scenario.without:
        return None
    lists = ("SSLProxyCARevocationFile", "SSLProxyCARevocationPath")
    if "SSLProxyCARevocationCheck" in scenario.directives and not any(
        name in scenario.directives for name in lists
    ):
        return None  # only its authority has the list
    scheme, host = url[1].replace("http", "https") if url[1] == "http" else url[1], url[2]
    address = host.strip("[]")
    if address[0].isdigit() or ":" in address:
        if server.strict_sni or server.without_sni:
            return None  # without a name the backend does not show what it is called
        names = (*leaf.dns, leaf.cn or "")
        host = next((n for n in names if address in HOSTS.get(n, ())), host)
    if host not in leaf.dns:
        host = host.removesuffix(".")
    lines = scenario.directives.splitlines()
    kept = [ln for ln in lines if re.match(r"ServerAlias|ProxyTimeout", ln)]
    if any("SSLProxyCARevocationFile" in ln or "SSLProxyCARevocationPath" in ln for ln in lines):
        kept += [ln.strip() for ln in lines if "SSLProxyCARevocation" in ln]
    kept += [
        ln for ln in lines if re.match(r"SSLProxyMachineCertificateFile \{client:[\w-]+\}", ln)
    ]
    kept = [ln.replace("{crlfiles:", "{crldir:") for ln in kept]
    if server.small_dh:
        kept.append("SSLProxyCipherSuite DEFAULT:!DHE")
    if scheme == "h2" and "h2" not in server.alpn:
        scheme = "https"
    return (
        "\n".join(kept)
        + "\nSSLProxyEngine on\nSSLProxyVerify require\nSSLProxyVerifyDepth 9\n"
        + f"SSLProxyCACertificateFile {{file:{right_cas(leaf)}}}\n"
        + f"ProxyPass / {scheme}://{host}:{{port}}/"
    )


def _served(scenario: Scenario, port: int) -> bool:
    """Whether the backend answers, whatever its answer is."""
    host = scenario.host or scenario.server_name
    return is_answer(httpd.get(port, host, scenario.path, websocket=scenario.websocket))


def repair(run: Run, scenarios: Sequence[Scenario]) -> dict[str, Repair]:
    """Plan, patch and ask again; scenarios with the same CAs share one plan."""
    ideal = possible(run.world, scenarios)
    groups: dict[tuple[str, object, str], list[Scenario]] = {}
    for scenario in scenarios:
        leaf = scenario.backends[0].leaf
        cas = right_cas(leaf)
        together = _together(run.truths[scenario.name], scenario)
        own = leaf if cas == "leaf" else None
        groups.setdefault((cas, own, "" if together else scenario.name), []).append(scenario)
    done: dict[str, Repair] = {}
    for number, ((cas, _, _), group) in enumerate(groups.items()):
        done.update(_repair(run.world, f"repair-{number}", cas, group, ideal))
    return done


def _together(truth: Truth, scenario: Scenario) -> bool:
    return truth.stage is None and not scenario.alone and scenario.host is None


def _repair(
    world: World, name: str, cas: str, group: Sequence[Scenario], ideal: Mapping[str, bool]
) -> dict[str, Repair]:
    (port,) = httpd.free_ports(1)
    first = group[0]
    place = world.directory / name
    main = world.main_config(
        name,
        [f"{httpd.LISTEN}:{port}"],
        first.without,
        world.expand(first, first.before) + f"\nInclude {place}/*.site\n",
    )
    for scenario in group:
        text = world.virtual_host(scenario, port, scenario.log_level, f"{scenario.name}.own")
        (place / f"{scenario.name}.site").write_text(text)
    scope = Scope(
        path=str(main),
        host=first.host if len(group) == 1 else None,
        timeout=TIMEOUT,
        httpd=HttpdChoice(program=world.program.path),
    )
    choice = FixChoice(ca_files=(str(world.file(first, "file", cas)),))
    try:
        found = Engine(scope, resolver=FixedResolver(HOSTS)).repair(choice)
    except WizardError as error:
        return {
            s.name: Repair(ideal[s.name], False, False, False, gave_up=str(error)) for s in group
        }
    for path, data in unified_diff.apply_to(found.plan, found.report.configuration.files).items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)
    changed = {edit.file for edit in found.plan.edits}
    strict = _strict(main)
    asked = _ask(world, main, port, group)
    return {
        s.name: Repair(
            ideal[s.name],
            str(place / f"{s.name}.site") in changed or (s.alone and bool(changed)),
            asked.get(s.name, (False, False))[0],
            strict.get(s.server_name, False),
            asked.get(s.name, (False, False))[1],
        )
        for s in group
    }


def _ask(
    world: World, main: Path, port: int, group: Sequence[Scenario]
) -> dict[str, tuple[bool, bool]]:
    """Whether the backend's answer arrives, and whether an impostor's does."""

    def both(scenario: Scenario) -> tuple[bool, bool]:
        honest = _served(scenario, port)
        world.pose(scenario, as_impostors=True)
        fooled = _served(scenario, port)
        world.pose(scenario, as_impostors=False)
        return honest, fooled

    try:
        with (
            httpd.running(main, world.hosts, program=world.program),
            ThreadPoolExecutor(12) as pool,
        ):
            return dict(zip([s.name for s in group], pool.map(both, group), strict=True))
    except httpd.RefusedError:
        return {}


def _strict(main: Path) -> dict[str | None, bool]:
    found: dict[str | None, bool] = {}
    for route in config.load(str(main)).routes:
        tls = route.tls
        ok = tls.engine.value and tls.verify.value == "require"
        ok = ok and tls.checks_name and tls.check_peer_expire.value
        found[route.vhost.server_name] = found.get(route.vhost.server_name, True) and ok
    return found

"""What real httpd does with scenarios: most of them virtual hosts of one httpd."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.oracle.scenario import Scenario
from tests.oracle.world import World
from tests.support import errorlog, httpd
from tests.support.errorlog import Entry
from wizard.demo.applications import Seen

TIMEOUT = 3.0
"""Seconds a stage of a probe: a machine with much to do must not look like a silent backend."""
_KINDS = ("own", "info", "debug")
"""Twins of each virtual host, by the names of their logs; the last two are LogLevels."""
_WORKERS = 12  # requests at once: most of the time is spent waiting for timeouts


@dataclass(frozen=True)
class Truth:
    """What httpd did.

    Args:
        stage: ``config`` or ``start`` when it refused the configuration; None when it ran.
        status: what the client got; None when httpd did not run.
        proxied: whether that was the backend's answer.
        entries: the log of the request at LogLevel info; the words of the refusal when it did not
            run.
        codes_at_level: AH codes at the scenario's own LogLevel, those of debug and trace left out.
        openssl: number and text of the certificate verification error.
        seen: what the backend saw of the connection; None: it saw none.
        output: what httpd said when it refused to start.
        log: the request's log at the scenario's own LogLevel, as written.
        log_info: the same at LogLevel info.
        log_debug: the same at LogLevel debug.
    """

    stage: str | None
    status: int | None
    proxied: bool = False
    entries: tuple[Entry, ...] = ()
    codes_at_level: tuple[str, ...] = ()
    openssl: tuple[int, str] | None = None
    seen: Seen | None = None
    output: str = ""
    log: str = ""
    log_info: str = ""
    log_debug: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """AH codes at LogLevel info, in order."""
        return tuple(entry.code for entry in self.entries if entry.code)

    @property
    def library(self) -> frozenset[str]:
        """The errors of OpenSSL's library."""
        return frozenset(
            entry.text.partition(errorlog.LIBRARY)[2]
            for entry in self.entries
            if errorlog.LIBRARY in entry.text
        )


@dataclass
class Run:
    """Scenarios built and asked; ``configs`` are the main files for the product."""

    world: World
    truths: dict[str, Truth]
    configs: dict[str, Path]
    openssl: str | None = None
    """What the product is told of its OpenSSL; None: it finds out."""
    timeout: float = TIMEOUT
    """Seconds a stage of the product's probes."""


def ask(world: World, scenarios: Sequence[Scenario]) -> Run:
    """Build the scenarios in a world and ask httpd about each."""
    for scenario in scenarios:
        world.build(scenario)
    run = Run(world, {}, {})
    shared = [s for s in scenarios if not s.alone]
    while shared and (culprit := _ask_shared(run, shared)) is not None:
        shared.remove(culprit)
    alone = [s for s in scenarios if s.name not in run.truths]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda s: _ask_alone(run, s), alone))
    return run


def _sites(world: World, scenario: Scenario, ports: Sequence[int]) -> list[str]:
    """The virtual host at its own LogLevel, and its twins, each on a port of its own."""
    levels = (scenario.log_level, *_KINDS[1:])
    return [
        world.virtual_host(scenario, port, level, f"{scenario.name}.{kind}")
        for port, level, kind in zip(ports, levels, _KINDS, strict=True)
    ]


def _ask_shared(run: Run, scenarios: Sequence[Scenario]) -> Scenario | None:
    """Ask about scenarios that share one httpd; one that it does not start with is returned."""
    world, ports = run.world, httpd.free_ports(len(_KINDS))
    listens = [f"{httpd.LISTEN}:{port}" for port in ports]
    sites = [_sites(world, scenario, ports) for scenario in scenarios]
    own = world.main_config("product", listens[:1], (), "".join(site[0] for site in sites))
    both = world.main_config("shared", listens, (), "".join("".join(site) for site in sites))
    try:
        with httpd.running(both, world.hosts, program=world.program):
            sizes = {log: log.stat().st_size for log in (both.parent / "logs").iterdir()}
            with ThreadPoolExecutor(_WORKERS) as pool:
                answers = list(pool.map(lambda s: _request(world, s, ports), scenarios))
    except httpd.RefusedError as refused:
        name = _culprit(str(refused), both)
        culprit = next((s for s in scenarios if s.name == name), None)
        if culprit is None:
            raise AssertionError(f"the shared httpd does not start: {refused}") from None
        return culprit
    for scenario, (answer, seen) in zip(scenarios, answers, strict=True):
        logs = [both.parent / "logs" / f"{scenario.name}.{kind}" for kind in _KINDS]
        run.truths[scenario.name] = _truth(answer, seen, *(_after(log, sizes) for log in logs))
        run.configs[scenario.name] = own
    return None


def _culprit(said: str, config: Path) -> str | None:
    """Name of the scenario that httpd refuses a shared configuration for."""
    if named := re.search(r"See \S*/([\w.-]+)\.(?:own|info|debug) for more", said):
        return named[1]
    if placed := re.search(rf"Syntax error on line (\d+) of {re.escape(str(config))}:", said):
        before = "\n".join(config.read_text().splitlines()[: int(placed[1])])
        names = re.findall(r"ServerName (\S+)\.test$", before, re.MULTILINE)
        return names[-1] if names else None
    return None


def _ask_alone(run: Run, scenario: Scenario) -> None:
    world, ports = run.world, httpd.free_ports(len(_KINDS))
    listens = [f"{httpd.LISTEN}:{port}" for port in ports]
    before = world.expand(scenario, scenario.before) + "\n"
    sites = _sites(world, scenario, ports)
    config = world.main_config(scenario.name, listens[:1], scenario.without, before + sites[0])
    run.configs[scenario.name] = config
    accepted, output = httpd.configtest(config, world.hosts, world.program)
    if not accepted:
        run.truths[scenario.name] = Truth("config", None, output=output)
        return
    both = world.main_config(
        f"{scenario.name}-both", listens, scenario.without, before + "".join(sites)
    )
    logs = both.parent / "logs"
    try:
        with httpd.running(both, world.hosts, program=world.program):
            sizes = {log: log.stat().st_size for log in logs.iterdir()}
            answer, seen = _request(world, scenario, ports)
    except httpd.RefusedError as refused:
        # it dies of the twin that it comes to first
        text = str(refused) + "".join(httpd.text_of(log) for log in sorted(logs.iterdir()))
        run.truths[scenario.name] = Truth(
            "start", None, entries=tuple(errorlog.parse(text)), output=text
        )
        return
    texts = [_after(logs / f"{scenario.name}.{kind}", sizes) for kind in _KINDS]
    run.truths[scenario.name] = _truth(answer, seen, *texts)


def _request(
    world: World, scenario: Scenario, ports: Sequence[int]
) -> tuple[httpd.Answer, Seen | None]:
    """Ask at LogLevel info, then at the scenario's own; what the first request showed."""
    host = scenario.host or scenario.server_name
    websocket = scenario.websocket
    answer = httpd.get(ports[1], host, scenario.path, websocket=websocket)
    backends = world.running[scenario.name]
    seen = next((backend.seen[0] for backend in backends if backend.seen), None)
    first = None if seen is None else Seen(**asdict(seen))
    for port in (ports[0], ports[2]):
        again = httpd.get(port, host, scenario.path, websocket=websocket)
        if not again.head:  # a child of 2.4.29 may die of mod_proxy_http2
            again = httpd.get(port, host, scenario.path, websocket=websocket)
        assert answer.status == again.status, f"{scenario.name}: {answer}, then {again}"
    return answer, first


def is_answer(answer: httpd.Answer) -> bool:
    """Whether an answer is the backend's, and not httpd's own error."""
    return 0 < answer.status < 400 or "\r\nServer: lab" in answer.head


def _after(log: Path, sizes: dict[Path, int]) -> str:
    """What was written to a log since httpd was ready."""
    with log.open("rb") as file:
        file.seek(sizes.get(log, 0))
        return file.read().decode(errors="replace")


def _truth(answer: httpd.Answer, seen: Seen | None, own: str, info: str, debug: str) -> Truth:
    entries = errorlog.parse(info)
    return Truth(
        stage=None,
        status=answer.status or None,
        proxied=is_answer(answer),
        entries=tuple(entries),
        codes_at_level=tuple(
            e.code for e in errorlog.parse(own) if e.code and e.level in errorlog.UP_TO_INFO
        ),
        openssl=errorlog.verify_error(entries),
        seen=seen,
        log=own,
        log_info=info,
        log_debug=debug,
    )


def record(scenarios: Iterable[Scenario], truths: dict[str, Truth]) -> dict[str, Any]:
    """Scenarios and truths as plain values for JSON."""
    found = {}
    for scenario in scenarios:
        truth = truths[scenario.name]
        found[scenario.name] = {
            "scenario": asdict(scenario),
            "status": truth.status,
            "proxied": truth.proxied,
            "stage": truth.stage,
            "log": [asdict(entry) for entry in truth.entries],
            "codes_at_level": truth.codes_at_level,
            "openssl": truth.openssl,
            "seen": None if truth.seen is None else asdict(truth.seen),
            "output": truth.output,
        }
    return found


def world_directory() -> tempfile.TemporaryDirectory[str]:
    """A temporary directory that httpd's user can read."""
    directory = tempfile.TemporaryDirectory(prefix="proxy-wizard-oracle-")
    Path(directory.name).chmod(0o755)
    return directory

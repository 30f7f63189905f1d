"""Many probes at once: few at work at the same time, any number waiting."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime

from wizard.errors import StoppedError
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.model.progress import Progress
from wizard.probe import probe_one, system_tls
from wizard.probe.known import Known
from wizard.probe.observer import Observer
from wizard.probe.resolve import Resolver, SystemResolver

PATIENCE = 0.05
"""Seconds after which an unfinished probe makes room for the next: it mostly waits."""
_LOOK = 0.1
"""Seconds between two checks whether to stop."""
MOST_OPEN = 2000
"""Most probes at the same time, at work or waiting."""
_SPARE_FILES = 64
_FILES_EACH = 2


def run(
    requests: Sequence[ProbeRequest],
    *,
    jobs: int,
    resolver: Resolver | None = None,
    progress: Callable[[Progress], None] | None = None,
    watch: Observer | None = None,
    known: Known | None = None,
) -> dict[ProbeRequest, ProbeReport]:
    """See ``wizard.probe.probe_all``."""
    known = known or Known()
    distinct = list(dict.fromkeys(requests))
    for libssl, conf in {(one.libssl, one.openssl_conf) for one in distinct if one.tls}:
        system_tls.ask(libssl, conf)  # before any timeout runs: it may wait for another process
    told = _Told(len(distinct), progress, watch or Observer())
    shared = probe_one.Shared(resolver or SystemResolver(), observe=told.stage)
    work = _run(distinct, max(1, jobs), shared, known, told)
    try:
        reports = asyncio.run(work if watch is None else _until(watch.stop, work))
    except BaseExceptionGroup as group:
        raise _first(group) from None  # as ``progress`` raised it
    known.add(reports)
    return reports


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


_Reports = dict[ProbeRequest, ProbeReport]


async def _until(stop: threading.Event, work: Coroutine[object, object, _Reports]) -> _Reports:
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=_LOOK)
        if stop.is_set():
            task.cancel()
    if task.cancelled():
        raise StoppedError
    return task.result()


class _Told:
    """Those who look on, and what they hear.

    Args:
        total: requests.
        progress: see ``wizard.probe.probe_all``.
        watch: as well.
    """

    def __init__(
        self, total: int, progress: Callable[[Progress], None] | None, watch: Observer
    ) -> None:
        self._done, self._total = 0, total
        self._progress = progress
        self._watch = watch
        self._begun: dict[ProbeRequest, ProbeReport] = {}

    def begin(self, report: ProbeReport) -> None:
        """A probe begins, or goes on."""
        if self._progress is not None:
            self._begun[report.request] = report
            self._tell(self._progress)

    def stage(self, report: ProbeReport) -> None:
        """A stage of a probe has ended."""
        self.begin(report)
        if self._watch.observe is not None:
            self._watch.observe(report)

    def end(self, request: ProbeRequest, report: ProbeReport) -> None:
        """A probe has ended."""
        if self._watch.done is not None:
            self._watch.done(request, report)
        self._done += 1
        self._begun.pop(request, None)
        if self._progress is not None:
            self._tell(self._progress)

    def _tell(self, progress: Callable[[Progress], None]) -> None:
        longest = next(iter(self._begun.values()), None)
        progress(Progress(self._done, self._total, longest))


class _Place:
    """A place of a semaphore, released once."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def give_back(self) -> None:
        if self._places is not None:
            self._places.release()
            self._places = None


async def _run(
    requests: Sequence[ProbeRequest],
    jobs: int,
    shared: probe_one.Shared,
    known: Known,
    told: _Told,
) -> _Reports:
    reports: _Reports = {}
    at_work = asyncio.Semaphore(jobs)
    under_way = asyncio.Semaphore(max(jobs, _most_open()))
    loop = asyncio.get_running_loop()

    async def one(request: ProbeRequest) -> None:
        place = _Place(at_work)
        patience = loop.call_later(PATIENCE, place.give_back)
        told.begin(ProbeReport(request, datetime.now(UTC)))
        try:
            reports[request] = known.report(request) or await probe_one.probe(
                request, shared, known.alike(request)
            )
        finally:
            patience.cancel()
            place.give_back()
            under_way.release()
        told.end(request, reports[request])

    async with asyncio.TaskGroup() as group:
        for request in requests:
            await under_way.acquire()
            await at_work.acquire()
            group.create_task(one(request))
    return {request: reports[request] for request in requests}


def _most_open() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_OPEN
    return max(1, min(MOST_OPEN, (soft - _SPARE_FILES) // _FILES_EACH))

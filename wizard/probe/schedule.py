"""Many probes at once: few at work at the same time, any number waiting."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections.abc import Callable, Coroutine, Sequence

from wizard.errors import StoppedError
from wizard.model.probe import ProbeReport, ProbeRequest
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
    progress: Callable[[int, int], None] | None = None,
    watch: Observer | None = None,
    known: Known | None = None,
) -> dict[ProbeRequest, ProbeReport]:
    """See ``wizard.probe.probe_all``."""
    known = known or Known()
    distinct = list(dict.fromkeys(requests))
    for libssl, conf in {(one.libssl, one.openssl_conf) for one in distinct if one.tls}:
        system_tls.ask(libssl, conf)  # before any timeout runs: it may wait for another process
    shared = probe_one.Shared(
        resolver or SystemResolver(), observe=watch.observe if watch else None
    )
    done = watch.done if watch else None
    work = _run(distinct, max(1, jobs), shared, known, progress, done)
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
    progress: Callable[[int, int], None] | None,
    done: Callable[[ProbeRequest, ProbeReport], None] | None,
) -> _Reports:
    reports: _Reports = {}
    at_work = asyncio.Semaphore(jobs)
    under_way = asyncio.Semaphore(max(jobs, _most_open()))
    loop = asyncio.get_running_loop()

    async def one(request: ProbeRequest) -> None:
        place = _Place(at_work)
        patience = loop.call_later(PATIENCE, place.give_back)
        try:
            reports[request] = known.report(request) or await probe_one.probe(
                request, shared, known.alike(request)
            )
        finally:
            patience.cancel()
            place.give_back()
            under_way.release()
        if done is not None:
            done(request, reports[request])
        if progress is not None:
            progress(len(reports), len(requests))

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

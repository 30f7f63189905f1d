"""Many probes at once: few at work at the same time, any number that only waits."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Sequence

from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.probe import stages
from wizard.probe.resolve import Resolver, SystemResolver

PATIENCE = 0.1
"""Seconds after which a probe that is not done makes room for the next: it mostly waits."""
MOST_OPEN = 2000
"""Probes under way at the same time, whatever they do."""
_SPARE_FILES = 64
_FILES_EACH = 2


def run(
    requests: Sequence[ProbeRequest],
    *,
    jobs: int,
    resolver: Resolver | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[ProbeRequest, ProbeReport]:
    """See ``wizard.probe.probe_all``."""
    distinct = list(dict.fromkeys(requests))
    try:
        return asyncio.run(_run(distinct, max(1, jobs), resolver or SystemResolver(), progress))
    except BaseExceptionGroup as group:
        raise _first(group) from None  # what ``progress`` raised, as it raised it


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _run(
    requests: Sequence[ProbeRequest],
    jobs: int,
    resolver: Resolver,
    progress: Callable[[int, int], None] | None,
) -> dict[ProbeRequest, ProbeReport]:
    reports: dict[ProbeRequest, ProbeReport] = {}
    shared = stages.Shared(resolver)
    at_work = asyncio.Semaphore(jobs)
    under_way = asyncio.Semaphore(max(jobs, _most_open()))

    async def one(request: ProbeRequest) -> None:
        reports[request] = await stages.probe(request, shared)
        under_way.release()
        if progress is not None:
            progress(len(reports), len(requests))

    async def begin(request: ProbeRequest) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(group.create_task(one(request)))
        except TimeoutError:
            pass
        finally:
            at_work.release()

    async with asyncio.TaskGroup() as group:
        for request in requests:
            await under_way.acquire()
            await at_work.acquire()
            group.create_task(begin(request))
    return {request: reports[request] for request in requests}


def _most_open() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_OPEN
    return max(1, min(MOST_OPEN, (soft - _SPARE_FILES) // _FILES_EACH))

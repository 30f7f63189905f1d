"""The backends as observed: names, connections, handshakes, one HTTP answer; no opinion.

Importing this package is cheap: asyncio, OpenSSL and h11 are loaded by the first probe that needs
them. ``request`` and ``resolve`` say what to probe and how names are resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.probe import ProbeReport, ProbeRequest
    from wizard.model.progress import Progress
    from wizard.probe.known import Known
    from wizard.probe.observer import Observer
    from wizard.probe.resolve import Resolver

JOBS = 64
"""Probes at work at the same time, unless the caller says otherwise."""


async def probe(request: ProbeRequest, resolver: Resolver | None = None) -> ProbeReport:
    """Observe one backend, stage by stage, until a stage fails.

    Args:
        request: how to connect; its ``timeout`` bounds each stage, in seconds.
        resolver: how names are resolved; None: the system's resolver.

    Returns:
        What was observed. It ends and does not raise, whatever the backend does.
    """
    from wizard.probe import probe_one as one

    shared = one.Shared() if resolver is None else one.Shared(resolver)
    return await one.probe(request, shared)


def probe_all(
    requests: Sequence[ProbeRequest],
    *,
    jobs: int = JOBS,
    resolver: Resolver | None = None,
    progress: Callable[[Progress], None] | None = None,
    watch: Observer | None = None,
    known: Known | None = None,
) -> dict[ProbeRequest, ProbeReport]:
    """Observe many backends at once; equal requests are probed once.

    Args:
        requests: what to probe.
        jobs: probes at work at the same time. One that only waits for its backend makes room for
            the next, so silent backends do not delay others.
        resolver: how names are resolved; None: the system's resolver.
        progress: called when a probe begins, with each stage of it and at its end; what it raises
            ends them all.
        watch: sees each stage as it ends, and can stop them all.
        known: what was observed earlier in the same command; it gets these reports too. None:
            nothing was.

    Returns:
        A report for each distinct request.

    Raises:
        StoppedError: ``watch`` stopped it; nothing is left running.
        KeyboardInterrupt: at once, when the operator interrupts; nothing is left running.
    """
    from wizard.probe.schedule import run

    return run(requests, jobs=jobs, resolver=resolver, progress=progress, watch=watch, known=known)

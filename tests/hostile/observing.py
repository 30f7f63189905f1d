"""One probe of a hostile backend, within bounds of time and memory."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard import probe
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.probe.resolve import FixedResolver

NAME = "backend.internal"
TIMEOUT = 10.0
"""Seconds for a stage that should end by itself, however busy the machine is."""
LONG = 30.0
"""Seconds for a stage in which the hostile server works harder than its client."""
PATIENCE = 1.0
"""Seconds for a stage that only the timeout ends."""
STAGES = 4
"""TCP, TLS, HTTP, and once more without SNI."""
ROOM = 20.0
"""Seconds that a busy machine may take besides; what has no end takes more."""
MOST_MEMORY = 24 << 20
"""Bytes of Python's, the hostile server's included: it runs in this process."""
MOST_RESIDENT = 64 << 20
"""Bytes by which the process may grow: OpenSSL's are among them."""
_SELF = Path("/proc/self")


def observe(port: int, timeout: float = TIMEOUT, **more: Any) -> ProbeReport:
    """Probe a port on 127.0.0.1 within bounds of time and memory."""
    request = ProbeRequest(NAME, port, tls=True, sni=NAME, host_header=NAME, timeout=timeout)
    request = replace(request, **more)
    _SELF.joinpath("clear_refs").write_text("5")  # the peak begins anew (proc(5))
    before = _resident("VmRSS")
    began = time.monotonic()
    tracemalloc.start()
    try:
        resolver = FixedResolver({NAME: ["127.0.0.1"]})
        report = probe.probe_all([request], resolver=resolver)[request]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < STAGES * timeout + ROOM
    assert peak < MOST_MEMORY
    assert _resident("VmHWM") - before < MOST_RESIDENT
    return report


def _resident(field: str) -> int:
    """Bytes: now (``VmRSS``), and the most since the peak began anew (``VmHWM``)."""
    status = _SELF.joinpath("status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) << 10

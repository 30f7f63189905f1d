"""Somebody looks on while backends are probed, and has enough."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from wizard import probe
from wizard.errors import StoppedError
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.probe.observer import Observer


@pytest.fixture
def silent() -> Iterator[ProbeRequest]:
    """A backend that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield ProbeRequest("127.0.0.1", server.getsockname()[1], tls=True, timeout=60)


def test_each_stage_is_shown_as_it_ends_and_a_stop_ends_waiting(silent: ProbeRequest) -> None:
    seen: list[ProbeReport] = []

    def observe(report: ProbeReport) -> None:
        seen.append(report)
        if report.tcp is not None:
            threading.Timer(0.05, watch.stop.set).start()

    watch = Observer(observe)
    began = time.monotonic()
    with pytest.raises(StoppedError):
        probe.probe_all([silent], watch=watch)
    assert time.monotonic() - began < 10
    assert [(r.dns is not None, r.tcp is not None, r.tls is not None) for r in seen] == [
        (True, False, False),
        (True, True, False),
    ]


def test_a_watch_changes_nothing_of_what_is_found(silent: ProbeRequest) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    refused = ProbeRequest("127.0.0.1", port, tls=True)
    seen: list[ProbeReport] = []
    (report,) = probe.probe_all([refused], watch=Observer(seen.append)).values()
    assert report.tcp is not None
    assert report.tcp.failure == "refused"
    assert seen[-1].tcp == report.tcp

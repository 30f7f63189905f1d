"""Watching probes while they run, and stopping them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import field

from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.record import record


@record
class Observer:
    """What a caller wants to hear of running probes.

    Args:
        observe: called with what is known of a backend whenever a stage of it ends, in the thread
            that probes; what it raises ends every probe.
        done: called with each request and its report at the end, in the same thread.
        stop: ends every probe within a moment once it is set, from any thread.
    """

    observe: Callable[[ProbeReport], None] | None = None
    done: Callable[[ProbeRequest, ProbeReport], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)

"""What a throw-away httpd on loopback did with a route, before and after a plan."""

from __future__ import annotations

from wizard.model.route_id import RouteId
from wizard.record import record

KEEPS_OUT = frozenset({401, 403})
"""What httpd answers to a client that may not ask."""


@record
class Run:
    """One run of the route: the configuration as it is, or as it will be.

    Args:
        started: whether httpd came up; else ``errors`` says why not.
        errors: what httpd said while it started, its own words, errors first.
        status: what the client got; None: no answer.
        backend_status: what the backend answered, as httpd's access log tells; None: the request
            did not reach it, or httpd is too old to tell.
        proxied: the answer came from the backend.
        log: httpd's log lines of this request at LogLevel info, in order.
        codes: their AH codes, in order.
        certificates: subjects of the certificates that httpd verified, the backend's own last.
        error: why there is no answer, one sentence; empty when there is one.
        seconds: from the request to the end of its answer.
        kept_out: the status with which httpd's own access control answered, None if it let the
            request pass; all the rest is then what came when it was set aside for this client.
    """

    started: bool
    errors: tuple[str, ...] = ()
    status: int | None = None
    backend_status: int | None = None
    proxied: bool = False
    log: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0
    kept_out: int | None = None


@record
class Rehearsal:
    """One route, rehearsed.

    Args:
        route: that was asked for.
        host: Host header that was sent.
        path: path that was asked for.
        before: the configuration as it is.
        after: as the plan makes it; None: there is no plan.
        notes: what the throw-away httpd does otherwise than the real one, each one sentence.
    """

    route: RouteId
    host: str
    path: str
    before: Run
    after: Run | None = None
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Run:
        """The run that counts: after the plan, if there is one."""
        return self.before if self.after is None else self.after

    @property
    def breaks(self) -> bool:
        """The backend's answer arrives as it is, and does not with the plan."""
        return self.before.proxied and not self.last.proxied

    @property
    def kept_out_alike(self) -> bool:
        """httpd itself forbids the request, before and after alike: nothing is shown either way."""
        runs = (self.before, self.last)
        return all(r.started and not r.proxied and r.status in KEEPS_OUT for r in runs) and (
            self.before.status == self.last.status
        )

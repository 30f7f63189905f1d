"""What a temporary httpd on loopback did with a route, before and after a plan."""

from __future__ import annotations

from wizard.model.route_id import RouteId
from wizard.record import record

KEEPS_OUT = frozenset({401, 403})
"""httpd's statuses for a client without permission."""


@record
class Run:
    """One run of the route: the configuration as it is, or as it will be.

    Args:
        started: whether httpd came up; else ``errors`` says why not.
        errors: httpd's own messages during the start, errors first.
        status: what the client got; None: no answer.
        backend_status: the backend's answer, from httpd's access log; None: the request did not
            reach it, or httpd is too old to log it.
        proxied: the answer came from the backend.
        log: httpd's log lines of this request at LogLevel info, in order.
        codes: their AH codes, in order.
        certificates: subjects of the certificates that httpd verified, the backend's own last.
        error: why there is no answer, one sentence; empty when there is one.
        seconds: from the request to the end of its answer.
        kept_out: the status of httpd's own access control, None if it let the request pass; the
            other fields are then from a request without that access control.
        strangers: ``ADDRESS:PORT`` of whom httpd wanted to reach besides the route's backend; it
            was not let.
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
    strangers: tuple[str, ...] = ()


@record
class Rehearsal:
    """One route, rehearsed.

    Args:
        route: of the request.
        host: Host header that was sent.
        path: path of the request.
        before: the configuration as it is.
        after: as the plan makes it; None: there is no plan.
        notes: what the temporary httpd does differently from the real one, each one sentence.
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
        """Whether the backend's answer arrives now, and does not with the plan."""
        return self.before.proxied and not self.last.proxied

    @property
    def kept_out_alike(self) -> bool:
        """Whether httpd itself forbids the request before and after, so that nothing is shown."""
        runs = (self.before, self.last)
        return all(r.started and not r.proxied and r.status in KEEPS_OUT for r in runs) and (
            self.before.status == self.last.status
        )

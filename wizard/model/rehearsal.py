"""What a temporary httpd on loopback did with a route, before and after a plan."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from wizard.model.route_id import RouteId
from wizard.record import record

End = Literal["backend", "httpd"]
"""Of a connection between them."""
KEEPS_OUT = frozenset({401, 403})
"""httpd's statuses for a client without permission."""


class Pretence(Enum):
    """The certificate, for the right name, that somebody in the backend's place shows."""

    MADE_UP_CA = "made-up-ca"
    """Signed by a CA that was made for the purpose."""
    SELF_SIGNED = "self-signed"
    """Signed with its own key."""


class Reception(Enum):
    """What httpd does with an impostor: seen from the impostor's end of the connection and, where
    no request came, in httpd's log."""

    LET_IN = "let-in"
    """httpd sent its request."""
    REFUSED = "refused"
    """httpd sent no request, and says that it is because of the certificate."""
    PLAIN = "plain"
    """httpd spoke no TLS: there is no certificate that it could refuse."""
    NOT_ASKED = "not-asked"
    """httpd made no connection."""
    UNCLEAR = "unclear"
    """httpd sent no request, and does not say that it is because of the certificate."""


class Untried(Enum):
    """Why no impostor was tried."""

    SOCKET = "socket"
    """The backend listens on a unix domain socket, which has no address to take."""
    NO_NETWORK = "no-network"
    """The throw-away httpd has no network of its own here, in which to stand in for a backend."""


@record
class Impostor:
    """Somebody else in the backend's place.

    Args:
        pretence: the certificate that it shows.
        reception: what httpd did.
        seconds: from the request to the end of its answer.
    """

    pretence: Pretence
    reception: Reception
    seconds: float = 0.0


@record
class SentCookie:
    """A Set-Cookie that the client got. Its value is a secret and not kept.

    Args:
        name: as sent.
        path: of the attribute; None: it has none.
        domain: of the attribute as sent; None: it has none.
    """

    name: str
    path: str | None = None
    domain: str | None = None


@record
class FirstTry:
    """A request whose connection to the backend broke, and that was made once more.

    Args:
        status: what the client got.
        codes: AH codes of httpd's lines about it, in order.
        hung_up: who ended the connection; None: it is not known.
    """

    status: int
    codes: tuple[str, ...]
    hung_up: End | None = None


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
        foreign: it came from another server: by an error page, or by a way past the backend.
        log: httpd's log lines of this request at LogLevel info, in order.
        codes: their AH codes, in order.
        certificates: subjects of the certificates that httpd looked at, whether it then refused or
            took them, the backend's own last.
        error: why there is no answer, one sentence; empty when there is one.
        seconds: from the request to the end of its answer.
        kept_out: the status of httpd's own access control, None if it let the request pass; the
            other fields are then from a request without that access control.
        strangers: ``ADDRESS:PORT`` of whom httpd wanted to reach besides the route's backend; it
            was not let.
        impostors: one for each pretence that was tried.
        untried: why none was; None: see ``impostors`` and ``started``.
        first_try: one that broke, before the request that the other fields are of; None: it was
            made once, or broke again.
        location: Location that the client got, with httpd's public address in the place of the
            temporary one; None: none.
        cookies: that the client got, in order.
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
    foreign: bool = False
    impostors: tuple[Impostor, ...] = ()
    untried: Untried | None = None
    first_try: FirstTry | None = None
    location: str | None = None
    cookies: tuple[SentCookie, ...] = ()

    @property
    def lets_in(self) -> bool:
        """Whether httpd sends its request to any impostor."""
        return any(one.reception is Reception.LET_IN for one in self.impostors)

    @property
    def keeps_out(self) -> bool:
        """Whether httpd refuses every impostor."""
        return bool(self.impostors) and all(
            one.reception is Reception.REFUSED for one in self.impostors
        )


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
    def opens(self) -> bool:
        """Whether every impostor is refused now, and one is let in with the plan."""
        return self.before.keeps_out and self.last.lets_in

    @property
    def changes_answer(self) -> bool:
        """Whether the client gets another status, Location or cookies with the plan."""
        told = [(run.status, run.location, run.cookies) for run in (self.before, self.last)]
        return told[0] != told[1]

    @property
    def kept_out_alike(self) -> bool:
        """Whether httpd itself forbids the request before and after, so that nothing is shown."""
        runs = (self.before, self.last)
        return all(r.started and not r.proxied and r.status in KEEPS_OUT for r in runs) and (
            self.before.status == self.last.status
        )

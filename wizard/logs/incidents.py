"""Lines of one request put together: which of them names the cause, and which only follow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from wizard.logs import failing, side
from wizard.logs.log_line import LogEntry
from wizard.logs.named import NOTHING
from wizard.logs.recognition import UNKNOWN_SIDE, Recognition, Strength
from wizard.logs.refine import at_depth

_OPEN_AT_ONCE = 2048  # threads of httpd whose last request is remembered
_EVIDENCE = 8  # lines kept of one request
_SLOW_HANDSHAKE = 1.0  # seconds after which a silent end of a handshake is a timeout

#: With these httpd ends a proxied request.
_ENDS: Final = frozenset(
    (
        "AH00898",
        "AH00961",
        "AH01097",
        "AH01114",
        "AH01144",
        "AH01170",
        "AH01171",
        "AH03351",
        "AH10154",
    )
)
#: With these it begins one, or a new connection for one.
_BEGINS: Final = frozenset(("AH00942", "AH01143"))
#: A handshake with httpd's own client failed, not one with a backend.
_OF_CLIENTS: Final = frozenset(("AH01996", "AH02008", "AH02009", "AH02010", "AH02011"))
_WANTED: Final = "AH02268"
#: With this httpd gives up a handshake with a backend. What follows in the same request only
#: follows from it, and mod_proxy_http2 writes nothing more of such a request.
_GIVEN_UP: Final = "AH01997"
#: Of a long request body, which this machine could not store: no connection to a backend failed.
_UNSTORED: Final = frozenset(("AH01089", "AH01090"))
#: Once for each address that is tried.
_REPEATED: Final = frozenset(("AH00957", "AH00959", "AH02275", "AH02276"))


class Incident:
    """What was seen of one request, or of one start of httpd.

    Args:
        thread: as ``Entry.thread``; empty: lines of others may be among these.
    """

    def __init__(self, thread: str) -> None:
        self.thread = thread
        self.strength = Strength.CONTEXT
        self.recognitions: list[tuple[Recognition, str]] = []
        """Those of the greatest strength so far, with their lines."""
        self.codes: set[str] = set()
        self.handshake_failed = False
        self.ended = False
        self.depth = 0
        """Of the certificate that OpenSSL was at."""
        self.depths: dict[int, int] = {}
        """Of each verify error's certificate."""
        self.named = NOTHING
        self.established: float | None = None
        self.tls = False
        self.front = False
        """Whether the TLS connection is one with httpd's own client."""
        self.outgoing = False
        """Whether a line says that it is one with a backend."""
        self.accepted = ""
        """Its address, where that alone tells so."""
        self.logged = False
        """Whether a line of it has a level or a thread, so that it is a log's."""
        self.status = ""
        """That its client got, as far as a line tells."""
        self.silent_seconds: float | None = None
        """Seconds that a handshake took which failed without a word of TLS; -1: not known."""

    def add(self, recognition: Recognition, entry: LogEntry, text: str) -> None:
        """Take a line in."""
        code = recognition.code
        if code is not None:
            self.codes.add(code)
            self.ended = self.ended or code in _ENDS
        if recognition.depth is not None:
            self.depth = recognition.depth
        elif recognition.openssl is not None:
            # Programs name an error again in the end, when they are past its certificate.
            depth = self.depths.setdefault(recognition.openssl, self.depth)
            recognition = at_depth(recognition, depth)
        self.logged = self.logged or bool(entry.level or entry.thread)
        self.status = failing.status(entry) or self.status
        failed = self.handshake_failed or recognition.handshake
        self.handshake_failed = failed and not self.codes & _UNSTORED
        self.named = self.named.joined(recognition.named)
        self._follow_handshake(code, entry)
        if recognition.strength > self.strength:
            self.strength = recognition.strength
            self.recognitions = []
        if recognition.strength == self.strength and len(self.recognitions) < _EVIDENCE:
            self.recognitions.append((recognition, text))

    def _follow_handshake(self, code: str | None, entry: LogEntry) -> None:
        """Take in what a line says about the course of a handshake: whose it is, how long it took.

        Args:
            code: of the line.
            entry: the line.
        """
        if code == "AH01964":
            self.tls = self.tls or bool(entry.remote)
            self.established = entry.seconds
        elif code == "AH02003" and "connect failed" in entry.message:  # not the code alone
            known = self.established is not None and entry.seconds is not None
            self.silent_seconds = (entry.seconds or 0) - (self.established or 0) if known else -1.0
        elif code is None:  # OpenSSL says why
            self.silent_seconds = None

    def is_same_connection(self, entry: LogEntry) -> bool:
        """Whether a line names the address of this connection as the backend's."""
        told = entry.client if entry.module == "ssl" else ""  # else it is always the client's
        return bool(self.accepted) and (
            told == self.accepted or f" {self.accepted} " in entry.message
        )

    def conclude(self) -> list[tuple[Recognition, str]]:
        """The lines that say most about the cause, with what the other lines add to them."""
        if self.front:
            return []
        if self.strength <= Strength.CONSEQUENCE and self.silent_seconds is not None:
            return [(self._silent(recognition), text) for recognition, text in self.recognitions]
        return [(self._in_context(recognition), text) for recognition, text in self.recognitions]

    @property
    def failed(self) -> bool:
        """Whether the lines are a log's, of a request that httpd could not serve."""
        ends = bool(self.status) or self.handshake_failed or bool(self.codes & _ENDS)
        return self.logged and ends and not self.front

    @property
    def hidden(self) -> bool:
        """Whether a handshake failed, and the lines that say why are below LogLevel."""
        return (
            self.handshake_failed
            and self.strength <= Strength.CONSEQUENCE
            and "AH02003" not in self.codes
            # OpenSSL's own line, which httpd 2.2 logs as an error, leaves few causes
            and not any(
                one.slugs and "SSL Library Error" in text for one, text in self.recognitions
            )
        )

    @property
    def hides_more(self) -> bool:
        """Whether all that is known of a failed handshake is that the backend wanted a certificate.

        It may go on without one, and httpd refuses it then for a reason that is hidden.
        """
        return (
            self.handshake_failed
            and "AH02003" not in self.codes
            and {recognition.code for recognition, _ in self.recognitions} == {_WANTED}
        )

    def _silent(self, recognition: Recognition) -> Recognition:
        """What a failed handshake without an alert points to: no answer, or one that is not TLS."""
        seconds = self.silent_seconds or 0.0
        slugs = ["connection-reset", "backend-speaks-plain-http", "connection-timeout"]
        # A log with whole seconds may show one where only an instant passed.
        if seconds >= (2 if seconds.is_integer() else 1) * _SLOW_HANDSHAKE:
            slugs = ["connection-timeout", "backend-speaks-plain-http", "connection-reset"]
        return recognition._replace(slugs=tuple(slugs), strength=Strength.CLUE)

    def _in_context(self, recognition: Recognition) -> Recognition:
        slugs = recognition.slugs
        name = recognition.named.name
        if self.thread and name and self.named.host:
            # Which name was compared tells whether it is the URL's or the client's Host.
            slugs = _without("preserve-host-changes-name", slugs)
            if name != self.named.host:
                slugs = ("preserve-host-changes-name", *slugs)
        if self.tls:  # the connection was a TLS one, so the route is no http:// one
            slugs = _without("backend-speaks-tls", slugs)
        other = recognition.other_cause
        if self.outgoing and other == UNKNOWN_SIDE:
            other = ""
        return recognition._replace(slugs=slugs, other_cause=other)


class Tracker:
    """Sorts lines by the thread that wrote them, and finds out where a request ends.

    At most ``_OPEN_AT_ONCE`` requests are open; beyond that the one that has been silent longest
    counts as over.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[str, Incident] = OrderedDict()
        self._client_is_both = False
        """Whether this log's format writes a backend's address as ``[client …]``, too."""

    def add(self, recognition: Recognition, entry: LogEntry, text: str) -> Iterator[Incident]:
        """Take a line in; yield the requests that it shows to be over."""
        incident = self._open.get(entry.thread)
        if incident is not None and (
            self._is_other_side(incident, recognition.code, entry)
            or _begins_another(incident, recognition, entry)
        ):
            del self._open[entry.thread]
            yield incident
            incident = None
        if incident is None:
            incident = Incident(entry.thread)
            self._open[entry.thread] = incident
            if len(self._open) > _OPEN_AT_ONCE:
                yield self._open.popitem(last=False)[1]
        else:
            self._open.move_to_end(entry.thread)
        self._take_side(incident, recognition.code, entry)
        incident.add(recognition, entry, text)

    def is_front(self, code: str | None, entry: LogEntry) -> bool:
        """Whether a line is about a connection from httpd's own client, as far as is known."""
        return not self._client_is_both and bool(side.accepted_from(code, entry))

    def _is_other_side(self, incident: Incident, code: str | None, entry: LogEntry) -> bool:
        """Whether a line cannot belong to an incident, as one of them is about the front side."""
        if not incident.front:
            return bool(incident.codes) and self.is_front(code, entry)
        return bool(entry.remote) or (
            side.is_of_backend(code) and not incident.is_same_connection(entry)
        )

    def _take_side(self, incident: Incident, code: str | None, entry: LogEntry) -> None:
        """Take in what a line says about the side that its connection is on."""
        if entry.remote:
            incident.front = self._client_is_both = False
            incident.outgoing = True
        elif side.is_of_backend(code):
            self._client_is_both = self._client_is_both or incident.front
            incident.front = False
            incident.outgoing = True
        elif code in _OF_CLIENTS:
            incident.front = True
        elif self.is_front(code, entry):
            incident.front, incident.accepted = True, entry.client

    def about_client(self, entry: LogEntry) -> bool:
        """Whether a line without code continues one about a connection from httpd's own client."""
        incident = self._open.get(entry.thread) if entry.thread else None
        return incident is not None and incident.front and entry.code is None

    def rest(self) -> Iterator[Incident]:
        """Yield the requests that are still open."""
        while self._open:
            yield self._open.popitem(last=False)[1]


def _begins_another(incident: Incident, recognition: Recognition, entry: LogEntry) -> bool:
    code = recognition.code
    if code in _BEGINS:
        return bool(incident.codes)
    if code == "AH01964":
        return incident.tls or incident.ended or incident.front
    if recognition.strength is Strength.CONTEXT:
        return False
    if code is not None and _GIVEN_UP in incident.codes and recognition.strength >= Strength.CLUE:
        return True
    if code is not None and code in incident.codes and code not in _REPEATED:
        return True
    if (
        not incident.thread
        and recognition.strength >= Strength.CLUE
        and _is_httpds(recognition, entry)
    ):
        return incident.strength >= Strength.CLUE  # nothing says that they belong together
    return incident.ended and (code not in _ENDS or recognition.strength > Strength.CONSEQUENCE)


def _is_httpds(recognition: Recognition, entry: LogEntry) -> bool:
    """Whether httpd wrote the line, which serves many requests at once; other programs do not."""
    return recognition.code is not None or "SSL Library Error" in entry.message


def _without(slug: str, slugs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(other for other in slugs if other != slug)

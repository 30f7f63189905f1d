"""Whether a plan may be applied: the answer, its reasons, and the operator's consent."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from wizard.model.plan import Condition, FixPlan, OfferKind
from wizard.model.remark import Remark
from wizard.model.route_id import RouteId
from wizard.record import record


class Reason(Enum):
    """Why a plan is refused, or what to ask before it is applied."""

    NOTHING_WRONG = "nothing-wrong"
    """There is nothing to apply: no fault was found."""
    UNDETERMINED = "undetermined"
    """There is nothing to apply: no fault was found, but not every route could be determined."""
    CA_UNKNOWN = "ca-unknown"
    """There is nothing to apply until the operator says which CA to trust."""
    LEFT_TO_BACKEND = "left-to-backend"
    """There is nothing to apply: the operator left the faults to the backend's side."""
    BY_HAND = "by-hand"
    """There is nothing to apply: the configuration is to be changed, and only somebody who knows
    what is meant can do that."""
    ON_THIS_MACHINE = "on-this-machine"
    """There is nothing to apply: something is to be done on this machine first."""
    NOT_IN_CONFIGURATION = "not-in-configuration"
    """There is nothing to apply: the configuration cannot repair the faults."""
    WAITS_FOR_NAME = "waits-for-name"
    """A name that the plan rests on does not lead to its backend yet."""
    NOT_REHEARSED = "not-rehearsed"
    """A route that the plan repairs was not rehearsed."""
    NO_ANSWER = "no-answer"
    """The rehearsal did not bring the backend's answer for a route that the plan repairs."""
    BREAKS_ROUTE = "breaks-route"
    """A route brings its backend's answer before the plan, and does not afterwards."""
    IMPOSTOR_LET_IN = "impostor-let-in"
    """With the plan, httpd sends its requests to an impostor of a backend."""
    ONLY_PREDICTED = "only-predicted"
    """httpd itself forbids the request, before and after: the repair is predicted, not shown."""
    FOUND_CA = OfferKind.FOUND_CA.value
    """A CA that nobody named is to be trusted."""
    PUBLIC_CA = OfferKind.PUBLIC_CA.value
    """A public CA is to be trusted where an internal one was."""
    CERTIFICATE_NAME = OfferKind.CERTIFICATE_NAME.value
    """A name from a certificate is to decide where requests go."""
    UNCONFIRMED = "unconfirmed"
    """Files of a server in production are to be written."""


OVERRIDABLE = (Reason.NOT_REHEARSED, Reason.NO_ANSWER, Reason.BREAKS_ROUTE)
"""Refusals because of the rehearsal: the operator may override them."""
OFFERS = tuple(Reason(kind.value) for kind in OfferKind)
"""Questions about a plan's offers, each asked by itself."""
SEPARATE = (Reason.IMPOSTOR_LET_IN, *OFFERS)
"""Questions that are asked before the last one, whether to write."""


@record
class Concern:
    """A route that a reason is about, and what happened there: a status, or a sentence.

    Args:
        route: the reason is about it.
        detail: what happened; empty where ``offered`` says it.
        offered: what the operator is to accept.
        of_backend: the status is the backend's answer, which arrives.
    """

    route: RouteId
    detail: str = ""
    offered: Remark | None = None
    of_backend: bool = False


@record
class Allowed:
    """The plan may be applied.

    Args:
        plan: this one and no other.
        routes: that it repairs; afterwards the running server is asked for them.
    """

    plan: FixPlan
    routes: tuple[RouteId, ...]


@record
class Refused:
    """The plan is not applied.

    Args:
        reason: why.
        concerns: what it rests on.
        conditions: what has to be so first.
    """

    reason: Reason
    concerns: tuple[Concern, ...] = ()
    conditions: tuple[Condition, ...] = ()


@record
class Ask:
    """The plan is applied once the operator consents."""

    reason: Reason
    concerns: tuple[Concern, ...] = ()


@record
class Consent:
    """What the operator has said.

    Args:
        write: the plan may be written.
        despite: refusals that are overridden, of ``OVERRIDABLE``.
        accepted: questions that are answered by yes, of ``SEPARATE``.
    """

    write: bool = False
    despite: frozenset[Reason] = frozenset()
    accepted: frozenset[Reason] = frozenset()

    def to(self, question: Reason) -> Consent:
        """The same, with a question or a refusal answered by yes."""
        if question in SEPARATE:
            return replace(self, accepted=self.accepted | {question})
        if question in OVERRIDABLE:
            return replace(self, despite=self.despite | {question})
        return replace(self, write=True)

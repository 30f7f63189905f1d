"""What is to be done about a repair, by whom, and in which order: the patch is one step of it."""

from __future__ import annotations

from typing import Literal

from wizard.model.remark import Remark
from wizard.model.route_id import RouteId
from wizard.record import record

Side = Literal["you", "configuration", "machine", "network", "backend", "ca"]
"""Where a step is done, or who does it; ``you``: whoever decides."""
Relation = Literal["first", "look", "then", "or"]
"""How a deed stands to the one before it: the ``first`` of its step; only a ``look``, which changes
nothing; what is done ``then``; another way to the same end (``or``)."""


@record
class Deed:
    """One thing to do.

    Args:
        relation: to the deed before it.
        side: who does it, or where.
        text: what to do.
        commands: each complete, to be pasted; lines of a configuration where ``side`` is that.
    """

    relation: Relation
    side: Side
    text: Remark
    commands: tuple[str, ...] = ()


@record
class Wanted:
    """The certificate of a CA that the plan needs and does not have.

    Args:
        subject: of it.
        own: it is the backend's own, which signed itself.
        sha256: of it, where the backend presents it; empty: it does not.
        file: where it lies on this machine; empty: nowhere that is known.
    """

    subject: str
    own: bool = False
    sha256: str = ""
    file: str = ""


@record
class Step:
    """What has to be done before the next step.

    Args:
        deeds: the first, and what belongs to it; empty: it is the patch that is applied.
        routes: that need it.
        slugs: findings of these that it is about.
        why: a reason that the deeds do not say.
        urls: of backends that the patch writes.
        again: the plan is made anew in it.
        wanted: the certificates with which it is.
    """

    deeds: tuple[Deed, ...] = ()
    routes: tuple[RouteId, ...] = ()
    slugs: tuple[str, ...] = ()
    why: Remark | None = None
    urls: tuple[str, ...] = ()
    again: bool = False
    wanted: tuple[Wanted, ...] = ()

    @property
    def is_patch(self) -> bool:
        """Whether the patch is applied in it."""
        return not self.deeds

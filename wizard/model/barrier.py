"""What keeps a request from the backend: httpd answers it itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Source

BarrierStage = Literal["access", "rewrite"]


@record
class Barrier:
    """A line with which httpd answers a request before it asks the backend.

    Args:
        stage: ``access``: authorisation or authentication; ``rewrite``: a rule or a redirect.
        status: what such a client gets (401, 403, 302, 404, 410 …).
        source: the line that decides; None: httpd's default does.
        directive: it, as written.
        everyone: the answer is the same for every client. Else ``passes`` says for whom not.
        passes: who comes through to the backend, in words (``10.0.0.0/8``, ``users of Staff``);
            empty: nobody, or it is not known.
        asks_login: a client that logs in may come through.
        location: where a redirect leads, as the client gets it; None: it is none.
        code: AH code of the line that httpd logs; None: it logs none at LogLevel info.
        unsure: what of the configuration could not be decided, a sentence; empty: nothing. Then
            ``everyone`` is False.
    """

    stage: BarrierStage
    status: int
    source: Source | None
    directive: str
    everyone: bool
    passes: tuple[str, ...] = ()
    asks_login: bool = False
    location: str | None = None
    code: str | None = None
    unsure: str = ""

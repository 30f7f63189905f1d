"""What httpd answers itself, before it asks the backend.

Source: httpd 2.4, server/request.c (ap_process_request_internal: translation, then authorisation,
then fixups, before any handler).
"""

from __future__ import annotations

from wizard.masking.free_text import masked
from wizard.model.barrier import Barrier
from wizard.model.config import Route
from wizard.model.diagnosis import Case, LogLine, Verdict
from wizard.verdict.exchange import Exchange

_UNAUTHORIZED, _NOT_FOUND = 401, 404
_REDIRECTS = range(300, 400)


def decide(case: Case, behind: Verdict) -> Verdict | None:
    """The verdict where every client gets the same of httpd itself; None: the backend is asked.

    Args:
        case: the route with its barriers.
        behind: the verdict for a request that comes through to the backend.
    """
    if "%2f" in case.route.request_path.lower() and not case.route.vhost.encoded_slashes.value:
        return _encoded(case, behind)
    barrier = _first(case.route.barriers)
    if barrier is None or case.route.vhost.never_served is not None:
        return None
    taken = case.route.shadowed_by is not None
    if taken and barrier.stage != "rewrite":
        return None
    if barrier.status in _REDIRECTS:
        reason = _redirects(case.route, barrier)
        seen = None if taken else behind
        return Verdict("ok", barrier.stage, barrier.status, reason=reason, behind=seen)
    if barrier.asks_login and barrier.status == _UNAUTHORIZED:
        if behind.outcome != "ok":
            return None
        reason = f"httpd asks for a login ({_line(barrier)}); behind it: {behind.reason}"
        return Verdict("ok", barrier.stage, barrier.status, reason=reason, behind=behind)
    exchange = Exchange(case)
    log: tuple[LogLine, ...] = ()
    if barrier.code is not None:
        target, path = f"proxy:{case.route.request_url}", case.route.request_path
        log = (exchange.line(barrier.code, target=target, path=path),)
    status = None if barrier.unsure else barrier.status  # kept out for certain, one way or another
    reason = f"{_denies(barrier)} {barrier.unsure}".rstrip()
    return Verdict("fail", barrier.stage, status, log=log, reason=reason, behind=behind)


def _encoded(case: Case, behind: Verdict) -> Verdict:
    """``%2F`` in a path, which httpd refuses as it reads it (AllowEncodedSlashes)."""
    path = case.route.request_path
    reason = "httpd answers 404 itself to a path with %2F: AllowEncodedSlashes is off here."
    log = (Exchange(case).line("AH00026", path=path),)
    return Verdict("fail", "access", _NOT_FOUND, log=log, reason=reason, behind=behind)


def _first(barriers: tuple[Barrier, ...]) -> Barrier | None:
    """The first barrier that keeps every client, if none before it may answer some."""
    for one in barriers:
        if one.everyone:
            return one
        if one.stage == "rewrite":
            return None
    return None


def _line(barrier: Barrier) -> str:
    if barrier.source is None:
        return "httpd's default"
    return f"{barrier.directive} at {barrier.source}"


def _denies(barrier: Barrier) -> str:
    if barrier.stage == "rewrite":
        return f"httpd answers {barrier.status} itself: {_line(barrier)}."
    if barrier.status >= 500:
        return (
            f"httpd answers {barrier.status} itself: its access control is incomplete "
            f"({_line(barrier)})."
        )
    return f"httpd itself keeps every such client out: {_line(barrier)}."


def _redirects(route: Route, barrier: Barrier) -> str:
    to = masked(barrier.location or "elsewhere")
    plain = not route.vhost.front_tls.value and to.lower().startswith("https://")
    why = "httpd sends clients to https" if plain else f"httpd redirects to {to}"
    return f"{why} ({_line(barrier)}); the backend is not asked."

"""What to ask a backend further, where its first answer leaves open what would help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from wizard.answer import redirects, reverse_line
from wizard.answer.cookies import parse
from wizard.answer.mount import mount
from wizard.answer.redirects import RedirectFault
from wizard.answer.site import file_of
from wizard.answer.supposed import (
    asked_of,
    keeps_names,
    telling_scheme,
    tells_scheme,
    with_other_host,
)
from wizard.answer.urls import front_scheme, path_of
from wizard.model.diagnosis import Case
from wizard.model.further import Question
from wizard.model.probe import HttpResult, ProbeRequest

Asked = tuple[Question, ProbeRequest]
MOST = 2
"""Further requests of one route."""
REFUSALS = frozenset({400, 403, 404, 421})
"""What servers answer to a Host that is none of their names: Django 400, Vite 403, web servers
with several sites 404 or 421. So they do to much else."""
_TARGET = re.compile(r"/[!-~]*")
_PAIR = re.compile(r"[!-:<-~]+(?: [!-:<-~]+)*")
_NOT_FOUND = frozenset({400, 403, 404})
_COOKIE_BYTES = 4096
"""Of cookies that are sent back: what they are worth is not worth more."""


def wanted(case: Case) -> tuple[Asked, ...]:
    """The further requests of a route, ``MOST`` at most.

    Args:
        case: with the first answer and the site.
    """
    probe = case.probe
    answer = probe.http if probe is not None else None
    if probe is None or answer is None or answer.status is None or answer.failure is not None:
        return ()
    if not probe.request.http or probe.request.forward_proxy is not None:
        return ()
    return tuple(_asked(case, probe.request, answer))[:MOST]


def local_file(case: Case) -> str | None:
    """The file to which a redirect out of the mount may lead; None: there is none to look for."""
    answer = case.probe.http if case.probe is not None else None
    found = redirects.fault(case, answer) if answer is not None else None
    if found is None or found.kind != "leaves-mount":
        return None
    return file_of(case, path_of(found.target).partition("?")[0].partition("#")[0])


def _asked(case: Case, request: ProbeRequest, answer: HttpResult) -> Iterator[Asked]:
    found = redirects.fault(case, answer)
    if found is not None:
        yield from _of_redirect(case, request, answer, found)
    elif answer.status in _NOT_FOUND and request.path.startswith("//"):
        yield Question.SINGLE_SLASH, replace(request, path="/" + request.path.lstrip("/"))
    elif answer.status in REFUSALS and keeps_names(case.route):
        other = with_other_host(case.route)
        if other.backend.host_header != request.host_header:
            yield Question.HOST, asked_of(request, other)


def _of_redirect(
    case: Case, request: ProbeRequest, answer: HttpResult, found: RedirectFault
) -> Iterator[Asked]:
    if found.kind == "leaves-mount":
        if reverse_line.misplaced(case, found, answer) is None:
            yield from _inside(case, request, found)
    elif found.kind == "leak":
        if reverse_line.cure(case, found, answer) is None:
            yield from _told(case, request)
    elif found.kind == "loop":
        cookies = _cookies(answer)
        if cookies is not None:
            yield Question.COOKIES, replace(request, cookies=cookies)
        yield from _told(case, request)
    elif found.kind in ("downgrade", "parameter"):
        yield from _told(case, request)


def _told(case: Case, request: ProbeRequest) -> Iterator[Asked]:
    """What the backend may not know: the client's scheme, the public name."""
    scheme = front_scheme(case.route.vhost)
    other = with_other_host(case.route)
    public = not case.route.preserve_host.value and keeps_names(case.route)
    public = public and other.backend.host_header != request.host_header
    if scheme == "https" and not tells_scheme(case.route, scheme):
        yield Question.SCHEME, telling_scheme(request, scheme)
        if public:
            both = telling_scheme(asked_of(request, other), scheme)
            yield Question.HOST_AND_SCHEME, both
    elif public:
        yield Question.HOST, asked_of(request, other)


def _inside(case: Case, request: ProbeRequest, found: RedirectFault) -> Iterator[Asked]:
    """The backend's own path of a redirect that leaves the mount, if the mount can hold it."""
    path = path_of(found.sent).partition("#")[0]
    if _TARGET.fullmatch(path) and mount(case.route).inside(path) is not None:
        yield Question.INSIDE, replace(request, path=path)


def _cookies(answer: HttpResult) -> str | None:
    """The Cookie header of a client that keeps what the answer sets: a secret."""
    pairs: dict[str, str] = {}
    for text in answer.cookies:
        cookie, pair = parse(text), text.partition(";")[0].strip()
        if cookie is not None and not cookie.deleted and _PAIR.fullmatch(pair):
            pairs[cookie.name] = pair
    made = "; ".join(pairs.values())
    return made if 0 < len(made) < _COOKIE_BYTES else None

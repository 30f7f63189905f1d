"""The lines that repair a redirect, each measured before it is offered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from wizard.answer import reverse_line
from wizard.answer.mount import Mount, mount
from wizard.answer.redirects import RedirectFault, fault
from wizard.answer.site import has_plain_host
from wizard.answer.supposed import FORWARDED_PROTO, with_edit, with_other_host, with_reverse
from wizard.answer.urls import bare_host, front_scheme, is_url, path_of
from wizard.answer.written import about_route, in_section, quoted
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case
from wizard.model.further import Further, Question
from wizard.model.host_names import bracketed
from wizard.model.probe import HttpResult
from wizard.record import record

Works = Callable[[Case], bool]
"""Whether httpd passes on what a case's probe shows: asked where another name is sent."""
_ORDER = (Question.SCHEME, Question.HOST, Question.HOST_AND_SCHEME)
"""The smallest change first."""
_REFUSED = 400


@record
class Repaired:
    """What repairs a redirect.

    Args:
        cures: the lines, all together; empty: none is known to.
        proof: the further request that shows it; None: it follows from what is known.
    """

    cures: tuple[Cure, ...] = ()
    proof: Further | None = None


NOTHING = Repaired()


def repaired(case: Case, found: RedirectFault, answer: HttpResult, works: Works) -> Repaired:
    """The smallest set of lines that leads a client on.

    Args:
        case: with the further answers.
        found: what is wrong.
        answer: the first.
        works: see ``Works``.
    """
    if found.kind == "leak":
        line = reverse_line.cure(case, found, answer)
        return Repaired((line,)) if line is not None else told(case, works)
    if found.kind == "leaves-mount":
        return _into_mount(case, found, answer)
    made = told(case, works)
    if not made.cures and found.kind == "downgrade" and not has_plain_host(case):
        return _of_plain_name(case, found, answer)
    return made


def ended(case: Case, answer: HttpResult) -> bool:
    """Whether a redirect to itself ends for a client that keeps cookies."""
    seen = next((one for one in case.further if one.question is Question.COOKIES), None)
    http = seen.report.http if seen is not None else None
    if http is None or http.status is None:
        return False
    return (http.status, http.location) != (answer.status, answer.location)


def told(case: Case, works: Works) -> Repaired:
    """What the backend has to be told, as its further answers show.

    Args:
        case: with the further answers.
        works: see ``Works``.
    """
    for question in _ORDER:
        for one in case.further:
            if one.question is question and _is_good(case, one, works):
                return Repaired(tuple(_telling(case, question)), one)
    return NOTHING


def _is_good(case: Case, further: Further, works: Works) -> bool:
    """Whether a further answer leads a client on."""
    answer = further.report.http
    if answer is None or answer.status is None or answer.status >= _REFUSED:
        return False
    other = case
    if further.question is not Question.SCHEME:
        other = replace(case, route=with_other_host(case.route))
    other = replace(other, probe=further.report, further=())
    return fault(other, answer) is None and works(other)


def _telling(case: Case, question: Question) -> Iterator[Cure]:
    if question in (Question.HOST, Question.HOST_AND_SCHEME):
        yield other_host(case)
    if question in (Question.SCHEME, Question.HOST_AND_SCHEME):
        scheme = front_scheme(case.route.vhost)
        line = f"RequestHeader set {FORWARDED_PROTO} {scheme}"
        reason = f"the application learns that clients speak {scheme}"
        wrong = [
            one.source
            for one in case.route.request_headers
            if one.name.lower() == FORWARDED_PROTO.lower()
        ]
        yield Cure("instead" if wrong else "after-route", line, reason, *wrong[-1:])


def other_host(case: Case) -> Cure:
    """ProxyPreserveHost the other way."""
    setting = case.route.preserve_host
    if not setting.value:
        return about_route(
            case, "ProxyPreserveHost On", "the application learns the name that clients ask for"
        )
    reason = "the backend answers to its own name only"
    others = (one for one in case.site.routes if one.preserve_host.source == setting.source)
    alone = all(one.path == case.route.path for one in others)
    if setting.source is not None and alone:
        return Cure("instead", "ProxyPreserveHost Off", reason, setting.source)
    return about_route(case, "ProxyPreserveHost Off", reason)


def _of_plain_name(case: Case, found: RedirectFault, answer: HttpResult) -> Repaired:
    """The application writes http whatever it is told."""
    name = bracketed(bare_host(case.route.client_host))
    place = mount(case.route)
    url = f"http://{name}{place.public}"
    if not found.sent.lower().startswith(url.lower()):
        return NOTHING
    if fault(with_reverse(case, place.public, url), answer) is not None:
        return NOTHING
    line = f"ProxyPassReverse {quoted(url)}"
    if not in_section(case.route):
        line = f"ProxyPassReverse {quoted(place.public)} {quoted(url)}"
    return Repaired((Cure("after-route", line, "redirects stay with https"),))


def _into_mount(case: Case, found: RedirectFault, answer: HttpResult) -> Repaired:
    misplaced = reverse_line.misplaced(case, found, answer)
    if misplaced is not None:
        return Repaired((misplaced.cure,))
    seen = next((one for one in case.further if one.question is Question.INSIDE), None)
    http = seen.report.http if seen is not None else None
    if seen is None or http is None or http.status is None or http.status >= _REFUSED:
        return NOTHING
    location = found.arriving.location or ""
    place = mount(case.route)
    head = ""
    if is_url(location):
        name = re.escape(bracketed(bare_host(case.route.client_host)))
        head = rf"https?://{name}(:\d+)?"
    expression, replacement = _edit(place, head)
    mended = with_edit(case, expression, replacement)
    if fault(mended, answer) is not None or not path_of(location).startswith(place.base):
        return NOTHING
    line = f"Header edit Location {_in_quotes(expression)} {_in_quotes(replacement)}"
    cure = about_route(case, line, "redirects of the application stay below its path")
    return Repaired((cure,), seen)


def _edit(place: Mount, head: str) -> tuple[str, str]:
    """Expression and replacement: the scheme and the name are left out, as httpd takes a path."""
    if place.base == "/":
        own = re.escape(place.public.lstrip("/"))
        return f"^{head}/(?!{own})" if head else f"^/(?!/|{own})", place.public
    return f"^{head}{re.escape(place.base)}", place.public


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'

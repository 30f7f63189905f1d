"""The backend's answer, or its absence."""

from __future__ import annotations

from wizard.model.diagnosis import LogLine, Verdict
from wizard.model.probe import AnswerFault, HttpResult
from wizard.reference.http_statuses import WORDED
from wizard.reference.openssl import ALERTS_ABOUT_CERTIFICATE
from wizard.verdict.exchange import Exchange

_WORDS = {
    "timeout": "does not answer",
    "closed": "closes the connection instead of answering",
    "reset": "resets the connection instead of answering",
    "stream": "refuses the request, or its answer is none of HTTP/2",
    "not-http": "answers with something that is not HTTP",
}
_HTTP2_WORDS = {
    "stream": "gives no answer that httpd can pass on",
    "not-http": "does not keep to HTTP/2, and httpd gives up the connection",
}
_CUT = {
    "closed": "closes the connection in the head of its answer",
    "reset": "resets the connection in the head of its answer",
    "not-http": "sends a head that is broken",
}
_HEAD_REFUSED = frozenset({405, 501})
_REFUSED = frozenset({400, 421})
"""The backend does not take the request as httpd sends it: Host, SNI, or http:// to a TLS port."""
_CERTIFICATE_REQUIRED = 116


def decide(exchange: Exchange) -> Verdict:
    """What the client gets in the end."""
    probe = exchange.probe
    result = probe.http if probe is not None else None
    if result is None:
        if probe is not None and not probe.request.http and not probe.error:
            return _not_asked(exchange)
        why = probe.error if probe is not None and probe.error else "no request was sent to it."
        return Verdict("unknown", reason=f"The backend's answer is not known: {why}")
    failure = failure_of(exchange, result)
    if failure is None:
        return _answered(exchange, result)
    line, end, _ = result.first.partition("\n")
    if result.first and exchange.tunnelled:
        reason = f"{_place(exchange)} does not speak HTTP; httpd passes on its bytes."
        return Verdict("ok", log=_established(exchange), reason=reason)
    if result.fault is not None:
        return _invalid(exchange, result, result.fault)
    if end and failure != "other":
        return _half_answered(exchange, result, line.rstrip("\r"), failure)
    if failure in ("too-much", "other"):
        return Verdict(
            "unknown", reason=f"The backend's answer could not be read: {result.error or failure}."
        )
    return _no_answer(exchange, result, failure)


def failure_of(exchange: Exchange, result: HttpResult) -> str | None:
    """Why there is no answer; None: there is one, which httpd waits for."""
    late = result.failure is None and result.longest_wait > exchange.patience
    return "timeout" if late else result.failure


def _not_asked(exchange: Exchange) -> Verdict:
    """The verdict for a protocol in which the probe sends no request."""
    scheme = exchange.backend.scheme
    if exchange.backend.uses_tls:
        log, reason = (
            _established(exchange),
            f"The TLS handshake succeeds; no request was sent over {scheme}.",
        )
        return Verdict("ok", log=log, reason=reason)
    return Verdict("unknown", reason=f"The backend was reached; the probe does not speak {scheme}.")


def _established(exchange: Exchange) -> tuple[LogLine, ...]:
    if not exchange.backend.uses_tls:
        return ()
    return exchange.established, *exchange.client_certificate_missing


def _answered(exchange: Exchange, result: HttpResult) -> Verdict:
    status, log = result.status, _established(exchange)
    if status is None:
        return Verdict("unknown", log=log, reason="The backend's answer has no status.")
    if result.method == "HEAD" and status in _HEAD_REFUSED:
        return Verdict(
            "ok",
            log=log,
            reason=f"The backend answers; it refuses HEAD ({status}), the probe's method.",
        )
    log += _passed_over(exchange, result)
    if exchange.http2 and status not in WORDED:
        reason = f"{_answering(exchange)} answers {status}, a status that httpd does not know."
        return exchange.fail("http", 500 if status else 503, reason, *log)
    if status >= 500 or status in _REFUSED:
        return exchange.fail(
            "http",
            status,
            f"{_answering(exchange)} answers {status}{_unlike(result)}; httpd passes it on.",
            *log,
        )
    reason = f"{_answering(exchange)} answers {status}{_unlike(result)}."
    return Verdict("ok", None, status, log, reason=reason)


def _unlike(result: HttpResult) -> str:
    """The method asked with, where the answer to GET can be another: its body was not seen."""
    if result.framing == "unknown":
        return " to GET (of HEAD httpd makes 500: it does not know this Transfer-Encoding)"
    return " to HEAD" if result.method == "HEAD" and result.framing != "plain" else ""


def _passed_over(exchange: Exchange, result: HttpResult) -> tuple[LogLine, ...]:
    path = exchange.route.request_path
    return tuple(exchange.line(code, path=path) for code in result.codes)


def _answering(exchange: Exchange) -> str:
    if exchange.forward_proxy_answers:
        return "The forward proxy, or the backend behind it,"
    return "The backend"


def _half_answered(exchange: Exchange, result: HttpResult, line: str, failure: str) -> Verdict:
    """The verdict where a first line came, but no HTTP/1.1 answer.

    Source: httpd 2.4, modules/proxy/mod_proxy_http.c, ap_proxy_http_process_response.
    """
    log = [*_established(exchange), *_passed_over(exchange, result)]
    place = _place(exchange)
    if not _is_status_line(line):
        reason = f"{place} does not speak HTTP; httpd passes on its bytes, as HTTP/0.9."
        return Verdict("ok", None, 200, tuple(log), reason=reason)
    path = exchange.route.request_path
    if failure != "not-http":
        if exchange.backend.uses_tls:
            log += _read_error(exchange, result, failure)
        if not exchange.holds("broken-head-unlogged"):
            log.append(exchange.line("AH10404"))
    log.append(exchange.line("AH01106", path=path))
    reason = f"{place} {_CUT.get(failure, 'breaks off in the head of its answer')}."
    if failure == "timeout":
        reason = f"{place} does not send the rest of its answer's head; {exchange.given_up}."
    return _in_vain(exchange, reason, *log)


_FAULTS = {
    "no-status-line": "begins with no readable status line",
    "status-line": "has a status line that is not HTTP/1, or is too long",
    "no-colon": "has a header line without a colon",
    "nul": "has a NUL byte in a header line",
    "line-too-long": "has a header line that is longer than httpd reads (responsefieldsize=)",
    "upgrade": "switches to a protocol that was not asked for (101)",
    "interim": "is preceded by ten or more interim answers (1xx)",
    "empty-name": "has a header line without a name",
    "name": "has a header name with a blank or another character that is not allowed there",
    "value": "has a control character in the value of a header",
    "content-length": "has a Content-Length that is not one number",
    "chunk": "is sent in chunks (Transfer-Encoding), and the first of them does not begin as one",
    "status-word": "has a status that httpd does not know, and a bad reason phrase behind it",
}
_CHECKED = {"empty-name": "AH02428", "name": "AH02429", "value": "AH02430"}
"""Found when the answer is passed on: 500 (http_filters.c, check_header)."""
_BODY = frozenset({"content-length", "chunk"})
"""Found when the body is read, which an answer to HEAD does not have."""
_CORRUPT = {
    "status-line": "Corrupt status line returned by remote server",
    "upgrade": "Unexpected Upgrade",
    "interim": "Too many (10) interim responses from origin server",
}
_UNREAD = {"no-colon": None, "nul": "AH10404", "line-too-long": "AH10124"}
"""What mod_proxy_http logs before AH01106."""


def _invalid(exchange: Exchange, result: HttpResult, fault: AnswerFault) -> Verdict:
    """The verdict on an answer that httpd does not pass on."""
    kind, path, log = fault.kind, exchange.route.request_path, list(_established(exchange))
    log += _passed_over(exchange, result)
    whose = _place(exchange).replace("The ", "the ", 1)
    reason = f"The answer of {whose} {_FAULTS[kind]}; httpd does not pass it on."
    if kind in _CHECKED:
        name, _, value = fault.line.partition(": ")
        log.append(exchange.line(_CHECKED[kind], name=name, value=value))
        return exchange.fail("http", 500, reason, *log)
    if kind == "status-word":
        return exchange.fail("http", 500, reason, *log)
    if kind in _BODY:
        log.append(exchange.line("AH01110"))
        return exchange.fail("http", 502, f"{reason} So it is with GET; HEAD has no body.", *log)
    if kind in _CORRUPT:
        log.append(exchange.line("AH00898", message=_CORRUPT[kind], path=path))
    elif kind in _UNREAD:
        before = _UNREAD[kind]
        if before == "AH10124" or (before and not exchange.holds("broken-head-unlogged")):
            log.append(exchange.line(before, size=exchange.route.answers.line_size))
        log.append(exchange.line("AH01106", path=path))
    else:
        log += exchange.nothing_read
    return _in_vain(exchange, reason, *log)


def _is_status_line(line: str) -> bool:
    """Whether httpd reads a line as a status line: ``HTTP/#.# ###``."""
    return (
        line.startswith("HTTP/")
        and line[6:7] == "."
        and line[8:9] == " "
        and all(char in "0123456789" for char in line[5:6] + line[7:8] + line[9:12])
        and len(line) >= len("HTTP/1.1 200")
    )


def _no_answer(exchange: Exchange, result: HttpResult, failure: str) -> Verdict:
    backend, reason = exchange.backend, _reason(exchange, result, failure)
    established = _established(exchange)
    error = _read_error(exchange, result, failure) if backend.uses_tls else []
    after = _after_error(exchange) if any(line.code == "AH01992" for line in error) else ()
    if failure == "stream":  # not tried again, nor logged above debug
        return exchange.fail("http", 502, reason, *established)
    if exchange.http2:  # it tries twice, and mod_proxy_http2 itself logs nothing above debug
        attempt = (*established, *error, *after)
        return exchange.fail("http", 503, reason, *attempt * exchange.tries)
    if exchange.tunnelled:  # it passes on the backend's answer: nothing
        return exchange.fail("http", None, reason, *established, *error)
    return _in_vain(
        exchange,
        reason,
        *established,
        *_passed_over(exchange, result),
        *error,
        *exchange.nothing_read,
        *(after if not exchange.route.worker.keeps_connections else ()),
    )


def _in_vain(exchange: Exchange, reason: str, *log: LogLine) -> Verdict:
    """502; with a forward proxy after a second attempt (mod_proxy.c, proxy_handler).

    The second attempt should go straight to the backend; but a worker that keeps its connections
    keeps the forward proxy's address too, and asks that again.
    """
    if not exchange.through_forward_proxy:
        return exchange.fail("http", 502, reason, *log)
    if exchange.route.worker.keeps_connections:
        return exchange.fail("http", 502, reason, *log, *log)
    return Verdict(
        "unknown",
        log=log,
        reason=f"{reason} httpd then asks the backend directly, which was not tried here.",
    )


def _after_error(exchange: Exchange) -> tuple[LogLine, ...]:
    """The log of closing a connection with a TLS error: mod_ssl tries again to flush it."""
    return (
        exchange.line("AH02003"),
        exchange.line("AH01998", server=exchange.server),
        exchange.line("AH01997"),
    )


def _read_error(exchange: Exchange, result: HttpResult, failure: str) -> list[LogLine]:
    """mod_ssl's own lines, where the connection did not end as TLS requires."""
    if failure == "reset":
        return [exchange.line("AH01991")]
    if failure == "alert":
        return [exchange.line("AH01992"), *exchange.library("alert", result.alert)]
    if failure == "closed" and not result.close_notify:
        return [exchange.line("AH01992"), *exchange.library("closed")]
    return []


def _reason(exchange: Exchange, result: HttpResult, failure: str) -> str:
    place = _place(exchange)
    if failure == "alert":
        why = ": it wants a client certificate" if result.alert in ALERTS_ABOUT_CERTIFICATE else ""
        sent = exchange.case.trust.client_certificate.state == "ok"
        if why and sent and result.alert != _CERTIFICATE_REQUIRED:
            why = ": it refuses httpd's client certificate"
        return f"{place} ends the connection with TLS alert {result.alert}{why}."
    if failure == "timeout":
        return f"{place} does not answer; {exchange.given_up}."
    words = _WORDS.get(failure, "does not answer")
    if exchange.http2 and failure in ("stream", "not-http"):
        return f"{place} {_HTTP2_WORDS[failure]}: {result.error}."
    return f"{place} {words}."


def _place(exchange: Exchange) -> str:
    """Host and port that answer, or do not."""
    if exchange.forward_proxy_answers:
        host, port = exchange.peer
        return f"The forward proxy {host}:{port}"
    return f"{exchange.backend.host}:{exchange.backend.port}"

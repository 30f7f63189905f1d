"""What the configuration says about reading a backend's answer."""

from __future__ import annotations

from typing import Literal, cast, get_args

from wizard.record import record

BadHeader = Literal["iserror", "ignore", "startbody"]
_ERRORS = frozenset(range(400, 600))
"""One for all: of its own each of thousands of routes would need 14 KB more."""
HUGE_STRING_LEN = 8192
"""Bytes of httpd's buffer for a line, its end included, where nothing else is set."""


@record
class AnswerRules:
    """How httpd reads the answer to a route's request.

    Args:
        bad_header: what a header line without a colon is (ProxyBadHeader).
        replaced: statuses whose answer is dropped for a page of httpd's own (ProxyErrorOverride;
            mod_proxy, ap_proxy_should_override).
        line_size: bytes of its buffer for a line (``responsefieldsize=``).
    """

    bad_header: BadHeader = "iserror"
    replaced: frozenset[int] = frozenset()
    line_size: int = HUGE_STRING_LEN


def bad_header(word: str) -> BadHeader:
    """The argument of ProxyBadHeader; httpd refuses another one."""
    lower = word.lower()
    return cast("BadHeader", lower) if lower in get_args(BadHeader) else "iserror"


def replaced(codes: frozenset[int]) -> frozenset[int]:
    """The statuses that ProxyErrorOverride drops: those that it names, or else all errors."""
    return codes or _ERRORS

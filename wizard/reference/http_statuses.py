"""Statuses of HTTP: those that httpd has words for, and those of answers without a body."""

from typing import Final

#: httpd 2.4.71, modules/http/http_protocol.c, status_lines. For another status it says 500 where
#: the backend's answer gives no words of its own.
WORDED: Final = frozenset(
    {*range(100, 104), *range(200, 209), 226, *range(300, 306), 307, 308}
    | {*range(400, 418), *range(421, 425), 426, 428, 429, 431, 451}
    | {*range(500, 509), 510, 511}
)

#: RFC 9110, 15.3.5 and 15.4.5.
WITHOUT_BODY: Final = frozenset({204, 304})

"""The fields of an answer in HTTP/2 that nghttp2 accepts, and what it does about others.

Source: nghttp2, lib/nghttp2_http.c.
"""

from __future__ import annotations

import re

_LONGEST = (1 << 63) - 1
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_VALUE = re.compile(rb"(?![\t ])[^\x00-\x08\x0a-\x1f\x7f]*(?<![\t ])")
_LENGTH = re.compile(rb"[0-9]{1,4300}")
_FORBIDDEN = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Fields of HTTP/1 connections (RFC 9113, 8.2.2)."""
Field = tuple[bytes, bytes]


class Http2Error(Exception):
    """The backend does not answer in HTTP/2; the text says what it does instead."""


class ClosedError(Http2Error):
    """The backend hung up."""


class StreamError(Http2Error):
    """The backend, or nghttp2, ends the request's stream, and not the connection."""


class EndError(StreamError):
    """Found at the end of the stream: nothing may follow on it."""


def head(fields: list[Field]) -> tuple[int, int | None]:
    """``:status`` and content-length of a header block.

    Args:
        fields: of the head.

    Raises:
        StreamError: nghttp2 does not accept it.
    """
    _check(fields)
    pseudo = [value for name, value in fields if name.startswith(b":")]
    if not pseudo:
        raise EndError("the answer has no :status")
    if fields[0][0] != b":status" or len(pseudo) > 1:
        raise StreamError("the answer does not begin with :status, alone of its kind")
    if len(pseudo[0]) != 3 or not pseudo[0].isdigit() or pseudo[0] == b"101":
        raise StreamError("the answer's :status is none")
    code, length = int(pseudo[0]), _length(fields, None)
    if length is not None and (
        100 <= code < 200 or (code == 204 and (b"content-length", b"0") not in fields)
    ):
        raise StreamError("content-length stands in an answer that has no body")
    return code, length


def trailers(fields: list[Field], length: int | None, *, ended: bool, to_head: bool) -> int | None:
    """The content-length that counts with the trailers.

    Args:
        fields: of the trailers.
        length: the content-length of the head.
        ended: whether the stream ends with them.
        to_head: whether HEAD was asked.

    Raises:
        StreamError: nghttp2 does not accept them.
    """
    _check(fields)
    if not ended or any(name.startswith(b":") for name, _ in fields):
        raise StreamError("the trailers do not end the answer, or have a pseudo-header field")
    found = _length(fields, length)
    if to_head and found != length:
        raise StreamError("trailers of an answer to HEAD have a content-length")
    return found


def _length(fields: list[Field], before: int | None) -> int | None:
    values = [value for name, value in fields if name == b"content-length"]
    if not values:
        return before
    if len(values) > 1 or before is not None or not _LENGTH.fullmatch(values[0]):
        raise StreamError("the field content-length is not one number")
    if int(values[0]) > _LONGEST:
        raise StreamError("content-length is greater than a number can be")
    return int(values[0])


def _check(fields: list[Field]) -> None:
    """Raises StreamError for a name or value that nghttp2 refuses."""
    for name, value in fields:
        if not _NAME.fullmatch(name.removeprefix(b":")) or not _VALUE.fullmatch(value):
            raise StreamError(f"the field {name[:40]!r} is none of HTTP/2")
        if name in _FORBIDDEN or (name == b"te" and value.lower() != b"trailers"):
            raise StreamError(f"HTTP/2 forbids the field {name.decode()}")

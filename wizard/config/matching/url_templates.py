"""URLs with ``$1`` in them, and imagined requests that fill them."""

from __future__ import annotations

import re
from itertools import islice

from wizard.config.matching.patterns import compile_regex, literal_prefix
from wizard.config.matching.sample_paths import sample

_GROUP = re.compile(r"\$([0-9])")
_NUMBERED = re.compile(r"[$%][0-9]")
_BRACED = re.compile(r"[$%]\{[^}]*\}")
_SERVER_VARIABLE = re.compile(r"[$%]\{[^}]*\}|%[0-9]")
_NUMBERED_VARIABLE = re.compile("%[0-9]")
_ONE_GROUP = re.compile(r"\$([0-9])\Z")
_REST = re.compile(r"(/\??)\(\.\*([^()]*)\)")
"""A group that takes whatever follows a slash."""
_OPENING = re.compile(r"(?<!\\)\((?!\?(?!P?<[A-Za-z]))")

# Ends of an anchored pattern after its literal text, each with the shortest match and its groups.
_SIMPLE_TAILS = {
    "": ("", ()),
    "$": ("", ()),
    ".*": ("", ()),
    ".*$": ("", ()),
    "(.*)": ("", ("",)),
    "(.*)$": ("", ("",)),
    "(/.*)": ("/", ("/",)),
    "(/.*)$": ("/", ("/",)),
    "(/.*)?": ("", ("",)),
    "(/.*)?$": ("", ("",)),
    "(.+)": ("x", ("x",)),
    "(.+)$": ("x", ("x",)),
}


def imagine(pattern: str, ignore_case: bool = False) -> tuple[str, tuple[str, ...]] | None:
    """A request path that a pattern matches, and what its groups ($0, $1 …) hold then.

    Args:
        pattern: regular expression of a path.
        ignore_case: whether letters match in either case.

    Returns:
        The path and the groups; None if none was found.
    """
    if pattern.startswith("^/"):
        literal = literal_prefix(pattern)
        tail = _SIMPLE_TAILS.get(pattern[1 + len(literal) :])
        if tail is not None:
            text, groups = tail
            path = literal + text
            return path, (path, *groups)
    path = sample(pattern, ignore_case) or ""
    regex = compile_regex(pattern, ignore_case)
    if not path or regex is None or (match := regex.search(path)) is None:
        return None
    return path, groups_of(match)


def imagine_filled(
    pattern: str, url: str, ignore_case: bool = False
) -> tuple[str, tuple[str, ...]] | None:
    """As ``imagine``; where a group that stands behind a slash runs into the URL's host or port,
    it holds a text, so that the missing slash shows.

    Args:
        pattern: regular expression of a path.
        url: that the groups are put into.
        ignore_case: whether letters match in either case.
    """
    if _ONE_GROUP.search(authority_of(url)) is None:
        return imagine(pattern, ignore_case)
    found = imagine(_REST.sub(r"\1(foo\2)", pattern), ignore_case)
    regex = compile_regex(pattern, ignore_case)
    match = regex.search(found[0]) if found is not None and regex is not None else None
    if match is None:
        return imagine(pattern, ignore_case)
    return match.string, groups_of(match)


def groups_of(match: re.Match[str]) -> tuple[str, ...]:
    """What ``$0``, ``$1`` … hold after a match; a group that took no part holds nothing."""
    return match[0], *(group or "" for group in match.groups())


def substitute(text: str, groups: tuple[str, ...]) -> str:
    """``$0`` to ``$9`` replaced by what the groups hold."""
    if "$" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        number = int(match[1])
        return groups[number] if number < len(groups) else ""

    return _GROUP.sub(replace, text)


def has_group(text: str) -> bool:
    """Whether ``$0`` to ``$9`` stands in a text."""
    return "$" in text and _GROUP.search(text) is not None


def authority_of(url: str) -> str:
    """Host and port of a URL as written, placeholders included."""
    return url.partition("://")[2].partition("/")[0]


def static_url(url: str, pattern: str) -> str | None:
    """A URL without the placeholders that cannot change which backend it names.

    ``http://h$1`` names ``h`` if the group's text always begins with a slash (or is empty);
    only a slash can follow a port, so ``http://h:80$1`` always names ``h:80``.

    Args:
        url: with ``$1``, ``%{NAME}`` or ``${map:key}`` in it.
        pattern: the regular expression that fills the groups.

    Returns:
        The URL, placeholders of its path left out; None if the request decides which backend it is.
    """
    authority = authority_of(url)
    begin = _first_placeholder(authority)
    if begin is None:
        return url
    head, _, tail = url.partition(authority)
    base, placeholder = authority[:begin], authority[begin:]
    if placeholder == "%{REQUEST_URI}":
        return head + base + tail if base else None
    group = _ONE_GROUP.match(placeholder)
    if not base or group is None:
        return None
    number = int(group[1])
    if re.search(r":[0-9]+\Z", base) or _begins_with_slash(pattern, number):
        return head + base + tail
    return None if tail or not _takes_the_rest(pattern, number) else head + base


def _takes_the_rest(pattern: str, number: int) -> bool:
    """Whether a group is ``(.*)`` behind a slash: no part of a host's name is meant by it."""
    begin = next(islice(_OPENING.finditer(pattern), number - 1, None), None) if number else None
    return begin is not None and any(
        rest.end(1) == begin.start() and not rest[2] for rest in _REST.finditer(pattern)
    )


def _first_placeholder(text: str) -> int | None:
    """Where the first placeholder begins."""
    # up to the last brace: else each of many unclosed ones is searched to the end
    found = (_NUMBERED.search(text), _BRACED.search(text, 0, text.rfind("}") + 1))
    return min((match.start() for match in found if match), default=None)


def without_variables(text: str) -> str:
    """A text without what only a request gives: ``%{NAME}``, ``${map:key}``, ``%1``."""
    end = text.rfind("}") + 1  # as above
    return _SERVER_VARIABLE.sub("", text[:end]) + _NUMBERED_VARIABLE.sub("", text[end:])


def begins_with_variable(text: str) -> bool:
    """Whether a text begins with what only a request gives."""
    return _SERVER_VARIABLE.match(text) is not None


def _begins_with_slash(pattern: str, number: int) -> bool:
    """Whether a group holds nothing, or a text that begins with a slash."""
    if number == 0:
        return pattern.startswith("^")
    if number == 1 and pattern.startswith(("^(", "(.*")):
        return True  # a path begins with a slash
    openings = [found.end() for found in _OPENING.finditer(pattern)]
    return number <= len(openings) and pattern[openings[number - 1] :].startswith(("/", "\\/"))

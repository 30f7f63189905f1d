"""Which files an Include reads, in which order.

Source: httpd 2.4, server/config.c (ap_process_fnmatch_configs), APR's apr_fnmatch; each rule was
run on httpd 2.4.71.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from wizard.config.paths import entries, is_directory, missing
from wizard.errors import ConfigError

MAX_DIRECTORY_DEPTH = 20
"""Directories within directories that one Include follows (AP_MAX_INCLUDE_DIR_DEPTH)."""


def is_glob(path: str) -> bool:
    """Whether APR takes the text for a pattern: ``*``, ``?``, or ``[`` with a later ``]``."""
    nesting = False
    position = 0
    while position < len(path):
        char = path[position]
        if char in "*?" or (char == "]" and nesting):
            return True
        if char == "\\":
            position += 1
        elif char == "[":
            nesting = True
        position += 1
    return False


def matches(pattern: str, name: str) -> bool:
    """Whether a file name fits a pattern (apr_fnmatch with APR_FNM_PERIOD).

    Args:
        pattern: one path component with ``*``, ``?``, ``[a-z]``, ``[!a]`` or ``\\x``.
        name: a name; a leading dot must be given explicitly.

    Returns:
        Whether all of the name fits, byte by byte, case-sensitive.
    """
    if name.startswith(".") and not pattern.startswith((".", "\\.")):
        return False
    items = _compile(os.fsencode(pattern))
    text = os.fsencode(name)
    at = 0
    item = 0
    star = -1
    star_at = 0
    while at < len(text):
        if item < len(items) and items[item] is None:
            star, star_at = item, at
            item += 1
        elif item < len(items) and text[at] in (items[item] or ()):
            item += 1
            at += 1
        elif star >= 0:
            star_at += 1
            at, item = star_at, star + 1
        else:
            return False
    return all(rest is None for rest in items[item:])


def _compile(pattern: bytes) -> list[frozenset[int] | None]:
    """Each item the set of bytes that fit; None for ``*``."""
    items: list[frozenset[int] | None] = []
    every = frozenset(range(256))
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == ord("*"):
            if not items or items[-1] is not None:
                items.append(None)
        elif char == ord("?"):
            items.append(every)
        elif char == ord("[") and (found := _bracket(pattern, position)) is not None:
            chosen, position = found
            items.append(chosen)
        else:
            if char == ord("\\") and position < len(pattern):
                char = pattern[position]
                position += 1
            items.append(frozenset((char,)))
    return items


def _bracket(pattern: bytes, position: int) -> tuple[frozenset[int], int] | None:
    """The set between ``[`` and ``]`` and the position after it; None: no ``]``."""
    negated = pattern[position : position + 1] in (b"!", b"^")
    position += negated
    chosen: set[int] = set()
    first = True
    while position < len(pattern):
        char = pattern[position]
        if char == ord("]") and not first:
            return (frozenset(range(256)) - chosen if negated else frozenset(chosen)), position + 1
        first = False
        if char == ord("\\") and position + 1 < len(pattern):
            position += 1
            char = pattern[position]
        position += 1
        last = char
        if pattern[position : position + 1] == b"-" and pattern[
            position + 1 : position + 2
        ] not in (
            b"]",
            b"",
        ):
            position += 1
            if pattern[position] == ord("\\") and position + 1 < len(pattern):
                position += 1
            last = pattern[position]
            position += 1
        chosen.update(range(char, last + 1))
    return None


def included(path: str, *, optional: bool) -> Iterator[str]:
    """The files that an Include of a path reads, in order, found as they are asked for.

    Args:
        path: absolute, a file, a directory or a pattern.
        optional: IncludeOptional.

    Yields:
        Paths as httpd names them. A file that IncludeOptional does not find is left out.

    Raises:
        ConfigError: what httpd refuses; without file and line, which the caller adds.
    """
    if not is_glob(path):
        yield from _plain(path, optional, 0)
    else:
        yield from _pattern("/", path.lstrip("/"), optional)


def _plain(path: str, optional: bool, depth: int) -> Iterator[str]:
    if not is_directory(path):
        if not (optional and missing(path)):
            yield path
        return
    depth += 1
    if depth > MAX_DIRECTORY_DEPTH:
        raise ConfigError(
            f"Directory {path} exceeds the maximum include directory nesting level of "
            f"{MAX_DIRECTORY_DEPTH}. You have probably a recursion somewhere."
        )
    for entry in _listed(path, "config "):
        yield from _plain(_full(path, entry), optional, depth)


def _pattern(path: str, rest: str, optional: bool) -> Iterator[str]:
    name, slash, rest = rest.partition("/")
    if not is_glob(name):
        full = _full(path, name)
        if slash:
            yield from _pattern(full, rest, optional)
        else:
            yield from _plain(full, optional, 0)
        return
    if optional and missing(path):
        return
    found = [entry for entry in _listed(path) if matches(name, entry)]
    if slash:
        found = [entry for entry in found if is_directory(_full(path, entry))]
    if not found and not optional:
        raise ConfigError(
            f"Include/IncludeOptional: No matches for the wildcard '{name}' in '{path}', failing",
            hint="Use IncludeOptional if there may be none.",
        )
    for entry in found:
        if slash:
            yield from _pattern(_full(path, entry), rest, optional)
        else:
            yield from _plain(_full(path, entry), optional, 0)


def _full(path: str, name: str) -> str:
    return path + name if path.endswith("/") else f"{path}/{name}"


def _listed(path: str, adjective: str = "") -> list[str]:
    try:
        return entries(path)
    except OSError as error:
        prefix = "" if adjective else "Include/IncludeOptional: "
        raise ConfigError(
            f"{prefix}Could not open {adjective}directory {path}: {error.strerror}",
            hint="Check that it exists and that you may read it.",
        ) from None

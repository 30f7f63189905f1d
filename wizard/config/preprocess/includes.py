"""Which files an Include reads, in which order.

Source: httpd 2.4, server/config.c (ap_process_fnmatch_configs), APR's apr_fnmatch; each rule was
run on httpd 2.4.71.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from wizard.config.installation.filesystem import entries, exists, is_directory, missing
from wizard.config.matching.patterns import is_glob
from wizard.errors import ConfigError
from wizard.reference.config_releases import knows
from wizard.reference.release import NEWEST, Release

MAX_DIRECTORY_DEPTH = 128
"""Directories within directories that one Include follows (AP_MAX_INCLUDE_DIR_DEPTH)."""

Found = tuple[str, bool]
"""A file's path, and whether it may be a symbolic link."""


def _suffix(pattern: str) -> str | None:
    """What comes after the star of ``*.conf``, the pattern of nearly every Include."""
    rest = pattern[1:]
    return rest if pattern[0] == "*" and not any(char in rest for char in "*?[\\") else None


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that fit a pattern, in their order (`matches`)."""
    suffix = _suffix(pattern)
    if suffix is not None:
        return [name for name in names if name.endswith(suffix) and name[0] != "."]
    return [name for name in names if matches(pattern, name)]


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


def reads(pattern: str, names: Iterable[str]) -> bool:
    """Whether an Include that looks into a directory reads something below it.

    Args:
        pattern: for the names there, and behind slashes for those below; ``""``: all are read.
        names: the way to it from that directory. A directory counts as read as soon as something in
            it might be.
    """
    parts = filter(None, pattern.split("/"))
    return all(matches(part, name) for part, name in zip(parts, names, strict=False))


@lru_cache(maxsize=64)
def _compile(pattern: bytes) -> list[frozenset[int] | None]:
    """Each item the set of bytes that fit; None for ``*``."""
    items: list[frozenset[int] | None] = []
    every = frozenset(range(256))
    position = 0
    closes = True  # where one bracket does not close, none behind it does
    while position < len(pattern):
        char = pattern[position]
        position += 1
        found = _bracket(pattern, position) if closes and char == ord("[") else None
        if char == ord("*"):
            if not items or items[-1] is not None:
                items.append(None)
        elif char == ord("?"):
            items.append(every)
        elif found is not None:
            chosen, position = found
            items.append(chosen)
        else:
            closes = closes and char != ord("[")
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


class Included:
    """The files that Includes read.

    Args:
        listed: called with each directory that is read, the pattern for what is read there
            (see ``reads``) and the number of its entries; may raise.
        release: of httpd.
    """

    def __init__(self, listed: Callable[[str, str, int], None], release: Release = NEWEST) -> None:
        self._listed = listed
        self._lenient = knows("check", "IncludeOptional-of-nothing", release)
        self._names_itself = knows("check", "Include-names-itself", release)

    def files(self, path: str, *, optional: bool) -> Iterator[Found]:
        """The files that an Include of a path reads, in order, found as they are asked for.

        Args:
            path: absolute, a file, a directory or a pattern.
            optional: IncludeOptional.

        Yields:
            Files as httpd names them. One that IncludeOptional does not find is left out.

        Raises:
            ConfigError: what httpd refuses; without file and line, which the caller adds.
        """
        if is_glob(path):
            return self._pattern("/", path.lstrip("/"), optional)
        return self._plain(path, optional, 0)

    def _plain(self, path: str, optional: bool, depth: int) -> Iterator[Found]:
        if not is_directory(path):
            if not (optional and self._lenient) or exists(path):
                yield path, True
            return
        depth += 1
        if depth > MAX_DIRECTORY_DEPTH:
            raise ConfigError(
                f"Include/IncludeOptional: Directory '{path}' exceeds the maximum include "
                f"directory nesting level of {MAX_DIRECTORY_DEPTH}. You have probably a recursion "
                "somewhere."
                if self._names_itself
                else f"Directory {path} exceeds the maximum include directory nesting level of "
                f"{MAX_DIRECTORY_DEPTH}. You have probably a recursion somewhere."
            )
        entries = self._entries(path, "")
        yield from self._each(path, entries, entries, optional, depth)

    def _each(
        self,
        path: str,
        names: Iterable[str],
        entries: Mapping[str, bool],
        optional: bool,
        depth: int,
    ) -> Iterator[Found]:
        for name in names:
            if entries[name]:
                yield _full(path, name), False
            else:
                yield from self._plain(_full(path, name), optional, depth)

    def _pattern(self, path: str, rest: str, optional: bool) -> Iterator[Found]:
        name, slash, rest = rest.partition("/")
        if not is_glob(name):
            full = _full(path, name)
            if slash:
                yield from self._pattern(full, rest, optional)
            else:
                yield from self._plain(full, optional, 0)
            return
        if optional and self._lenient and missing(path):
            return
        entries = self._entries(path, f"{name}/{rest}")
        found = matching(name, entries)
        if slash:
            found = [entry for entry in found if is_directory(_full(path, entry))]
        if not found and not optional:
            message = f"No matches for the wildcard '{name}' in '{path}', failing"
            raise ConfigError(
                f"Include/IncludeOptional: {message}"
                if self._names_itself
                else f"{message} (use IncludeOptional if required)",
                hint="Use IncludeOptional if there may be none.",
            )
        if not slash:
            yield from self._each(path, found, entries, optional, 0)
            return
        for entry in found:
            yield from self._pattern(_full(path, entry), rest, optional)

    def _entries(self, path: str, pattern: str) -> dict[str, bool]:
        try:
            found = entries(path)
        except OSError as error:
            what = "Include/IncludeOptional: Could not open directory"
            if not self._names_itself:
                what = "Could not open config directory"
            raise ConfigError(
                f"{what} {path}: {error.strerror}",
                hint="Check that it exists and that you may read it.",
            ) from None
        self._listed(path, pattern, len(found))
        return found


def _full(path: str, name: str) -> str:
    return path + name if path.endswith("/") else f"{path}/{name}"

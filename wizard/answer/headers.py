"""What ``Header`` lines make of an answer's header fields.

Source: httpd 2.4, modules/metadata/mod_headers.c (do_headers_fixup, process_regexp,
ap_headers_output_filter): first the lines of table ``always``, on what httpd itself says; then the
others, on what the backend says. Both tables are sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.config.matching.patterns import Regex, compile_regex
from wizard.model.config import Source
from wizard.model.way_back import HeaderEdit

Fields = tuple[tuple[str, str], ...]
_MATTERING = frozenset({"location", "set-cookie"})
"""Headers that decide where the client goes and what it sends."""
_GROUP = re.compile(r"\\(.)|[$&]([0-9])?")
_MOST_EDITS = 100
"""Matches of one ``edit*`` that are followed."""


def edited(
    edits: Sequence[HeaderEdit], fields: Fields, status: int
) -> tuple[Fields, dict[str, Source], str]:
    """The fields that are sent.

    Args:
        edits: the lines in force.
        fields: of the backend's answer, as mod_proxy leaves them.
        status: of the answer.

    Returns:
        The fields; the last line that changed each header, by name in lower case; and what a
        request decides of a header that matters, a sentence.
    """
    del status  # mod_proxy passes errors on through the same filter as successes
    tables = {"always": list[tuple[str, str]](), "onsuccess": list(fields)}
    changed: dict[str, Source] = {}
    unsure = ""
    for table in ("always", "onsuccess"):
        for edit in edits:
            if edit.table != table:
                continue
            if edit.condition or _varies(edit):
                if edit.name in _MATTERING:
                    unsure = f"{edit.directive} at {edit.source} depends on the request."
                if edit.condition:
                    continue
            before = tables[table]
            tables[table] = _applied(edit, before)
            if tables[table] != before:
                changed[edit.name] = edit.source
    return (*tables["onsuccess"], *tables["always"]), changed, unsure


def _varies(edit: HeaderEdit) -> bool:
    """Whether its value depends on the request."""
    text = edit.replacement if edit.action in ("edit", "edit*") else edit.value
    return text.startswith("expr=") or "%" in text.replace("%%", "")


def _applied(edit: HeaderEdit, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    name, own = edit.name, [value for key, value in fields if key.lower() == edit.name]
    others = [field for field in fields if field[0].lower() != name]
    value = edit.value.replace("%%", "%")
    shown = next((key for key, _ in fields if key.lower() == name), name.title())
    if edit.action == "unset":
        return others
    if edit.action == "set" or (edit.action == "setifempty" and not own):
        return [*others, (shown, value)]
    if edit.action == "add":
        return [*fields, (shown, value)]
    if edit.action == "append" or (edit.action == "merge" and not _holds(own, value)):
        return [*others, (shown, ", ".join((*own, value)))] if own else [*fields, (shown, value)]
    if edit.action in ("edit", "edit*") and own:
        regex = compile_regex(edit.value)
        if regex is not None:
            every = edit.action == "edit*"
            new = [(shown, _edited(regex, edit.replacement, one, every=every)) for one in own]
            return [*others, *new]
    return fields


def _holds(values: Sequence[str], wanted: str) -> bool:
    return any(part.strip() == wanted for value in values for part in value.split(","))


def _edited(regex: Regex, replacement: str, value: str, *, every: bool) -> str:
    done, rest = "", value
    for _ in range(_MOST_EDITS if every else 1):
        match = regex.search(rest)
        if match is None or (not match[0] and done):
            break
        made = _substituted(replacement.replace("%%", "%"), match)
        done += rest[: match.start()] + made
        rest = rest[match.end() :]
    return done + rest


def _substituted(text: str, match: re.Match[str]) -> str:
    """``$1`` and ``&`` (server/util.c, ap_pregsub)."""

    def group(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1] if found[1] in "$&" else found[0]
        if found[0] == "&":
            return match[0] or ""
        number = int(found[2]) if found[2] else -1
        if number < 0 or number > (match.re.groups or 0):
            return found[0] if number < 0 else ""
        return match[number] or ""

    return _GROUP.sub(group, text)

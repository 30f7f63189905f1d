"""``<IfVersion>``.

Source: httpd 2.4, modules/metadata/mod_version.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re

from wizard.config.matching.patterns import compiled
from wizard.config.syntax.words import atoi, first_word


class VersionError(ValueError):
    """What httpd says to a comparison that it does not understand."""


_INVALID = (
    "Version appears to be invalid. It must have the format major[.minor[.patch]] where major, "
    "minor and patch are numbers."
)


def version_holds(args: str, version: str) -> bool:
    """Whether the section is taken.

    Args:
        args: the opening tag after its name, with its ``>``.
        version: of httpd, ``2.4.71``.

    Returns:
        The comparison's result; missing parts of the wanted version count as 0.

    Raises:
        VersionError: operator or version is not understood, or the ``>`` is missing.
    """
    operator, wanted = _comparison(args)
    negated = operator.startswith("!") and len(operator) > 1
    symbol = operator[1:] if negated else operator
    kind, suffix = symbol[:1], symbol[1:]
    if kind not in ("=", "~", "<", ">") or suffix not in ("", "=") or (kind == "~" and suffix):
        raise VersionError(f"unrecognized operator '{operator}'")
    if kind == "~" or (kind == "=" and wanted.startswith("/")):
        pattern = wanted
        if kind == "=":
            if len(wanted) < 2 or not wanted.endswith("/"):
                raise VersionError("Missing delimiting / of regular expression.")
            pattern = wanted[1:-1]
        holds = _matches(pattern, version)
    else:
        ours, theirs = _parts(version), _parts(wanted)
        holds = (
            ours == theirs
            if kind == "="
            else (ours < theirs if kind == "<" else ours > theirs)
            or (suffix == "=" and ours == theirs)
        )
    return holds != negated


def _comparison(args: str) -> tuple[str, str]:
    """The operator and the version of a tag."""
    words = []
    rest = args
    for _ in range(3):
        word, rest = first_word(rest)
        words.append(word or None)
    if words[0] is None or rest:
        raise VersionError(
            "<IfVersion takes one, two or three arguments, a comparison operator, a version "
            "(and a delimiter)"
        )
    operator, wanted, delimiter = words[0], words[1], words[2]
    if wanted is None:
        operator, wanted = "=", operator
    if delimiter is None and wanted == ">":
        operator, wanted, delimiter = "=", operator, ">"
    if delimiter != ">":
        if not wanted.endswith(">"):
            raise VersionError("<IfVersion> directive missing closing '>'")
        wanted = wanted[:-1]
    return operator, wanted


def _matches(pattern: str, version: str) -> bool:
    if len(pattern) > 200:  # longer than any sensible pattern over an 8-character version
        raise VersionError("Unable to compile regular expression")
    try:
        return compiled(pattern).search(version) is not None
    except (re.error, RecursionError, OverflowError):
        raise VersionError("Unable to compile regular expression") from None


def _parts(text: str) -> tuple[int, int, int]:
    """Three numbers; an empty part is 0, a dot may follow the third."""
    match = re.fullmatch(r"([0-9]+)(?:\.([0-9]*)(?:\.([0-9]*)\.?)?)?", text)
    if match is None:
        raise VersionError(_INVALID)
    return atoi(match[1]), atoi(match[2] or ""), atoi(match[3] or "")

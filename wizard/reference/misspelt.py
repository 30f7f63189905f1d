"""Names that httpd has no directive for: misspelt ones, and those of guides and other servers.

A name is a misspelling only where every word of it is one: a word that is missing, added or another
one (``CA``, ``Key``, ``Client``, ``Path``) makes a directive with arguments of another kind, which
must not be offered: SSLProxyCACertificateFile would trust a client's certificate.
"""

from __future__ import annotations

import re
from functools import lru_cache

from wizard.reference import directives, tables
from wizard.reference.config_releases import lack
from wizard.reference.release import NEWEST, Release

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_DECISIVE = frozenset(
    {
        *("ssl", "proxy", "ca", "cadn", "cn", "certificate", "key", "chain", "machine", "cookie"),
        *("revocation", "client", "file", "path", "name", "domain", "server", "header", "handler"),
    }
)
"""Words that say of what kind the argument is, or whose: they may not be missing."""
_CANDIDATES = 5
_CLOSE = 0.8
"""Likeness (difflib's ratio) below which no name is looked at."""


def nearest(name: str, release: Release = NEWEST) -> str | None:
    """The directive that a misspelled name probably means.

    Args:
        name: as written, a section with its ``<``.
        release: that reads it; only directives that it knows count.

    Returns:
        The canonical spelling (without ``<``) of the closest name whose words are the same but for
        their spelling, None if none is close; ``<Name>`` where a section is meant whose ``<`` is
        missing.
    """
    from difflib import get_close_matches  # only where a name is misspelt

    index = directives.index()
    if len(name) > 2 * max(map(len, index)) or name_of_others(name):
        return None
    by_name = _known(release)
    written = _plain(name)
    for found in get_close_matches(written, by_name, n=_CANDIDATES, cutoff=_CLOSE):
        canonical = by_name[found]
        if not _same_words(written, canonical.removeprefix("<")):
            continue
        if canonical.startswith("<") and not name.startswith("<"):
            return f"{canonical}>"
        return canonical.removeprefix("<")
    return None


@lru_cache(maxsize=2)
def _known(release: Release) -> dict[str, str]:
    """Canonical names by those in lower case, without ``<``."""
    return {
        lowered.removeprefix("<"): canonical
        for lowered, canonical in directives.index().items()
        if lack("directive", lowered, release) is None
    }


@lru_cache(maxsize=64)
def name_of_others(name: str) -> str:
    """What to do about a name that means something else in httpd than the nearest one.

    Args:
        name: as written.

    Returns:
        One sentence or more; empty: no such name is known.
    """
    plain = _plain(name)
    index = directives.index()
    file, path = index.get(f"{plain}file"), index.get(f"{plain}path")
    if file and path and plain not in index:
        return f"{_NONE} For a file {file} is meant, for a directory {path}."
    return _others().get(name.lower()) or _others().get(_corrected(plain), "")


def is_slip(written: str, near: str) -> bool:
    """Whether a name can only be a typing error, although other modules have similar names.

    mod_security's SecAction and SecServerSignature, mod_wsgi's WSGIScriptAlias and mod_nss's
    NSSProxyEngine are not httpd's Action, ServerSignature, ScriptAlias and SSLProxyEngine. Nobody
    else's names begin with SSLProxy.

    Args:
        written: no name of httpd's, a section with its ``<``.
        near: what `nearest` says.
    """
    from difflib import SequenceMatcher  # only where a name is misspelt

    one, other = written.strip("<>").lower(), near.strip("<>").lower()
    return one.startswith("sslproxy") or (
        one[:1] == other[:1]
        and abs(len(one) - len(other)) <= _SLIP
        and SequenceMatcher(None, one, other).ratio() >= _ALIKE
    )


_SLIP, _ALIKE = 2, 0.9
"""Letters that a typing error adds or loses, and the ratio (difflib) that remains."""
_NONE = "httpd has no such directive."


def _plain(name: str) -> str:
    return name.lower().removeprefix("<").replace("_", "").replace("-", "")


def _words(canonical: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(canonical)]


def _others() -> dict[str, str]:
    """Name in lower case to what it is in httpd; of names of httpd's style the plain form."""
    return tables.load("other_names.json")


def _corrected(plain: str) -> str:
    """The name of others that a name of SSLProxy is a misspelling of, or the name itself."""
    from difflib import get_close_matches

    if not plain.startswith("sslproxy"):
        return plain
    found = get_close_matches(plain, (*_others(), *directives.index()), n=1, cutoff=_ALIKE)
    return found[0] if found and found[0] in _others() else plain


def _same_words(written: str, canonical: str) -> bool:
    """Whether a name has the words of another, each spelt nearly so."""
    words = _words(canonical)
    for word, chunk in zip(words, _chunks(written, words), strict=True):
        if chunk == word:
            continue
        if not chunk:
            if word in _DECISIVE and not _only_file(word, canonical):
                return False
        elif not _close(chunk, word):
            return False
    return True


def _only_file(word: str, canonical: str) -> bool:
    """Whether ``File`` says nothing, since there is no such directive for a directory."""
    path = f"{canonical.lower().removesuffix('file')}path"
    return word == "file" and path not in directives.index()


def _close(chunk: str, word: str) -> bool:
    if chunk in _DECISIVE and chunk.rstrip("s") != word.rstrip("s"):
        return False  # another word
    return _is_short_for(chunk, word) or _distance(chunk, word) <= min(2, len(word) // 2)


def _is_short_for(chunk: str, word: str) -> bool:
    return len(chunk) > 2 and word.startswith(chunk)


@lru_cache(maxsize=4096)
def _distance(one: str, other: str) -> int:
    """Levenshtein's: letters added, lost or changed, and two that changed places count two."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, second in enumerate(other, 1):
            before, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, before + (letter != second)),
            )
    return row[-1]


def _chunks(written: str, words: list[str]) -> list[str]:
    """A name cut into as many pieces as another has words, with the fewest letters changed.

    Of cuts with as few the one with most whole words counts, present or missing.
    """
    best: dict[int, tuple[int, int, list[str]]] = {0: (0, 0, [])}
    for word in words:
        longest = 2 * len(word) + 2
        following: dict[int, tuple[int, int, list[str]]] = {}
        for start, (cost, odd, cut) in best.items():
            for end in range(start, min(len(written), start + longest) + 1):
                chunk = written[start:end]
                distance = 1 if _is_short_for(chunk, word) else _distance(chunk, word)
                distance *= chunk != word
                found = (cost + distance, odd + (chunk not in ("", word)), [*cut, chunk])
                if end not in following or found[:2] < following[end][:2]:
                    following[end] = found
        best = following
    if len(written) not in best:
        return ["?"] * len(words)
    return best[len(written)][2]

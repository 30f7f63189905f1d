"""Whether what is written behind a misspelt name fits the directive that is nearest."""

from __future__ import annotations

from wizard import plain_file
from wizard.config.checks.checker import Checker, Refusal
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word

_MOST = 65536
"""Bytes of a file that are looked through."""
_CERTIFICATE, _KEY = b"CERTIFICATE-----", b"PRIVATE KEY-----"
_OWN = ("keyfile", "machinecertificatefile", "sslcertificatefile")
"""So end the names of directives whose file may hold a private key."""


def fit(checker: Checker, meant: Node, refusal: Refusal | None) -> bool:
    """Whether a directive takes its arguments: one that would be refused too is not meant.

    Args:
        checker: looks at files; one that is not there fits, since only its name may be wrong.
        meant: the line with the name of the directive.
        refusal: what the directive's own function says to it.
    """
    path = checker.resolve(first_word(meant.args)[0])
    if refusal is not None:
        named = meant.key.endswith(("file", "path"))
        return named and "/" in meant.args and checker.state(path) == "missing"
    if not (meant.key.startswith("ssl") and meant.key.endswith("file")):
        return True
    try:
        found = plain_file.read(path, _MOST)
    except (OSError, ValueError):
        return True
    if meant.key.endswith("keyfile"):
        return _KEY in found or _CERTIFICATE not in found
    return _KEY not in found or meant.key.endswith(_OWN)

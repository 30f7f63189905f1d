"""What a comment says about the checks of a backend, or about the Host that it gets. Pure.

No language is understood here: words are looked for, in the languages in which configurations are
most often commented. A comment that speaks of something else is never pointed out; one too many
costs a look, one too few leaves a sentence that is wrong.
"""

from __future__ import annotations

import re
from enum import IntEnum

from wizard.reference import directives

LONGEST = 4000
"""Characters of a comment that are looked at."""
_CERTIFICATE = re.compile(
    r"\b(?:certs?\b|crt\b|x\.?509|pki\b|peer\b|trust|vertrau|confian)"
    r"|certif|zertifi|сертифи|证书|證書|証明書|인증서"
    r"|\bverif|vérif|validat|validier|\bvalide|\bpr[üu]f|(?:ge|über)pr[üu]f|comprob|провер|検証|验证"
    r"|host ?name",
    re.IGNORECASE,
)
"""Certificates, and their verification."""
_SELF_SIGNED = re.compile(
    r"self[- ]?sign|selbst[- ]?(?:signiert|unterschrieben|ausgestellt)|auto[- ]?(?:sign|firm|assin)"
    r"|snake ?oil|самоподпис|自签|自己署名|자체 서명",
    re.IGNORECASE,
)
_CONNECTION = re.compile(
    r"\b(?:ssl|tls|https|ca|names?|nom|nombre|namen?|checks?|checked|checking|expir\w*|hosts?"
    r"|secur\w*|sécur\w*|sicher\w*)\b",
    re.IGNORECASE,
)
"""Words of which much else is said, too."""
_DENIES = re.compile(
    r"\b(?:no|not|non|never|nobody|none|without|any\w*|every\w*|all|off|nicht|kein\w*|nie|ohne|alles|ne|pas|tout\w*|sans"
    r"|sin|não|sem|не|без|disabl\w*|d[ée]sacti\w*|deakti\w*|abgeschaltet|ausgeschaltet|ignor\w*|skip\w*"
    r"|bypass\w*|accept\w*|insecure|unsafe|untrusted|unverified|unchecked|unsigned)\b"
    r"|n['’]t\b|\bn['’]|無視|しない|忽略|不|무시",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(
    r"\b(?:todo|fixme|xxx|hack|remove|temp|temporar\w*|temporaire\w*|tempor[äa]r\w*|provis\w*"
    r"|vorl[äa]ufig\w*|vor[üu]bergehend\w*|workaround|for now|testing"
    r"|only for tests?|until|later)\b",
    re.IGNORECASE,
)
_DEMANDS = re.compile(
    r"^\W*(?:always )?(?:verif|check|requir|enforc|enabl|validat|trust|strict)", re.IGNORECASE
)
_HOST = re.compile(
    r"\b(?:host\w*|hôte|preserv\w*|headers?|names?|nom|namen?|dns|links?|redirect\w*|cookies?"
    r"|domain\w*|absolut\w*|origin\w*)\b",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"\b(?:keep\w*|preserv\w*|pass\w*|original\w*|need\w*|want\w*|must|requir\w*|garde\w*|conserv\w*"
    r"|behalt\w*|beibehalt\w*|weiter\w*|mant\w*)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 4
"""Of a directive that was switched off by a ``#``: it is nobody's sentence."""


class Says(IntEnum):
    """How a comment stands to a change."""

    NOTHING = 0
    """It speaks of something else."""
    OF_IT = 1
    """It speaks of what is changed."""
    FOREMOST = 2
    """It says of the backend that its certificate is self-signed."""
    OPPOSITE = 3
    """It says that what is in force afterwards is not done."""


def of_checks(text: str) -> Says:
    """What a comment says about the connection to a backend that is verified from now on.

    Args:
        text: of the comment, without its ``#``.
    """
    text = text[:LONGEST]
    if _is_directive(text):
        return Says.NOTHING
    about = bool(_CERTIFICATE.search(text))
    if _DENIES.search(text) and (about or _CONNECTION.search(text) or _SELF_SIGNED.search(text)):
        return Says.OPPOSITE
    if _SELF_SIGNED.search(text):
        return Says.FOREMOST
    if _FOR_NOW.search(text):
        return Says.OF_IT
    return Says.OF_IT if about and not _DEMANDS.search(text) else Says.NOTHING


def of_weaker_checks(text: str) -> Says:
    """What a comment says about the connection to a backend of which less is verified from now on.

    Args:
        text: of the comment, without its ``#``.
    """
    text = text[:LONGEST]
    about = _CERTIFICATE.search(text) or _CONNECTION.search(text)
    demands = about and _DEMANDS.search(text) and not _DENIES.search(text)
    return Says.OPPOSITE if demands and not _is_directive(text) else Says.NOTHING


def of_host(text: str) -> Says:
    """What a comment says about the client's Host, which a backend gets no more.

    Args:
        text: of the comment, without its ``#``.
    """
    text = text[:LONGEST]
    if _is_directive(text) or not _HOST.search(text):
        return Says.NOTHING
    return Says.OPPOSITE if _KEEPS.search(text) and not _DENIES.search(text) else Says.OF_IT


def _is_directive(text: str) -> bool:
    words = text.split()
    name = words[0].lower() if words else ""
    return name in directives.index() and len(words) <= _MOST_WORDS

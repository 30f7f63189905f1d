"""Make text from outside safe to show."""

from __future__ import annotations

import re
import unicodedata

from wizard.lazy import pattern

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Zs"}  # Zs: blanks that are no space
_MASK = "***"
_SECRETS = pattern(
    r"(://)[^\s/?#\"'<>]+(?=@)"  # user:password in a URL (RFC 3986, 3.2.1), up to the last @
    # a parameter in a URL's query
    r"|([?&][\w.-]{0,40}(?:token|secret|pass(?:word|wd)?|pwd|api[_-]?key|auth|jwt|credentials?"
    r"|sig(?:nature)?|session(?:[_-]?id)?)=)[^&\s#\"'<>]+"
    r"|(\bsecret=)(?:\"[^\"]*\"|\S+)"  # a worker's parameter (mod_proxy_ajp)
    r"|(\b(?:AuthLDAPBindPassword|SessionCryptoPassphrase|DBDParams)\s+)\S.*"
    r"|(\bAuthorization\W+(?:Basic|Bearer)\s+)[^\s\"']+"
    # any other header that holds one: as it is sent, and as RequestHeader sets it
    r"|(\b(?:(?:Set-)?Cookie|X-[\w-]{0,40}(?:Key|Token|Secret))(?::\s*|\s+[\"']))[^\s\"'][^\"'\r\n]*",
    re.IGNORECASE,
)
_SIGNS = (
    *("secret=", "bindpassword", "cryptopassphrase", "dbdparams"),
    *("authorization", "cookie", "x-"),
)
"""One of them, ``@`` or ``?`` is in every text with a secret; a look costs less than a search."""


def masked(text: str) -> str:
    """Text without the passwords that a configuration or a log may hold.

    Args:
        text: a URL, a directive, a log line …

    Returns:
        The same with ``***`` for user and password in URLs (``ProxyPass``, ``ProxyRemote``), for
        what a query's parameter such as ``token=`` or ``api_key=`` says, for the value of
        ``secret=``, of the directives whose argument is a password, of ``Authorization: Basic``
        and ``Bearer``, of cookies, and of headers such as ``X-Api-Key``.
    """
    if not may_hold_secret(text):
        return text
    return _SECRETS.sub(lambda m: next(filter(None, m.groups())) + _MASK, text)


def may_hold_secret(text: str) -> bool:
    """Whether ``masked`` has to look closer at a text, or at JSON that the text is part of."""
    if "@" in text or "?" in text:
        return True
    lowered = text.lower()
    return any([sign in lowered for sign in _SIGNS])  # noqa: C419 # a generator is slower


def printable(text: str, limit: int = 2000) -> str:
    """Text with everything escaped that could steer a terminal or deceive the eye.

    Args:
        text: anything, hostile included: control characters, escape sequences, bidi marks,
            lone surrogates from ``surrogateescape``.
        limit: longest result in characters; more is cut and marked with ``…``.

    Returns:
        One line of visible characters, each other one as ``\\xNN`` or ``\\uNNNN``; ``masked``.
    """
    shown = []
    length = 0
    for char in masked(text)[: limit + 1]:
        if char.isascii():
            piece = char if char.isprintable() else f"\\x{ord(char):02x}"
        elif 0xDC80 <= ord(char) <= 0xDCFF:  # a byte that was not UTF-8
            piece = f"\\x{ord(char) - 0xDC00:02x}"
        elif unicodedata.category(char) in _HIDDEN:
            piece = f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
        else:
            piece = char
        length += len(piece)
        if length > limit:
            shown.append("…")
            break
        shown.append(piece)
    return "".join(shown)

"""Make text from outside safe to show."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Zs"}  # Zs: blanks other than the space
_MASK = "***"
_WORDS = r"(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key)"
_FIELD = (  # names of header fields; any sentence may hold the word authorization
    r"(?:(?:Set-)?Cookie|Api-?Key|(?!Public-)(?:\w{1,30}-){1,4}(?:Key|Token|Secret|Password))"
)
_HEADER = rf"(?:(?:Proxy-)?Authorization|{_FIELD})"
_SCHEME = r"(?:(?:Basic|Bearer|Digest|Negotiate)\s+)?"
_SIGNS = (
    *("secret", "passw", "passphrase", "token", "apikey", "accesskey", "privatekey"),
    *("-key", "_key", "dbdparams", "authorization", "cookie"),
    *("ı", "i\u0307"),  # which IGNORECASE takes for an i; the second is what casefold makes of İ
)
"""One of them, ``@``, ``?`` or ``&`` is in every text that ``_secrets`` finds something in; to look
for them costs less than its search. A test holds them against each of its alternatives."""


def masked(text: str) -> str:
    """Text without the passwords that a configuration or a log may hold.

    Args:
        text: a URL, a directive, a log line …

    Returns:
        The same with ``***`` for user and password in URLs (``ProxyPass``, ``ProxyRemote``), for
        the value of a query's parameter such as ``token=`` or ``api_key=``, for the value of
        ``secret=`` and its like, of directives whose argument is a password, of variables such as
        ``API_TOKEN``, of ``Authorization``, of cookies, and of headers such as ``X-Api-Key``.
    """
    if not may_hold_secret(text):
        return text
    return _secrets().sub(lambda m: next(filter(None, m.groups())) + _MASK, text)


def may_hold_secret(text: str) -> bool:
    """Whether a text, or JSON that contains it, may need ``masked``."""
    if "@" in text or "?" in text or "&" in text:
        return True
    folded = text.casefold()  # as IGNORECASE takes ſ for an s
    return any([sign in folded for sign in _SIGNS])  # noqa: C419 # a generator is slower


def printable(text: str, limit: int = 2000) -> str:
    """Text with everything escaped that could control a terminal or mislead a reader.

    Args:
        text: anything, hostile included: control characters, escape sequences, bidi marks,
            lone surrogates from ``surrogateescape``.
        limit: longest result in characters; more is cut and marked with ``…``.

    Returns:
        One line of visible characters, ``masked``; others become ``\\xNN`` or ``\\uNNNN``.
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


@cache
def _secrets() -> re.Pattern[str]:
    """The expression, compiled on first use: it takes 10 ms, and few texts need it."""
    return re.compile(
        r"(://)[^\s/?#\"'<>]+(?=@)"  # user:password in a URL (RFC 3986, 3.2.1), up to the last @
        # a parameter in a URL's query
        rf"|([?&](?:[\w.-]{{0,40}}(?:{_WORDS}|pass|pwd|auth|jwt|credentials?|sig(?:nature)?"
        r"|session(?:[_-]?id)?)|(?:[\w.-]{0,40}[_.-])?key)=)[^&\s#\"'<>]+"
        # a worker's parameter (mod_proxy_ajp), an assignment
        rf"|(\b[\w.-]{{0,40}}{_WORDS}=)(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)"
        r"|(\"(?:password|secret|token|api_?key)\"\s?:\s?\")[^\"]*"  # JSON
        # directives whose argument is one; other modules' are known by their names
        r"|(\b(?:AuthLDAPBindPassword|SessionCryptoPassphrase|DBDParams)\s+)\S.*"
        r"|((?-i:\b[A-Z][A-Za-z]{1,40}(?:Password|Passphrase|Secret))\s+)\S.*"
        rf"|(\b(?:SetEnv|Define)\s+\w{{0,40}}{_WORDS}\s+)\S.*"
        rf"|(\[(?:[^\]\s]{{0,80}},)?E=\w{{0,40}}{_WORDS}:)[^\],\s]*"
        # a header, as it is sent, as it is set, and as it is compared
        rf"|((?:\b{_FIELD}|(?:^[<>*\s]{{0,4}}|[\"'\[\]:]\s?)(?:Proxy-)?Authorization):\s*{_SCHEME})"
        r"[^\s\"'][^\"'\r\n]*"
        rf"|(\b{_HEADER}\W{{1,4}}(?:Basic|Bearer)\s+)[^\s\"']+"
        rf"|(\b(?:Request)?Header\s+(?:(?:always|onsuccess)\s+)?[a-z]+\*?\s+[\"']?{_HEADER}[\"']?\s+"
        rf"[\"']?{_SCHEME})\S(?:.*[^\s\"'])?"
        rf"|(%\{{(?:HTTP|req):{_HEADER}\}}[\"']?\s+)\S.*",
        re.IGNORECASE | re.MULTILINE,
    )


def fingerprint(sha256: str) -> str:
    """A SHA-256 as ``openssl x509 -fingerprint`` writes it: upper case with colons."""
    digits = sha256.upper()
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))

"""Secrets in any text: URLs, log lines, sentences with a directive in them."""

from __future__ import annotations

import re
from functools import cache, lru_cache

MASK = "***"
WORDS = (
    r"(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|pin-(?:value|source))"
)
"""What the name of something secret holds, wherever it stands."""
_SHORT = r"[_-](?:pass|pwd?)"
"""What it ends with."""
_FIELD = (  # names of header fields; any sentence may hold the word authorization
    r"(?:(?:Set-)?Cookie|Api-?Key|(?!Public-)(?:\w{1,30}-){1,4}(?:Key|Token|Secret|Password))"
)
_HEADER = rf"(?:(?:Proxy-)?Authorization|{_FIELD})"
_SCHEME = r"(?:(?:Basic|Bearer|Digest|Negotiate)\s+)?"
_SIGNS = (
    *("secret", "passw", "passphrase", "token", "apikey", "accesskey", "privatekey", "pin-"),
    *("pass=", "_pass", "-pass", "pwd=", "nonce=", "_pw", "-pw", "-key", "_key", "co=", ";"),
    *("eyj", " -u", "-user"),
    *("unknown parameter", "proxyset", "rewritecond:", "parse expression"),
    *("invalid command", "basicfake", "dbdparams", "authorization", "cookie"),
    *("ı", "i\u0307"),  # which IGNORECASE takes for an i; the second is what casefold makes of İ
)
"""One of them, ``@``, ``?``, ``&`` or a field of JSON is in every text that ``_secrets`` finds
something in; to look for them costs less than its search. A test holds them against each of its
alternatives."""


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
    return _without(text) if len(text) <= _REMEMBERED else _replaced(text)


def _replaced(text: str) -> str:
    return _secrets().sub(lambda m: next(filter(None, m.groups())) + MASK, text)


_REMEMBERED = 100_000  # characters of one text; with what is made of it 13 MB if all are ASCII
_without = lru_cache(maxsize=64)(_replaced)
"""A screen shows the same text each time it is drawn, and a search of 64 KiB takes 26 ms."""


def places(text: str) -> list[tuple[int, int]]:
    """Where in a text ``masked`` puts its sign: start and stop of each place."""
    if not may_hold_secret(text):
        return []
    return [(found.end(found.lastindex or 0), found.end()) for found in _secrets().finditer(text)]


def may_hold_secret(text: str) -> bool:
    """Whether a text, or JSON that contains it, may need ``masked``."""
    if "@" in text or "?" in text or "&" in text:
        return True
    if "://" in text and _NO_PORT.search(text):
        return True
    folded = text.casefold()  # as IGNORECASE takes ſ for an s
    for sign in _SIGNS:  # any() of a generator is slower
        if sign in folded:
            return True
    return '"' in text and _FIELD_OF_JSON.search(folded) is not None


_NO_PORT = re.compile(r"://[\w.-]{0,255}:[^\d/]")
_FIELD_OF_JSON = re.compile(r'(?:pass|pwd)"\s?:')  # every report of a ProxyPass has pass",


@cache
def _secrets() -> re.Pattern[str]:
    """The expression, compiled on first use: it takes 10 ms, and few texts need it."""
    return re.compile(
        # user:password in a URL (RFC 3986, 3.2.1), up to the last @; cut off before it
        r"(://|(?<![\w/:])//|\b[A-Za-z]{2,8}:/)(?:[^ \t-\r/?#]+|[^ \t-\r/?#:@]*:[^\r\n/?#]+"
        # a password with such a character, which a URL would have to encode; no port
        r"|[^ \t-\r/?#:@\[]+:(?![\d*$%({])[^ \t-\r@\"'<>]{1,200})(?=@)"
        r"|(://[\w.-]{0,255}:)(?![\d*$%({]|\W?$)[^ \t-\r/?#]+"
        # the same where the scheme is missing
        r"|((?<![\w/.%+=-])(?!(?:mailto|email|sips?|xmpp|acct):)[\w.%+-]{1,40}:)"
        r"[^ \t-\r/?#@\"'<>]{1,200}(?=@[\w\[])"
        # a parameter in a URL's query or path
        rf"|([?&;](?:[\w.-]{{0,40}}(?:{WORDS}|pass|pwd?|auth|jwt|credentials?|sig(?:nature)?|otp"
        r"|session(?:[_-]?id)?|sid|code|assertion)|(?:[\w.-]{0,40}[_.-])?key)=)[^& \t-\r#\"'<>]+"
        # a worker's parameter (mod_proxy_ajp), an assignment
        rf"|(\b[\w.-]{{0,40}}(?:{WORDS}|{_SHORT}|\bpass|\bpwd|\bnonce)=)"
        r"(?:\"[^\"\r\n]*\"?|'[^'\r\n]*'?|[^ \t-\r\"']+)"
        rf"|(\"[\w.-]{{0,40}}(?:{WORDS}|pass|pwd)\"\s?:\s?\")(?:\\.|[^\"\\])*"  # JSON
        rf"|(\b[\w.-]{{0,40}}{WORDS}:\s)[^ \t-\r]+"
        r"|(\beyJ)[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a JSON web token (RFC 7519)
        r"|( (?:-u|--user|--proxy-user|--cookie)\s)[^ \t-\r]+"  # of curl
        # directives whose argument is one; other modules' are known by their names
        r"|(\b(?:AuthLDAPBindPassword|SessionCryptoPassphrase|DBDParams|AuthBasicFake\s+\S+)\s+)"
        r"\S.*"
        r"|((?-i:\b[A-Z][A-Za-z]{1,40}(?:Password|Passphrase|Secret))\s+)\S.*"
        rf"|(\b(?:SetEnv|Define)\s+\w{{0,40}}(?:{WORDS}|{_SHORT})\s+)\S.*"
        rf"|(\[(?:[^\]\s]{{0,80}},)?E=\w{{0,40}}(?:{WORDS}|{_SHORT}):)[^\], \t-\r]*"
        r"|(\[(?:[^\]\s]{0,80},)?CO=[\w-]{1,40}:)[^\], \t-\r]*"
        # httpd's word for what begins a line and is no directive; none has two numbers in its name
        r"|(\bInvalid command ')(?!<?/?[A-Za-z_]+\d{0,2}[A-Za-z_]*')[^\r\n]+"
        # what httpd says of an argument that it refuses
        r"|(\bUnknown parameter: )[^\r\n]+|(\bProxySet can not find '[\w.-]{1,40}=)[^\r\n]+(?=')"
        r"|(\bRewriteCond: (?:unknown flag|cannot compile (?:regular )?expression) )[^\r\n]+"
        r"|(\bCould not parse expression )[^\r\n]+"
        # a header, as it is sent, as it is set, and as it is compared
        rf"|((?:\b{_FIELD}|(?:^[<>*\s]{{0,4}}|[\"'\[\]:]\s?)(?:Proxy-)?Authorization):\s*{_SCHEME})"
        r"[^ \t-\r\"'][^\"'\r\n]*"
        rf"|(\b{_HEADER}\W{{1,4}}(?:Basic|Bearer)\s+)[^ \t-\r\"']+"
        rf"|(\b(?:Request)?Header\s+(?:(?:always|onsuccess)\s+)?[a-z]+\*?\s+[\"']?{_HEADER}[\"']?\s+"
        rf"[\"']?{_SCHEME})\S(?:.*[^ \t-\r\"'])?"
        rf"|(%\{{(?:(?:HTTP|req):{_HEADER}|HTTP_COOKIE)\}}[\"']?\s+)\S.*",
        re.IGNORECASE | re.MULTILINE,
    )

"""Words with a small syntax of their own.

Source: httpd 2.4, modules/mappers/mod_vhost_alias.c, modules/filters/mod_substitute.c, modules/
proxy/mod_proxy_connect.c, modules/ldap and apr-util's apr_ldap_url.c, modules/session/
mod_session_cookie.c; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import re

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.checks.kinds.kind import Kind, Line
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.syntax.numbers import integer
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words

_ALIAS = re.compile(r"%(?:[p%]|-?[0-9]\+?(?:\.-?[0-9]\+?|(?!\.)))|[^%]")
_LENGTH = re.compile(r"[bkmg]?", re.IGNORECASE)
_SCOPES = ("", "one", "onelevel", "base", "sub", "subtree")
_LDAP = re.compile(r"<?(?:url:)?(?:ldap|ldaps|ldapi)://", re.IGNORECASE)
COOKIE_NAMES = {
    "sessioncookiename": "SessionCookieName",
    "sessioncookiename2": "SessionCookieName2",
    "sessiondbdcookiename": "SessionDBDCookieName",
    "sessiondbdcookiename2": "SessionDBDCookieName2",
}
"""Directive in lower case to its name."""
_MOST_LETTERS = 20
_PATHED = ("location", "locationmatch", "directory", "directorymatch", "files", "filesmatch", "if")


def virtual_path(_: Checker, text: str) -> str | None:
    """``VirtualDocumentRoot`` and the like: an absolute path with pieces of a name."""
    if not text.startswith("/"):
        none = text.lower() == "none"
        return None if none else "format string must be an absolute path, or 'none'"
    at = 0
    while at < len(text):
        match = _ALIAS.match(text, at)
        if match is None:
            return "syntax error in format string"
        at = match.end()
    return None


def substitution(_: Checker, text: str) -> str | None:
    """``Substitute``: ``s/from/to/flags``."""
    if text[:1].lower() != "s":
        return "Bad Substitute format, must be an s/// pattern"
    parts = text[2:].split(text[1], 2) if len(text) > 1 else []
    if len(parts) < 2 or not parts[0]:
        return "Bad Substitute format, must be a complete s/// pattern"
    flags = parts[2].lower() if len(parts) > 2 else ""
    if not set(flags) <= set("niqf"):
        return "Bad Substitute flag, only s///[infq] are supported"
    if "n" not in flags and refused_by_pcre(parts[0]):
        return "Substitute could not compile regex"
    return None


def line_length(_: Checker, text: str) -> str | None:
    """``SubstituteMaxLineLength``: a number and one letter for its unit."""
    value, rest = integer(text)
    if value is not None and value >= 0 and _LENGTH.fullmatch(rest):
        return None
    return (
        "SubstituteMaxLineLength must be a non-negative integer optionally suffixed with 'b', 'k', "
        "'m' or 'g'."
    )


def ports(_: Checker, text: str) -> str | None:
    """``AllowCONNECT``: a port, or two with a dash between."""
    if text[:1] not in tuple("0123456789"):
        return "AllowCONNECT: port numbers must be numeric"
    last, rest = text, integer(text)[1]
    if rest.startswith("-"):
        last = rest[1:]
        rest = integer(last)[1]
    return f"Cannot parse '{last}' as port number" if rest or not last else None


def ldap_url(_: Checker, words: list[str]) -> str | None:
    """``AuthLDAPURL``: its scheme and its scope, and how TLS is used."""
    url = words[0] if words else ""
    if not _LDAP.match(url):
        return "The scheme was not recognised as a valid LDAP URL scheme."
    parts = url.split("?")
    if len(parts) > 2 and parts[2].lower() not in _SCOPES:
        return "Bad scope encountered while parsing LDAP URL."
    if len(words) > 1 and words[1].lower() not in ("none", "ssl", "tls", "starttls"):
        return "Invalid LDAP connection mode setting: must be one of NONE, SSL, or TLS/STARTTLS"
    return None


def cookie_name(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """``SessionCookieName`` and the like."""
    name = first_word(node.args)[0]
    if name and "=" not in name and "&" not in name:
        return None
    return Refusal(f"{COOKIE_NAMES[node.key]} cannot be empty, or contain '=' or '&'.")


def cookie_domain(_: Checker, text: str) -> str | None:
    """``CookieDomain``."""
    if not text.startswith("."):
        return "CookieDomain values must begin with a dot"
    embedded = "." in text[1:]
    return None if embedded else "CookieDomain values must contain at least one embedded dot"


def icon(_: Checker, text: str) -> str | None:
    """``AddIcon``: ``(ALT,/file)`` or a file."""
    closed = not text.startswith("(") or ")" in text
    return None if closed else "missing closing paren"


def without_blank(message: str) -> Kind:
    """A tag of server-side includes."""

    def kind(_: Checker, text: str) -> str | None:
        return message if any(char in " \t\n\v\f\r" for char in text) else None

    return kind


def cache_enable(_: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    """``CacheEnable``: without a path, it belongs into a section with one."""
    words = split_words(node.args)
    kind = words[0] if words else ""
    if kind.startswith("/"):
        return Refusal(f"provider ({kind}) starts with a '/'.  Are url and provider switched?")
    if len(words) > 1:
        return _below(sections, words[1])
    if any(section.key in _PATHED for section in sections):
        return None
    return Refusal(f"CacheEnable provider ({kind}) is missing an URL.")


def _below(sections: tuple[Node, ...], url: str) -> Refusal | None:
    path = split_words(sections[-1].args) if sections and sections[-1].key == "location" else []
    if len(path) != 1 or url.startswith(path[0]):
        return None
    return Refusal(
        "When in a Location, CacheEnable must specify a path or an URL below that location."
    )


def cache_disable(_: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    """``CacheDisable``: a path or URL; in a section, the word on."""
    text = first_word(node.args)[0]
    if any(section.key in _PATHED for section in sections):
        if text.lower() == "on" or any(section.key == "if" for section in sections):
            return None
        return Refusal("CacheDisable must be followed by the word 'on' when in a Location.")
    if text.startswith("/") or ":" in text:
        return None
    return Refusal("CacheDisable must specify a path or an URL.")


def redirect_of_index(_: Checker, text: str) -> str | None:
    """``DirectoryIndexRedirect``: a switch, a word, or a status."""
    if text.lower() in ("on", "off", "permanent", "temp", "seeother"):
        return None
    if text[:1] not in tuple("0123456789"):
        return "DirectoryIndexRedirect ON|OFF|permanent|temp|seeother|3xx"
    value = integer(text)[0]
    within = value is not None and 300 <= value <= 399
    return None if within else "DirectoryIndexRedirect only accepts values between 300 and 399"


def cache_tree(name: str) -> Check:
    """``CacheDirLevels`` and ``CacheDirLength``: their product is bounded, each is at least 1.

    What the other one is counts only if no line gave it a value: then it is 2.

    Args:
        name: of the directive.
    """

    def check(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
        value = atoi(first_word(node.args)[0])
        if value <= 0:
            return Refusal(f"{name} value must be an integer greater than 0")
        given = checker.names("cache tree", sections)
        given.add(node.key)
        if value * (1 if len(given) > 1 else 2) <= _MOST_LETTERS:
            return None
        return Refusal("CacheDirLevels*CacheDirLength value must not be higher than 20")

    return check


def note(message: str) -> Line:
    """``DeflateFilterNote`` and its like: a type and a name, or a name alone."""

    def line(_: Checker, words: list[str]) -> str | None:
        known = len(words) < 2 or words[0].lower() in ("input", "output", "ratio")
        return None if known else message.replace("{word}", words[0])

    return line

"""Names that a module provides: of authentication, of filters, of WebDAV.

Source: httpd 2.4, modules/aaa/mod_auth_basic.c, mod_auth_digest.c, modules/filters/mod_filter.c,
modules/dav/main/mod_dav.c; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wizard.config.checks.checker import Checker, Refusal
from wizard.config.checks.kinds.kind import has_module, only_httpds_own
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_AUTHN: Mapping[str, str] = MappingProxyType(
    {
        "file": "authn_file_module",
        "dbm": "authn_dbm_module",
        "dbd": "authn_dbd_module",
        "anon": "authn_anon_module",
        "ldap": "authnz_ldap_module",
        "socache": "authn_socache_module",
    }
)
_FILTERS: Mapping[str, str] = MappingProxyType(
    {
        "deflate": "deflate_module",
        "inflate": "deflate_module",
        "brotli_compress": "brotli_module",
        "substitute": "substitute_module",
        "includes": "include_module",
        "proxy-html": "proxy_html_module",
        "xml2enc": "xml2enc_module",
        "rate_limit": "ratelimit_module",
    }
)
_WITHOUT_DIGEST = ("ldap", "anon")


def _missing(checker: Checker, module: str, message: str) -> Refusal | None:
    """The refusal of a name whose module is not loaded."""
    if checker.partial or has_module(checker, module):
        return None
    hint = f"It belongs to mod_{module.removesuffix('_module')}, which is not loaded."
    return Refusal(message, "module-missing", hint, (module,))


def authentication(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """``AuthBasicProvider`` and the like: each word names one, or an alias of one."""
    for word in split_words(node.args):
        message = f"Unknown Authn provider: {word}"
        if word in _AUTHN:
            if (refusal := _missing(checker, _AUTHN[word], message)) is not None:
                return refusal
            if node.key == "authdigestprovider" and word in _WITHOUT_DIGEST:
                return Refusal(f"The '{word}' Authn provider doesn't support Digest Authentication")
        elif only_httpds_own(checker) and word not in checker.names("authn provider", ()):
            return Refusal(message)
    return None


def output_filters(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """``AddOutputFilterByType``: filters joined by ``;``, then types of content."""
    words = split_words(node.args)
    if len(words) < 2:
        return Refusal("AddOutputFilterByType requires at least two arguments")
    for name in words[0].split(";"):
        module = _FILTERS.get(name.lower())
        if module is not None:
            refusal = _missing(checker, module, f"Unknown filter provider {name}")
            if refusal is not None:
                return refusal
    return None


def filter_provider(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """``FilterProvider``: its second word is a filter."""
    words = split_words(node.args)
    module = _FILTERS.get(words[1].lower()) if len(words) > 1 else None
    if module is None:
        return None
    return _missing(checker, module, f"Unknown filter provider {words[1]}")


def repository(checker: Checker, text: str) -> str | None:
    """``DAV``: on, off, or who provides it."""
    name = "filesystem" if text.lower() == "on" else text
    if text.lower() == "off" or not only_httpds_own(checker):
        return None
    there = name == "filesystem" and "dav_fs_module" in checker.modules
    return None if there else f"Unknown DAV provider: {name}"

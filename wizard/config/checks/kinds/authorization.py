"""Who may: ``Require`` and what mod_access_compat has.

Source: httpd 2.4, modules/aaa/mod_authz_core.c (add_authz_provider), mod_authz_host.c,
mod_access_compat.c; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wizard.config.checks.checker import Check, Checker, Refusal, word_set
from wizard.config.checks.kinds.addresses import looks_like_ip, network_fault, subnet_fault
from wizard.config.checks.kinds.kind import has_module, only_httpds_own
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words

_PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("all", "env", "method", "expr"), "authz_core_module"),
        **dict.fromkeys(("ip", "host", "local", "forward-dns"), "authz_host_module"),
        **dict.fromkeys(("user", "valid-user"), "authz_user_module"),
        "group": "authz_groupfile_module",
        "file-group": "authz_groupfile_module",
        "file-owner": "authz_owner_module",
        **dict.fromkeys(
            (
                "ldap-user",
                "ldap-dn",
                "ldap-group",
                "ldap-attribute",
                "ldap-filter",
                "ldap-search",
            ),
            "authnz_ldap_module",
        ),
        **dict.fromkeys(("dbm-group", "dbm-file-group"), "authz_dbm_module"),
        **dict.fromkeys(("dbd-group", "dbd-login", "dbd-logout"), "authz_dbd_module"),
    }
)
"""Name after ``Require`` to the module that has it."""
_METHODS = word_set(
    """
    GET PUT POST DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK
    VERSION-CONTROL CHECKOUT UNCHECKOUT CHECKIN UPDATE LABEL REPORT MKWORKSPACE MKACTIVITY
    BASELINE-CONTROL MERGE HEAD
    """
)


def require(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    """A ``Require`` line."""
    name, rest = first_word(node.args)
    negated = name.lower() == "not"
    if negated:
        name, rest = first_word(rest)
    if name not in _PROVIDERS:
        if not only_httpds_own(checker) or _is_of_alias(checker, name):
            return None
        return Refusal(f"Unknown Authz provider: {name}")
    module = _PROVIDERS[name]
    if not checker.partial and not has_module(checker, module):
        return Refusal(
            f"Unknown Authz provider: {name}",
            "module-missing",
            f"It belongs to mod_{module.removesuffix('_module')}, which is not loaded.",
            (module,),
        )
    message = _arguments(checker, name, rest)
    outer = _section(sections)
    if message is None and negated and outer != "All":
        message = f"negative Require directive has no effect in <Require{outer}> directive"
    return None if message is None else Refusal(message)


def _is_of_alias(checker: Checker, name: str) -> bool:
    return name in checker.names("authz provider", ())


def _section(sections: tuple[Node, ...]) -> str:
    """What the innermost section of several is of: ``All``, ``None`` or ``Any``."""
    inner = next((s.key for s in reversed(sections) if s.key.startswith("require")), "requireany")
    return {"requireall": "All", "requirenone": "None"}.get(inner, "Any")


def _arguments(checker: Checker, name: str, rest: str) -> str | None:
    words = split_words(rest)
    if name == "all":
        granted = len(words) == 1 and words[0].lower() in ("granted", "denied")
        return None if granted else "Argument for 'Require all' must be 'granted' or 'denied'"
    if name == "ip":
        if not words or not words[0]:
            return "'require ip' requires an argument"
        for word in words:
            if not word:
                break
            if (message := network_fault(word, word)) is not None:
                return message
    elif name == "method" and checker.partial is False:
        wrong = next((word for word in words if word and word not in _METHODS), None)
        return None if wrong is None else _unless_registered(checker, wrong)
    return None


def _unless_registered(checker: Checker, method: str) -> str | None:
    """A module, or RegisterHttpMethod, may add methods."""
    added = "dav_module" in checker.modules and method in ("BIND", "SEARCH")
    registered = method in checker.names("registered method", ())
    known = added or registered or not only_httpds_own(checker)
    return None if known else f"Invalid Method '{method}'"


def defined(kind: str, position: int) -> Check:
    """Remembers the name that a line defines.

    Args:
        kind: of what (``Checker.names``).
        position: of its word.
    """

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        checker.names(kind, ()).update(split_words(node.args)[position : position + 1])
        return None

    return check


def fcgi_provider(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """Remembers the name that an ``AuthnzFcgiDefineProvider`` line defines, for either purpose."""
    for kind in ("authn provider", "authz provider"):
        checker.names(kind, ()).update(split_words(node.args)[1:2])
    return None


def registered_method(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """Remembers that a ``RegisterHttpMethod`` line adds methods."""
    checker.names("registered method", ()).update(split_words(node.args))
    return None


def quality(checker: Checker, text: str) -> str | None:
    """A word of ``AuthDigestQop``."""
    known = text.lower() == "auth" or (
        text.lower() == "none" and not checker.knows("check", "AuthDigestQop-none-is-refused")
    )
    return None if known else "AuthDigestQop is deprecated: only 'auth' is supported"


def allow_methods(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """``AllowMethods``."""
    words = split_words(node.args)
    if not words:
        return Refusal("AllowMethods: No method or 'reset' keyword given")
    wrong = next((word for word in words if word not in _METHODS), None)
    if wrong is None or words[0].lower() == "reset" or checker.partial:
        return None
    message = _unless_registered(checker, wrong)
    return Refusal(f"AllowMethods: {message}") if message is not None else None


def from_where(_: Checker, words: list[str]) -> str | None:
    """``Allow`` and ``Deny``."""
    if words and words[0].lower() != "from":
        return "allow and deny must be followed by 'from'"
    for word in words[1:]:
        address, slash, mask = word.partition("/")
        if word.lower().startswith("env=") or word.lower() == "all":
            continue
        if not looks_like_ip(address):
            if slash:
                return "An IP address was expected"
            continue
        if (fault := subnet_fault(address, mask if slash else None)) is not None:
            return fault
    return None

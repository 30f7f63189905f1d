"""What ``SetEnvIf``, ``BrowserMatch`` and their like refuse.

Source: httpd 2.4, modules/metadata/mod_setenvif.c (add_setenvif_core, add_envvars).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word

_IS_NAME = re.compile(r"[-A-Za-z0-9_]*")
_IS_TEXT = re.compile(r"(?:[^\\^.$|()\[\]*+?{}]|\\[\\^.$|()\[\]*+?{}])*\\?")
"""What httpd compares as text and never compiles."""


def _set_env_if(name: str, header: str = "") -> Check:
    """The check of one directive.

    Args:
        name: the directive as httpd spells it.
        header: whose value it compares; empty: the first argument names it.
    """

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        field, rest = (header, node.args) if header else first_word(node.args)
        if not field:
            return Refusal(f"Missing header-field name for {name}")
        pattern, rest = first_word(rest)
        if not pattern:
            return Refusal(f"Missing regular expression for {name}")
        if not _IS_TEXT.fullmatch(pattern) and refused_by_pcre(pattern):
            return Refusal(f"{name} regex could not be compiled.")
        if not _IS_NAME.fullmatch(field) and refused_by_pcre(field):
            return Refusal(f"{name}Header name regex could not be compiled.")
        if not first_word(rest)[0]:
            return Refusal(f"Missing envariable expression for {name}")
        return None

    return check


SETENVIF_CHECKS: Mapping[str, Check] = {
    "setenvif": _set_env_if("SetEnvIf"),
    "setenvifnocase": _set_env_if("SetEnvIfNoCase"),
    "browsermatch": _set_env_if("BrowserMatch", "User-Agent"),
    "browsermatchnocase": _set_env_if("BrowserMatchNoCase", "User-Agent"),
}
"""Directive of mod_setenvif in lower case to what its own function checks."""

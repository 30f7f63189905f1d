"""What the core's directives refuse.

Source: httpd 2.4, server/core.c, server/vhost.c, server/listen.c, server/log.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, one_of
from wizard.config.matching.patterns import is_glob
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words
from wizard.model.host_names import HIGHEST_PORT
from wizard.reference.log_levels import LEVELS

_LEVELS_MESSAGE = (
    "Log level keyword must be one of emerg/alert/crit/error/warn/notice/info/debug/trace1/.../"
    "trace8"
)


def _log_level(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        module, colon, level = word.partition(":")
        level = level if colon else module
        if level.lower() not in LEVELS:
            return Refusal(f"{word}: {_LEVELS_MESSAGE}" if colon else _LEVELS_MESSAGE)
        if colon and not checker.knows_module(module):
            return Refusal(f"Cannot find module {module}")
    return None


def _server_name(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    if is_glob(word):
        return Refusal(f'Invalid ServerName "{word}" use ServerAlias to set multiple server names.')
    _before, scheme, rest = word.partition("://")
    _host, colon, port = (rest if scheme else word).partition(":")
    if colon and not 0 < atoi(port) <= HIGHEST_PORT:
        return Refusal(
            f'The port number "{word}" is outside the appropriate range (i.e., 1..65535).'
        )
    return None


def _server_alias(_: Checker, __: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if any(section.key == "virtualhost" for section in sections):
        return None
    return Refusal("ServerAlias only used in <VirtualHost>")


def _document_root(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    path = checker.resolve(first_word(node.args)[0])
    if sections or checker.elsewhere or checker.state(path) in ("directory", "unknown"):
        return None  # in a virtual host it is only a warning
    return Refusal(f"DocumentRoot '{path}' is not a directory, or is not readable")


CORE_CHECKS: Mapping[str, Check] = {
    "loglevel": _log_level,
    "servername": _server_name,
    "serveralias": _server_alias,
    "documentroot": _document_root,
    "usecanonicalname": one_of("parameter must be 'on', 'off', or 'dns'", "on", "off", "dns"),
}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

"""What the core's directives refuse.

Source: httpd 2.4, server/core.c, server/vhost.c, server/listen.c, server/log.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, one_of
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.servers import listen_addresses
from wizard.config.syntax import ipv6
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.host_names import HIGHEST_PORT, is_address
from wizard.reference.log_levels import LEVELS
from wizard.text import is_number

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


def _listen(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not 1 <= len(words) <= 2:
        return Refusal("Listen requires 1 or 2 arguments.")
    text = words[0]
    if "%" in text.partition("]")[0] and not checker.knows("check", "Listen-scope"):
        return Refusal("Scope id is not supported")
    port = text if is_number(text) else text.rpartition(":")[2] if ":" in text else ""
    if text.endswith("]") or not (is_number(port) or text.startswith("[")):
        return Refusal("Port must be specified")
    if not _is_port(port):
        return Refusal("Invalid address or port")
    host = text.rpartition(":")[0]
    if host.startswith("[") and (wrong := _not_listened(host[1:-1])) is not None:
        return Refusal(wrong)
    address = listen_addresses.of_listen(node.args)
    if address is None:
        return None
    host = host.removeprefix("[").removesuffix("]")
    written = "" if host == "*" else host, address.port  # names are held against each other
    if written in checker.listens:
        return Refusal(
            "Cannot define multiple Listeners on the same IP:port",
            hint=f"The other one stands at {checker.listens[written]}.",
        )
    checker.listens[written] = node.source
    return None


def _not_listened(inside: str) -> str | None:
    """What httpd says to a ``Listen`` of what stands between brackets; None: it accepts it."""
    read = ipv6.bracketed(inside)
    if read is None:
        return "Invalid address or port"
    address, zone = read
    if not is_address(address):
        return "Listen setup failed"  # APR takes it, the resolver does not
    return "Listen step failed" if zone is not None and not ipv6.is_link_local(address) else None


def _is_port(text: str) -> bool:
    return is_number(text) and 0 < int(text[:9]) <= HIGHEST_PORT


def _virtual_host(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not words:
        return Refusal("<VirtualHost> directive requires additional arguments")
    for word in words:
        if is_number(word):
            return Refusal("Missing address for VirtualHost")
        if word.startswith("[") and not _is_bracketed(word):
            return Refusal("The address or port is invalid")
        host, colon, port = word.rpartition(":")
        numbered = colon and is_number(port) and not word.endswith("]")
        if numbered and not (host and _is_port(port)):
            return Refusal("The address or port is invalid")
    return None


def _is_bracketed(word: str) -> bool:
    """Whether APR reads ``[…]`` with or without a port; what no resolver knows is ignored later."""
    inside, bracket, rest = word[1:].partition("]")
    port = rest.removeprefix(":")
    whole = not rest or (rest != port and (port == "*" or is_number(port)))
    return bool(bracket) and whole and ipv6.bracketed(inside) is not None


def _server_name(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    if "*" in word or "?" in word:
        return Refusal(f'Invalid ServerName "{word}" use ServerAlias to set multiple server names.')
    rest = word.partition("://")[2] or word
    port = rest.rpartition(":")[2] if ":" in rest and not rest.endswith("]") else ""
    if port and not _is_port(port):
        return Refusal(
            f'The port number "{word}" is outside the appropriate range (i.e., 1..65535).'
        )
    return None


def _server_alias(_: Checker, __: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if any(section.key == "virtualhost" for section in sections):
        return None
    return Refusal("ServerAlias only used in <VirtualHost>")


def _one_pattern(name: str, *, regex: bool = False) -> Check:
    """The tag of a section that takes one path, or ``~`` and a regular expression."""

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args)
        if not words:
            return Refusal(f"<{name}> directive requires additional arguments")
        tilde = words[0] == "~" and not regex
        if tilde:
            del words[0]
        if (regex or tilde) and words and refused_by_pcre(words[0]):
            return Refusal("Regex could not be compiled")
        if len(words) > 1:
            return Refusal(f"Multiple <{name}> arguments not (yet) supported.")
        return None

    return check


def _proxy_match(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if words and refused_by_pcre(words[0]):
        return Refusal("Regex could not be compiled")
    if len(words) > 1:
        return Refusal("Multiple <ProxyMatch> arguments not (yet) supported.")
    return None


def _without_arguments(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    return Refusal("<Else> does not take an argument") if node.args else None


def _document_root(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    path = checker.resolve(first_word(node.args)[0])
    if sections or checker.elsewhere or checker.state(path) in ("directory", "unknown"):
        return None  # in a virtual host it is only a warning
    return Refusal(f"DocumentRoot '{path}' is not a directory, or is not readable")


def _else(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if checker.follows_if(node, sections):
        return None
    return Refusal(
        "<Else> or <ElseIf> section without previous <If> or <ElseIf> section in same scope"
    )


CORE_CHECKS: Mapping[str, Check] = {
    "loglevel": _log_level,
    "listen": _listen,
    "<virtualhost": _virtual_host,
    "servername": _server_name,
    "serveralias": _server_alias,
    "<location": _one_pattern("Location"),
    "<locationmatch": _one_pattern("LocationMatch", regex=True),
    "<directory": _one_pattern("Directory"),
    "<directorymatch": _one_pattern("DirectoryMatch", regex=True),
    "<files": _one_pattern("Files"),
    "<filesmatch": _one_pattern("FilesMatch", regex=True),
    "<proxymatch": _proxy_match,
    "<else": _without_arguments,
    "documentroot": _document_root,
    "usecanonicalname": one_of("parameter must be 'on', 'off', or 'dns'", "on", "off", "dns"),
}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

LATE_CHECKS: Mapping[str, Check] = {"<else": _else, "<elseif": _else}
"""Sections with a check that httpd makes after their contents."""

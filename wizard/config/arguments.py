"""What the functions of single directives refuse, where a proxied route depends on them.

Source: httpd 2.4, modules/ssl/ssl_engine_config.c, modules/mappers/mod_rewrite.c, server/core.c,
server/vhost.c; each message was read from httpd 2.4.71 (tests/config_routes).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wizard.config import addresses, loglevel, rewrite
from wizard.config.layout import Layout
from wizard.config.paths import merge_path
from wizard.config.patterns import refused_by_pcre
from wizard.config.policy import VERIFY
from wizard.config.times import seconds
from wizard.config.tree import Node, Tree
from wizard.config.words import first_word, split_words
from wizard.model.config import Source


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why ``-t`` refuses a line.

    Args:
        message: httpd's own words.
        slug: the finding that it amounts to.
        hint: what to do.
    """

    message: str
    slug: str | None = None
    hint: str = ""


class Checker:
    """What checks need to know besides the line itself.

    Args:
        tree: the configuration.
        layout: that it was read with.
        created: real paths that count as existing, besides those on disk.
    """

    def __init__(self, tree: Tree, layout: Layout, created: frozenset[str]) -> None:
        self.modules = frozenset(tree.modules)
        self.partial = layout.partial
        self.listens: dict[str, Source] = {}
        self._tree = tree
        self._layout = layout
        self._created = created
        self._states: dict[str, str] = {}

    def resolve(self, path: str) -> str:
        """An absolute path, as httpd names it in its messages."""
        return merge_path(self._tree.server_root, path)

    def state(self, path: str) -> str:
        """``file``, ``directory``, ``missing`` (or empty, or no regular file), ``unknown``."""
        found = self._states.get(path)
        if found is None:
            found = self._states[path] = self._look(self._layout.relocate(path))
        return found

    def _look(self, path: str) -> str:
        if self._created and os.path.realpath(path) in self._created:
            return "file"
        try:
            status = os.stat(path)  # noqa: PTH116 # str paths, see wizard.config.paths
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        except (OSError, ValueError):  # it may not be looked at
            return "unknown"
        if stat.S_ISDIR(status.st_mode):
            return "directory"
        return "file" if stat.S_ISREG(status.st_mode) and status.st_size else "missing"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


Check = Callable[[Checker, Node, tuple[Node, ...]], Refusal | None]
_ATOI = re.compile(r"\s*([+-]?[0-9]{1,9})")


def _file(name: str) -> Check:
    """A file that must be there and not empty."""
    slug = "ca-file-missing" if name == "SSLProxyCACertificateFile" else None

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        path = checker.resolve(first_word(node.args)[0])
        if checker.state(path) in ("file", "unknown"):
            return None
        return Refusal(
            f"{name}: file '{path}' does not exist or is empty",
            slug,
            "httpd does not start without it, even where it is not used.",
        )

    return check


def _directory(name: str) -> Check:
    slug = "ca-file-missing" if name == "SSLProxyCACertificatePath" else None

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        path = checker.resolve(first_word(node.args)[0])
        if checker.state(path) in ("directory", "unknown"):
            return None
        return Refusal(f"{name}: directory '{path}' does not exist", slug)

    return check


def _verify(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        if word.lower() in VERIFY:
            return None
        return Refusal(
            f"{name}: Invalid argument '{word}'",
            hint="It takes none, optional, require or optional_no_ca.",
        )

    return check


def _depth(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        match = _ATOI.match(word)
        if match is None or int(match[1]) >= 0:
            return None
        return Refusal(f"{name}: Invalid argument '{word}'")

    return check


_PROTOCOLS = frozenset({"all", "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"})


def _protocol(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        for word in split_words(node.args):
            sign = word[:1] if word[:1] in ("+", "-") else ""
            protocol = word[len(sign) :].lower()
            if protocol == "sslv2" and sign != "-":
                return Refusal("SSLProtocol: SSLv2 is no longer supported")
            if protocol == "sslv3" and sign != "-":
                return Refusal("SSLv3 not supported by this version of OpenSSL")
            if protocol not in _PROTOCOLS and protocol not in ("sslv2", "sslv3"):
                return Refusal(
                    f"{name}: Illegal protocol '{word[len(sign) :]}'",
                    hint="It takes all, TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, with + or -.",
                )
        return None

    return check


def _revocation(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args) or [""]
        if words[0].lower() not in ("none", "leaf", "chain"):
            return Refusal(f"{name}: Invalid argument '{words[0]}'")
        for word in words[1:]:
            if word.lower() != "no_crl_for_cert_ok":
                return Refusal(f"{name}: Invalid argument '{word}'")
        return None

    return check


def _cipher_suite(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) > 1 and words[0].lower() not in ("ssl", "tlsv1.3"):
        return Refusal(f"protocol '{words[0]}' not supported")
    return None


def _ssl_engine(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if first_word(node.args)[0].lower() in ("on", "off", "optional"):
        return None
    return Refusal("Argument must be On or Off")


def _proxy_timeout(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    value = seconds(first_word(node.args)[0])
    if value is not None and value > 0:
        return None
    return Refusal("Proxy Timeout must be at least 1 second.")


_LEVELS_MESSAGE = (
    "Log level keyword must be one of emerg/alert/crit/error/warn/notice/info/debug/trace1/.../"
    "trace8"
)


def _log_level(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        colon, level = word.rpartition(":")[1:]
        if level.lower() not in loglevel.LEVELS:
            return Refusal(f"{word}: {_LEVELS_MESSAGE}" if colon else _LEVELS_MESSAGE)
    return None


def _listen(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not 1 <= len(words) <= 3 or (len(words) == 3 and "=" not in words[2]):
        return Refusal("Listen requires 1 or 2 arguments.")
    text = words[0]
    port = text if text.isdigit() else text.rpartition(":")[2] if ":" in text else ""
    if text.endswith("]") or not port:
        return Refusal("Port must be specified")
    if port.isdigit() and not 0 < int(port[:9]) < 65536:
        return Refusal("Invalid address or port")
    address = addresses.of_listen(node.args)
    if address is None:
        return None
    if str(address) in checker.listens:
        return Refusal(
            "Cannot define multiple Listeners on the same IP:port",
            hint=f"The other one stands at {checker.listens[str(address)]}.",
        )
    checker.listens[str(address)] = node.source
    return None


def _virtual_host(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not words:
        return Refusal("<VirtualHost> directive requires additional arguments")
    for word in words:
        if word.isdigit():
            return Refusal("Missing address for VirtualHost")
        host, colon, port = word.rpartition(":")
        numbered = colon and port.isdigit() and not word.endswith("]")
        if numbered and (not host or not 0 < int(port[:9]) < 65536):
            return Refusal("The address or port is invalid")
    return None


def _server_name(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    if "*" in word or "?" in word:
        return Refusal(f'Invalid ServerName "{word}" use ServerAlias to set multiple server names.')
    rest = word.partition("://")[2] or word
    port = rest.rpartition(":")[2] if ":" in rest and not rest.endswith("]") else ""
    if port and not (port.isdigit() and 0 < int(port[:9]) < 65536):
        return Refusal(
            f'The port number "{word}" is outside the appropriate range (i.e., 1..65535).'
        )
    return None


def _server_alias(_: Checker, __: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if any(section.key == "virtualhost" for section in sections):
        return None
    return Refusal("ServerAlias only used in <VirtualHost>")


def _needs_arguments(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        if node.args:
            return None
        return Refusal(f"<{name}> directive requires additional arguments")

    return check


def _section_pattern(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if words[:1] == ["~"]:
        del words[0]
    if words and refused_by_pcre(words[0]):
        return Refusal("Regex could not be compiled")
    return None


def _location_match(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if not node.args:
        return Refusal("<LocationMatch> directive requires additional arguments")
    return _section_pattern(checker, node, sections)


_RULE_FLAGS = _names(
    """
    B BACKREFNOPLUS BCTLS BNE BNP C CHAIN CO COOKIE DPI DISCARDPATH E ENV END F FORBIDDEN G GONE H
    HANDLER L LAST N NEXT NC NOCASE NE NOESCAPE NS NOSUBREQ P PROXY PT PASSTHROUGH QSA QSAPPEND
    QSD QSDISCARD QSL QSLAST R REDIRECT S SKIP T TYPE UNSAFEALLOW3F UNSAFEPREFIXSTAT UNC
    UNSAFEPREFIXSTATUNC
    """
)
_CONDITION_FLAGS = frozenset({"NC", "NOCASE", "OR", "ORNEXT", "NV", "NOVARY"})


def _bad_flags(name: str, text: str, known: frozenset[str]) -> Refusal | None:
    if not (text.startswith("[") and text.endswith("]") and len(text) >= 2):
        return Refusal(
            f"{name}: bad flag delimiters",
            hint="Write flags as one word: [NC,P], without blanks.",
        )
    for flag in rewrite.written_flags(text):
        if flag.upper() not in known:
            return Refusal(f"{name}: unknown flag '{flag}'")
    return None


def _rewrite_rule(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) < 2:
        return Refusal(f"RewriteRule: bad argument line '{node.args}'")
    if len(words) > 2 and (wrong := _bad_flags("RewriteRule", words[2], _RULE_FLAGS)):
        return wrong
    pattern = words[0].removeprefix("!")
    if refused_by_pcre(pattern):
        return Refusal(f"RewriteRule: cannot compile regular expression '{pattern}'")
    return None


def _rewrite_condition(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) < 2:
        return Refusal(f"RewriteCond: bad argument line '{node.args}'")
    if len(words) > 2 and (wrong := _bad_flags("RewriteCond", words[2], _CONDITION_FLAGS)):
        return wrong
    pattern = words[1].removeprefix("!")
    if words[0].lower() == "expr" or pattern.startswith(("-", "=", "<", ">")):
        return None
    if refused_by_pcre(pattern):
        return Refusal(f"RewriteCond: cannot compile regular expression '{pattern}'")
    return None


_HEADER_ACTIONS = _names("add set setifempty append merge unset echo note edit edit*")


def _request_header(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    action = words[0].lower() if words else ""
    if len(words) > 1 and action not in _HEADER_ACTIONS:
        return Refusal(
            "first argument must be 'add', 'set', 'setifempty', 'append', 'merge', 'unset', "
            "'echo', 'note', 'edit', or 'edit*'."
        )
    if action in ("set", "setifempty", "add", "append", "merge") and len(words) == 2:
        return Refusal("Header requires three arguments")
    return None


_FILES = (
    "SSLProxyCACertificateFile",
    "SSLProxyCARevocationFile",
    "SSLProxyMachineCertificateFile",
    "SSLProxyMachineCertificateChainFile",
    "SSLCertificateFile",
    "SSLCertificateKeyFile",
    "SSLCACertificateFile",
    "SSLCARevocationFile",
    "SSLCertificateChainFile",
)
_DIRECTORIES = (
    "SSLProxyCACertificatePath",
    "SSLProxyCARevocationPath",
    "SSLProxyMachineCertificatePath",
    "SSLCACertificatePath",
    "SSLCARevocationPath",
)

CHECKS: Mapping[str, Check] = {
    **{name.lower(): _file(name) for name in _FILES},
    **{name.lower(): _directory(name) for name in _DIRECTORIES},
    "sslproxyverify": _verify("SSLProxyVerify"),
    "sslverifyclient": _verify("SSLVerifyClient"),
    "sslproxyverifydepth": _depth("SSLProxyVerifyDepth"),
    "sslverifydepth": _depth("SSLVerifyDepth"),
    "sslproxyprotocol": _protocol("SSLProxyProtocol"),
    "sslprotocol": _protocol("SSLProtocol"),
    "sslproxycarevocationcheck": _revocation("SSLProxyCARevocationCheck"),
    "sslcarevocationcheck": _revocation("SSLCARevocationCheck"),
    "sslproxyciphersuite": _cipher_suite,
    "sslciphersuite": _cipher_suite,
    "sslengine": _ssl_engine,
    "proxytimeout": _proxy_timeout,
    "loglevel": _log_level,
    "listen": _listen,
    "<virtualhost": _virtual_host,
    "servername": _server_name,
    "serveralias": _server_alias,
    "<location": _needs_arguments("Location"),
    "<locationmatch": _location_match,
    "<directory": _needs_arguments("Directory"),
    "<proxymatch": _section_pattern,
    "rewriterule": _rewrite_rule,
    "rewritecond": _rewrite_condition,
    "requestheader": _request_header,
}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

"""Directives whose files ``-t`` looks for, of other modules than mod_ssl and mod_rewrite.

Source: httpd 2.4, server/util_mutex.c, server/core.c, modules/arch/unix/mod_unixd.c, modules/ldap/
util_ldap.c, modules/session/mod_session_crypto.c, modules/metadata/mod_remoteip.c, modules/md/
mod_md_config.c; each state of each file was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, word_set
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words

_MAKE = "Make it, or name another: httpd does not start without it."
_MECHANISMS = word_set("flock fcntl file sysvsem posixsem pthread sem none no default yes")
_KNOWN_MECHANISMS = (
    "Mutex mechanisms are: 'none', 'default', 'flock:/path/to/file', 'fcntl:/path/to/file', "
    "'file:/path/to/file', 'pthread', 'sysvsem', 'posixsem', 'sem'"
)
_NEVER_NONE = ("default", "ssl-stapling")
_THERE = ("directory", "unknown")
_OF_FILES = frozenset({"file", "flock", "fcntl"})
"""Those of them that keep a file in the directory behind their colon."""


def _named(position: int, refuse: Callable[[Checker, str, str], str | None]) -> Check:
    """The check of a word that names a file.

    Args:
        position: of the word.
        refuse: httpd's message for the checker, an absolute path and the word; None: it is there.
    """

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args)
        if checker.elsewhere or len(words) <= position:
            return None
        message = refuse(checker, checker.resolve(words[position]), words[position])
        return None if message is None else Refusal(message, hint=_MAKE)

    return check


def _core_dumps(checker: Checker, path: str, _: str) -> str | None:
    state = checker.state(path)
    if state in ("directory", "unknown"):
        return None
    what = "is not a directory" if checker.is_there(path) else "does not exist"
    return f"CoreDumpDirectory {path} {what}"


def _root(checker: Checker, path: str, _: str) -> str | None:
    there = checker.state(path) in ("directory", "unknown")
    return None if there else "ChrootDir must be a valid directory"


def _certificate_of_ldap(checker: Checker, path: str, word: str) -> str | None:
    # the nickname of a key in a database is no file
    named = checker.is_there(path) or "/" not in word
    return None if named else "Invalid global certificate file path"


def _opened(name: str) -> Check:
    """A file that httpd reads line by line as it reads the directive; empty will do."""

    def refuse(checker: Checker, path: str, _: str) -> str | None:
        if checker.state(path) == "directory":
            return f"{name}: Could not open file {path}: Bad file descriptor"
        if checker.is_there(path):
            return None
        return f"{name}: Could not open file {path}: No such file or directory"

    return _named(0, refuse)


def _account(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) != 1 or words[0].lower() == "none":
        return None

    def refuse(checker: Checker, path: str, _: str) -> str | None:
        there = checker.state(path) == "file" or checker.is_there(path)
        directory = checker.state(path) == "directory"
        return None if there and not directory else f"{node.name}: file not found: {path}"

    return _named(0, refuse)(checker, node, sections)


def _mutex(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word, rest = first_word(node.args)
    if not word:
        return Refusal(f"Mutex requires at least a mechanism argument ({_KNOWN_MECHANISMS})")
    mechanism, _, place = word.partition(":")
    if mechanism.lower() not in _MECHANISMS:
        return Refusal(f"Invalid Mutex argument {word} ({_KNOWN_MECHANISMS})")
    if place and mechanism.lower() in _OF_FILES and not checker.elsewhere:
        path = checker.resolve(place)
        if not checker.is_of_the_boot(path) and checker.state(path) not in _THERE:
            return Refusal(f"Invalid Mutex directory in argument {word}", hint=_MAKE)
    return _mutex_types(mechanism.lower(), split_words(rest))


def _mutex_types(mechanism: str, words: list[str]) -> Refusal | None:
    """What cannot go without a mutex; names of types are those of the loaded modules."""
    types = [word for word in words if word.lower() != "omitpid"] or ["default"]
    wanted = next((one for one in reversed(types) if one in _NEVER_NONE), None)
    if mechanism in ("none", "no") and wanted is not None:
        return Refusal(f"None is not allowed for mutex type {wanted}")
    return None


NAMED_FILE_CHECKS: Mapping[str, Check] = {
    "coredumpdirectory": _named(0, _core_dumps),
    "chrootdir": _named(0, _root),
    "ldaptrustedglobalcert": _named(1, _certificate_of_ldap),
    "sessioncryptopassphrasefile": _opened("SessionCryptoPassphraseFile"),
    "remoteiptrustedproxylist": _opened("RemoteIPTrustedProxyList"),
    "remoteipinternalproxylist": _opened("RemoteIPInternalProxyList"),
    "mdexternalaccountbinding": _account,
    "mutex": _mutex,
}
"""Directive in lower case to what its own function checks."""

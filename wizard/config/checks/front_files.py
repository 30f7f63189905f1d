"""Files, ciphers and protocols of TLS towards the browser, without which httpd does not start.

Whether the files are there is what ``-t`` says (`wizard.config.checks.mod_ssl`). Private keys are
not opened. Source: httpd 2.4, modules/ssl/ssl_engine_init.c; each was run on httpd 2.4.71.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from wizard import plain_file
from wizard.config.checks.checker import Checker
from wizard.config.installation.filesystem import entries, is_file
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.config import Problem
from wizard.reference import tls_settings

_MOST = 16 << 20
"""Bytes of a file that are looked through, and files of a directory: more holds no trust store."""
_MOST_FILES = 4096
_CERTIFICATE = re.compile(rb"^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----", re.MULTILINE)
_LOADABLE = re.compile(
    rb"^-----BEGIN (?:(?:X509 |TRUSTED )?CERTIFICATE|X509 CRL)-----", re.MULTILINE
)
"""What X509_load_cert_crl_file takes: certificates and lists alike."""
_ANY = re.compile(rb"^-----BEGIN [A-Z0-9 ]+-----", re.MULTILINE)
_TICKET_KEY = 48
"""Octets of a key for session tickets."""
_COMMANDS = {
    "certificate": _CERTIFICATE, "chaincafile": _LOADABLE, "verifycafile": _LOADABLE,
    "dhparameters": _ANY, "serverinfofile": _ANY,
}  # fmt: skip
_NAME = "Name a file in PEM that holds it; one in DER is converted by openssl x509 -inform DER."


def problems(
    checker: Checker,
    main: ServerLevel,
    levels: Sequence[ServerLevel],
    *,
    profiles: Callable[[], bool | None],
) -> Iterator[Problem]:
    """What ends start-up; each place once, in the order of the servers.

    Args:
        checker: resolves paths.
        main: the main server.
        levels: every virtual host.
        profiles: says whether httpd's OpenSSL knows PROFILE=SYSTEM, None: not known; asked only
            where a line names it, since the library is read for that.
    """
    if "ssl_module" not in checker.modules or checker.elsewhere:
        return
    found: dict[tuple[str, int], Problem] = {}
    for level in (main, *levels):
        engine = level.last("sslengine") or main.last("sslengine")
        if engine is None or first_word(engine.args)[0].lower() not in ("on", "optional"):
            continue
        for problem in (
            *_protocol(main, level),
            *_of(checker, main, level),
            *_ciphers(main, level, profiles=profiles),
        ):
            found.setdefault((problem.file, problem.line), problem)
    yield from found.values()


def _of(checker: Checker, main: ServerLevel, level: ServerLevel) -> Iterator[Problem]:
    servers = (main,) if level is main else (main, level)

    def last(key: str) -> Node | None:
        return level.last(key) or main.last(key)

    named = last("sslcadnrequestfile") or last("sslcadnrequestpath")
    file, path = last("sslcacertificatefile"), last("sslcacertificatepath")
    yield from _authorities(checker, file, path, named=named is not None)
    node = last("sslcarevocationfile")
    if node is not None and _lacks(checker, node, _LOADABLE):
        message = "unable to configure X.509 CRL storage for certificate revocation"
        yield _problem(node, message, "AH01901")
    for server in servers:
        for node in server.all("sslcertificatefile"):
            word = first_word(node.args)[0]
            if not word.lower().startswith("pkcs11:") and _lacks(checker, node, _CERTIFICATE):
                place = checker.resolve(word)
                message = f"Failed to configure certificate: {place} holds none in PEM"
                yield _problem(node, message, "AH02562")
    yield from _stapling(last("sslengine"), last("sslusestapling"), main.last("sslstaplingcache"))
    for server in servers:
        for node in server.all("sslopensslconfcmd"):
            words = split_words(node.args)
            wanted = _COMMANDS.get(words[0].lower()) if len(words) == 2 else None
            if wanted is not None and not _holds(checker.resolve(words[1]), wanted):
                message = f'"SSLOpenSSLConfCmd {words[0]} {words[1]}" failed'
                yield _problem(node, message, "AH02407")
    node = last("sslsessionticketkeyfile")
    if node is not None and _is_short(checker.resolve(first_word(node.args)[0])):
        place = checker.resolve(first_word(node.args)[0])
        new = shlex.quote(f"{place}.new")
        hint = (
            f"Make a key and name its file: (umask 077; set -C; openssl rand {_TICKET_KEY} > {new})"
        )
        yield _problem(node, f"Failed to read {_TICKET_KEY} bytes from {place}", "AH02287", hint)


def _protocol(main: ServerLevel, level: ServerLevel) -> Iterator[Problem]:
    node = level.last("sslprotocol") or main.last("sslprotocol")
    if node is not None and not tls_settings.protocols(" ".join(split_words(node.args))):
        message = "No SSL protocols available"
        yield _problem(
            node, message, "AH02231", "The line leaves none. Name some: SSLProtocol TLSv1.2 TLSv1.3"
        )


def _ciphers(
    main: ServerLevel, level: ServerLevel, *, profiles: Callable[[], bool | None]
) -> Iterator[Problem]:
    """SSLCipherSuite has a list for TLS 1.3, and one for the versions before; each is inherited."""
    lists: dict[bool, tuple[Node, str]] = {}
    for server in (main, level):
        for node in server.all("sslciphersuite"):
            words = [word for word in split_words(node.args) if word]  # "" counts as none
            if words:
                lists[len(words) == 2 and words[0].lower() == "tlsv1.3"] = node, words[-1]
    if False in lists:
        node, suite = lists[False]
        unknown = tls_settings.names_profile(suite) and profiles() is False
        if unknown or not tls_settings.ciphers_match(suite):
            why = "does not know PROFILE=SYSTEM" if unknown else "has none that match"
            message = "Unable to configure permitted SSL ciphers"
            hint = f"httpd's OpenSSL {why}. Write: SSLCipherSuite HIGH:!aNULL"
            yield _problem(node, message, "AH01898", hint)
    if True in lists and not tls_settings.tls13_ciphers_match(lists[True][1]):
        message = "Unable to configure permitted TLSv1.3 ciphers"
        hint = "Name ciphers of TLS 1.3 (TLS_AES_256_GCM_SHA384), or remove the line."
        yield _problem(lists[True][0], message, "AH10127", hint)


def _authorities(
    checker: Checker, file: Node | None, path: Node | None, *, named: bool
) -> Iterator[Problem]:
    """The CAs that browsers' certificates are verified with.

    Args:
        checker: resolves paths.
        file: SSLCACertificateFile.
        path: SSLCACertificatePath.
        named: whether other directives say which CAs are asked for.
    """
    if file is not None and _lacks(checker, file, _LOADABLE):
        message = "Unable to configure verify locations for client authentication"
        yield _problem(file, message, "AH01895")
    elif (
        file is None
        and path is not None
        and not named
        and not _any_in(checker.resolve(first_word(path.args)[0]))
    ):
        message = "Unable to determine list of acceptable CA certificates for client"
        yield _problem(path, f"{message} authentication", "AH01896")


def _stapling(engine: Node | None, use: Node | None, cache: Node | None) -> Iterator[Problem]:
    """SSLUseStapling without SSLStaplingCache; SSLEngine optional does not staple."""
    on = [first_word(node.args)[0].lower() == "on" for node in (engine, use) if node is not None]
    if use is not None and cache is None and on == [True, True]:
        message = "SSLStapling: no stapling cache available"
        hint = "Add SSLStaplingCache outside of the virtual hosts, or remove the line."
        yield _problem(use, message, "AH01958", hint)


def _problem(node: Node, message: str, code: str, hint: str = _NAME) -> Problem:
    written = f"{node.name} {node.args}"
    return Problem(node.file, node.line, message, "start", code, directive=written, hint=hint)


def _lacks(checker: Checker, node: Node, wanted: re.Pattern[bytes]) -> bool:
    return not _holds(checker.resolve(first_word(node.args)[0]), wanted)


def _holds(path: str, wanted: re.Pattern[bytes]) -> bool:
    """Whether a file has such a block; True if it cannot be read, or is no file."""
    if not is_file(path):
        return True
    try:
        status = os.stat(path)  # noqa: PTH116 # str paths, see wizard.config.installation.filesystem
        return _searched(path, wanted, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return True


@lru_cache(maxsize=4096)
def _searched(path: str, wanted: re.Pattern[bytes], changed: int, size: int) -> bool:  # noqa: ARG001 # parts of the key only
    return wanted.search(plain_file.read(path, _MOST)) is not None


def _any_in(path: str) -> bool:
    """Whether a file of a directory holds a certificate; True if that is not known."""
    try:
        names = list(entries(path))
    except (OSError, ValueError):
        return True
    if len(names) > _MOST_FILES:
        return True
    files = (file for name in names if is_file(file := f"{path}/{name}"))
    return any(_holds(file, _CERTIFICATE) for file in files)


def _is_short(path: str) -> bool:
    try:
        return is_file(path) and 0 < os.stat(path).st_size < _TICKET_KEY  # noqa: PTH116 # str paths
    except (OSError, ValueError):
        return False

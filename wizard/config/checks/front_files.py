"""Files, ciphers and commands of TLS towards the browser, without which httpd does not start.

httpd's own OpenSSL is asked, in a process of its own (`wizard.config.installation.server_openssl`):
no private key is read in this one. Whether the files are there is what ``-t`` says
(`wizard.config.checks.mod_ssl`). Source: httpd 2.4, modules/ssl/ssl_engine_init.c; each was run on
httpd 2.4.71.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from wizard import plain_file
from wizard.config.checks import pass_phrase
from wizard.config.checks.checker import Checker, problem_at
from wizard.config.checks.mod_ssl import COMMANDS_WITH_PATHS
from wizard.config.installation import server_openssl
from wizard.config.installation.filesystem import entries, is_file
from wizard.config.installation.layout import Layout
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.config import Problem
from wizard.model.host_names import bare_name
from wizard.record import record
from wizard.reference import tls_settings

_MOST = 16 << 20
"""Bytes of a file, and files of a directory: more holds no trust store."""
_MOST_FILES = 4096
_TICKET_KEY = 48
"""Octets of a key for session tickets."""
_BASE_ENTRIES = 3
"""So many SSLCertificateFile of a virtual host take the place of the main server's
(CERTKEYS_IDX_MAX)."""
_EXCLUDED = ":!aNULL:!eNULL:!EXP"
"""What mod_ssl adds to every list of ciphers."""
_NAME = "Name a file in PEM that holds it; one in DER is converted by openssl x509 -inform DER."
_UNFIT = "unknown certificate type"
"""OpenSSL's reason where a private key is of a kind that no certificate of TLS has."""
_KEY = "Name the private key of this certificate, in PEM."
_OTHER_KEY = (
    "Name the key that belongs to this certificate: openssl pkey -pubout -in KEY and openssl x509 "
    "-noout -pubkey -in CERTIFICATE print the same then. In a file with the chain the server's own "
    "certificate comes first."
)
_WEAK = (
    "OpenSSL refuses it for its security level. Have it issued with a key of at least 2,048 bits "
    "(RSA) and SHA-256."
)
_COMMAND = "Correct the value (SSL_CONF_cmd(3) has those of each command), or remove the line."
_ALL_OF_IT = frozenset({"clientcapath", "requestcapath"})
"""Of whose directory OpenSSL opens whatever is in it (SSL_add_dir_cert_subjects_to_stack(3))."""


@record
class _Step:
    """What mod_ssl does with a directive.

    Args:
        node: the directive.
        call: the step for OpenSSL.
        code: of what httpd logs if it fails.
        message: httpd's own, without OpenSSL's reason.
        group: of steps of which httpd does not come to the later ones once one fails.
        hint: what to do.
    """

    node: Node
    call: tuple[Any, ...]
    code: str
    message: str
    group: str
    hint: str = _NAME


@dataclass(slots=True)
class _Server:
    """A server that speaks TLS: its directives, and the steps.

    Args:
        checker: resolves paths.
        main: the main server.
        level: the server.
        files_in: the files of a directory, which many servers have in common; None: that is not
            known.
        steps: so far, in httpd's order.
    """

    checker: Checker
    main: ServerLevel
    level: ServerLevel
    files_in: Callable[[str], list[str] | None]
    steps: list[_Step] = field(default_factory=list)

    def last(self, key: str) -> Node | None:
        """The directive in force."""
        return self.level.last(key) or self.main.last(key)

    def all(self, key: str) -> list[Node]:
        """Those of the main server, then its own."""
        own = [] if self.level is self.main else self.level.all(key)
        return [*self.main.all(key), *own]

    def merged(self, key: str) -> list[Node]:
        """SSLCertificateFile and -KeyFile, as modssl_ctx_cfg_merge_certkeys_array merges them."""
        base = self.main.all(key)
        own = [] if self.level is self.main else self.level.all(key)
        first = own[:_BASE_ENTRIES]
        return [*first, *base[len(first) :], *own[_BASE_ENTRIES:]]

    def path(self, node: Node) -> str:
        """What it names."""
        return self.checker.resolve(first_word(node.args)[0])


def problems(
    checker: Checker, layout: Layout, main: ServerLevel, levels: Sequence[ServerLevel]
) -> Iterator[Problem]:
    """What ends start-up; each place once, in the order of the servers.

    Args:
        checker: resolves paths.
        layout: whose OpenSSL is asked.
        main: the main server.
        levels: every virtual host.
    """
    if "ssl_module" not in checker.modules:
        return
    files_in = cache(_files_in)
    servers = [_Server(checker, main, level, files_in) for level in (main, *levels)]
    servers = [server for server in servers if _speaks_tls(server)]
    for server in servers:
        server.steps.extend([] if checker.elsewhere else _steps(server, layout))
    calls = [tuple(step.call for step in server.steps) for server in servers]
    failed = server_openssl.failures(layout, [one for one in calls if one])
    found: dict[tuple[str, int], Problem] = {}
    for server, called in zip(servers, calls, strict=True):
        for problem in (*_settings(server), *_failed(server, failed.get(called, ()))):
            found.setdefault((problem.file, problem.line), problem)
    yield from found.values()


def _speaks_tls(server: _Server) -> bool:
    engine, protocol = server.last("sslengine"), server.last("protocol")
    if engine is None and protocol is not None and server.merged("sslcertificatefile"):
        return first_word(protocol.args)[0].lower() == "https"
    word = first_word(engine.args)[0].lower() if engine is not None else ""
    gone = server.checker.knows("check", "SSLEngine-optional-is-gone")
    return word == "on" or (word == "optional" and not gone)


def _failed(server: _Server, failures: server_openssl.Failed) -> Iterator[Problem]:
    """Of each group the first, where httpd ends."""
    if not failures:
        return
    from wizard.config.installation.server_contexts import LOCKED, MISMATCHES  # loads ctypes

    ended = set()
    for number, reason in failures:
        step = server.steps[number]
        if step.group in ended:
            continue
        ended.add(step.group)
        if reason == LOCKED:
            problem = pass_phrase.problem(server.checker, step.node, server.main)
            if problem is not None:
                yield problem
        elif reason in MISMATCHES and step.call[0] == "key":
            message = (
                f"Certificate and private key do not match: {step.call[1]} is the key of another "
                "certificate"
            )
            yield problem_at(step.node, message, "AH02565", _OTHER_KEY)
        elif step.call[0] == "key" and reason != _UNFIT:
            message = f"Init: Private key not found, check {step.call[1]}: {reason}"
            yield problem_at(step.node, message, "AH02579", step.hint)
        else:
            weak = reason.endswith(("too small", "too weak"))
            yield problem_at(
                step.node, f"{step.message}: {reason}", step.code, _WEAK if weak else step.hint
            )


def _settings(server: _Server) -> Iterator[Problem]:
    """What mod_ssl refuses without OpenSSL."""
    node = server.last("sslprotocol")
    if node is not None and not tls_settings.protocols(" ".join(split_words(node.args))):
        message = "No SSL protocols available"
        hint = "The line leaves none. Name some: SSLProtocol TLSv1.2 TLSv1.3"
        yield problem_at(node, message, "AH02231", hint)
    node = server.last("sslcarevocationcheck")
    named = server.last("sslcarevocationfile") or server.last("sslcarevocationpath")
    if node is not None and named is None and first_word(node.args)[0].lower() != "none":
        message = (
            "CRL checking has been enabled, but neither SSLCARevocationFile nor "
            "SSLCARevocationPath is configured"
        )
        hint = "Name the lists with SSLCARevocationFile, or remove the line."
        yield problem_at(node, message, "AH01899", hint)
    engine, use = server.last("sslengine"), server.last("sslusestapling")
    # SSLEngine optional does not staple
    on = [first_word(node.args)[0].lower() == "on" for node in (engine, use) if node is not None]
    if use is not None and server.main.last("sslstaplingcache") is None and on == [True, True]:
        message = "SSLStapling: no stapling cache available"
        hint = "Add SSLStaplingCache outside of the virtual hosts, or remove the line."
        yield problem_at(use, message, "AH01958", hint)
    yield from _ticket_key(server)
    yield from _no_certificate(server)


def _no_certificate(server: _Server) -> Iterator[Problem]:
    commands = [first_word(node.args)[0].lower() for node in server.all("sslopensslconfcmd")]
    if server.merged("sslcertificatefile") or "certificate" in commands:
        return
    if "md_module" in server.checker.modules:  # which adds certificates of its own
        return
    named = server.last("servername")
    name = bare_name(first_word(named.args)[0]) if named is not None else ""
    node = server.level.node or server.last("sslengine")
    if node is not None:
        message = f"Failed to configure at least one certificate and key for {name}:443"
        hint = "Add SSLCertificateFile and SSLCertificateKeyFile."
        yield Problem(
            node.file, node.line, message, "start", "AH02572", directive="SSLEngine on", hint=hint
        )


def _ticket_key(server: _Server) -> Iterator[Problem]:
    node = server.last("sslsessionticketkeyfile")
    if server.checker.elsewhere or node is None or not _is_short(place := server.path(node)):
        return
    new = shlex.quote(f"{place}.new")
    hint = f"Make a key and name its file: (umask 077; set -C; openssl rand {_TICKET_KEY} > {new})"
    yield problem_at(node, f"Failed to read {_TICKET_KEY} bytes from {place}", "AH02287", hint)


def _steps(server: _Server, layout: Layout) -> Iterator[_Step]:
    yield from _authorities(server)
    yield from _ciphers(server, own=layout.libssl is not None)
    node = server.last("sslcarevocationfile")
    if node is not None and _is_read(server.path(node)):
        message = "unable to configure X.509 CRL storage for certificate revocation"
        yield _Step(node, ("revocation", server.path(node), None), "AH01901", message, "crl")
    certificates = server.merged("sslcertificatefile")
    node = server.last("sslcertificatechainfile")
    if node is not None and _is_read(place := server.path(node)):
        skip = place in [server.path(one) for one in certificates]
        message = "Failed to configure CA certificate chain"
        yield _Step(node, ("chain", place, skip), "AH01903", message, "chain")
    node = server.last("sslsrpverifierfile")
    if node is not None and _is_read(place := server.path(node)):
        message = "Unable to load SRP verifier file"
        yield _Step(node, ("verifiers", place), "AH02310", message, "srp")
    yield from _own(server, certificates, own_chain=server.last("sslcertificatechainfile") is None)


def _authorities(server: _Server) -> Iterator[_Step]:
    """The CAs that browsers' certificates are verified with, and those that are asked for."""
    file, path = server.last("sslcacertificatefile"), server.last("sslcacertificatepath")
    trusted = file or path
    if trusted is None:
        return
    places = [server.path(node) if node is not None else None for node in (file, path)]
    if all(place is None or _is_read(place) for place in places):
        message = "Unable to configure verify locations for client authentication"
        yield _Step(trusted, ("authorities", *places), "AH01895", message, "authorities")
    names = [server.last("sslcadnrequestfile"), server.last("sslcadnrequestpath")]
    file, path = names if any(names) else (file, path)
    files = [server.path(file)] if file is not None else []
    more = server.files_in(server.path(path)) if path is not None else []
    if more is None or not all(map(_is_read, files)):
        return
    code, message = "AH01896", "Unable to determine list of acceptable CA certificates for client"
    message += " authentication"
    if files:
        code, message = "AH02210", f"Failed to load SSLCACertificateFile: {files[0]}"
    node = file or path or trusted
    yield _Step(node, ("names", *files, *more), code, message, "authorities")


def _ciphers(server: _Server, *, own: bool) -> Iterator[_Step]:
    """SSLCipherSuite has a list for TLS 1.3, and one for the versions before; each is inherited."""
    lists: dict[bool, tuple[Node, str]] = {}
    for node in server.all("sslciphersuite"):
        words = [word for word in split_words(node.args) if word]  # "" counts as none
        if words:
            lists[len(words) == 2 and words[0].lower() == "tlsv1.3"] = node, words[-1]
    if False in lists and (own or not tls_settings.names_profile(lists[False][1])):
        node, suite = lists[False]
        unknown = tls_settings.names_profile(suite)
        why = "does not know PROFILE=SYSTEM" if unknown else "has none that match"
        hint = f"httpd's OpenSSL {why}. Write: SSLCipherSuite HIGH:!aNULL"
        message = "Unable to configure permitted SSL ciphers"
        yield _Step(node, ("ciphers", suite + _EXCLUDED), "AH01898", message, "ciphers", hint)
    if True in lists:
        node, suite = lists[True]
        message = "Unable to configure permitted TLSv1.3 ciphers"
        hint = "Name ciphers of TLS 1.3 (TLS_AES_256_GCM_SHA384), or remove the line."
        yield _Step(node, ("ciphersuites", suite), "AH10127", message, "ciphers", hint)


def _own(server: _Server, certificates: Sequence[Node], *, own_chain: bool) -> Iterator[_Step]:
    """The server's certificates with their keys, the commands for OpenSSL, and what comes of it."""
    keys = server.merged("sslcertificatekeyfile")
    all_read = "md_module" not in server.checker.modules  # which adds certificates of its own
    code = "AH02562" if own_chain else "AH02561"
    for number, node in enumerate(certificates):
        key = keys[number] if number < len(keys) else node
        if not _is_read(place := server.path(node)):
            all_read = False
            continue
        message = f"Failed to configure certificate, check {place}"
        yield _Step(node, ("certificate", place, own_chain), code, message, "own")
        if not _is_read(place := server.path(key)):
            all_read = False
            continue
        message = f"Failed to configure encrypted (?) private key, check {place}"
        yield _Step(key, ("key", place), "AH02564", message, "own", _KEY)
    last = None
    for node in server.all("sslopensslconfcmd"):
        words = split_words(node.args)
        if len(words) != 2 or words[0].lower().endswith("store"):
            continue  # a store's URI may lead to a token or a program
        name, value = words[0].lower(), words[1]
        if name in ("certificate", "privatekey"):
            last = node
        if name in COMMANDS_WITH_PATHS and not _is_read(value := server.checker.resolve(value)):
            all_read = False
            continue
        if name in _ALL_OF_IT and not _is_plain(value):
            all_read = False
            continue
        value += _EXCLUDED if name == "cipherstring" else ""
        message = f'"SSLOpenSSLConfCmd {words[0]} {words[1]}" failed'
        yield _Step(node, ("command", words[0], value), "AH02407", message, "own", _COMMAND)
    if all_read and last is not None:
        message = "Failed to configure at least one certificate and key"
        yield _Step(last, ("pair",), "AH02572", message, "own", _KEY)


def _is_read(path: str) -> bool:
    """Whether this user can read it, and it is a directory, or a plain file that is no larger than
    a trust store is."""
    try:
        status = os.stat(path)  # noqa: PTH116 # str paths, see wizard.config.installation.filesystem
        if not stat.S_ISDIR(status.st_mode):
            plain_file.refuse(status, path)
        return status.st_size <= _MOST and os.access(path, os.R_OK)
    except (OSError, ValueError):
        return False


def _files_in(path: str) -> list[str] | None:
    """The files of a directory; None: that is not known."""
    listed = _listed(path)
    files = [place for place in listed or () if is_file(place)]
    return files if listed is not None and all(map(_is_read, files)) else None


def _is_plain(directory: str) -> bool:
    """Whether nothing in a directory but plain files and directories would be opened."""
    listed = _listed(directory)
    return listed is not None and all(map(_is_read, listed))


def _listed(directory: str) -> list[str] | None:
    """What is in a directory; None: that is not known, or too much for a trust store."""
    try:
        places = [f"{directory}/{name}" for name in entries(directory)]
    except (OSError, ValueError):
        return None
    return places if len(places) <= _MOST_FILES else None


def _is_short(path: str) -> bool:
    try:
        return is_file(path) and 0 < os.stat(path).st_size < _TICKET_KEY  # noqa: PTH116 # str paths
    except (OSError, ValueError):
        return False

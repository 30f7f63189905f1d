"""What mod_ssl's directives refuse.

Source: httpd 2.4, modules/ssl/ssl_engine_config.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from wizard.config.checks.checker import Check, Checker, Refusal, one_of, word_set
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words
from wizard.reference.ssl_proxy_directives import SSL_PROXY_DIRECTIVES, VERIFY_MODES, Kind

_SLUGS = {"SSLProxyCACertificate": "ca-file-missing", "SSLProxyCARevocation": "crl-missing"}
"""What a missing file amounts to, by how its directive's name begins."""
_NEEDED = (
    "Put it there, correct the path, or remove the line: httpd does not start without it, even "
    "where it is not used."
)


def _slug(name: str) -> str | None:
    return next((slug for begin, slug in _SLUGS.items() if name.startswith(begin)), None)


def _file(name: str) -> Check:
    """A file that must be there and not empty."""
    slug = _slug(name)

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        if name in _OWN and _in_a_token(word, checker):
            return None
        path = checker.resolve(word)
        if checker.state(path) in ("file", "unknown"):
            return None
        return Refusal(
            f"{name}: file '{path}' does not exist or is empty",
            slug,
            _NEEDED,
        )

    return check


_OWN = frozenset({"SSLCertificateFile", "SSLCertificateKeyFile"})


def _in_a_token(word: str, checker: Checker) -> bool:
    """Whether it names a certificate or key that a PKCS#11 token holds."""
    return word.startswith("pkcs11:") and checker.knows("check", "key-in-a-token")


def _directory(name: str) -> Check:
    slug = _slug(name)

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        path = checker.resolve(first_word(node.args)[0])
        if checker.state(path) in ("directory", "unknown"):
            return None
        return Refusal(f"{name}: directory '{path}' does not exist", slug, _NEEDED)

    return check


def _source(name: str, position: int, *, bare: bool) -> Check:
    """A file to read, or a program to run, that must be there.

    Args:
        name: of the directive.
        position: of the word that names it.
        bare: whether a word without ``file:`` or ``exec:`` is a path too.
    """
    what = "source path" if bare else "file"

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args)
        word = words[position] if len(words) > position else "builtin"
        kind, colon, place = word.partition(":")
        named = place if colon and kind.lower() in ("file", "exec", "egd") else word
        if named == word and (not bare or word.lower() == "builtin"):
            return None
        path = checker.resolve(named if bare else named.partition(" ")[0])
        if checker.elsewhere or checker.is_there(path):
            return None
        return Refusal(f"{name}: {what} '{path}' does not exist", hint=_NEEDED)

    return check


def _verify(name: str) -> Check:
    hint = "It takes none, optional, require or optional_no_ca."
    return one_of(f"{name}: Invalid argument '{{word}}'", *VERIFY_MODES, hint=hint)


_NO_SSLV3 = "Take SSLv3 out, or write -SSLv3: all -SSLv3 -TLSv1 -TLSv1.1 leaves what is safe."
_PROTOCOLS = frozenset({"all", "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"})


def _protocol(name: str) -> Check:
    def check(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        for word in split_words(node.args):
            sign = word[:1] if word[:1] in ("+", "-") else ""
            protocol = word[len(sign) :].lower()
            if protocol == "sslv2" and sign != "-":
                return Refusal("SSLProtocol: SSLv2 is no longer supported")
            if protocol == "sslv3" and sign != "-":
                return Refusal("SSLv3 not supported by this version of OpenSSL", hint=_NO_SSLV3)
            lacking = checker.lack("protocol", protocol)
            unknown = protocol not in _PROTOCOLS and protocol not in ("sslv2", "sslv3")
            if unknown or lacking is not None:
                hint = "It takes all, TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, with + or -."
                return Refusal(
                    f"{name}: Illegal protocol '{word[len(sign) :]}'",
                    hint=f"{word[len(sign) :]} {lacking}." if lacking else hint,
                )
        return None

    return check


def _mode_and_flag(name: str, modes: Sequence[str], flag: str) -> Check:
    """A mode, then nothing but the flag."""

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        for number, word in enumerate(split_words(node.args) or [""]):
            if word.lower() not in ((flag,) if number else modes):
                return Refusal(f"{name}: Invalid argument '{word}'")
        return None

    return check


def _revocation(name: str) -> Check:
    return _mode_and_flag(name, ("none", "leaf", "chain"), "no_crl_for_cert_ok")


def _cipher_suite(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = [word for word in split_words(node.args) if word]
    if len(words) < 2 or words[0] == "SSL":
        return None
    lacking = checker.lack("protocol", words[0])
    if words[0] == "TLSv1.3" and lacking is None:
        if node.key == "sslciphersuite" and any(s.key != "virtualhost" for s in sections):
            return Refusal("TLSv1.3 ciphers cannot be set inside a directory context")
        return None
    spelt = checker.knows("check", "cipher-protocol-is-spelt")
    return Refusal(
        f"{'protocol' if spelt else 'procotol'} '{words[0]}' not supported",
        hint=f"{words[0]} {lacking}." if lacking else "It takes SSL, or TLSv1.3, as written here.",
    )


def _fips(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    value = first_word(node.args)[0].lower()
    values = checker.names("sslfips", ())
    values.add(value)
    on = value == "on"
    # a distribution that backports changes does so to OpenSSL 1.1.1 as well
    if not on or checker.release.backports or checker.knows("check", "SSLFIPS-on"):
        conflict = "Conflicting SSLFIPS options, cannot be both On and Off"
        return Refusal(conflict) if len(values) > 1 else None
    return Refusal("SSLFIPS invalid, rebuild httpd and openssl compiled for FIPS")


def _compression(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    on = first_word(node.args)[0].lower() == "on"
    tried = checker.knows("check", "SSLCompression-is-tried")
    if not on or not tried or checker.release.backports or checker.knows("check", "compresses"):
        return None
    return Refusal(
        "This version of OpenSSL does not have any compression methods available, cannot enable "
        "SSLCompression.",
        hint="Remove the line: TLS is not compressed any more.",
    )


_COMMAND_FILES = word_set(
    "certificate chaincafile clientcafile dhparameters privatekey requestcafile serverinfofile "
    "verifycafile"
)
_COMMAND_DIRECTORIES = word_set("chaincapath clientcapath requestcapath verifycapath")
COMMANDS_WITH_PATHS = _COMMAND_FILES | _COMMAND_DIRECTORIES
"""Commands of SSLOpenSSLConfCmd whose value is a path, in lower case."""
_COMMANDS = (
    word_set(
        """
        chaincastore cipherstring ciphersuites clientcastore clientsignaturealgorithms curves
        ecdhparameters groups maxprotocol minprotocol numtickets options protocol recordpadding
        requestcastore signaturealgorithms verifycastore verifymode
        """
    )
    | COMMANDS_WITH_PATHS
)


def _command(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    name, value = words[0].lower(), words[1]
    lacking = checker.lack("OpenSSL command", name)
    if name not in _COMMANDS or lacking is not None:
        return Refusal(
            f"'{words[0]}': invalid OpenSSL configuration command",
            hint=f"{words[0]} {lacking}." if lacking else "",
        )
    path = checker.resolve(value)
    if name in _COMMAND_FILES and checker.state(path) not in ("file", "unknown"):
        return Refusal(f"SSLOpenSSLConfCmd: file '{path}' does not exist or is empty")
    if name in _COMMAND_DIRECTORIES and checker.state(path) not in ("directory", "unknown"):
        return Refusal(f"SSLOpenSSLConfCmd: directory '{path}' does not exist")
    return None


def _ocsp(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if not checker.knows("check", "SSLOCSPEnable-leaf"):
        return None  # a flag
    check = _mode_and_flag("SSLOCSPEnable", ("off", "leaf", "on"), "no_ocsp_for_cert_ok")
    return check(checker, node, sections)


def _ssl_engine(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if first_word(node.args)[0].lower() in ("on", "off", "optional"):
        return None
    if checker.knows("check", "SSLEngine-optional-is-gone"):
        return Refusal("Argument must be On or Off")
    return Refusal("Argument must be On, Off, or Optional")


def _cache(directive: str, what: str, *without: str) -> Check:
    """A cache of mod_socache_*.

    Args:
        directive: its name.
        what: the cache, in httpd's words.
        without: words that mean none.
    """

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        name, _colon, rest = first_word(node.args)[0].partition(":")
        known = [m.removeprefix("socache_") for m in checker.modules_named("socache_")]
        if name.lower() in without:
            return None
        if name.lower() not in ("default" if known else "", *known):
            dot = "." if without else ""
            return Refusal(
                f"{directive}: '{name}' {what} cache not supported (known names: "
                f"{','.join([*known, 'default']) if 'shmcb' in known else ','.join(known)}){dot} "
                f"Maybe you need to load the appropriate socache module (mod_socache_{name}?){dot}",
                "module-missing",
            )
        if name.lower() in ("memcache", "redis") and not rest:
            why = f"List of server names required to create {name.lower()} socache."
            return Refusal(f"{directive}: {why}")
        wrong = _shmcb(rest) if name.lower() in ("shmcb", "default") else ""
        return Refusal(f"{directive}: Invalid argument: {wrong}") if wrong else None

    return check


_SHMCB_LEAST, _SHMCB_MOST = 8192, 2**32 - 1


def _shmcb(place: str) -> str:
    """What is wrong with ``PATH(SIZE)``, in httpd's words (mod_socache_shmcb.c)."""
    _, opened, size = place.rpartition("(")
    if not opened:
        return "no opening parenthesis" if place.endswith(")") else ""
    if not size.endswith(")"):
        return "no closing parenthesis or cache size missing after pathname with parenthesis"
    if not _SIZE.match(size[:-1]):
        return "cache size not numerical"
    bytes_ = int(size[:-1] or 0)
    if 0 <= bytes_ < _SHMCB_LEAST:
        return f"size has to be >= {_SHMCB_LEAST} bytes"
    if not 0 <= bytes_ < _SHMCB_MOST:  # httpd takes it for a number without a sign
        return f"size has to be < {_SHMCB_MOST} bytes on this platform"
    return ""


_SIZE = re.compile(r"[+-]?[0-9]{1,30}\Z|\Z")
_OPTIONS = word_set(
    "stdenvvars exportcertdata fakebasicauth strictrequire optrenegotiate legacydnstringformat"
)


def _options(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        name = word[1:] if word[:1] in ("+", "-") else word
        if name.lower() not in _OPTIONS:
            return Refusal(f"SSLOptions: Illegal option '{name}'")
    return None


def _not_negative(message: str) -> Check:
    """A number that atoi() reads; ``{word}`` in the message is the argument."""

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        return None if atoi(word) >= 0 else Refusal(message.replace("{word}", word))

    return check


def _dialog(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    known = word == "builtin" or (word[:1] == "|" and len(word) > 1)
    if not known and not (word.startswith("exec:") and len(word) > len("exec:")):
        return Refusal("SSLPassPhraseDialog: Invalid argument")
    return _source("SSLPassPhraseDialog", 0, bare=False)(checker, node, sections)


def _random_seed(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    when, *rest = split_words(node.args)
    if when.lower() not in ("startup", "connect"):
        return Refusal(f"SSLRandomSeed: invalid context: `{when}'")
    refusal = _source("SSLRandomSeed", 1, bare=True)(checker, node, sections)
    if refusal is None and len(rest) == 2:
        if rest[0].lower() == "builtin":
            return Refusal("SSLRandomSeed: byte specification not allowed for builtin seed source")
        if atoi(rest[1]) < 0:
            return Refusal("SSLRandomSeed: invalid number of bytes specified")
    return refusal


_BY_KIND: Mapping[Kind, Callable[[str], Check]] = {
    "file": _file,
    "directory": _directory,
    "verify": _verify,
    "depth": lambda name: _not_negative(f"{name}: Invalid argument '{{word}}'"),
    "protocol": _protocol,
    "revocation": _revocation,
    "ciphers": lambda _: _cipher_suite,
}
"""A flag is checked with the number of its arguments."""
_FILES = (
    "SSLCertificateFile",
    "SSLCertificateKeyFile",
    "SSLCertificateChainFile",
    "SSLSRPVerifierFile",
    "SSLCADNRequestFile",
    "SSLOCSPResponderCertificateFile",
    "SSLSessionTicketKeyFile",
)

SSL_CHECKS: Mapping[str, Check] = {
    **{
        name.lower(): _BY_KIND[row.kind](name)
        for row in SSL_PROXY_DIRECTIVES
        for name in (row.name.partition(" ")[0], row.server)
        if name and row.kind in _BY_KIND
    },
    **{name.lower(): _file(name) for name in _FILES},
    "sslcadnrequestpath": _directory("SSLCADNRequestPath"),
    "sslrandomseed": _random_seed,
    "sslpassphrasedialog": _dialog,
    "sslengine": _ssl_engine,
    "sslfips": _fips,
    "sslcompression": _compression,
    "sslopensslconfcmd": _command,
    "sslocspenable": _ocsp,
    "sslvhostsnipolicy": one_of(
        "Invalid SSLVhostSNIPolicy argument '{word}'", "strict", "secure", "authonly", "insecure"
    ),
    "sslsessioncache": _cache("SSLSessionCache", "session", "none", "nonenotnull"),
    "sslstaplingcache": _cache("SSLStaplingCache", "stapling"),
    "ssloptions": _options,
    "sslsessioncachetimeout": _not_negative("SSLSessionCacheTimeout: Invalid argument"),
    "sslstaplingrespondertimeout": _not_negative("SSLStaplingResponderTimeout: invalid argument"),
    "sslocsprespondertimeout": _not_negative("SSLOCSPResponderTimeout: invalid argument"),
    "sslrenegbuffersize": _not_negative("Invalid size for SSLRenegBufferSize: {word}"),
}
"""Directive of mod_ssl in lower case to what its own function checks."""

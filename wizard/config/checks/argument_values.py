"""Directives whose value alone httpd checks: a number, a word, a list of words.

Source: httpd 2.4, server/core.c, modules/http2/h2_config.c, modules/filters/mod_reqtimeout.c,
mod_deflate.c and mod_substitute.c; each message was read from httpd itself.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, one_of, word_set
from wizard.config.syntax.durations import seconds
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words
from wizard.model.host_names import is_address

_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,18}\Z")
_UINT32, _INT32 = 2**32 - 1, 2**31 - 1


def _number(accepts: Callable[[int], bool], message: str) -> Check:
    """A first argument that atoi() reads."""

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        return None if accepts(atoi(first_word(node.args)[0])) else Refusal(message)

    return check


def _bounded(least: int, most: int, message: str) -> Check:
    """A first argument that is a number and nothing else, between two bounds."""

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        if _WHOLE.match(word) and least <= int(word) <= most:
            return None
        return Refusal(message + word)

    return check


def _at_least(least: int, message: str) -> Check:
    return _number(lambda value: value >= least, message)


def _power_of_two(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    value = atoi(first_word(node.args)[0])
    if value < 0:
        return Refusal("value must be >= 0")
    if value & (value - 1):
        return Refusal("value must a power of 2")
    return None if value <= 65536 else Refusal("value must <= 65536")


def _padding(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    value = atoi(first_word(node.args)[0])
    if value < 0:
        return Refusal("number of bits must be >= 0")
    return None if value <= 8 else Refusal("number of bits must be <= 8")


def _stream_timeout(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    return (
        None if seconds(first_word(node.args)[0]) is not None else Refusal("Invalid timeout value")
    )


def _idle(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    if checker.knows("check", "H2MaxWorkerIdleSeconds-as-time"):
        return None if seconds(word) is not None else Refusal("Invalid idle limit value")
    return None if atoi(word) >= 1 else Refusal("value must be > 0")


def _serialize(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if checker.knows("check", "H2SerializeHeaders-is-ignored"):
        return None
    return _h2_switch(checker, node, sections)


_h2_switch = one_of("value must be On or Off", "on", "off")

_OVERRIDES = word_set("limit fileinfo authconfig indexes none all")
_OPTIONS = word_set(
    """
    indexes includes includesnoexec followsymlinks symlinksifownermatch execcgi multiviews
    runscripts none all
    """
)


def _allow_override(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        name, equals, value = word.partition("=")
        if name.lower() == "options":
            for option in value.split(",") if equals else ():
                if not option or option.lower() in _OPTIONS:
                    continue
                if checker.knows("check", "AllowOverride-Options"):
                    return Refusal(f"Illegal option {option}")
        elif name.lower() == "nonfatal":
            if equals:
                continue
            if not checker.knows("check", "AllowOverride-Nonfatal"):
                return Refusal("httpd crashes when it reads this line: Nonfatal wants =All")
            return Refusal(f"=Override, =Unknown or =All expected after {name}")
        elif name.lower() not in _OVERRIDES:
            return Refusal(f"Illegal override option {name}")
    return None


_ETAG = word_set("all none inode mtime size digest")


def _file_etag(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        plain = word.removeprefix(word[:1]) if word[:1] in ("+", "-") else word
        if plain.lower() not in _ETAG or checker.lack("FileETag keyword", plain):
            return Refusal(f"Unknown keyword '{plain}' for FileETag directive")
    return None


_REGEX_OPTIONS = word_set("icase extended dotall dollar_endonly no_dollar_endonly none")


def _regex_options(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        if word.lstrip("+-").lower() not in _REGEX_OPTIONS:
            return Refusal(f"RegexDefaultOptions: option '{word.lstrip('+-')}' unknown")
    return None


_HTTP_OPTIONS = word_set("allow0.9 require1.0 strict unsafe registeredmethods lenientmethods")


def _http_options(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if all(word.lower() in _HTTP_OPTIONS for word in split_words(node.args)):
        return None
    return Refusal(
        "HttpProtocolOptions accepts 'Unsafe' or 'Strict' (default), 'RegisteredMethods' or "
        "'LenientMethods' (default), and 'Require1.0' or 'Allow0.9' (default)"
    )


_STAGES = frozenset({"handshake", "header", "body"})


def _read_timeout(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        stage, _, value = word.partition("=")
        known = stage.lower() in _STAGES and not checker.lack("RequestReadTimeout stage", stage)
        if not known:
            return Refusal(
                f"RequestReadTimeout: {stage}={value}: Unknown RequestReadTimeout parameter"
            )
    return None


def _substitute(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    word = first_word(node.args)[0]
    if word[:1].lower() != "s" or len(word) < 2:
        return None
    flags = word.split(word[1])[3:4]
    if flags and not set(flags[0].lower()) <= set("niqf"):
        return Refusal("Bad Substitute flag, only s///[infq] are supported")
    return None


def _networks(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            address = word.partition("/")[0]
            if not is_address(address):
                return Refusal(f"ip address '{address}' appears to be invalid")
    return None


def _buffer(name: str) -> Check:
    return _number(
        lambda value: value == 0 or value >= 512,
        f"{name} must be >= 512 bytes, or 0 for system default.",
    )


_H2_SWITCHES = word_set(
    """
    h2direct h2push h2upgrade h2moderntlsonly h2earlyhints h2outputbuffering h2websockets
    h2proxyrequests h2copyfiles
    """
)
_SIZE = f"parameter must be a number between 0 and ({_UINT32}U)): "

VALUE_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(_H2_SWITCHES, _h2_switch),
    "h2serializeheaders": _serialize,
    "h2padding": _padding,
    "h2pushdiarysize": _power_of_two,
    "h2streamtimeout": _stream_timeout,
    "h2maxworkeridleseconds": _idle,
    "h2maxsessionstreams": _at_least(1, "value must be > 0"),
    "h2minworkers": _at_least(1, "value must be > 0"),
    "h2maxworkers": _at_least(1, "value must be > 0"),
    "h2windowsize": _at_least(1024, "value must be >= 1024"),
    "h2streammaxmemsize": _at_least(1024, "value must be >= 1024"),
    "h2maxdataframelen": _at_least(0, "value must be 0 or larger"),
    "h2maxheaderblocklen": _at_least(0, "value must be 0 or larger"),
    "readbuffersize": _bounded(0, _UINT32, _SIZE),
    "flushmaxthreshold": _bounded(0, _UINT32, _SIZE),
    "flushmaxpipelined": _bounded(
        -1, _INT32, f"parameter must be a number between -1 and ({_INT32}): "
    ),
    "limitxmlrequestbody": _at_least(0, "LimitXMLRequestBody requires a non-negative integer."),
    "limitrequestbody": _at_least(0, "LimitRequestBody requires a non-negative integer."),
    "proxyiobuffersize": _buffer("ProxyIOBufferSize"),
    "proxyreceivebuffersize": _buffer("ProxyReceiveBufferSize"),
    "allowoverride": _allow_override,
    "fileetag": _file_etag,
    "regexdefaultoptions": _regex_options,
    "httpprotocoloptions": _http_options,
    "requestreadtimeout": _read_timeout,
    "substitute": _substitute,
    "remoteipproxyprotocolexceptions": _networks,
    "proxyfcgibackendtype": one_of(
        "ProxyFCGIBackendType requires one of the following arguments: 'GENERIC', 'FPM'",
        "generic",
        "fpm",
    ),
    "allowencodedslashes": one_of(
        "AllowEncodedSlashes must be On, Off, or NoDecode", "on", "off", "nodecode"
    ),
    "traceenable": one_of(
        "TraceEnable must be one of 'on', 'off', or 'extended'", "on", "off", "extended"
    ),
    "protocolshonororder": one_of("ProtocolsHonorOrder must be 'on' or 'off'", "on", "off"),
    "deflatealteretag": one_of(
        "DeflateAlterETAG accepts only 'NoChange', 'AddSuffix', and 'Remove'",
        "nochange",
        "addsuffix",
        "remove",
    ),
    "servertokens": one_of(
        "ServerTokens takes 1 argument: 'Prod(uctOnly)', 'Major', 'Minor', 'Min(imal)', 'OS', or "
        "'Full'",
        "prod",
        "productonly",
        "major",
        "minor",
        "min",
        "minimal",
        "os",
        "full",
    ),
}
"""Directive in lower case to what its own function checks."""

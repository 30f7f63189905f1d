"""What mod_proxy refuses: ProxyPass, BalancerMember, ProxySet and the tag of ``<Proxy>``.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_pass, add_member, set_proxy_param,
proxysection), proxy_util.c (ap_proxy_define_worker); each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, one_of
from wizard.config.checks.proxy_urls import (
    is_no_url_behind_socket,
    names_balancer,
    refused_balancer,
    refused_worker,
)
from wizard.config.checks.worker_parameters import (
    BALANCER,
    LB_METHODS,
    WORKER,
    wrong_parameter,
)
from wizard.config.matching.patterns import is_glob, refused_by_pcre
from wizard.config.routing.balancers import is_balancer
from wizard.config.routing.proxy_pass import KEYWORDS
from wizard.config.servers.levels import (
    LOCATION_SECTIONS,
    PER_REQUEST_SECTIONS,
    PROXY_SECTIONS,
    location_section,
)
from wizard.config.syntax import apr_address
from wizard.config.syntax.numbers import atol, scanned
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words
from wizard.model.host_names import HIGHEST_PORT
from wizard.text import is_number

_BOTH = "ProxyPass|ProxyPassMatch"
_MOST_GROWTH = 1000
_LEAST_BUFFER = 512
_SIGN = 2**31
"""The port of ProxyRemote is compared as a number with a sign."""


def _pass(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    regex = node.key == "proxypassmatch"
    in_location = bool(sections) and sections[-1].key in LOCATION_SECTIONS | PROXY_SECTIONS
    words = split_words(node.args)
    while words[:1] == ["~"] and not in_location:
        if node.key == "proxypassmatch":
            return Refusal("ProxyPassMatch invalid syntax ('~' usage).")
        regex = True
        del words[0]
    if in_location:
        path = location_section(sections[-1]).pattern
        regex = regex or is_glob(path)
    else:
        path = words.pop(0) if words else ""
    parameters: list[tuple[str, str]] = []
    wrong = _pass_words(checker, words, parameters, in_location=in_location)
    if wrong is not None:
        return wrong
    url = words[0]
    if is_no_url_behind_socket(checker, url):
        return refused_worker(checker, "ProxyPass", url)
    if regex and refused_by_pcre(path):
        return Refusal("Regular expression could not be compiled.")
    if url == "!":
        return None
    balancer = names_balancer(url)
    if balancer:
        wrong = refused_balancer("ProxyPass", url, None if regex else path)
    else:
        wrong = refused_worker(checker, "ProxyPass", url, match=regex)
    wrong = wrong or _parameters(checker, "ProxyPass", parameters, sections, balancer=balancer)
    # of a worker that is shared neither the URL nor the parameters are looked at
    if wrong is None or (not balancer and checker.has_worker(url, node, sections, before=True)):
        return None
    return wrong


def _pass_words(
    checker: Checker, words: list[str], parameters: list[tuple[str, str]], *, in_location: bool
) -> Refusal | None:
    """What httpd says to the URL and the words behind it, one after the other.

    Args:
        checker: knows the release.
        words: these.
        parameters: filled with key=value.
        in_location: whether the section names the path.
    """
    for word in words[1:]:
        wrong = _pass_word(checker, word, parameters)
        if wrong is _NO_PAIR and in_location and words[0].startswith("/"):
            return Refusal(
                f"{_BOTH} can not have a path when defined in a location.",
                hint=f"Write ProxyPass {word} here: the path is that of the section.",
            )
        if wrong is not None:
            return wrong
    if words:
        return None
    return Refusal(
        f"{_BOTH} needs a path when not defined in a location",
        hint="Write ProxyPass PATH URL here, or put the line into <Location PATH>.",
    )


_NO_PAIR = Refusal(f"Invalid {_BOTH} parameter. Parameter must be in the form 'key=value'.")


def _pass_word(checker: Checker, word: str, parameters: list[tuple[str, str]]) -> Refusal | None:
    """What httpd says to a word behind the URL; a parameter is added to those before it."""
    key, equals, value = word.partition("=")
    if not equals:
        return None if key.lower() in KEYWORDS else _NO_PAIR
    if key.lower() != "mapping" or not checker.knows("worker parameter", "mapping"):
        parameters.append((key, value))
    elif value.lower() not in ("servlet", "encoded"):
        return Refusal("unknown mapping")
    return None


def _parameters(
    checker: Checker,
    name: str,
    parameters: list[tuple[str, str]],
    sections: tuple[Node, ...],
    *,
    balancer: bool,
) -> Refusal | None:
    # httpd keeps them in a table: the last value of each key counts, in the order of the first keys
    for key, value in {key.lower(): (key, value) for key, value in parameters}.values():
        wrong = wrong_parameter(key, value, checker, sections, balancer=balancer)
        if wrong is not None:
            return _wrong(f"{name} {wrong}", key, value, checker)
    return None


def _wrong(message: str, key: str, value: str, checker: Checker) -> Refusal:
    if key.lower() != "lbmethod":
        return Refusal(message, hint=_hint(key, checker))
    if value in LB_METHODS:
        module = f"lbmethod_{value}_module"
        return Refusal(message, "module-missing", f"Load {module}.", (module,))
    methods = ", ".join(LB_METHODS)
    return Refusal(message, hint=f"httpd has {methods}, each in a module of its own.")


def _hint(key: str, checker: Checker) -> str:
    reason = checker.lack("worker parameter", key)
    if reason is not None:
        return f"{key}= {reason}."
    if key.lower() in ("sni", "host", "servername", "preservehost"):
        return "No parameter sets SNI or Host: see ProxyPreserveHost and the host in the URL."
    if "websocket" in key.lower():
        return "WebSocket is passed on with upgrade=websocket (since httpd 2.4.47)."
    near = difflib.get_close_matches(key.lower(), (*WORKER, *BALANCER), 1)
    return f"Probably {near[0]}= is meant." if near and near[0] != key.lower() else ""


def _member(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    inside = bool(sections) and sections[-1].key != "virtualhost"
    name = _path_of(sections[-1]) if inside else None
    url: str | None = None
    parameters: list[tuple[str, str]] = []
    for word in split_words(node.args):
        key, equals, value = word.partition("=")  # a URL with a = is a parameter too
        if equals:
            parameters.append((key, value))
        elif name is None:
            name = word
        elif url is None:
            url = word
        elif inside:
            return Refusal("BalancerMember can not have a balancer name when defined in a location")
        else:
            return Refusal(
                "Invalid BalancerMember parameter. Parameter must be in the form 'key=value'"
            )
    if name is None:
        return Refusal("BalancerMember must define balancer name when outside <Proxy > section")
    if url is None:
        return Refusal("BalancerMember must define remote proxy server", hint=_in_query(parameters))
    if is_no_url_behind_socket(checker, url):
        return Refusal('BalancerMember uses an invalid "unix:" URL')
    return (
        refused_balancer("BalancerMember", name.lower())
        or refused_worker(checker, "BalancerMember", url)
        or _parameters(checker, "BalancerMember", parameters, sections, balancer=False)
    )


def _path_of(section: Node) -> str:
    """What httpd takes for the path of a section."""
    if section.key in PER_REQUEST_SECTIONS:
        return "*if"
    name = (split_words(section.args) or [""])[0]
    is_proxy = section.key in PROXY_SECTIONS and name[:6].lower() == "proxy:"
    return name[6:] if is_proxy else name


def _in_query(parameters: list[tuple[str, str]]) -> str:
    if any("://" in key for key, _ in parameters):
        return "httpd takes a word with a = for a parameter: leave the query out of the URL."
    return ""


def _set(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not sections or sections[-1].key not in PROXY_SECTIONS:
        url = words.pop(0) if words else ""
        if not checker.has_worker(url, node, sections):
            kind = "Balancer" if is_balancer(url) else "Worker"
            return Refusal(f"ProxySet can not find '{url}' {kind}.")
        return _each(checker, "ProxySet:", "ProxySet", url, words, sections)
    url = (split_words(sections[-1].args) or [""])[0].partition(">")[0]
    match = sections[-1].key == "proxymatch"
    if names_balancer(url):
        refusal = refused_balancer("ProxySet", url)
    elif is_no_url_behind_socket(checker, url):
        return Refusal('ProxySet uses an invalid "unix:" URL')
    else:
        refusal = refused_worker(checker, "ProxySet", url, match=match)
    if refusal is not None and checker.has_worker(url, node, sections, before=True):
        refusal = None
    return refusal or _each(checker, "ProxySet:", "ProxySet", url, words, sections)


def _each(
    checker: Checker, title: str, name: str, url: str, words: list[str], sections: tuple[Node, ...]
) -> Refusal | None:
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            return Refusal(f"Invalid {name} parameter. Parameter must be in the form 'key=value'")
        wrong = wrong_parameter(key, value, checker, sections, balancer=names_balancer(url))
        if wrong is not None:
            return _wrong(f"{title} {wrong} {key}={value}; {url}", key, value, checker)
    return None


def _opened(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """What httpd says to a tag before it looks at the lines inside."""
    words = split_words(node.args)
    if node.key == "proxymatch" and words and refused_by_pcre(_path_of(node)):
        return Refusal("Regex could not be compiled")
    return None


def _section(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    """What httpd says to a tag after it has looked at the lines inside."""
    words = split_words(node.args)
    if len(words) < 2:
        return None
    if node.key == "proxymatch":
        return Refusal("Multiple <ProxyMatch> arguments not (yet) supported.")
    url = _path_of(node)
    if is_glob(url):
        return Refusal("<Proxy> arguments are not supported for wildchar url.")
    if ":" not in url:
        return Refusal("<Proxy> arguments are not supported for non url.")
    balancer = names_balancer(url)
    refusal = (
        refused_balancer("<Proxy", url) if balancer else refused_worker(checker, "<Proxy", url)
    )
    if refusal is not None and checker.has_worker(url, node, sections, before=True):
        refusal = None
    return refusal or _each(checker, "<Proxy", "Proxy", url, words[1:], sections)


def _proxy_timeout(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if atoi(first_word(node.args)[0]) >= 1:  # a unit behind it does not count
        return None
    return Refusal("Proxy Timeout must be at least 1 second.")


def _remote(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    match = node.key == "proxyremotematch"
    name = "ProxyRemoteMatch" if match else "ProxyRemote"
    rest = words[1].partition(":")[2]
    if not rest.startswith("//") or len(rest) == len("//"):
        return Refusal(f"{name}: Bad syntax for a remote proxy server")
    _host, colon, port = rest[2:].partition(":")
    number = scanned(port) if colon else 0
    if number is None or HIGHEST_PORT < number < _SIGN:
        return Refusal(f"{name}: Bad syntax for a remote proxy server (bad port number)")
    if match and refused_by_pcre(words[0]):
        return Refusal("Regular expression for ProxyRemoteMatch could not be compiled.")
    return None


def _error_override(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if not checker.knows("check", "ProxyErrorOverride-codes"):
        return None  # a flag: only the first word counts
    on: bool | None = None
    for word in split_words(node.args) or [""]:
        if word.lower() in ("on", "off"):
            on = word.lower() == "on"
        elif on is None:
            return Refusal("ProxyErrorOverride first parameter must be one of: off | on")
        elif not is_number(word[:1]):
            return Refusal("ProxyErrorOverride: status codes to intercept must be numeric")
        elif not on:
            return Refusal("ProxyErrorOverride: status codes must follow a value of 'on'")
        elif not 400 <= atoi(word) < 600:
            return Refusal(
                "ProxyErrorOverride: status codes to intercept must be valid HTTP Status Codes "
                ">=400 && <600"
            )
    return None


def _domain(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if first_word(node.args)[0].startswith("."):
        return None
    return Refusal("ProxyDomain: domain name must start with a dot.")


def _source_address(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    host = first_word(node.args)[0]
    if apr_address.numeric(host) is not None or apr_address.may_be_resolved(host):
        return None
    return Refusal("ProxySourceAddress invalid value")


def _io_buffer_size(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    size = atol(first_word(node.args)[0])
    if size == 0 or size >= _LEAST_BUFFER:
        return None
    return Refusal("ProxyIOBufferSize must be >= 512 bytes, or 0 for system default.")


def _growth(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if 0 <= atoi(first_word(node.args)[0]) <= _MOST_GROWTH:
        return None
    return Refusal("BalancerGrowth must be between 0 and 1000")


def _reverse(_: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    in_location = bool(sections) and sections[-1].key in LOCATION_SECTIONS | PROXY_SECTIONS
    if len(split_words(node.args)) == 1 and not in_location:
        return Refusal("ProxyPassReverse needs a path when not defined in a location")
    return None


PROXY_CHECKS: Mapping[str, Check] = {
    "proxypass": _pass,
    "proxypassmatch": _pass,
    "balancermember": _member,
    "proxyset": _set,
    "<proxymatch": _opened,
    "proxytimeout": _proxy_timeout,
    "proxydomain": _domain,
    "proxysourceaddress": _source_address,
    "balancergrowth": _growth,
    "proxyiobuffersize": _io_buffer_size,
    "proxyremote": _remote,
    "proxyremotematch": _remote,
    "proxyerroroverride": _error_override,
    "proxypassreverse": _reverse,
    "proxyvia": one_of(
        "ProxyVia must be one of: off | on | full | block", "off", "on", "full", "block"
    ),
    "proxystatus": one_of("ProxyStatus must be one of: off | on | full", "off", "on", "full"),
    "proxybadheader": one_of(
        "ProxyBadHeader must be one of: IsError | Ignore | StartBody",
        "iserror",
        "ignore",
        "startbody",
    ),
}
"""Directive of mod_proxy in lower case to what its own function checks."""

LATE_PROXY_CHECKS: Mapping[str, Check] = {"<proxy": _section, "<proxymatch": _section}
"""What its sections check after their contents."""

"""What mod_proxy refuses: ProxyPass, BalancerMember, ProxySet and the tag of ``<Proxy>``.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_pass, add_member, set_proxy_param,
proxysection), proxy_util.c (ap_proxy_define_worker); each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, one_of
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
from wizard.config.syntax.durations import seconds
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.host_names import HIGHEST_PORT
from wizard.reference.schemes import HANDLERS
from wizard.text import is_number

_BOTH = "ProxyPass|ProxyPassMatch"
_NO_SUBSTITUTION = (
    "Until httpd 2.4.46 nothing may be substituted in the port, or straight after it: write "
    "http://HOST:PORT/$1 with a pattern that leaves the slash out."
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_PORT = re.compile(r"(-?[0-9]*)\Z")
_DOLLAR = re.compile(r"\$[0-9]")
_NUMBER = re.compile(r"[0-9]{1,9}")


def bad_url(
    url: str, name: str, *, regex: bool = False, hostless: bool = False, sockets: bool = True
) -> str | None:
    """What httpd says to the URL of a worker; None: it accepts it.

    Args:
        url: as written.
        name: of the directive, with which the message begins.
        regex: whether ``$1`` may stand in its port.
        hostless: whether its host may be empty (``http:///``).
        sockets: whether a URL behind a socket is looked at before it is taken apart.
    """
    written = url
    if url[:5].lower() == "unix:":
        bar = url.find("|")
        if bar < 0:
            return f"{name} URL must be absolute!: {written}"
        url = url[bar + 1 :]
        if sockets and ":" not in url:
            return f'{_SOCKETS.get(name, name)} uses an invalid "unix:" URL'
        hostless = True  # it is localhost then
    scheme, colon, rest = url.partition(":")
    if colon and not _SCHEME.match(scheme):
        return f"{name} Unable to parse URL: {written}"
    if not rest.startswith("//"):
        behind_socket = colon and url is not written
        return None if behind_socket else f"{name} URL must be absolute!: {written}"
    authority = rest[2:].partition("/")[0]
    host = authority.rpartition("@")[2]
    if not host:
        return None if hostless else f"{name} URL must be absolute!: {written}"
    if host.startswith("["):
        inside, bracket, port = host[1:].partition("]")
        if not bracket or not inside:
            return f"{name} Unable to parse URL: {written}"
        port = port.removeprefix(":")
    else:
        port = host.partition(":")[2]
    if regex:
        port = _DOLLAR.sub("", port)
    return None if _PORT.match(port) else f"{name} Unable to parse URL: {written}"


_SOCKETS = {"ProxyPass": _BOTH, "<Proxy": "<Proxy/ProxyMatch >"}
"""How a directive is named where what it says of a socket is no URL."""


_SLASHES = re.compile(r"([a-z0-9]+)(?::/?|//)(?=[^/])", re.IGNORECASE)
"""A scheme whose colon or slashes are not all there."""


def _url_hint(url: str) -> str:
    """What to write in place of a URL that httpd does not accept; empty: its message says it."""
    if url[:5].lower() == "unix:" and "|" not in url:
        return f"Write {url}|http://localhost/ (fcgi://localhost/ for PHP-FPM)."
    if "://" not in url:
        short = _SLASHES.match(url)
        if short is not None and short[1].lower() in HANDLERS:
            return f"Write {short[1]}://{url[short.end() :]}."
        return f"Write http://{url}."
    scheme, _, rest = url.partition("://")
    if rest.startswith("/") and rest.strip("/") and scheme.lower() in HANDLERS:
        return f"Name the host: {scheme}://localhost{rest}; or it is {scheme}://{rest.lstrip('/')}."
    if not rest or rest.startswith("/"):
        return f"httpd proxies to servers, not to files: name one, as in http://localhost{rest}."
    if rest.startswith(":"):
        return f"Name the host: {scheme}://localhost{rest}."
    return "After the host may stand one colon and a port in digits, then a slash."


def _bad_url(checker: Checker, url: str, name: str, *, regex: bool = False) -> str | None:
    return bad_url(
        url,
        name,
        regex=regex,
        hostless=not checker.knows("check", "worker-without-host-is-refused"),
        sockets=checker.knows("check", "unix-URL-without-scheme"),
    )


def _balancer(name: str, url: str) -> Refusal | None:
    if len(url) > len("balancer://"):
        return None
    return Refusal(f"{name} Bad syntax for a balancer name ({url})")


def _worker(checker: Checker, name: str, url: str, *, regex: bool) -> Refusal | None:
    substituted = regex and checker.knows("check", "ProxyPassMatch-port")
    wrong = _bad_url(checker, url, name, regex=substituted)
    if wrong is None:
        return None
    lacking = not substituted and bad_url(url, name, regex=regex) is None
    return Refusal(wrong, hint=_NO_SUBSTITUTION if lacking else _url_hint(url))


def _pass(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    name = "ProxyPass"  # in httpd's message for ProxyPassMatch too
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
    if not words:
        return Refusal(
            f"{_BOTH} needs a path when not defined in a location",
            hint="Write ProxyPass PATH URL here, or put the line into <Location PATH>.",
        )
    url, parted = words[0], [word.partition("=") for word in words[1:]]
    for key, equals, _ in parted:
        if not equals and key.lower() not in KEYWORDS:
            if in_location and url.startswith("/"):
                return Refusal(
                    f"{_BOTH} can not have a path when defined in a location.",
                    hint=f"Write {name} {key} here: the path is that of the section.",
                )
            return Refusal(f"Invalid {_BOTH} parameter. Parameter must be in the form 'key=value'.")
    if regex and refused_by_pcre(path):
        return Refusal("Regular expression could not be compiled.")
    if url == "!":
        return None
    balancer = is_balancer(url) or url.lower() == "balancer:"
    refusal = _balancer(name, url) if balancer else _worker(checker, name, url, regex=regex)
    parameters = [(key, value) for key, equals, value in parted if equals]
    return refusal or _parameters(checker, name, parameters, sections, balancer=balancer)


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
        lowered = key.lower()
        if (
            lowered == "mapping"
            and name == "ProxyPass"
            and checker.knows("worker parameter", lowered)
        ):
            if value.lower() in ("servlet", "encoded"):
                continue
            return Refusal("unknown mapping")
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
    words = split_words(node.args)
    inside = bool(sections) and sections[-1].key != "virtualhost"
    if inside:
        name = (split_words(sections[-1].args) or [""])[0]
        if sections[-1].key in PER_REQUEST_SECTIONS:
            name = f"*{sections[-1].key}"
    elif words:
        name = words.pop(0)
    else:
        return Refusal("BalancerMember must define balancer name when outside <Proxy > section")
    if not words:
        return Refusal("BalancerMember must define remote proxy server")
    parameters = []
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals and inside:
            return Refusal("BalancerMember can not have a balancer name when defined in a location")
        if not equals:
            return Refusal(
                "Invalid BalancerMember parameter. Parameter must be in the form 'key=value'"
            )
        parameters.append((key, value))
    if not is_balancer(name) and not (inside and sections[-1].key in PROXY_SECTIONS):
        return Refusal(f"BalancerMember Bad syntax for a balancer name ({name})")
    wrong = _bad_url(checker, words[0], "BalancerMember")
    if wrong is not None:
        return Refusal(wrong, hint=_url_hint(words[0]))
    return _parameters(checker, "BalancerMember", parameters, sections, balancer=False)


def _set(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not sections or sections[-1].key not in PROXY_SECTIONS:
        url = words.pop(0) if words else ""
        if not checker.has_worker(url, node, sections):
            kind = "Balancer" if is_balancer(url) else "Worker"
            return Refusal(f"ProxySet can not find '{url}' {kind}.")
        return _each(checker, "ProxySet:", "ProxySet", url, words, sections)
    url = (split_words(sections[-1].args) or [""])[0]
    if words and not is_balancer(url) and (wrong := _bad_url(checker, url, "ProxySet")) is not None:
        return Refusal(wrong)
    return _each(checker, "ProxySet:", "ProxySet", url, words, sections)


def _each(
    checker: Checker, title: str, name: str, url: str, words: list[str], sections: tuple[Node, ...]
) -> Refusal | None:
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            return Refusal(f"Invalid {name} parameter. Parameter must be in the form 'key=value'")
        wrong = wrong_parameter(key, value, checker, sections, balancer=is_balancer(url))
        if wrong is not None:
            return _wrong(f"{title} {wrong} {key}={value}; {url}", key, value, checker)
    return None


def _section(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) < 2:
        return None
    if ":" not in words[0]:
        return Refusal("<Proxy> arguments are not supported for non url.")
    if not is_balancer(words[0]) and (wrong := _bad_url(checker, words[0], "<Proxy")) is not None:
        return Refusal(wrong)
    return _each(checker, "<Proxy", "Proxy", words[0], words[1:], sections)


def _proxy_timeout(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    value = seconds(first_word(node.args)[0])
    if value is not None and value > 0:
        return None
    return Refusal("Proxy Timeout must be at least 1 second.")


def _remote(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if node.key == "proxyremotematch" and refused_by_pcre(words[0]):
        return Refusal("Regular expression for ProxyRemoteMatch could not be compiled.")
    scheme, separator, rest = words[1].partition("://")
    if not separator or not scheme or not rest.rstrip("/"):
        return Refusal("ProxyRemote: Bad syntax for a remote proxy server")
    port = rest.partition("/")[0].rpartition(":")[2] if ":" in rest else ""
    known = is_number(port) and int(port[:9]) <= HIGHEST_PORT
    if port and not port.endswith("]") and not known:
        return Refusal("ProxyRemote: Bad syntax for a remote proxy server (bad port number)")
    return None


def _error_override(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if not checker.knows("check", "ProxyErrorOverride-codes"):
        return None  # a flag: only the first word counts
    words = split_words(node.args)
    first = words[0].lower() if words else ""
    if first not in ("on", "off"):
        return Refusal("ProxyErrorOverride first parameter must be one of: off | on")
    for word in words[1:]:
        if not is_number(word[:1]):
            return Refusal("ProxyErrorOverride: status codes to intercept must be numeric")
        if first == "off":
            return Refusal("ProxyErrorOverride: status codes must follow a value of 'on'")
        match = _NUMBER.match(word)
        if match is None or not 400 <= int(match[0]) < 600:
            return Refusal(
                "ProxyErrorOverride: status codes to intercept must be valid HTTP Status Codes "
                ">=400 && <600"
            )
    return None


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
    "<proxy": _section,
    "proxytimeout": _proxy_timeout,
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

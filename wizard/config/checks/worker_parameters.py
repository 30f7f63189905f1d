"""Parameters of workers and balancers: key=value on ProxyPass, BalancerMember, ProxySet.

Source: httpd 2.4, modules/proxy/mod_proxy.c (set_worker_param, set_balancer_param); each message
was read from httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from wizard.config.checks import mod_proxy_hcheck
from wizard.config.checks.checker import Checker
from wizard.config.syntax.durations import microseconds
from wizard.config.syntax.numbers import atof, atol
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi

_STATUS = frozenset("cdefghinorsu")
_LONGEST_NAME = 15
_LONGEST_ROUTE = 63
_LONGEST_SECRET = 63
_LONGEST_NONCE = 36
_SECOND, _MILLISECOND = 1_000_000, 1_000
_INT32 = 2**31 - 1

Accepts = Callable[[str], bool]


def _between(least: int, most: int) -> Accepts:
    return lambda text: least <= atoi(text) <= most


def _at_least(least: int) -> Accepts:
    return lambda text: atoi(text) >= least


def _load(text: str) -> bool:
    return 100 <= atof(text) * 100 < 10_001


def _is_time(unit: str) -> Accepts:
    return lambda text: microseconds(text, unit) is not None


def _long_enough(unit: str) -> Accepts:
    return lambda text: (microseconds(text, unit) or 0) >= _MILLISECOND


def _switch(text: str) -> bool:
    return text.lower() in ("on", "off")


def _buffer(text: str) -> bool:
    return atol(text) == 0 or atol(text) >= 512


def _small_buffer(text: str) -> bool:
    return atoi(text) == 0 or atoi(text) >= 512


def _fits(most: int) -> Accepts:
    return lambda text: len(text.encode("utf-8", "surrogateescape")) <= most


_LETTER = re.compile(r"[+-]?([A-Za-z])")


def _status(text: str) -> bool:
    letters = _LETTER.findall(text)
    whole = not _LETTER.sub("", text)
    return whole and all(letter.lower() in _STATUS for letter in letters)


def _codes(text: str) -> bool:
    return all(100 <= atoi(word) < 600 for word in re.split("[, ]", text) if word)


def _address_ttl(text: str) -> bool:
    value = microseconds(text)
    whole = value is not None and value % _SECOND == 0 and value <= _INT32 * _SECOND
    return text == "-1" or whole


Rules = tuple[tuple[Accepts, str], ...]

WORKER: Mapping[str, Rules] = {
    "loadfactor": ((_load, "LoadFactor must be a number between 1..100"),),
    "retry": ((_at_least(0), "Retry must be a positive value"),),
    "ttl": ((_at_least(1), "TTL must be at least one second"),),
    "min": ((_at_least(0), "Min must be a positive number"),),
    "max": ((_at_least(0), "Max must be a positive number"),),
    "smax": ((_at_least(0), "Smax must be a positive number"),),
    "acquire": (
        (_is_time("ms"), "Acquire timeout has wrong format"),
        (_long_enough("ms"), "Acquire must be at least one millisecond"),
    ),
    "timeout": ((_at_least(1), "Timeout must be at least one second"),),
    "iobuffersize": ((_buffer, "IOBufferSize must be >= 512 bytes, or 0 for system default."),),
    "receivebuffersize": (
        (_small_buffer, "ReceiveBufferSize must be >= 512 bytes, or 0 for system default."),
    ),
    "responsefieldsize": (
        (
            lambda text: atol(text) >= 0,
            "ResponseFieldSize must be greater than 0 bytes, or 0 for system default.",
        ),
    ),
    "keepalive": ((_switch, "KeepAlive must be On|Off"),),
    "disablereuse": ((_switch, "DisableReuse must be On|Off"),),
    "enablereuse": ((_switch, "EnableReuse must be On|Off"),),
    "route": ((_fits(_LONGEST_ROUTE), "Route length must be < 64 characters"),),
    "redirect": ((_fits(_LONGEST_ROUTE), "Redirect length must be < 64 characters"),),
    "status": ((_status, "Unknown status parameter option"),),
    "flushpackets": (
        (lambda text: text.lower() in ("on", "off", "auto"), "flushpackets must be on|off|auto"),
    ),
    "flushwait": (
        (
            _between(0, 1000),
            "flushwait must be <= 1000, or 0 for system default of 10 millseconds.",
        ),
    ),
    "ping": (
        (_is_time("s"), "Ping/Pong timeout has wrong format"),
        (_long_enough("s"), "Ping/Pong timeout must be at least one millisecond"),
    ),
    "lbset": ((_between(0, 99), "lbset must be between 0 and 99"),),
    "connectiontimeout": (
        (_is_time("s"), "Connectiontimeout has wrong format"),
        (_long_enough("s"), "Connectiontimeout must be at least one millisecond."),
    ),
    "flusher": ((_fits(_LONGEST_NAME), "flusher name length must be < 16 characters"),),
    "upgrade": ((_fits(_LONGEST_NAME), "upgrade protocol length must be < 16 characters"),),
    "secret": ((_fits(_LONGEST_SECRET), "Secret length must be < 64 characters"),),
    "addressttl": (
        (_address_ttl, "AddressTTL must be -1 or a number of seconds not exceeding (2147483647)"),
    ),
}
"""Key of a worker, in lower case, to what httpd checks of its value and says."""
BALANCER: Mapping[str, Rules] = {
    "stickysession": (),
    "stickysessionsep": (
        (
            lambda text: len(text.encode("utf-8", "surrogateescape")) == 1 or text.lower() == "off",
            "stickysessionsep must be a single character or Off",
        ),
    ),
    "nofailover": ((_switch, "failover must be On|Off"),),
    "timeout": ((_at_least(1), "timeout must be at least one second"),),
    "maxattempts": ((_at_least(0), "maximum number of attempts must be a positive number"),),
    "lbmethod": (),
    "scolonpathdelim": ((_switch, "scolonpathdelim must be On|Off"),),
    "failonstatus": ((_codes, "failonstatus must be one or more HTTP response codes"),),
    "failontimeout": ((_switch, "failontimeout must be On|Off"),),
    "nonce": (
        (
            lambda text: text.lower() == "none" or _fits(_LONGEST_NONCE)(text),
            "Provided nonce is too large",
        ),
    ),
    "growth": ((_between(1, 100), "growth must be between 1 and 100"),),
    "forcerecovery": ((_switch, "forcerecovery must be On|Off"),),
}
"""The same for the keys of a balancer."""
LB_METHODS = ("byrequests", "bytraffic", "bybusyness", "heartbeat")
"""What httpd itself has for lbmethod=, each in a module of its own (mod_lbmethod_byrequests)."""


def wrong_parameter(
    key: str, value: str, checker: Checker, sections: tuple[Node, ...], *, balancer: bool
) -> str | None:
    """What httpd says to a key=value; None if it accepts it.

    Args:
        key: as written.
        value: of it.
        checker: knows the release and the loaded modules.
        sections: that the line stands in.
        balancer: whether the URL names a balancer.
    """
    lowered = key.lower()
    rules = (BALANCER if balancer else WORKER).get(lowered)
    if not balancer and not checker.knows("worker parameter", lowered):
        rules = None
    if rules is None:
        if not balancer and "proxy_hcheck_module" in checker.modules:
            return mod_proxy_hcheck.wrong_parameter(lowered, value, checker, sections)
        return f"unknown {'Balancer' if balancer else 'Worker'} parameter"
    for accepts, message in rules:
        if not accepts(value):
            return message
    if lowered == "status" and not balancer and not checker.knows("status letter", "R"):
        return "Unknown status parameter option" if "r" in value.lower() else None
    if lowered == "lbmethod" and f"lbmethod_{value}_module" not in checker.modules:
        return "unknown lbmethod"
    return None

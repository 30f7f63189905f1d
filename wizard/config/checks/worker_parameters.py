"""Parameters of workers and balancers: key=value on ProxyPass, BalancerMember, ProxySet.

Source: httpd 2.4, modules/proxy/mod_proxy.c (set_worker_param, set_balancer_param); each message
was read from httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from wizard.config.checks import mod_proxy_hcheck
from wizard.config.checks.checker import Checker
from wizard.config.syntax.durations import seconds
from wizard.config.syntax.tree import Node

_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,12})")
_STATUS = frozenset("cdefghinorsu")
_LONGEST_ROUTE = 63
_LONGEST_SECRET = 63
_INT32 = 2**31 - 1

Accepts = Callable[[str], bool]


def _int(text: str) -> int:
    match = _NUMBER.match(text)
    return int(match[1]) if match else 0


def _between(least: int, most: int) -> Accepts:
    return lambda text: least <= _int(text) <= most


def _positive_time(text: str) -> bool:
    value = seconds(text)
    return value is None or value > 0


def _is_time(text: str) -> bool:
    return seconds(text) is not None


def _switch(text: str) -> bool:
    return text.lower() in ("on", "off")


def _buffer(text: str) -> bool:
    return _int(text) == 0 or _int(text) >= 512


def _status(text: str) -> bool:
    letters = text.lower().replace("+", "").replace("-", "")
    return bool(letters) and all(letter in _STATUS for letter in letters)


def _address_ttl(text: str) -> bool:
    value = seconds(text)
    whole = value is not None and value == int(value) and 0 <= value <= _INT32
    return text == "-1" or whole


Rules = tuple[tuple[Accepts, str], ...]
_TIMEOUT = (lambda text: _int(text) > 0, "Timeout must be at least one second")

WORKER: Mapping[str, Rules] = {
    "loadfactor": ((_between(1, 100), "LoadFactor must be a number between 1..100"),),
    "retry": ((lambda text: _int(text) >= 0, "Retry must be a positive value"),),
    "ttl": ((lambda text: _int(text) > 0, "TTL must be at least one second"),),
    "min": ((lambda text: _int(text) >= 0, "Min must be a positive number"),),
    "max": ((lambda text: _int(text) >= 0, "Max must be a positive number"),),
    "smax": (),
    "acquire": (
        (_is_time, "Acquire timeout has wrong format"),
        (_positive_time, "Acquire must be at least one millisecond"),
    ),
    "timeout": (_TIMEOUT,),
    "iobuffersize": ((_buffer, "IOBufferSize must be >= 512 bytes, or 0 for system default."),),
    "receivebuffersize": (
        (_buffer, "ReceiveBufferSize must be >= 512 bytes, or 0 for system default."),
    ),
    "responsefieldsize": (
        (
            lambda text: _int(text) >= 0,
            "ResponseFieldSize must be greater than 0 bytes, or 0 for system default.",
        ),
    ),
    "keepalive": ((_switch, "KeepAlive must be On|Off"),),
    "disablereuse": ((_switch, "DisableReuse must be On|Off"),),
    "enablereuse": ((_switch, "EnableReuse must be On|Off"),),
    "route": ((lambda text: len(text) <= _LONGEST_ROUTE, "Route length must be < 64 characters"),),
    "redirect": (
        (lambda text: len(text) <= _LONGEST_ROUTE, "Redirect length must be < 64 characters"),
    ),
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
        (_is_time, "Ping/Pong timeout has wrong format"),
        (_positive_time, "Ping/Pong timeout must be at least one millisecond"),
    ),
    "lbset": ((_between(0, 99), "lbset must be between 0 and 99"),),
    "connectiontimeout": (
        (_is_time, "Connectiontimeout has wrong format"),
        (_positive_time, "Connectiontimeout must be at least one millisecond."),
    ),
    "flusher": (),
    "upgrade": (),
    "secret": (
        (lambda text: len(text) <= _LONGEST_SECRET, "Secret length must be < 64 characters"),
    ),
    "addressttl": (
        (_address_ttl, "AddressTTL must be -1 or a number of seconds not exceeding (2147483647)"),
    ),
}
"""Key of a worker, in lower case, to what httpd checks of its value and says."""
BALANCER: Mapping[str, Rules] = {
    "stickysession": (),
    "stickysessionsep": (
        (
            lambda text: len(text) == 1 or text.lower() == "off",
            "stickysessionsep must be a single character or Off",
        ),
    ),
    "nofailover": ((_switch, "failover must be On|Off"),),
    "timeout": ((lambda text: _int(text) > 0, "timeout must be at least one second"),),
    "maxattempts": (
        (lambda text: _int(text) >= 0, "maximum number of attempts must be a positive number"),
    ),
    "lbmethod": (),
    "scolonpathdelim": ((_switch, "scolonpathdelim must be On|Off"),),
    "failonstatus": (
        (
            lambda text: bool(re.match(r"[1-5][0-9][0-9]", text)),
            "failonstatus must be one or more HTTP response codes",
        ),
    ),
    "failontimeout": ((_switch, "failontimeout must be On|Off"),),
    "nonce": (),
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

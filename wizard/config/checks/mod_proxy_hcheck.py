"""What mod_proxy_hcheck refuses: hc* parameters of workers, ProxyHCTemplate, ProxyHCExpr.

Source: httpd 2.4, modules/proxy/mod_proxy_hcheck.c (set_worker_hc_param, set_hc_template).
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.syntax.durations import microseconds
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, first_word, split_words

_METHODS = frozenset({"none", "tcp", "options", "head", "get", "options11", "head11", "get11"})
_SHORTEST = 100_000
"""Microseconds between two runs of httpd's watchdog (AP_WD_TM_SLICE)."""
_LONGEST_URI = 63


def wrong_parameter(
    key: str, value: str, checker: Checker, sections: tuple[Node, ...]
) -> str | None:
    """What httpd says to a health check's key=value; None if it accepts it.

    Args:
        key: in lower case.
        value: of it.
        checker: knows the templates and conditions defined above.
        sections: that the line stands in.
    """
    if key == "hctemplate":
        known = value.lower() in checker.names("proxyhctemplate", sections)
        return None if known else f"Unknown ProxyHCTemplate name: {value}"
    if key == "hcexpr":
        known = value.lower() in checker.names("proxyhcexpr", sections)
        return None if known else f"Unknown health check condition expr: {value}"
    if key == "hcmethod":
        return _method(value, checker)
    if key == "hcinterval":
        time = microseconds(value)
        if time is None:
            return "Unparse-able hcinterval setting"
        least = "Interval must be a positive value greater than 100ms"
        return None if time >= _SHORTEST else least
    if key in ("hcpasses", "hcfails"):
        what = "Passes" if key == "hcpasses" else "Fails"
        return f"{what} must be a positive value" if atoi(value) < 0 else None
    if key == "hcuri":
        too_long = f"Health check uri length must be < {_LONGEST_URI + 1} characters"
        return None if len(value) <= _LONGEST_URI else too_long
    return "unknown Worker hcheck parameter"


def _method(value: str, checker: Checker) -> str | None:
    method = value.lower()
    if method == "cping":
        implemented = checker.knows("hcmethod", method) and "proxy_ajp_module" in checker.modules
        return None if implemented else f"Health check method {value} not (yet) implemented"
    if method in _METHODS and checker.knows("hcmethod", method):
        return None
    return "Unknown method"


def _template(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not words or not words[0]:
        return Refusal("Missing template name for ProxyHCTemplate")
    name = words[0]
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            return Refusal(
                "Invalid ProxyHCTemplate parameter. Parameter must be in the form 'key=value'"
            )
        wrong = wrong_parameter(key.lower(), value, checker, sections)
        if wrong is not None:
            return Refusal(f"ProxyHCTemplate: {wrong} {key}={value}; {name}")
    checker.names("proxyhctemplate", sections).add(name.lower())
    return None


def _expression(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    name, rest = first_word(node.args)
    if not name:
        return Refusal("Missing expression name for ProxyHCExpr")
    if rest.strip() in ("", "{}", '""', "''"):
        return Refusal("Missing expression for ProxyHCExpr")
    checker.names("proxyhcexpr", sections).add(name.lower())
    return None


def _pool_size(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if atoi(first_word(node.args)[0]) >= 0:
        return None
    return Refusal("Invalid ProxyHCTPsize parameter. Parameter must be >= 0")


HEALTH_CHECKS: Mapping[str, Check] = {
    "proxyhctemplate": _template,
    "proxyhcexpr": _expression,
    "proxyhctpsize": _pool_size,
}
"""Directive of mod_proxy_hcheck in lower case to what its own function checks."""

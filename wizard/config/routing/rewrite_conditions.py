"""Whether RewriteCond lines hold for one imagined request.

Source: httpd 2.4, modules/mappers/mod_rewrite.c (apply_rewrite_cond, apply_rewrite_rule,
lookup_variable).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.config.matching.patterns import compile_regex
from wizard.config.routing.rewrite_rules import RewriteCondition
from wizard.config.routing.server import Server
from wizard.model.host_names import bare_name
from wizard.record import record
from wizard.text import is_number

_VARIABLE = re.compile(r"%\{([A-Za-z_]+)\}")
_OR = frozenset({"OR", "ORNEXT"})
_NO_CASE = frozenset({"NC", "NOCASE"})


@record
class Request:
    """The imagined request, as far as it is imagined.

    Args:
        values: of mod_rewrite's variables; one that is not here is not known.
    """

    values: dict[str, str]

    @classmethod
    def of(cls, server: Server, path: str, client: str | None) -> Request:
        """A GET of a server, without a query.

        Args:
            server: that is asked.
            path: of the request.
            client: IP address of the client; None: any.
        """
        tls = bool(server.host.front_tls.value)
        scheme = "https" if tls else "http"
        values = {
            "HTTPS": "on" if tls else "off",
            "REQUEST_SCHEME": scheme,
            "HTTP_HOST": server.client_host,
            "SERVER_NAME": bare_name(server.client_host),
            "SERVER_PORT": _port(server) or ("443" if tls else "80"),
            "REQUEST_URI": path,
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": "",
        }
        if client is not None:
            values["REMOTE_ADDR"] = client
        return cls(values)

    def filled(self, text: str) -> str | None:
        """A text with the values of variables; None: one is not known."""
        unknown = False

        def value(found: re.Match[str]) -> str:
            nonlocal unknown
            known = self.values.get(found[1].upper())
            unknown = unknown or known is None
            return known or ""

        made = _VARIABLE.sub(value, text)
        return None if unknown or "%{" in made or re.search(r"[%$](?:[0-9]|\{)", made) else made


def _port(server: Server) -> str:
    """The port of ServerName, which counts where the client's Host has none."""
    name = (server.host.server_name or "").rpartition("://")[2].partition("/")[0]
    port = name.rpartition(":")[2] if ":" in name else ""
    return port if is_number(port) else ""


def hold(conditions: Sequence[RewriteCondition], request: Request) -> bool | None:
    """Whether conditions hold; None: it is not known.

    Args:
        conditions: of one rule, in their order; ``[OR]`` joins one with the next.
        request: the imagined one.
    """
    every: bool | None = True
    one: bool | None = False
    for condition in conditions:
        one = _either(one, _holds(condition, request))
        if not _OR & condition.flags:
            every = _both(every, one)
            one = False
    return every


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return None if first is None or second is None else False


def _both(first: bool | None, second: bool | None) -> bool | None:
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def _holds(condition: RewriteCondition, request: Request) -> bool | None:
    if condition.test.lower() == "expr":
        return None
    value = request.filled(condition.test)
    if value is None:
        return None
    negated = condition.pattern.startswith("!")
    pattern = condition.pattern[negated:]
    folded = bool(_NO_CASE & condition.flags)
    if pattern.startswith(("-", "<", ">")):
        return None
    if pattern.startswith("="):
        wanted = pattern[1:]
        wanted = "" if wanted == '""' else wanted
        same = value.lower() == wanted.lower() if folded else value == wanted
        return same != negated
    regex = compile_regex(pattern, folded)
    return None if regex is None else (regex.search(value) is not None) != negated

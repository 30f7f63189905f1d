"""Names that an expression may hold: variables, functions and operators.

Source: httpd 2.4, server/util_expr_eval.c (core_expr_lookup, expr_lookup_not_found), modules/ssl/
ssl_engine_vars.c (ssl_expr_lookup).
"""

from __future__ import annotations

import re

from wizard.config.checks.checker import Checker, word_set

_VARIABLES = word_set(
    """
    https ipv6 conn_log_id conn_remote_addr http2 request_method request_scheme request_uri
    request_filename remote_host remote_ident remote_user server_admin server_name server_port
    server_protocol script_filename path_info query_string is_subreq document_root auth_type
    the_request content_type handler request_log_id script_user script_group document_uri
    last_modified context_prefix context_document_root request_status remote_addr remote_port
    http_user_agent http_proxy_connection http_referer http_cookie http_forwarded http_host
    http_accept time_year time_mon time_day time_hour time_min time_sec time_wday time
    server_software api_version
    """
)
_FUNCTIONS = word_set(
    """
    osenv env resp req http note reqenv req_novary tolower toupper escape unescape file filesize
    base64 unbase64 sha1 md5 ldap
    """
)
_UNARY = frozenset("nzRTdefsLhxFUA")
_BINARY = word_set("ipmatch fnmatch strmatch strcmatch")
_TAKE_A_NETWORK = frozenset({"-R", "-ipmatch"})
_NETWORK = re.compile(r"[0-9.]+(?:/[0-9.]+)?\Z|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?\Z")
_MASK = re.compile(r"/([0-9]{1,9})\Z")


class Names:
    """Which names httpd knows.

    Args:
        checker: knows the modules that are loaded.
    """

    def __init__(self, checker: Checker) -> None:
        self._ssl = checker.knows_module("ssl")
        self._others = checker.has_modules_of_others

    def look_up(self, kind: str, name: str, argument: str | None) -> str | None:
        """What httpd says of a name; None: it knows it, or a module that is not its own may."""
        if name in _TAKE_A_NETWORK or name.lower() == "-ipmatch":
            return _network(name, argument)
        if self._others or self._is_known(kind, name):
            return None
        return f"{kind} '{name}' does not exist"

    def _is_known(self, kind: str, name: str) -> bool:
        lowered = name.lower()
        if kind == "Variable":
            return lowered in _VARIABLES or (self._ssl and lowered.startswith("ssl_"))
        if kind == "Function":
            return lowered in _FUNCTIONS
        if kind == "Unary operator":
            return name[1:] in _UNARY
        if kind == "Binary operator":
            return lowered[1:] in _BINARY
        return self._ssl and lowered == "peerextlist"


def _network(name: str, argument: str | None) -> str | None:
    if argument is None:
        shown = "ipmatch" if name.lower() == "-ipmatch" else name[1:]
        return f"-{shown} requires subnet/netmask as constant argument"
    mask = _MASK.search(argument)
    bits = 128 if ":" in argument else 32
    if _NETWORK.match(argument) and (mask is None or int(mask[1]) <= bits):
        return None
    return "parsing of subnet/netmask failed"

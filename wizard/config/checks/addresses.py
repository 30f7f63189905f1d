"""What ``Listen`` and the tag of ``<VirtualHost>`` refuse.

Source: httpd 2.4, server/listen.c (ap_set_listener), server/vhost.c (get_addresses); each message
was read from httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.servers import listen_addresses
from wizard.config.syntax import apr_address, ipv6
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_ALL = "Write Listen PORT for all addresses."
_RESOLVED = "Write an address of this machine, or the port alone for all addresses."


def _listen(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not 1 <= len(words) <= 2 or words == [""]:
        return Refusal("Listen requires 1 or 2 arguments.")
    text = words[0]
    if "%" in text.partition("]")[0] and not checker.knows("check", "Listen-scope"):
        return Refusal("Scope id is not supported")
    read = apr_address.host_and_port(text)
    if read is None:
        return Refusal("Invalid address or port", hint=_ALL if text.startswith(":") else "")
    if not read.port:
        return Refusal("Port must be specified")
    host = "" if read.host is None or read.host == "*" else read.host
    if host and not _may_be_found(host):
        return Refusal("Listen setup failed", hint=_RESOLVED)  # APR takes it, the resolver does not
    if read.zone is not None and not ipv6.is_link_local(host):
        return Refusal("Listen step failed")
    written = host if read.zone is None else f"{host}%{read.zone}", str(read.port)
    if written in checker.listens:  # names are held against each other
        return Refusal(
            "Cannot define multiple Listeners on the same IP:port",
            hint=f"The other one stands at {checker.listens[written]}.",
        )
    checker.listens[written] = node.source
    return None


def _may_be_found(host: str) -> bool:
    """Whether the resolver may have an address for it."""
    if apr_address.numeric(host) is None:
        return apr_address.may_be_resolved(host)
    return "%" not in host or ipv6.is_link_local(host)


def _virtual_host(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if not node.args:
        return Refusal("<VirtualHost> directive requires additional arguments")
    for word in split_words(node.args):
        if not word:
            continue
        read = apr_address.host_and_port(listen_addresses.without_any_port(word))
        if read is None:
            return Refusal("The address or port is invalid")
        if read.host is None:
            return Refusal("Missing address for VirtualHost")
    return None


ADDRESS_CHECKS: Mapping[str, Check] = {"listen": _listen, "<virtualhost": _virtual_host}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

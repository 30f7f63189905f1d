"""Access control in the throw-away copy: what belongs to it, and what stands in its place.

Where the servers have a network of their own nobody else reaches them, and what the configuration
demands of a client stands there as it is; only a second run is without it, to show what lies
behind. Where they listen on this machine's loopback, one demand is made, that of a word which only
the rehearsal's client knows, and nothing is left that could answer in another way.

Source: mod_authz_core, mod_authn_core, mod_access_compat, mod_auth_*, mod_authn_*, mod_authz_* and
mod_ssl of httpd 2.4; server/request.c, ap_process_request_internal, for the order of their hooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wizard.config.syntax.tree import Node, Tree
from wizard.httpd.client import REHEARSAL_HEADER
from wizard.record import record

_DENIES = frozenset({"require", "authtype", "order", "allow", "deny", "satisfy", "sslrequire"})
"""What a client may meet; the rest only says how."""
_CONSTRUCTS = _DENIES | {
    "requireall", "requireany", "requirenone", "sslrequiressl",
}  # fmt: skip
_FAMILIES = ("auth",)
"""Beginnings of the names of directives that say who a client is."""
_TOWARDS_BACKEND = frozenset({"authbasicfake"})
"""Of these families, but they act on the request that is passed on."""
_AROUND = frozenset({
    "errordocument",  # the refusal itself would be fetched, from a backend too
    "proxyrequests",  # a forward proxy, for which no route asks
    "cachequickhandler",  # answers before access is checked
    "allowoverride", "allowoverridelist", "accessfilename",  # .htaccess files
})  # fmt: skip
"""Directives by which a stranger could get an answer in spite of the demand."""


@record
class Door:
    """Who gets in.

    Args:
        opened: without what the configuration itself demands.
        word: of letters and digits, in ``client.REHEARSAL_HEADER``; demanded in its place, with
            ``opened`` only. Empty: nothing is.
    """

    opened: bool = False
    word: str = ""

    def leaves_out(self, node: Node) -> bool:
        """Whether a directive or section is not to stand in the copy."""
        if not self.opened:
            return False
        if node.key in _CONSTRUCTS or (self.word and node.key in _AROUND):
            return True
        return node.key.startswith(_FAMILIES) and node.key not in _TOWARDS_BACKEND

    def lines(self) -> Iterator[str]:
        """What is to stand at the end of the server that answers.

        httpd merges the innermost ``<If>`` last, whatever sections stand before; a request need not
        begin with a slash.
        """
        if not self.opened:
            return
        if self.word:  # a section that says nothing of .htaccess files would read and refuse them
            yield from ('<Directory "/">', "AllowOverride None", "</Directory>")
        demand = f"expr \"%{{HTTP:{REHEARSAL_HEADER}}} == '{self.word}'\"" if self.word else ""
        yield from (
            "<IfModule authz_core_module>",
            '<LocationMatch "^">',
            '<If "true">',
            "AuthMerging Off",
            f"Require {demand or 'all granted'}",
            "<IfModule access_compat_module>",
            "Order Deny,Allow",
            "Satisfy All",
            "</IfModule>",
            "</If>",
            "</LocationMatch>",
            "</IfModule>",
        )


def places(tree: Tree, hosts: Sequence[Node]) -> tuple[str, ...]:
    """Where a configuration restricts access to what it proxies, ``NAME in line N of FILE``.

    ``<Directory>`` and ``<Files>`` are left out: they do not apply to proxied requests.

    Args:
        tree: the configuration.
        hosts: its virtual hosts that count.
    """
    found: dict[str, None] = {}

    def collect(nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.key in _DENIES:
                found[f"{node.name} in line {node.line} of {node.file}"] = None
            if node.children and not node.key.startswith(("virtualhost", "directory", "files")):
                collect(node.children)

    collect(tree.root)
    for host in hosts:
        collect(host.children or ())
    return tuple(found)

"""Scenarios of names, made from tables: what covers what, with and without ProxyPreserveHost."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.parts import PASS, STRICT
from tests.oracle.scenario import Leaf, Scenario, Server


def names() -> Iterator[Scenario]:
    """Which names of a certificate fit which URL, with and without ProxyPreserveHost."""
    table: tuple[tuple[str, str | None, str, Leaf], ...] = (
        ("upper-url", None, "BACKEND.Internal", Leaf()),
        ("upper-cn", None, "backend.internal", Leaf(cn="BACKEND.INTERNAL", dns=())),
        ("second-san", None, "backend.internal", Leaf(cn="x", dns=("a.b", "backend.internal"))),
        (
            "many-sans",
            None,
            "backend.internal",
            Leaf(cn="x", dns=(*(f"n{n}.internal" for n in range(60)), "backend.internal")),
        ),
        (
            "wildcard-two",
            "wildcard-too-deep",
            "deep.backend.internal",
            Leaf(cn="x", dns=("*.internal",)),
        ),
        ("wildcard-fits", None, "deep.backend.internal", Leaf(cn="x", dns=("*.backend.internal",))),
        (
            "wildcard-apex",
            "name-mismatch",
            "backend.internal",
            Leaf(cn="x", dns=("*.backend.internal",)),
        ),
        ("wildcard-cn", None, "backend.internal", Leaf(cn="*.internal", dns=())),
        ("wildcard-upper", None, "backend.internal", Leaf(cn="x", dns=("*.INTERNAL",))),
        (
            "wildcard-middle",
            "name-mismatch",
            "deep.backend.internal",
            Leaf(cn="x", dns=("deep.*.internal",)),
        ),
        (
            "wildcard-end",
            "name-mismatch",
            "backend.internal",
            Leaf(cn="x", dns=("*backend.internal",)),
        ),
        ("wildcard-all", "name-mismatch", "backend.internal", Leaf(cn="x", dns=("*",))),
        ("wildcard-dots", "name-mismatch", "backend.internal", Leaf(cn="x", dns=("*.*",))),
        ("idn", None, "xn--bckend-bua.internal", Leaf(cn="x", dns=("xn--bckend-bua.internal",))),
        ("idn-wildcard", None, "xn--bckend-bua.internal", Leaf(cn="x", dns=("*.internal",))),
        (
            "dot-in-san",
            "name-mismatch",
            "backend.internal",
            Leaf(cn="x", dns=("backend.internal.",)),
        ),
        ("dot-in-url", "name-mismatch", "backend.internal.", Leaf()),
        ("dot-in-both", None, "backend.internal.", Leaf(cn="x", dns=("backend.internal.",))),
        ("short", "name-mismatch", "backend", Leaf()),
        ("short-fits", None, "backend", Leaf(cn="backend", dns=())),
        ("space-in-cn", "name-mismatch", "backend.internal", Leaf(cn=" backend.internal", dns=())),
        ("localhost", None, "localhost", Leaf(cn="localhost", dns=("localhost",))),
        ("ip-as-dns-san", None, "127.0.0.1", Leaf(cn="x", dns=("127.0.0.1",))),
        ("ip-as-cn", None, "127.0.0.1", Leaf(cn="127.0.0.1", dns=("backend.internal",))),
        ("ip-wildcard", None, "127.0.0.1", Leaf(cn="*.0.0.1", dns=())),
        ("email-like", "name-mismatch", "backend.internal", Leaf(cn="a@backend.internal", dns=())),
        (
            "subdomain-of",
            "name-mismatch",
            "backend.internal",
            Leaf(cn="internal", dns=("internal",)),
        ),
        ("longer", "name-mismatch", "backend.internal", Leaf(cn="x", dns=("backend.internal.x",))),
    )
    for name, cause, url, leaf in table:
        for suffix, lines in (("", ""), ("-none", "SSLProxyVerify none\n")):
            if suffix and cause is None:
                continue
            yield Scenario(
                f"name-{name}{suffix}",
                cause,
                f"{STRICT}{lines}ProxyPass / https://{url}:{{port}}/",
                (Server(leaf),),
                fixable=True if cause == "ip-address-backend" else None,
            )


def cn_only() -> Iterator[Scenario]:
    """CheckPeerName off and CheckPeerCN on: the CN alone counts."""
    for name, fits, leaf in (
        ("exact", True, Leaf(dns=())),
        ("upper", True, Leaf(cn="Backend.Internal", dns=())),
        ("wildcard", True, Leaf(cn="*.internal", dns=())),
        ("san-fits", False, Leaf(cn="other.internal")),
        ("none", False, Leaf(cn=None)),
    ):
        yield Scenario(
            f"cn-only-{name}",
            "name-check-off" if fits else "name-mismatch",
            f"{STRICT}SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n{PASS}",
            (Server(leaf),),
        )


def preserved() -> Iterator[Scenario]:
    """ProxyPreserveHost with certificates for the one, the other, both."""
    changes = "preserve-host-changes-name"
    for name, url, dns, strict, host, cause in (
        ("both", "backend.internal", ("{own}", "backend.internal"), (), None, None),
        ("wildcard", "backend.internal", ("*.test",), (), None, None),
        ("neither", "backend.internal", ("other.internal",), (), None, "name-mismatch"),
        ("port", "backend.internal", ("{own}",), (), "{own}:8443", None),
        ("upper", "backend.internal", ("{own}",), (), "{OWN}", None),
        ("alias", "backend.internal", ("{own}",), (), "{alias}", changes),
        ("alias-fits", "backend.internal", ("{alias}",), (), "{alias}", changes),
        ("alias-both", "backend.internal", ("{alias}", "{own}"), (), "{alias}", None),
        ("alias-uncovered", "backend.internal", ("{own}",), (), None, changes),
        ("strict-own", "backend.internal", ("{own}",), ("{own}",), None, None),
        ("strict-backend", "backend.internal", ("{own}",), ("backend.internal",), None, changes),
        ("address", "127.0.0.1", ("backend.internal",), (), None, changes),
        ("address-strict", "127.0.0.1", ("{own}",), ("{own}",), None, None),
    ):
        full = f"preserve-{name}"
        own = f"{full}.test"

        def fill(text: str, own: str = own) -> str:
            text = text.replace("{own}", own).replace("{OWN}", own.upper())
            return text.replace("{alias}", f"alias.{own}")

        alias = f"ServerAlias alias.{own}\n" if "alias" in name else ""
        yield Scenario(
            full,
            cause,
            f"{STRICT}{alias}ProxyPreserveHost On\nProxyPass / https://{url}:{{port}}/",
            (Server(Leaf(cn="x", dns=tuple(map(fill, dns))), strict_sni=tuple(map(fill, strict))),),
            host=fill(host) if host else None,
        )


NAMES = tuple(scenario for table in (names, cn_only, preserved) for scenario in table())

"""Scenarios made from tables: chains, trust, verification, names."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.scenario import Leaf, Scenario, Server

ON = "SSLProxyEngine on\n"
REQUIRE = ON + "SSLProxyVerify require\n"
STRICT = REQUIRE + "SSLProxyCACertificateFile {file:root}\n"
DEEP = STRICT + "SSLProxyVerifyDepth 5\n"
PASS = "ProxyPass / https://backend.internal:{port}/"
WRONG = Leaf(cn="other.internal", dns=("other.internal",))
EXPIRED = Leaf(days=(-90, -2))
ABOVE = {0: (), 1: ("int1",), 2: ("int2", "int1"), 3: ("int3", "int2", "int1")}
"""The intermediates of a leaf that is so many steps below the root, in the order to send them."""


def under(count: int) -> Leaf:
    """A leaf with so many intermediates above it."""
    return Leaf(ABOVE[count][0] if count else "root")


def depths() -> Iterator[Scenario]:
    """SSLProxyVerifyDepth against complete chains."""
    for count, sent in ABOVE.items():
        for depth in (None, 0, 1, 2, 3, 4):
            line = "" if depth is None else f"SSLProxyVerifyDepth {depth}\n"
            deep = count + 1 > (1 if depth is None else depth)
            yield Scenario(
                f"depth-{depth}-for-{count + 1}",
                "chain-too-deep" if deep else None,
                STRICT + line + PASS,
                (Server(under(count), sent),),
                fixable=True if deep else None,
            )


def presented() -> Iterator[Scenario]:
    """What the backend sends above its certificate, with the root trusted."""
    table: tuple[tuple[str, int, tuple[str, ...], str | None], ...] = (
        ("root-sent", 0, ("root",), None),
        ("root-sent-1", 1, ("int1", "root"), None),
        ("forgotten-1", 1, (), "missing-intermediate"),
        ("forgotten-2-all", 2, (), "missing-intermediate"),
        ("forgotten-2-lower", 2, ("int1",), "missing-intermediate"),
        ("forgotten-2-upper", 2, ("int2",), "missing-intermediate"),
        ("forgotten-3-middle", 3, ("int3", "int1"), "missing-intermediate"),
        ("forgotten-1-root-sent", 1, ("root",), "missing-intermediate"),
        ("reversed-2", 2, ("int1", "int2"), None),
        ("reversed-3", 3, ("int1", "int2", "int3"), None),
        ("root-first", 1, ("root", "int1"), None),
        ("extra-unrelated", 1, ("int1", "wrong"), None),
        ("extra-before", 1, ("wrong", "wrong2", "int1"), None),
        ("extra-below", 0, ("int1", "int2"), None),
        ("twice", 1, ("int1", "int1"), None),
        ("leaf-twice", 1, ("leaf", "int1"), None),
        ("cross-sent", 0, ("cross",), None),
        ("cross-and-old", 0, ("cross", "old-root"), None),
        ("cross-1", 1, ("int1", "cross"), None),
        ("namesake-sent", 0, ("rekeyed",), None),
        ("namesake-intermediate", 1, ("rekeyed-int1", "int1"), None),
        ("namesake-intermediate-only", 1, ("rekeyed-int1",), "missing-intermediate"),
    )
    for name, count, sent, cause in table:
        yield Scenario(
            f"sent-{name}",
            cause,
            DEEP + PASS,
            (Server(under(count), sent),),
            ca="root+int1+int2+int3",
            fixable=True if cause else None,
        )
    old = REQUIRE + "SSLProxyVerifyDepth 5\nSSLProxyCACertificateFile {file:old-root}\n" + PASS
    yield Scenario("sent-cross-old-root", None, old, (Server(sent=("cross",)),))
    yield Scenario(
        "sent-cross-not",
        "ca-not-trusted",
        old,
        (Server(),),
        ca="cross+old-root",
        fixable=True,
    )


def trusted() -> Iterator[Scenario]:
    """What the CA file holds."""
    table: tuple[tuple[str, int, tuple[str, ...], str | None], ...] = (
        ("root", 0, (), None),
        ("wrong", 0, (), "ca-not-trusted"),
        ("wrong", 1, ("int1",), "ca-not-trusted"),
        ("wrong", 1, (), "ca-not-trusted"),
        ("wrong", 1, ("int1", "root"), "ca-not-trusted"),
        ("rekeyed", 0, (), "ca-rekeyed"),
        ("rekeyed", 1, ("int1",), "ca-rekeyed"),
        ("rekeyed+root", 0, (), None),
        ("namesake1+namesake2+root+namesake3", 0, (), None),
        ("namesake1+namesake2+namesake3", 0, (), "ca-rekeyed"),
        ("int1", 1, ("int1",), "ca-file-without-root"),
        ("int1", 1, (), "ca-file-without-root"),
        ("int2", 2, ("int2", "int1"), "ca-file-without-root"),
        ("int1+int2", 2, ("int2", "int1"), "ca-file-without-root"),
        ("root+int1", 1, (), None),
        ("root+int1+int2", 2, (), None),
        ("int2+root", 2, ("int1",), "missing-intermediate"),
        ("root+int2", 2, (), "missing-intermediate"),
        ("leaf", 0, (), "ca-file-holds-server-certificate"),
        ("leaf", 1, ("int1",), "ca-file-holds-server-certificate"),
        ("leaf+root", 0, (), None),
        ("leaf+wrong", 0, (), "ca-file-holds-server-certificate"),
        ("rekeyed-int1+root", 1, (), "ca-rekeyed"),
        ("rekeyed-int1+root", 1, ("int1",), None),
        ("root+wrong+wrong2", 0, (), None),
    )
    for file, count, sent, cause in table:
        yield Scenario(
            f"ca-{file.replace('+', '-')}-for-{count}-sent-{'-'.join(sent) or 'none'}",
            cause,
            f"{REQUIRE}SSLProxyVerifyDepth 5\nSSLProxyCACertificateFile {{file:{file}}}\n{PASS}",
            (Server(under(count), sent),),
            ca="root+int1+int2",
            fixable=True if cause else None,
        )


def stores() -> Iterator[Scenario]:
    """CA files and directories of other kinds."""
    table: tuple[tuple[str, str | None, str, Server], ...] = (
        ("path-hashed-wrong", "ca-not-trusted", "Path {hashed:wrong}", Server()),
        ("path-hashed-two", None, "Path {hashed:wrong+root}", Server()),
        ("path-hashed-namesakes", None, "Path {hashed:rekeyed+root}", Server()),
        ("path-hashed-int", None, "Path {hashed:root+int1}", Server(under(1))),
        ("path-unhashed-two", "ca-path-not-hashed", "Path {dir:wrong+root}", Server()),
        (
            "file-and-path",
            None,
            "File {file:wrong}\nSSLProxyCACertificatePath {hashed:root}",
            Server(),
        ),
        (
            "file-root-path-int",
            None,
            "File {file:root}\nSSLProxyCACertificatePath {hashed:int1}",
            Server(under(1)),
        ),
        (
            "file-int-path-root",
            None,
            "File {file:int1}\nSSLProxyCACertificatePath {hashed:root}",
            Server(under(1)),
        ),
        (
            "file-wrong-path-unhashed",
            "ca-path-not-hashed",
            "File {file:wrong}\nSSLProxyCACertificatePath {dir:root}",
            Server(),
        ),
        ("expired-root", "ca-expired", "File {file:expired-root}", Server(Leaf("expired-root"))),
        (
            "expired-and-renewed",
            None,
            "File {file:expired-root+renewed-root}",
            Server(Leaf("expired-root")),
        ),
        (
            "renewed-and-expired",
            None,
            "File {file:renewed-root+expired-root}",
            Server(Leaf("expired-root")),
        ),
        ("renewed-root", None, "File {file:renewed-root}", Server(Leaf("expired-root"))),
        (
            "soon-root",
            "certificate-expires-soon",
            "File {file:soon-root}",
            Server(Leaf("soon-root")),
        ),
        (
            "future-root",
            "certificate-not-yet-valid",
            "File {file:future-root}",
            Server(Leaf("future-root")),
        ),
        (
            "expired-int-sent",
            "ca-expired",
            "File {file:root}",
            Server(Leaf("expired-int"), ("expired-int",)),
        ),
        (
            "expired-int-renewed-in-file",
            None,
            "File {file:root+renewed-int}",
            Server(Leaf("expired-int"), ("expired-int",)),
        ),
        (
            "expired-int-both-sent",
            None,
            "File {file:root}",
            Server(Leaf("expired-int"), ("expired-int", "renewed-int")),
        ),
        ("no-key-ids", None, "File {file:plain}", Server(Leaf("plain", key_ids=False))),
        (
            "no-key-ids-rekeyed",
            "ca-rekeyed",
            "File {file:plain-rekeyed}",
            Server(Leaf("plain", key_ids=False)),
        ),
        (
            "no-key-ids-both",
            None,
            "File {file:plain+plain-rekeyed}",
            Server(Leaf("plain", key_ids=False)),
        ),
        (
            "no-key-ids-both-swapped",
            "ca-rekeyed",
            "File {file:plain-rekeyed+plain}",
            Server(Leaf("plain", key_ids=False)),
        ),
        ("self-signed-trusted", None, "File {file:leaf}", Server(Leaf(None))),
        ("self-signed-other", "self-signed-certificate", "File {file:root}", Server(Leaf(None))),
        ("self-signed-ca", None, "File {file:leaf}", Server(Leaf(None, ca=True))),
        ("self-signed-no-constraints", None, "File {file:leaf}", Server(Leaf(None, ca=None))),
        (
            "self-signed-expired",
            "certificate-expired",
            "File {file:leaf}",
            Server(Leaf(None, days=(-90, -2))),
        ),
        (
            "self-signed-wrong-name",
            "name-mismatch",
            "File {file:leaf}",
            Server(Leaf(None, "other.internal", ("other.internal",))),
        ),
    )
    for name, cause, value, server in table:
        yield Scenario(
            f"store-{name}",
            cause,
            f"{REQUIRE}SSLProxyVerifyDepth 5\nSSLProxyCACertificate{value}\n{PASS}",
            (server,),
        )


def modes() -> Iterator[Scenario]:
    """SSLProxyVerify x the three checks x what is wrong with the backend."""
    faults: dict[str, tuple[Server, str | None]] = {
        "good": (Server(), None),
        "expired": (Server(EXPIRED), "certificate-expired"),
        "future": (Server(Leaf(days=(2, 90))), "certificate-not-yet-valid"),
        "wrong-name": (Server(WRONG), "name-mismatch"),
        "untrusted": (Server(Leaf("wrong")), "ca-not-trusted"),
        "self-signed": (Server(Leaf(None)), "self-signed-certificate"),
        "deep": (Server(under(1), ("int1",)), "chain-too-deep"),
    }
    checks = {
        "on": "",
        "no-name": "SSLProxyCheckPeerName off\n",
        "no-date": "SSLProxyCheckPeerExpire off\n",
        "nothing": "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN off\n"
        "SSLProxyCheckPeerExpire off\n",
    }
    for mode in ("none", "optional", "optional_no_ca", "require"):
        for check, lines in checks.items():
            for fault, (server, slug) in faults.items():
                yield Scenario(
                    f"mode-{mode.replace('_', '-')}-{check}-{fault}",
                    _cause(mode, check, fault, slug),
                    f"{ON}SSLProxyVerify {mode}\nSSLProxyCACertificateFile {{file:root}}\n"
                    f"{lines}{PASS}",
                    (server,),
                )


def _cause(mode: str, check: str, fault: str, slug: str | None) -> str | None:
    """What an expert would name first: what makes it fail, else what is not checked."""
    dates = fault in ("expired", "future")
    if fault == "wrong-name":
        fails = check in ("on", "no-date")
    elif dates:
        fails = mode != "none" or check in ("on", "no-name")
    elif fault == "deep":
        fails = mode != "none"
    else:
        fails = slug is not None and mode in ("optional", "require")
    if fails:
        return slug
    if mode == "none":
        return "verification-off"
    if mode != "require":
        return "verification-optional"
    return {"no-name": "name-check-off", "no-date": "expiry-check-off"}.get(
        check, None if check == "on" else "name-check-off"
    )


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


MATRIX = tuple(
    scenario
    for table in (depths, presented, trusted, stores, modes, names, cn_only, preserved)
    for scenario in table()
)

"""Scenarios made from tables: chains, trust, verification, names."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.parts import ABOVE, DEEP, EXPIRED, ON, PASS, REQUIRE, STRICT, WRONG, under
from tests.oracle.scenario import Leaf, Scenario, Server


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


MATRIX = tuple(
    scenario for table in (depths, presented, trusted, stores, modes) for scenario in table()
)

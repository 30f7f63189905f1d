"""A plan changes what was decided for its routes, and nothing else, whoever looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import ROUTE
from wizard.fix.untouched import InForce, spoilt
from wizard.model.config import Setting, Source, TlsPolicy, Worker
from wizard.model.plan import Intended
from wizard.model.remark import Point
from wizard.model.route_id import RouteId

ONE, TWO = frozenset({"11"}), frozenset({"22"})
STRICT = TlsPolicy(engine=Setting(True), verify=Setting("require"), verify_depth=Setting(2))
WRITTEN = Source("/etc/site.conf", 3)
MINE = replace(ROUTE, tls=STRICT, worker=Worker("https://erp.internal"))
THEIRS = replace(MINE, id=replace(MINE.id, path="/theirs"), worker=Worker("https://other.test"))
NONE = {MINE.id: Intended()}


def routes(mine: InForce, theirs: InForce) -> dict[RouteId, InForce]:
    return {MINE.id: mine, THEIRS.id: theirs}


BEFORE = routes(InForce(MINE, ONE), InForce(THEIRS, ONE))


def with_policy(**values: object) -> InForce:
    return InForce(replace(THEIRS, tls=replace(STRICT, **values)), ONE)  # type: ignore[arg-type]  # fields of one Setting type each


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        (with_policy(verify=Setting("none")), "SSLProxyVerify"),
        (with_policy(verify_depth=Setting(3)), "SSLProxyVerifyDepth"),
        (with_policy(verify_depth=Setting(1)), "SSLProxyVerifyDepth"),
        (with_policy(check_peer_expire=Setting(False)), "SSLProxyCheckPeerExpire"),
        (with_policy(check_peer_cn=Setting(False, WRITTEN)), "SSLProxyCheckPeerCN"),
        (with_policy(protocol=Setting("all")), "SSLProxyProtocol"),
        (with_policy(machine_certificate_file=Setting("/k")), "SSLProxyMachineCertificateFile"),
        (InForce(THEIRS, ONE | TWO), "SSLProxyCACertificateFile"),
        (InForce(THEIRS, TWO), "SSLProxyCACertificateFile"),
        (InForce(THEIRS, frozenset()), "SSLProxyCACertificateFile"),
        (InForce(THEIRS, ONE, TWO), "SSLProxyCACertificatePath"),
        (InForce(replace(THEIRS, preserve_host=Setting(True)), ONE), "ProxyPreserveHost"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_route_that_is_not_repaired_stays_as_it_is(theirs: InForce, named: str) -> None:
    found = spoilt(BEFORE, routes(BEFORE[MINE.id], theirs), NONE)
    assert list(found) == [MINE.id]
    assert found[MINE.id].point is Point.WOULD_CHANGE
    assert dict(found[MINE.id].values)["directives"] == (named,)


def test_another_file_with_the_same_certificates_is_no_change() -> None:
    moved = replace(STRICT, ca_certificate_file=Setting("/elsewhere.pem"))
    same = routes(BEFORE[MINE.id], InForce(replace(THEIRS, tls=moved), ONE))
    assert spoilt(BEFORE, same, NONE) == {}


def test_a_repaired_route_changes_as_was_decided() -> None:
    decided = Intended({"SSLProxyVerifyDepth": "3"}, TWO)
    deeper = replace(MINE, tls=replace(STRICT, verify_depth=Setting(3)))
    wanted = routes(InForce(deeper, TWO), BEFORE[THEIRS.id])
    assert spoilt(BEFORE, wanted, {MINE.id: decided}) == {}
    for beyond in (ONE | TWO, TWO | {"33"}):
        more = routes(InForce(deeper, beyond), BEFORE[THEIRS.id])
        assert list(spoilt(BEFORE, more, {MINE.id: decided})) == [MINE.id]


def test_an_exception_is_no_ones_who_shares_the_connections() -> None:
    lax = replace(STRICT, verify=Setting("none"))
    decided = {MINE.id: Intended({"SSLProxyVerify": "none"})}
    for worker, expected in ((MINE.worker, [MINE.id]), (THEIRS.worker, []), (Worker(), [])):
        theirs = InForce(replace(THEIRS, worker=worker), ONE)
        before = routes(BEFORE[MINE.id], theirs)
        after = routes(InForce(replace(MINE, tls=lax), ONE), theirs)
        found = spoilt(before, after, decided)
        assert list(found) == expected
        assert {one.point for one in found.values()} <= {Point.SHARES_CONNECTIONS}


def test_a_route_that_demanded_less_already_may_be_repaired() -> None:
    lax = replace(STRICT, verify=Setting("none"))
    theirs = InForce(replace(THEIRS, tls=lax, worker=MINE.worker), ONE)
    before = routes(InForce(replace(MINE, tls=lax), ONE), theirs)
    after = routes(BEFORE[MINE.id], theirs)
    assert spoilt(before, after, {MINE.id: Intended({"SSLProxyVerify": "require"})}) == {}

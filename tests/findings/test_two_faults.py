"""Of two faults at once, the one that httpd meets first decides the verdict and is the cause.

The verdict's stages stand in httpd's order in time. Which finding is the cause follows from the
stage at which the verdict fails: both orders are one, and each pair of faults holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import pytest

from tests.findings.cases import (
    CASE,
    DAY,
    HOST,
    HTTPD,
    NOW,
    OTHER_ROOT,
    ROOT,
    accused,
    anchors,
    backend,
    failed_connection,
    handshake,
    plain,
    policy,
    probe,
    problem,
    route,
    tls,
    worker,
)
from wizard.findings import diagnose
from wizard.model.diagnosis import Case
from wizard.model.probe import DnsResult, HttpResult, VerifyEvent
from wizard.verdict import predict


class Fault(NamedTuple):
    """Something that is wrong.

    Args:
        slug: its finding.
        apply: makes a case have it; what then cannot be observed any more is taken out.
    """

    slug: str
    apply: Callable[[Case], Case]


def accepted(case: Case) -> Case:
    assert case.probe is not None
    assert case.probe.tls is not None
    chain = case.probe.tls.verified_chain
    events = [VerifyEvent(True, 0, n, c.subject, c.sha256) for n, c in enumerate(chain)]
    return tls(case, events=tuple(reversed(events)))


def shown(case: Case, **fields: object) -> Case:
    """The case whose backend's certificate differs in more than before."""
    assert case.probe is not None
    assert case.probe.tls is not None
    changed = replace(case.probe.tls.chain[0], sha256="1e" * 32, **fields)  # type: ignore[arg-type]  # any field
    return accepted(tls(case, chain=(changed,), verified_chain=(changed, ROOT)))


def refuses(slug: str, phase: str, line: int) -> Callable[[Case], Case]:
    found = problem(slug, phase, line).problems[-1]
    return lambda case: replace(case, problems=(found, *case.problems))


def ahead(**seen: object) -> Callable[[Case], Case]:
    return lambda case: probe(case, tls=None, http=None, **seen)


SOUND = accepted(CASE)
NO_HTTP = replace(HTTPD, modules=("proxy_module", "ssl_module"))
BROKEN = HttpResult("HEAD", None, 0.1, failure="reset")
#: In the order in which httpd meets them.
FAULTS = {
    "an unknown directive": Fault("unknown-directive", refuses("unknown-directive", "config", 7)),
    "a list of ciphers that is none": Fault(
        "cipher-mismatch", refuses("cipher-mismatch", "start", 8)
    ),
    "no module for the scheme": Fault(
        "module-missing", lambda case: replace(case, httpd=NO_HTTP)
    ),
    "a port that does not exist": Fault(
        "backend-url-invalid",
        lambda case: backend(case, port=84430, url=f"https://{HOST}:84430/"),
    ),
    "a backend that is switched off": Fault(
        "balancer-member-disabled", lambda case: route(case, worker=worker(status="D"))
    ),
    "no such name": Fault("dns-failure", ahead(dns=DnsResult((), 0.1, "not-found"), tcp=None)),
    "nothing listens": Fault(
        "connection-refused", ahead(tcp=failed_connection("refused").probe.tcp)  # type: ignore[union-attr]  # it has one
    ),
    "no engine": Fault("engine-off", lambda case: policy(case, engine=False)),
    "no TLS at the port": Fault(
        "backend-speaks-plain-http", lambda case: handshake(case, failure="not-tls")
    ),
    "old TLS alone": Fault(
        "protocol-mismatch", lambda case: handshake(case, failure="alert", alert=70)
    ),
    "an authority that is not trusted": Fault(
        "ca-not-trusted", lambda case: accused(anchors(OTHER_ROOT, case=case), 19, 1, ROOT)
    ),
    "an expired certificate": Fault(
        "certificate-expired",
        lambda case: policy(
            shown(case, not_after=NOW - DAY), verify="none", check_peer_expire=True
        ),
    ),
    "another name": Fault(
        "name-mismatch", lambda case: shown(case, dns_names=("old.internal",), common_names=())
    ),
    "an answer that breaks off": Fault(
        "connection-reset", lambda case: probe(case, http=BROKEN)
    ),
}  # fmt: skip
#: What one fault of a pair takes away from the other: it is none then.
GONE = {
    ("an authority that is not trusted", "an expired certificate"),  # nothing is verified
}


@pytest.mark.parametrize("status", [200, 301, 400, 404, 421, 500, 503])
@pytest.mark.parametrize("plainly", [False, True])
def test_what_an_answer_says_is_no_cause_where_it_comes_too_late(
    status: int, plainly: bool
) -> None:
    case = probe(plain() if plainly else SOUND, http=HttpResult("HEAD", status, 70.0))
    assert cause(case) == ("http", "connection-timeout")


def cause(case: Case) -> tuple[str | None, str]:
    verdict = predict(case)
    assert verdict.outcome == "fail", verdict
    return verdict.stage, diagnose(case, verdict)[0].slug


def test_without_a_fault_the_route_works() -> None:
    assert predict(SOUND).outcome == "ok"
    assert diagnose(SOUND, predict(SOUND)) == ()


@pytest.mark.parametrize(("first", "second"), combinations(FAULTS, 2))
def test_the_fault_that_httpd_meets_first_is_the_cause(first: str, second: str) -> None:
    early, late = FAULTS[first], FAULTS[second]
    stage, slug = cause(early.apply(SOUND))
    assert slug == early.slug
    assert cause(late.apply(SOUND))[1] == late.slug
    if (first, second) not in GONE:
        assert cause(early.apply(late.apply(SOUND))) == (stage, slug)

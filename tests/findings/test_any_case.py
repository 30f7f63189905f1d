"""Whatever was read and observed: findings are made, well formed, and each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.findings import cases
from tests.findings.cases import CASE, DAY, ISSUING, LEAF, NOW, OTHER_ROOT, ROOT
from wizard.findings import CATALOGUE, diagnose
from wizard.model.certificate import ClientCertificate, FileState, TrustFile, TrustMaterial
from wizard.model.config import Problem, Route, Setting, TemporaryException
from wizard.model.diagnosis import LogLine, OpenSSLError, Stage, Verdict
from wizard.model.probe import (
    DnsFailure,
    DnsResult,
    HttpFailure,
    HttpResult,
    ProbeReport,
    TcpAttempt,
    TcpFailure,
    TcpResult,
    TlsFailure,
    TlsResult,
    VerifyEvent,
)

texts = st.one_of(
    st.sampled_from(
        ["", "backend.internal", "*.internal", "192.0.2.1", "::1", "x;y'z\n", "\udcff"]
    ),
    st.text(max_size=12),
)
certificates = st.builds(
    replace,
    st.sampled_from([LEAF, ISSUING, ROOT, OTHER_ROOT]),
    subject=texts,
    dns_names=st.tuples(texts, texts),
    common_names=st.tuples(texts),
    not_after=st.sampled_from([NOW - DAY, NOW + DAY, NOW + 90 * DAY]),
    not_before=st.sampled_from([NOW - DAY, NOW + DAY]),
    key=st.sampled_from(["RSA 1024", "RSA 4096", ""]),
    key_bits=st.sampled_from([0, 1024, 4096]),
    signature=st.sampled_from(["sha1WithRSAEncryption", "ecdsa-with-SHA256", ""]),
    error=st.sampled_from([None, None, None, "unreadable"]),
    authority_key_id=st.sampled_from([None, "a", "b"]),
    subject_key_id=st.sampled_from([None, "a", "b"]),
)
chains = st.lists(certificates, max_size=4).map(tuple)
files = st.builds(
    TrustFile,
    path=st.sampled_from([None, "/etc/x y.pem"]),
    state=st.sampled_from(get_args(FileState)),
    detail=texts,
    certificates=chains,
    loads=st.booleans(),
)
materials = st.builds(
    TrustMaterial,
    ca_file=files,
    ca_path=files,
    crl_file=files,
    client_certificate=st.builds(
        ClientCertificate,
        path=st.sampled_from([None, "/etc/own.pem"]),
        state=st.sampled_from(["unset", "ok", "missing", "empty", "unreadable", "no-key",
                               "wrong-key", "encrypted-key", "invalid"]),
    ),
)  # fmt: skip


def optional(values: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.sampled_from(values))


attempts = st.lists(
    st.builds(TcpAttempt, texts, st.just(1.0), optional(get_args(TcpFailure))), max_size=3
).map(tuple)
reports = st.builds(
    replace,
    st.just(CASE.probe),
    dns=st.one_of(
        st.none(),
        st.builds(
            DnsResult,
            st.lists(st.sampled_from(["127.0.0.1", "192.0.2.1", "::1", "junk"])).map(tuple),
            st.just(0.1),
            optional(get_args(DnsFailure)),
        ),
    ),
    tcp=st.one_of(
        st.none(),
        st.builds(
            TcpResult, st.sampled_from([None, "192.0.2.1"]), st.just(8443), st.just(0.1), attempts,
            optional(get_args(TcpFailure)),
        ),
    ),
    tls=st.one_of(
        st.none(),
        st.builds(
            TlsResult,
            completed=st.booleans(),
            seconds=st.just(0.1),
            sni=texts,
            chain=chains,
            verified_chain=chains,
            events=st.lists(
                st.builds(VerifyEvent, st.booleans(), st.integers(0, 90), st.integers(0, 3))
            ).map(tuple),
            client_certificate_requested=st.booleans(),
            failure=optional(get_args(TlsFailure)),
            alert=optional([0, 40, 42, 70, 80, 112, 116, 120, 255]),
            error=st.one_of(st.none(), texts),
            without_sni=st.one_of(st.none(), certificates),
            alpn=optional(["h2", "http/1.1"]),
        ),
    ),
    http=st.one_of(
        st.none(),
        st.builds(
            HttpResult,
            st.just("HEAD"),
            optional([200, 301, 400, 404, 421, 503]),
            st.just(0.1),
            texts,
            failure=optional(get_args(HttpFailure)),
            alert=optional([116]),
            keep_alive=optional([0.0, 5.0]),
        ),
    ),
    speaks_tls=st.sampled_from([None, False, True]),
    speaks_http=st.sampled_from([None, False, True]),
    speaks_h2c=st.sampled_from([None, False, True]),
)  # fmt: skip
policies = st.builds(
    replace,
    st.just(cases.STRICT),
    engine=st.booleans().map(Setting),
    verify=st.sampled_from(["none", "optional", "optional_no_ca", "require"]).map(Setting),
    verify_depth=st.integers(0, 3).map(Setting),
    ca_certificate_file=st.sampled_from([None, "/etc/ca.pem"]).map(Setting),
    ca_certificate_path=st.sampled_from([None, "/etc/cas"]).map(Setting),
    ca_revocation_file=st.sampled_from([None, "/etc/x.crl"]).map(Setting),
    ca_revocation_check=st.sampled_from(["none", "leaf", "chain no_crl_for_cert_ok", ""]).map(
        lambda text: Setting(text, cases.at(4))
    ),
    check_peer_name=st.booleans().map(Setting),
    check_peer_cn=st.booleans().map(lambda on: Setting(on, cases.at(4))),
    check_peer_expire=st.booleans().map(Setting),
)
backends = st.builds(
    replace,
    st.just(cases.BACKEND),
    url=texts,
    scheme=st.sampled_from(["https", "http", "h2", "wss", "ajp", "balancer", "odd"]),
    host=texts,
    check_name=texts,
    sni=st.one_of(st.none(), texts),
    socket=st.sampled_from([None, "/run/x"]),
)
routes = st.builds(
    replace,
    st.just(cases.ROUTE),
    backend=backends,
    tls=policies,
    preserve_host=st.booleans().map(Setting),
    balancer=st.sampled_from([None, "app"]),
    worker=st.sampled_from(
        [cases.worker(), cases.worker(status="+D-S", ttl="1min"), cases.worker(status="-", ttl="x")]
    ),
    shadowed_by=st.sampled_from([None, cases.at(1)]),
    exceptions=st.sampled_from([(), (TemporaryException(date.max, "x", (), cases.at(1)),)]),
    path=st.sampled_from(["/", "/a", ""]),
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(["ok", "fail", "unknown"]),
    st.sampled_from([None, *get_args(Stage)]),
    st.sampled_from([None, 200, 500]),
    st.lists(
        st.builds(
            LogLine,
            st.sampled_from([None, "AH02040", "AH02276", "AH01084"]),
            st.just("ssl"),
            st.just("info"),
            texts,
            st.booleans(),
        )
    ).map(tuple),
    st.one_of(st.none(), st.builds(OpenSSLError, st.integers(0, 100), texts)),
)
problems = st.lists(
    st.builds(
        Problem,
        st.just(cases.FILE),
        st.integers(0, 9),
        texts,
        st.sampled_from(["warning", "config", "start"]),
        slug=st.sampled_from([None, "unknown-directive", "ca-file-missing", "no-such-slug"]),
    ),
    max_size=3,
).map(tuple)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(routes, materials, st.one_of(st.none(), reports), problems, verdicts)
def test_findings_of_any_case_are_well_formed(
    route: Route,
    material: TrustMaterial,
    report: ProbeReport | None,
    found: tuple[Problem, ...],
    verdict: Verdict,
) -> None:
    case = replace(CASE, route=route, trust=material, probe=report, problems=found)
    findings = diagnose(case, verdict)
    slugs = [finding.slug for finding in findings]
    assert len(slugs) == len(set(slugs))
    assert sum(CATALOGUE[slug].explains for slug in slugs) <= 1
    for finding in findings:
        assert all(finding.evidence)
        assert finding.explanation
        assert finding.remedies
    if verdict.outcome == "fail" and any(CATALOGUE[slug].explains for slug in slugs):
        assert findings[0].severity == "critical"
    if verdict.outcome == "ok":
        critical = {f.slug for f in findings if f.severity == "critical"}
        assert critical <= {"temporary-exception-expired"}

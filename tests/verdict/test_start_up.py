"""Policies that ``-t`` passes and start-up does not, as measured on httpd 2.4.71."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.samples import AT, VHOST, leaf, on, policy
from wizard.model.certificate import ClientCertificate, FileState, TrustFile, TrustMaterial
from wizard.model.config import Problem, TlsPolicy
from wizard.reference import tls_settings
from wizard.verdict.refused_configuration import refusal
from wizard.verdict.start_up import problems

CA = {"ca_certificate_file": "/ca.pem"}
GOOD = TrustFile("/ca.pem", "ok", certificates=(leaf(),))
TRUST = TrustMaterial(ca_file=GOOD)


def found(trust: TrustMaterial | None = None, **fields: Any) -> list[tuple[str, str | None]]:
    values = {"verify": "none", **fields}
    return [(p.phase, p.code) for p in _problems(trust or TrustMaterial(), **values)]


def _problems(trust: TrustMaterial, **fields: Any) -> tuple[Problem, ...]:
    return problems([(policy(**fields), trust)])


def ca(state: FileState, **fields: Any) -> TrustMaterial:
    return TrustMaterial(ca_file=TrustFile("/ca.pem", state, **fields))


def own(state: Any) -> TrustMaterial:
    client = ClientCertificate("/own.pem", state)
    return TrustMaterial(client_certificate=client)


def test_a_good_policy() -> None:
    assert found(TRUST, verify="require", **CA) == []


def test_default_policy() -> None:
    assert problems([(TlsPolicy(), TrustMaterial())]) == ()


def test_place_and_words() -> None:
    (problem,) = _problems(ca("der", loads=False), **CA)
    assert (problem.file, problem.line) == (AT.file, AT.line)
    assert problem.directive == "SSLProxyCACertificateFile /ca.pem"
    assert problem.slug == "ca-file-invalid"
    assert "DER" in problem.message


@pytest.mark.parametrize("state", ["der", "pkcs12", "no-certificate", "broken-pem"])
def test_authorities_that_do_not_load(state: FileState) -> None:
    assert found(ca(state, loads=False), **CA) == [("start", "AH01895")]


def test_authorities_without_a_certificate_that_load() -> None:
    assert found(ca("no-certificate"), **CA) == [("start", "AH02210")]


@pytest.mark.parametrize("state", ["missing", "empty", "directory"])
def test_authorities_that_are_not_there_are_the_readers_affair(state: FileState) -> None:
    assert found(ca(state, loads=False), **CA) == []


def test_engine_off_initialises_nothing() -> None:
    assert found(ca("der", loads=False), engine=False, **CA) == []


def test_unreadable_authorities_are_not_judged() -> None:
    assert found(ca("unreadable", loads=False), **CA) == []


def test_directory_of_authorities() -> None:
    def of(state: FileState, **fields: Any) -> TrustMaterial:
        return TrustMaterial(ca_path=TrustFile("/ca", state, **fields))

    path = {"ca_certificate_path": "/ca"}
    assert found(of("unhashed", certificates=(leaf(),)), **path) == []
    assert found(of("empty"), **path) == [("start", "AH01896")]
    assert found(of("missing"), **path) == []
    both = TrustMaterial(ca_file=GOOD, ca_path=TrustFile("/ca", "empty"))
    assert found(both, **CA, **path) == []


@pytest.mark.parametrize(
    ("verify", "codes"),
    [("require", [("warning", "AH01897")]), ("optional", []), ("optional_no_ca", [])],
)
def test_no_authorities(verify: str, codes: list[tuple[str, str]]) -> None:
    assert found(verify=verify) == codes


@pytest.mark.parametrize("words", ["-all", "-TLSv1.3", "TLSv1.2 -TLSv1.2"])
def test_no_protocol_left(words: str) -> None:
    assert found(protocol=words) == [("start", "AH02231")]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("all", ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
        ("all -TLSv1.3 -tlsv1", ("TLSv1.1", "TLSv1.2")),
        ("all -SSLv3", ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
        ("+TLSv1.2", ("TLSv1.2",)),
        ("TLSv1.2 +TLSv1.3", ("TLSv1.2", "TLSv1.3")),
        ("TLSv1.2 TLSv1.3", ("TLSv1.3",)),
        ("", ()),
    ],
)
def test_protocols(words: str, left: tuple[str, ...]) -> None:
    assert tls_settings.protocols(words) == left


def test_ciphers() -> None:
    assert found(cipher_suite="NOPE") == [("start", "AH01898")]
    assert found(cipher_suite="eNULL") == [("start", "AH01898")]
    assert found(cipher_suite="a\0b") == [("start", "AH01898")]
    assert found(cipher_suite="NOPE:AES128-SHA") == []
    assert found(cipher_suite="PROFILE=SYSTEM") == []
    assert found(cipher_suite_tls13="NOPE") == [("start", "AH10127")]
    assert found(cipher_suite_tls13="NOPE:TLS_AES_128_GCM_SHA256") == []


@pytest.mark.parametrize("suite", ["PROFILE=SYSTEM", "PROFILE=SYSTEM:!SHA1"])
def test_a_profile_of_the_system_is_known_to_some_openssl_only(suite: str) -> None:
    with_it = [(policy(verify="none", cipher_suite=suite), TrustMaterial())]
    assert problems(with_it) == ()
    (problem,) = problems(with_it, profiles=lambda: False)
    assert (problem.code, problem.slug) == ("AH01898", "cipher-mismatch")
    assert "does not know PROFILE=SYSTEM" in problem.message
    (problem,) = problems(with_it, profiles=lambda: None)  # of another machine, as far as is known
    assert (problem.phase, problem.code) == ("warning", "AH01898")
    assert "HIGH:!aNULL" in problem.hint
    assert (
        problems(
            [(policy(verify="none", cipher_suite="HIGH"), TrustMaterial())], profiles=lambda: False
        )
        == ()
    )


def test_revocation() -> None:
    crl = {"ca_revocation_file": "/crl.pem"}
    good = TrustMaterial(crl_file=TrustFile("/crl.pem", "ok"))
    junk = TrustMaterial(crl_file=TrustFile("/crl.pem", "no-certificate", loads=False))
    gone = TrustMaterial(crl_file=TrustFile("/crl.pem", "missing", loads=False))
    assert found(ca_revocation_check="chain") == [("start", "AH01899")]
    assert found(ca_revocation_check="leaf no_crl_for_cert_ok") == [("start", "AH01899")]
    assert found(good, ca_revocation_check="chain", **crl) == []
    assert found(good, **crl) == [("warning", "AH01902")]
    assert found(junk, ca_revocation_check="chain", **crl) == [("start", "AH01901")]
    assert found(junk, **crl) == [("start", "AH01901")]
    assert found(gone, **crl) == [("warning", "AH01902")]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ok", []),
        ("encrypted-key", [("start", "AH02252")]),
        ("wrong-key", [("start", "AH02326")]),
        ("no-key", [("warning", "AH02206")]),
        ("invalid", [("warning", "AH02206")]),
        ("missing", []),
        ("unreadable", []),
    ],
)
def test_client_certificate(state: FileState, expected: list[tuple[str, str]]) -> None:
    assert found(own(state), machine_certificate_file="/own.pem") == expected


def test_order_is_that_of_mod_ssl() -> None:
    everything = {
        "protocol": "-all",
        "cipher_suite": "NOPE",
        "ca_revocation_check": "chain",
        "machine_certificate_file": "/own.pem",
        **CA,
    }
    material = TrustMaterial(
        ca_file=TrustFile("/ca.pem", "der", loads=False),
        client_certificate=ClientCertificate("/own.pem", "wrong-key"),
    )
    codes = [code for _, code in found(material, **everything)]
    assert codes == ["AH02231", "AH01895", "AH01898", "AH01899", "AH02326"]


def test_each_place_once() -> None:
    bad = (policy(verify="none", **CA), ca("der", loads=False))
    same = (policy(verify="none", **CA), ca("der", loads=False))
    assert len(problems([bad, bad, same])) == 1


def test_the_log_of_the_virtual_host() -> None:
    bad = (policy(verify="none", **CA), ca("der", loads=False))
    host = replace(VHOST, error_log=on("app.log"))
    for hosts, own_log in (((), False), ((VHOST,), False), ((host,), True)):
        (problem,) = problems([bad], hosts)
        assert problem.own_log is own_log
        refused = refusal((problem,))
        assert refused is not None
        assert ("AH02311" in refused.ah_codes) is own_log
        assert ("AH02312" in refused.ah_codes) is not own_log

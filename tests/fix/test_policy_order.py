"""Which policy lets more in than another: each setting by itself, and incomparable pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.fix.policy_order import Need, need, weaker
from wizard.model.config import Setting, Source, TlsPolicy
from wizard.model.probe import TlsResult

DEFAULT = TlsPolicy()
GCM, CBC, RSA = "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "AES256-SHA"
CIPHERS = "SSLProxyCipherSuite"
AES128, AES256 = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"


def policy(**settings: Any) -> TlsPolicy:
    written = {name: Setting(value, Source("/a", 1)) for name, value in settings.items()}
    return replace(DEFAULT, **written)


@pytest.mark.parametrize(
    ("strong", "weak", "directive"),
    [
        (policy(engine=True), DEFAULT, "SSLProxyEngine"),
        (policy(verify="require"), policy(verify="optional"), "SSLProxyVerify"),
        (policy(verify="optional"), policy(verify="optional_no_ca"), "SSLProxyVerify"),
        (policy(verify="optional_no_ca"), DEFAULT, "SSLProxyVerify"),
        (policy(verify_depth=2), policy(verify_depth=3), "SSLProxyVerifyDepth"),
        (DEFAULT, policy(check_peer_name=False), "SSLProxyCheckPeerName"),
        (DEFAULT, policy(check_peer_cn=False), "SSLProxyCheckPeerName"),
        (
            policy(check_peer_name=False, check_peer_cn=True),
            policy(check_peer_name=False),
            "SSLProxyCheckPeerName",
        ),
        (DEFAULT, policy(check_peer_expire=False), "SSLProxyCheckPeerExpire"),
        (policy(ca_revocation_check="leaf"), DEFAULT, "SSLProxyCARevocationCheck"),
        (
            policy(ca_revocation_check="chain"),
            policy(ca_revocation_check="leaf"),
            "SSLProxyCARevocationCheck",
        ),
        (
            policy(ca_revocation_check="chain"),
            policy(ca_revocation_check="chain no_crl_for_cert_ok"),
            "SSLProxyCARevocationCheck",
        ),
        (
            policy(ca_revocation_check="leaf", ca_revocation_file="/a.crl"),
            policy(ca_revocation_check="leaf"),
            "SSLProxyCARevocationFile",
        ),
        (policy(protocol="TLSv1.3"), DEFAULT, "SSLProxyProtocol"),
        (policy(protocol="TLSv1.3"), policy(protocol="TLSv1.2 +TLSv1.3"), "SSLProxyProtocol"),
        (policy(cipher_suite=GCM), DEFAULT, "SSLProxyCipherSuite"),
        (policy(cipher_suite=GCM), policy(cipher_suite="HIGH:!aNULL"), "SSLProxyCipherSuite"),
        (policy(cipher_suite=GCM), policy(cipher_suite=f"{GCM}:{CBC}"), "SSLProxyCipherSuite"),
        (
            policy(cipher_suite=f"{GCM}:@SECLEVEL=2"),
            policy(cipher_suite=f"{GCM}:@SECLEVEL=1"),
            "SSLProxyCipherSuite",
        ),
        (policy(cipher_suite=GCM), policy(cipher_suite=f"{GCM}@SECLEVEL=0"), CIPHERS),
        (
            policy(cipher_suite=f"{GCM}:@SECLEVEL=3"),
            policy(cipher_suite=GCM),
            "SSLProxyCipherSuite",
        ),
        (
            policy(cipher_suite_tls13=AES256),
            policy(cipher_suite_tls13=f"{AES256}:{AES128}"),
            "SSLProxyCipherSuite TLSv1.3",
        ),
        (policy(cipher_suite_tls13=AES256), DEFAULT, "SSLProxyCipherSuite TLSv1.3"),
    ],
)
def test_each_setting(strong: TlsPolicy, weak: TlsPolicy, directive: str) -> None:
    assert weaker(strong, weak) == (directive,)
    assert weaker(weak, strong) == ()


def test_what_is_stricter_here_and_laxer_there_is_incomparable() -> None:
    one = policy(verify="require", check_peer_expire=False)
    other = policy(verify="none")
    assert weaker(one, other) == ("SSLProxyVerify",)
    assert weaker(other, one) == ("SSLProxyCheckPeerExpire",)


def test_what_the_systems_own_policy_allows_is_not_known() -> None:
    system = policy(cipher_suite="PROFILE=SYSTEM")
    assert weaker(policy(cipher_suite=GCM), system) == weaker(system, DEFAULT) == (CIPHERS,)
    assert weaker(system, system) == ()


def test_what_the_connection_takes_may_be_added_and_nothing_else() -> None:
    narrow = policy(protocol="TLSv1.3", cipher_suite=GCM, cipher_suite_tls13=AES256)
    wide = policy(
        protocol="TLSv1.3 +TLSv1.2",
        cipher_suite=f"{GCM}:{CBC}",
        cipher_suite_tls13=AES256,
        verify_depth=2,
    )
    assert weaker(narrow, wide, Need(2, "TLSv1.2", CBC)) == ()
    assert weaker(narrow, wide, Need(2, "TLSv1.2", RSA)) == ("SSLProxyCipherSuite",)
    assert weaker(narrow, wide, Need(1, "TLSv1.3", CBC)) == (
        "SSLProxyVerifyDepth",
        "SSLProxyProtocol",
    )


def test_what_a_connection_takes_is_what_was_seen_of_it() -> None:
    assert need(None) == need(TlsResult(False, 0.0, cipher=GCM)) == Need()
    assert need(TlsResult(True, 0.0, version="TLSv1.2", cipher=GCM)) == Need(0, "TLSv1.2", GCM)


POLICIES = st.builds(
    policy,
    engine=st.booleans(),
    verify=st.sampled_from(["none", "optional", "optional_no_ca", "require"]),
    verify_depth=st.integers(0, 3),
    check_peer_expire=st.booleans(),
    check_peer_name=st.booleans(),
    ca_revocation_check=st.sampled_from(["none", "leaf", "chain", "chain no_crl_for_cert_ok"]),
    protocol=st.sampled_from([None, "TLSv1.3", "TLSv1.2 +TLSv1.3", "all -SSLv3"]),
    cipher_suite=st.sampled_from([GCM, f"{GCM}:{CBC}", f"{CBC}:{RSA}", f"{GCM}@SECLEVEL=1"]),
)


@given(POLICIES, POLICIES, POLICIES)
def test_it_is_a_partial_order(one: TlsPolicy, two: TlsPolicy, three: TlsPolicy) -> None:
    assert weaker(one, one) == ()
    if not weaker(one, two) and not weaker(two, three):
        assert not weaker(one, three)

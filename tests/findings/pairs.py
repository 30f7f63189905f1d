"""For each finding a case that must have it, and one close to it that must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.findings.answer_pairs import ANSWERS
from tests.findings.cases import (
    CASE,
    DAY,
    FILE,
    HOST,
    HTTP,
    HTTPD,
    ISSUING,
    LEAF,
    MODULES,
    NOW,
    OK,
    OTHER_ROOT,
    PUBLIC,
    ROOT,
    accused,
    anchors,
    at,
    backend,
    by_address,
    certificate,
    client_certificate,
    excepted,
    failed_connection,
    fails,
    handshake,
    leaf,
    plain,
    policy,
    preserved,
    probe,
    problem,
    refused,
    route,
    tls,
    trust,
    worker,
)
from tests.findings.check import Check
from wizard.model.certificate import TrustFile
from wizard.model.config import Problem
from wizard.model.diagnosis import Case, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import DnsResult, HttpResult, Lack, TcpAttempt, TcpResult, VerifyEvent

SELF = certificate(HOST, dns_names=(HOST,))
VIA = certificate(HOST, ISSUING, dns_names=(HOST,))
REKEYED = replace(ROOT, sha256="ee" * 32, subject_key_id="id of another key")
CRL = "/etc/ssl/backend-ca.crl"
EXPIRED_ROOT = replace(ROOT, not_after=NOW - DAY)
EARLY: dict[str, Any] = {"not_before": NOW + DAY, "not_after": NOW + 365 * DAY}
INSIDE = NOW - DAY
RSA_1024: dict[str, Any] = {"key": "RSA 1024", "key_bits": 1024}
NO_ISSUER = refused(20, "unable to get local issuer certificate")
CONFIG, START = fails("config", 0, "AH00526"), fails("start", 0, "AH01895", "AH02312")
SHARED = at(2)
WITH_CRL = policy(
    trust(crl_file=TrustFile(CRL, "ok", crl_issuers=("CN=Example Root",),
                             crl_next_updates=(INSIDE,))),
    ca_revocation_file=CRL,
    ca_revocation_check="chain",
)  # fmt: skip


def asking(version: str) -> Case:
    """A backend whose certificate names an OCSP responder, and an httpd."""
    one = replace(LEAF, ocsp="http://ocsp.corp.example/")
    seen = tls(chain=(one,), verified_chain=(one, ROOT),
               events=(VerifyEvent(True, 0, 0, one.subject, one.sha256),))  # fmt: skip
    return replace(seen, httpd=HttpdInfo(version, "/usr/sbin/apache2", MODULES))


UNKNOWN = Verdict("unknown", reason="A responder is asked.")
DEEP = policy(
    tls(anchors(ROOT), chain=(VIA, ISSUING), verified_chain=(VIA, ISSUING, ROOT)),
)
SECOND = TcpAttempt("192.0.2.2", 0.01)
DEAD = TcpAttempt("192.0.2.1", 3.0, "timeout", "timed out")

NO_PROGRAM = Problem(FILE, 7, "unable to start piped log program '/gone'", "start", "AH00104",
                     directive='CustomLog "|/gone"', hint="Install the program.")  # fmt: skip

CONFIGURATION = {
    "engine-off": Check(
        (policy(engine=False), fails("tls", 500, "AH01961", "AH00961")), (CASE, OK), cause=True,
        says=(f"{at(30)}  SSLProxyEngine off", "SSLProxyEngine on", "SNI sent backend.internal"),
    ),
    "module-missing": Check(
        (replace(CASE, httpd=replace(HTTPD, modules=MODULES[:1])), fails("route")),
        (replace(CASE, httpd=HttpdInfo()), OK), cause=True, says=("a2enmod proxy_http ssl",),
    ),
    "directive-not-allowed-here": Check(
        (problem("directive-not-allowed-here", text="SSLProxyEngine on"), CONFIG),
        (problem("directive-not-allowed-here", "warning"), OK), cause=True,
        says=("app.conf:7  SSLProxyEngine on", "what is meant", "apache2ctl configtest"),
    ),
    "unknown-directive": Check(
        (problem("unknown-directive", text="SSLProxyVerfy require"), CONFIG),
        (problem(None, text="SSLProxyVerfy require"), CONFIG), cause=True,
        says=("SSLProxyVerfy require", "what is meant"),
    ),
    "configuration-refused": Check(
        (problem(None, "start"), START), (problem("unknown-directive"), CONFIG), cause=True,
        says=("The configuration test passes", "httpd's words",
              "proxy-wizard check '/srv/my site'"),
    ),
    "reload-would-fail": Check(
        (replace(CASE, fatal=(NO_PROGRAM,)), OK), (problem(None, "reload"), OK),
        severity="warning",
        says=("would not survive a reload: unable to start", 'app.conf:7  CustomLog "|/gone"',
              "app.conf:7: Install the program", "logrotate"),
    ),
    "ca-file-missing": Check(
        (trust(ca_file=TrustFile("/etc/ssl/backend-ca.pem", "missing", loads=False)), CONFIG),
        (CASE, OK), cause=True, says=("app.conf:7  SSLProxyCACertificateFile /etc/ssl/backend-ca",),
    ),
    "ca-file-invalid": Check(
        (trust(ca_file=TrustFile("/etc/ssl/backend-ca.pem", "der",
                                 "one certificate in DER", loads=False)), START),
        (trust(ca_file=TrustFile("/etc/ssl/backend-ca.pem", "unreadable")), OK), cause=True,
        says=("openssl x509 -inform DER -in /etc/ssl/backend-ca.pem",),
    ),
    "ca-path-not-hashed": Check(
        (policy(trust(ca_file=TrustFile(), ca_path=TrustFile("/etc/cas", "unhashed")),
                ca_certificate_file=None, ca_certificate_path="/etc/cas"), NO_ISSUER),
        (policy(trust(ca_path=TrustFile("/etc/cas", "ok")), ca_certificate_path="/etc/cas"), OK),
        cause=True, says=("openssl rehash /etc/cas",),
    ),
    "ca-not-configured": Check(
        (policy(trust(ca_file=TrustFile()), ca_certificate_file=None), NO_ISSUER),
        (policy(ca_certificate_file=None, verify="none"), OK), cause=True,
        says=("AH01897", "/etc/ssl/certs/ca-certificates.crt"),
    ),
    "crl-check-without-crl": Check(
        (policy(ca_revocation_check="chain"), START), (WITH_CRL, OK), cause=True, says=("AH01899",),
    ),
    "client-certificate-without-key": Check(
        (client_certificate("encrypted-key"), START), (client_certificate("ok"), OK), cause=True,
        says=("AH02252", "openssl pkey -in /etc/ssl/proxy.pem"),
    ),
    "route-shadowed": Check(
        (route(shadowed_by=SHARED), OK), (CASE, OK), severity="warning", says=(f"{SHARED}",),
    ),
    "missing-trailing-slash": Check(
        (backend(url="https://backend.internal:8443"), fails("dns", 500, "AH00898")),
        (route(backend(url="https://backend.internal:8443"), path="/app"), OK), cause=True,
        says=("https://backend.internal:8443foo", "ProxyPass / https://backend.internal:8443/"),
    ),
    "backend-url-invalid": Check(
        (backend(port=84430), fails("route", 400, "AH01083")), (backend(port=65535), OK),
        cause=True, says=("65535", "84430"),
    ),
    "balancer-member-disabled": Check(
        (route(balancer="app", worker=worker(status="+D")), OK),
        (route(balancer="app", worker=worker(status="-D+H")), OK), severity="info",
    ),
    "ip-address-backend": Check(
        (by_address(), fails("name", 500, "AH02411")), (preserved(by_address()), OK), cause=True,
        says=("https://backend.internal:8443", "echo '192.0.2.1 backend.internal' >> /etc/hosts"),
    ),
    "preserve-host-changes-name": Check(
        (preserved(), fails("name", 500, "AH02411")),
        (preserved(leaf(dns_names=(PUBLIC, "www.example.com"))), OK), cause=True,
        says=("app.conf:8  ProxyPreserveHost on", "ProxyPreserveHost Off",
              "DNS:app.example.com,DNS:backend.internal,DNS:www.example.com"),
    ),
    "temporary-exception": Check(
        (excepted(date(2026, 11, 24)), OK), (excepted(date(2026, 11, 23)), OK), severity="warning",
        says=("until 2026-11-24", "the last day is today"),
    ),
    "temporary-exception-expired": Check(
        (excepted(date(2026, 11, 23)), OK), (excepted(date(2026, 11, 24)), OK),
        says=("until 2026-11-23",),
    ),
    "verification-off": Check(
        (policy(verify="none"), OK), (policy(verify="none", engine=False), fails("tls")),
        severity="warning", says=("app.conf:30  SSLProxyVerify none",),
    ),
    "verification-optional": Check(
        (policy(verify="optional_no_ca"), OK), (CASE, OK), severity="warning",
    ),
    "name-check-off": Check(
        (policy(check_peer_cn=False), OK), (policy(check_peer_name=True, check_peer_cn=False), OK),
        severity="warning", says=("app.conf:30  SSLProxyCheckPeerCN off", "SSLProxyCheckPeerCN on"),
    ),
    "expiry-check-off": Check(
        (policy(check_peer_expire=False), OK), (CASE, OK), severity="warning",
    ),
    "unencrypted-backend": Check(
        (plain(), OK), (backend(plain(), socket="/run/app.sock"), OK), severity="warning",
    ),
    "crl-not-checked": Check(
        (policy(WITH_CRL, ca_revocation_check="none"), OK), (WITH_CRL, OK), severity="info",
        says=("AH01902",),
    ),
    "log-level-hides-cause": Check(
        (CASE, NO_ISSUER), (CASE, fails("verify", 500, "AH02040")), severity="info",
        says=("AH02276", "LogLevel warn ssl:info proxy:info"),
    ),
}  # fmt: skip

TRUST = {
    "ca-file-trusts-more": Check(
        (anchors(ROOT, OTHER_ROOT), OK), (anchors(ROOT, ISSUING), OK), severity="info",
        says=("1 other CA", "trusted besides: CN=Somebody Else Root, SHA-256"),
    ),
    "ca-not-trusted": Check(
        (anchors(OTHER_ROOT), NO_ISSUER), (anchors(OTHER_ROOT), OK), cause=True,
        says=("CN=Example Root", "OpenSSL error 20", "trusted: CN=Somebody Else Root"),
    ),
    "self-signed-certificate": Check(
        (tls(chain=(SELF,), verified_chain=(SELF,)), refused(18)),
        (tls(chain=(SELF,)), fails("name")), cause=True,
        says=(f"--accept-fingerprint {SELF.sha256}",),
    ),
    "missing-intermediate": Check(
        (tls(chain=(VIA,)), NO_ISSUER), (tls(anchors(OTHER_ROOT), chain=(LEAF, ROOT)), NO_ISSUER),
        cause=True, says=("CN=Example Issuing 1", "fullchain.pem"),
    ),
    "ca-file-holds-server-certificate": Check(
        (anchors(LEAF), NO_ISSUER), (anchors(LEAF, ROOT), refused(10)), cause=True,
    ),
    "ca-file-without-root": Check(
        (tls(anchors(ISSUING), chain=(VIA, ISSUING)), refused(2)),
        (tls(anchors(OTHER_ROOT), chain=(VIA, ISSUING)), NO_ISSUER), cause=True,
        says=("CN=Example Root",),
    ),
    "ca-rekeyed": Check(
        (anchors(REKEYED), NO_ISSUER), (anchors(OTHER_ROOT), refused(7)), cause=True,
        says=("id of another key",),
    ),
    "chain-too-deep": Check(
        (DEEP, fails("verify", 500, "AH02040")), (policy(DEEP, verify_depth=2), OK), cause=True,
        says=("SSLProxyVerifyDepth 2", "default  SSLProxyVerifyDepth 1"),
    ),
    "ca-expired": Check(
        (tls(anchors(EXPIRED_ROOT), verified_chain=(LEAF, EXPIRED_ROOT)), refused(10)),
        (leaf(not_after=NOW - DAY), refused(10)), cause=True,
    ),
    "wrong-purpose": Check(
        (leaf(extended_key_usage=("clientAuth",)), refused(26)), (CASE, refused(25)), cause=True,
        says=("extendedKeyUsage clientAuth", "extendedKeyUsage=serverAuth"),
    ),
    "path-length-exceeded": Check(
        (tls(verified_chain=(VIA, ISSUING, replace(ROOT, path_length=0))), refused(25)),
        (CASE, refused(26)), cause=True, says=("CN=Example Root: pathlen 0",),
    ),
    "name-constraint-violated": Check(
        (tls(verified_chain=(LEAF, replace(ROOT, name_constraints="permitted .corp"))),
         refused(47)),
        (CASE, refused(79)), cause=True, says=("permitted .corp",),
    ),
    "weak-key": Check(
        (leaf(**RSA_1024), refused(66)), (leaf(key="RSA 2048", key_bits=2048), OK), cause=True,
        says=("RSA 1024 of CN=backend.internal",),
    ),
    "weak-signature": Check(
        (leaf(signature="sha1WithRSAEncryption"), refused(68)),
        (tls(chain=(LEAF, replace(ROOT, signature="sha1WithRSAEncryption"))), OK), cause=True,
    ),
    "issuer-not-a-ca": Check(
        (accused(CASE, 79, 1, ROOT), refused(79)), (CASE, refused(26)), cause=True,
        says=("CN=Example Root",),
    ),
    "certificate-revoked": Check((WITH_CRL, refused(23)), (WITH_CRL, OK), cause=True),
    "crl-expired": Check(
        (WITH_CRL, refused(12)), (WITH_CRL, refused(3)), cause=True,
        says=("list of CN=Example Root: next update 2026-11-23",),
    ),
    "crl-path-not-hashed": Check(
        (policy(trust(WITH_CRL, crl_path=TrustFile("/etc/crls", "unhashed", unhashed_lists=(
            ("/etc/crls/ca.crl", LEAF.issuer),))), ca_revocation_path="/etc/crls"), refused(3)),
        (WITH_CRL, refused(3)), cause=True,
        says=("openssl rehash /etc/crls", "SSLProxyCARevocationFile /etc/crls/ca.crl"),
    ),
    "crl-missing": Check((WITH_CRL, refused(3)), (WITH_CRL, refused(12)), cause=True),
    "ocsp-for-backend": Check(
        (asking("2.4.41"), UNKNOWN), (asking("2.4.42"), OK), severity="warning",
        says=("http://ocsp.corp.example/", "2.4.34 to 2.4.41", "SSLOCSPEnable off", "2.4.42"),
    ),
}  # fmt: skip

NAMES_AND_DATES = {
    "name-mismatch": Check(
        (leaf(dns_names=("old.internal",), common_names=()), fails("name", 500, "AH02411")),
        (leaf(dns_names=("*.internal",), common_names=()), OK), cause=True,
        says=("old.internal", "DNS:backend.internal,DNS:old.internal"),
    ),
    "wrong-virtual-host-certificate": Check(
        (tls(leaf(dns_names=("shop.internal",), common_names=()), without_sni=LEAF), fails("name")),
        (tls(leaf(dns_names=("shop.internal",), common_names=()),
             without_sni=replace(LEAF, sha256="1e" * 32, dns_names=("shop.internal",))),
         fails("name")),
        cause=True, says=("shop.internal",),
    ),
    "wildcard-too-deep": Check(
        (leaf(backend(check_name="a.b.internal"), dns_names=("*.internal",), common_names=()),
         fails("name")),
        (leaf(backend(check_name="a.b.internal"), dns_names=("*.b.internal",), common_names=()),
         OK),
        cause=True, says=("*.internal",),
    ),
    "certificate-expired": Check(
        (leaf(policy(verify="none"), not_after=NOW - DAY), fails("expiry", 500, "AH02004")),
        (CASE, OK), cause=True, says=("1 day ago", "AH02004"),
    ),
    "certificate-not-yet-valid": Check(
        (leaf(**EARLY), refused(9)), (CASE, OK), cause=True, says=("2026-11-25",),
    ),
    "certificate-expires-soon": Check(
        (leaf(not_after=NOW + 29 * DAY), OK), (leaf(not_after=NOW + 30 * DAY), OK),
        severity="warning", says=("29 days left",),
    ),
}  # fmt: skip

HANDSHAKE = {
    "protocol-mismatch": Check(
        (handshake(policy(protocol="TLSv1.3"), failure="alert", alert=70), fails("tls")),
        (handshake(failure="alert", alert=40), fails("tls")), cause=True,
        says=("SSLProxyProtocol TLSv1.3", "proxy-wizard fix '/srv/my site'"),
    ),
    "cipher-mismatch": Check(
        (handshake(failure="alert", alert=40), fails("tls")),
        (handshake(failure="alert", alert=40, client_certificate_requested=True), fails("tls")),
        cause=True,
    ),
    "dh-parameters-too-small": Check(
        (handshake(failure="protocol", error="dh key too small"), fails("tls")),
        (handshake(failure="protocol", error="unsupported protocol"), fails("tls")), cause=True,
        says=("SSLProxyCipherSuite DEFAULT:!DHE", "ephemeralDHKeySize=2048", "openssl dhparam"),
    ),
    "group-mismatch": Check(
        (handshake(failure="alert", alert=40,
                   lack=Lack("group", "TLSv1.2", ("brainpoolP256r1",), key="ECDSA P-256")),
         fails("tls")),
        (handshake(failure="alert", alert=40), fails("tls")), cause=True,
        says=("the backend goes on with TLSv1.2, brainpoolP256r1, key ECDSA P-256",
              "-groups P-256:brainpoolP256r1", "SSLProxyProtocol TLSv1.2 for this backend",
              "Groups = X25519:P-256:X448:P-521:P-384:ffdhe2048:brainpoolP256r1"),
    ),
    "signature-mismatch": Check(
        (handshake(failure="alert", alert=40,
                   lack=Lack("signature", "TLSv1.2", (), "ECDHE-RSA-AES128-SHA", "RSA 2048")),
         fails("tls")),
        (handshake(failure="alert", alert=40, lack=Lack("cipher", "TLSv1.2", (), "AES128-CCM8")),
         fails("tls")), cause=True,
        says=("with SHA-1, which its security level excludes",),
    ),
    "legacy-renegotiation": Check(
        (handshake(failure="protocol", error="unsafe legacy renegotiation disabled"), fails("tls")),
        (handshake(failure="protocol", error="dh key too small"), fails("tls")), cause=True,
        says=("RFC 5746", "Options = UnsafeLegacyServerConnect"),
    ),
    "client-certificate-required": Check(
        (probe(tls(client_certificate_requested=True, client_ca_names=("CN=Clients",)),
               http=HttpResult("HEAD", None, 0.1, failure="alert", alert=116)),
         fails("http", 502, "AH01102")),
        (tls(client_certificate_requested=True), OK), cause=True, says=("asked from: CN=Clients",),
    ),
    "sni-rejected": Check(
        (handshake(failure="alert", alert=112), fails("tls")),
        (handshake(failure="alert", alert=70), fails("tls")), cause=True,
    ),
    "backend-speaks-plain-http": Check(
        (handshake(failure="not-tls"), fails("tls")),
        (handshake(failure="closed"), fails("tls")), cause=True, says=(f"http://{HOST}:8443/",),
    ),
    "http-version-mismatch": Check(
        (probe(plain(), http=HttpResult("HEAD", None, 0.1, failure="closed"), speaks_tls=False,
               speaks_h2c=True), fails("http", 502, "AH01102")),
        (probe(plain(), http=HttpResult("HEAD", None, 0.1, failure="closed"), speaks_tls=False,
               speaks_h2c=False), fails("http", 502, "AH01102")),
        cause=True, says=("Write h2c:// in ProxyPass", "--http2-prior-knowledge"),
    ),
    "backend-speaks-tls": Check(
        (probe(plain(), http=HttpResult("HEAD", None, 0.1, failure="closed"), speaks_tls=True),
         fails("http", 502, "AH01102")),
        (probe(plain(port=8443), http=HttpResult("HEAD", None, 0.1, failure="closed"),
               speaks_tls=False), fails("http", 502, "AH01102")),
        cause=True, says=("the same port does a TLS handshake",),
    ),
    "alpn-missing": Check(
        (backend(scheme="h2", url="h2://backend.internal:8443/"), fails("tls", 503, "AH10273")),
        (tls(backend(scheme="h2"), alpn="h2"), OK), cause=True,
    ),
}  # fmt: skip

NETWORK = {
    "dns-failure": Check(
        (probe(dns=DnsResult((), 0.1, "not-found", "Name or service not known"), tcp=None,
               tls=None, http=None), fails("dns", 500, "AH00898")),
        (CASE, OK), cause=True, says=("getent ahosts backend.internal",),
    ),
    "connection-refused": Check(
        (failed_connection("refused"), fails("connect", 503, "AH00957", "AH01114")),
        (failed_connection("timeout"), fails("connect", 503)), cause=True,
    ),
    "connection-timeout": Check(
        (failed_connection("timeout"), fails("connect", 503)),
        (failed_connection("reset"), fails("connect", 503)), cause=True, says=("httpd waits 60 s",),
    ),
    "connection-reset": Check(
        (handshake(failure="reset"), fails("tls")), (failed_connection("refused"),
                                                     fails("connect", 503)), cause=True,
    ),
    "connection-not-permitted": Check(
        (failed_connection("not-permitted"), fails("connect", 503)),
        (failed_connection("refused"), fails("connect", 503)), cause=True,
        says=("setsebool -P httpd_can_network_connect 1",),
    ),
    "stale-pooled-connection": Check(
        (probe(http=replace(HTTP, keep_alive=5.0)), OK),
        (route(probe(http=replace(HTTP, keep_alive=5.0)), worker=worker(ttl="4")), OK),
        severity="info", says=("ttl=4",),
    ),
    "stale-backend-address": Check(
        (probe(tcp=TcpResult("192.0.2.2", 8443, 3.0, (DEAD, SECOND))), OK),
        (probe(tcp=TcpResult("192.0.2.2", 8443, 0.1, (SECOND,))), OK), severity="warning",
        says=("192.0.2.1 port 8443: timed out", "apache2ctl configtest"),
    ),
    "backend-error-status": Check(
        (probe(http=replace(HTTP, status=503)), OK), (probe(http=replace(HTTP, status=304)), OK),
        severity="warning", says=("503 comes from the backend (nginx)",),
    ),
}  # fmt: skip

CHECKS = CONFIGURATION | TRUST | NAMES_AND_DATES | HANDSHAKE | NETWORK | ANSWERS

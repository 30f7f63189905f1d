"""Faults in the files and lists of a TLS policy that pass ``httpd -t`` and end start-up.

A policy is initialised where its SSLProxyEngine is on, in the order of mod_ssl's ssl_init_ctx
(modules/ssl/ssl_engine_init.c): protocols, trust, ciphers, CRLs, client certificate. The first
failure ends httpd; here all are reported, in that order. ``-t`` itself checks whether the files
exist (``wizard.config.checks.mod_ssl``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from wizard.model.certificate import TrustFile, TrustMaterial
from wizard.model.config import Problem, ProblemPhase, Setting, Source, TlsPolicy, VirtualHost
from wizard.reference import tls_settings

_NOT_THERE = frozenset({"missing", "empty", "directory", "not-a-directory"})


def problems(
    policies: Sequence[tuple[TlsPolicy, TrustMaterial]],
    hosts: Sequence[VirtualHost] = (),
    *,
    profiles: Callable[[], bool | None] = lambda: True,
) -> tuple[Problem, ...]:
    """All such faults of a configuration's policies.

    Args:
        policies: of ``Configuration.policies``, each with the contents of its files.
        hosts: the virtual hosts, which may have an ErrorLog of their own.
        profiles: says whether httpd's OpenSSL knows PROFILE=SYSTEM, None: not known; asked only
            where a line names it, since the library is read for that.

    Returns:
        Problems of the phases ``start`` (``-t`` passes, start-up and a graceful reload end httpd)
        and ``warning``; each place once.
    """
    found: dict[tuple[str, int, str | None, str], Problem] = {}
    for policy, trust in policies:
        for problem in _of(policy, trust, profiles=profiles):
            found.setdefault((problem.file, problem.line, problem.code, problem.message), problem)
    return tuple(_placed(problem, hosts) for problem in found.values())


def _placed(problem: Problem, hosts: Sequence[VirtualHost]) -> Problem:
    """The problem, with whether httpd writes it to a virtual host's own log."""
    if problem.phase != "start":
        return problem
    own_log = any(
        host.error_log.value is not None
        and host.source.file == problem.file
        and host.source.line <= problem.line <= host.end_line
        for host in hosts
    )
    return replace(problem, own_log=own_log)


def _of(
    policy: TlsPolicy, trust: TrustMaterial, *, profiles: Callable[[], bool | None]
) -> Iterator[Problem]:
    if not policy.engine.value:
        return
    if policy.protocol.value is not None:
        yield from _protocol(policy.protocol)
    yield from _authorities(policy, trust)
    yield from _ciphers(policy, profiles=profiles)
    yield from _revocation(policy, trust)
    yield from _client_certificate(policy, trust)


def _problem(
    setting: Setting[str | None] | Setting[str],
    directive: str,
    message: str,
    code: str,
    slug: str | None,
    phase: ProblemPhase = "start",
    hint: str = "",
) -> Problem:
    source = setting.source or Source("", 0)
    written = f"{directive} {setting.value}" if setting.value is not None else directive
    return Problem(
        source.file,
        source.line,
        message,
        phase=phase,
        code=code,
        slug=slug,
        directive=written,
        hint=hint,
    )


def _protocol(setting: Setting[str | None]) -> Iterator[Problem]:
    chosen = tls_settings.protocols(setting.value or "")
    if not chosen:
        yield _problem(
            setting,
            "SSLProxyProtocol",
            "No SSL protocols available: this SSLProxyProtocol leaves none.",
            "AH02231",
            "protocol-mismatch",
        )


def _authorities(policy: TlsPolicy, trust: TrustMaterial) -> Iterator[Problem]:
    file, path = policy.ca_certificate_file, policy.ca_certificate_path
    if file.value is None and path.value is None:
        if policy.verify.value == "require":
            yield _problem(
                policy.verify,
                "SSLProxyVerify",
                "Init: Oops, you want to request client authentication, but no CAs are known for "
                "verification: no backend's certificate can be verified.",
                "AH01897",
                "ca-not-configured",
                "warning",
            )
        return
    if file.value is not None and _was_read(trust.ca_file):
        content = trust.ca_file
        if not content.loads:
            yield _problem(
                file,
                "SSLProxyCACertificateFile",
                "Unable to configure verify locations for client authentication: "
                f"{_what(content)}.",
                "AH01895",
                "ca-file-invalid",
            )
            return
        if not content.certificates:
            yield _problem(
                file,
                "SSLProxyCACertificateFile",
                f"Failed to load SSLCACertificateFile: {_what(content)}.",
                "AH02210",
                "ca-file-invalid",
            )
            return
    bare = trust.ca_path.state == "empty" or _was_read(trust.ca_path)
    if file.value is None and bare and not trust.ca_path.certificates:
        yield _problem(
            path,
            "SSLProxyCACertificatePath",
            "Unable to determine list of acceptable CA certificates for client authentication: "
            f"no certificate in {path.value}.",
            "AH01896",
            "ca-file-invalid",
        )


def _was_read(content: TrustFile) -> bool:
    """Whether there are contents to check."""
    if content.state in ("unset", "unreadable"):
        return False
    return content.state not in _NOT_THERE


def _what(content: TrustFile) -> str:
    kind = {
        "der": "it is in DER, not in PEM",
        "pkcs12": "it is PKCS #12, not PEM",
        "no-certificate": "it holds no certificate",
        "broken-pem": "it holds a certificate that does not decode",
    }.get(content.state, "it holds no CERTIFICATE block")
    detail = f" ({content.detail})" if content.detail else ""
    return f"{content.path}: {kind}{detail}"


def _ciphers(policy: TlsPolicy, *, profiles: Callable[[], bool | None]) -> Iterator[Problem]:
    suite = policy.cipher_suite.value
    why = ""
    known = suite is None or not tls_settings.names_profile(suite) or profiles()
    if known is None:
        yield _problem(
            policy.cipher_suite,
            "SSLProxyCipherSuite",
            "Only the OpenSSL of RHEL and Fedora knows PROFILE=SYSTEM; with another one httpd does "
            "not start.",
            "AH01898",
            "cipher-mismatch",
            "warning",
            "Unless the server is of that kind, write: SSLProxyCipherSuite HIGH:!aNULL",
        )
    elif not known:
        why = "httpd's OpenSSL does not know PROFILE=SYSTEM, as that of RHEL and Fedora does"
    elif suite is not None and not tls_settings.ciphers_match(suite):
        why = "none matches"
    if why:
        yield _problem(
            policy.cipher_suite,
            "SSLProxyCipherSuite",
            f"Unable to configure permitted SSL ciphers: {why}.",
            "AH01898",
            "cipher-mismatch",
        )
    if policy.cipher_suite_tls13.value is not None and not tls_settings.tls13_ciphers_match(
        policy.cipher_suite_tls13.value
    ):
        yield _problem(
            policy.cipher_suite_tls13,
            "SSLProxyCipherSuite TLSv1.3",
            "Unable to configure permitted TLSv1.3 ciphers: none matches.",
            "AH10127",
            "cipher-mismatch",
        )


def _revocation(policy: TlsPolicy, trust: TrustMaterial) -> Iterator[Problem]:
    file, path = policy.ca_revocation_file, policy.ca_revocation_path
    check = policy.ca_revocation_check
    if file.value is None and path.value is None:
        if policy.checks_revocation:
            yield _problem(
                check,
                "SSLProxyCARevocationCheck",
                "CRL checking has been enabled, but neither SSLProxyCARevocationFile nor "
                "SSLProxyCARevocationPath is configured.",
                "AH01899",
                "crl-check-without-crl",
            )
        return
    if file.value is not None and _was_read(trust.crl_file) and not trust.crl_file.loads:
        yield _problem(
            file,
            "SSLProxyCARevocationFile",
            "Unable to configure X.509 CRL storage for certificate revocation: "
            f"{file.value} holds no CRL in PEM.",
            "AH01901",
            "crl-missing",
            hint="Name a list in PEM",
        )
        return
    if not policy.checks_revocation:
        setting, directive = (
            (file, "SSLProxyCARevocationFile")
            if file.value is not None
            else (path, "SSLProxyCARevocationPath")
        )
        yield _problem(
            setting,
            directive,
            "X.509 CRL storage locations configured, but CRL checking "
            "(SSLProxyCARevocationCheck) is not enabled.",
            "AH01902",
            "crl-not-checked",
            "warning",
        )


def _client_certificate(policy: TlsPolicy, trust: TrustMaterial) -> Iterator[Problem]:
    file, path = policy.machine_certificate_file, policy.machine_certificate_path
    setting, directive = (
        (file, "SSLProxyMachineCertificateFile")
        if file.value is not None
        else (path, "SSLProxyMachineCertificatePath")
    )
    if setting.value is None:
        return
    slug = "client-certificate-without-key"
    match trust.client_certificate.state:
        case "encrypted-key" | "incomplete":
            yield _problem(
                setting,
                directive,
                "incomplete client cert configured for SSL proxy (missing or encrypted private "
                f"key?): {trust.client_certificate.detail}.",
                "AH02252",
                slug,
            )
        case "wrong-key":
            yield _problem(
                setting,
                directive,
                "proxy client certificate and private key do not match.",
                "AH02326",
                slug,
            )
        case "no-key" | "invalid":
            yield _problem(
                setting,
                directive,
                "no client certs found for SSL proxy: httpd goes on and sends none.",
                "AH02206",
                slug,
                "warning",
            )

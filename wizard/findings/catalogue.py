"""Every rule, in the order of the table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from wizard.findings import (
    chain,
    dates,
    handshake,
    naming,
    network,
    ocsp,
    refused,
    revocation,
    routing,
    silence,
    trust,
    trustfiles,
    verification,
)
from wizard.findings.rule import Rule
from wizard.findings.table import TABLE

_RULES: tuple[type[Rule], ...] = (
    verification.EngineOff,
    routing.ModuleMissing,
    refused.DirectiveNotAllowedHere,
    refused.UnknownDirective,
    refused.ConfigurationRefused,
    trustfiles.CaFileMissing,
    trustfiles.CaFileInvalid,
    trustfiles.CaPathNotHashed,
    trustfiles.CaNotConfigured,
    revocation.CrlCheckWithoutCrl,
    trustfiles.ClientCertificateWithoutKey,
    routing.RouteShadowed,
    routing.MissingTrailingSlash,
    routing.BalancerMemberDisabled,
    naming.IpAddressBackend,
    naming.PreserveHostChangesName,
    verification.TemporaryExceptionExpired,
    verification.TemporaryExceptionInForce,
    verification.VerificationOff,
    verification.VerificationOptional,
    verification.NameCheckOff,
    verification.ExpiryCheckOff,
    routing.UnencryptedBackend,
    revocation.CrlNotChecked,
    refused.LogLevelHidesCause,
    trust.CaNotTrusted,
    trust.SelfSignedCertificate,
    trust.MissingIntermediate,
    trust.CaFileHoldsServerCertificate,
    trust.CaFileWithoutRoot,
    trust.CaRekeyed,
    chain.ChainTooDeep,
    chain.CaExpired,
    chain.WrongPurpose,
    chain.PathLengthExceeded,
    chain.NameConstraintViolated,
    chain.WeakKey,
    chain.WeakSignature,
    chain.IssuerNotACa,
    revocation.CertificateRevoked,
    revocation.CrlExpired,
    ocsp.OcspForBackend,
    revocation.CrlMissing,
    naming.NameMismatch,
    naming.WrongVirtualHostCertificate,
    naming.WildcardTooDeep,
    dates.CertificateExpired,
    dates.CertificateNotYetValid,
    dates.CertificateExpiresSoon,
    handshake.ProtocolMismatch,
    handshake.CipherMismatch,
    handshake.ClientCertificateRequired,
    handshake.SniRejected,
    handshake.BackendSpeaksPlainHttp,
    handshake.BackendSpeaksTls,
    handshake.AlpnMissing,
    network.DnsFailure,
    network.ConnectionRefused,
    silence.ConnectionTimeout,
    network.ConnectionReset,
    network.ConnectionNotPermitted,
    network.StalePooledConnection,
    network.StaleBackendAddress,
    network.BackendErrorStatus,
)

_BY_SLUG = {rule.slug: rule for rule in _RULES}

CATALOGUE: Final[Mapping[str, Rule]] = MappingProxyType({slug: _BY_SLUG[slug]() for slug in TABLE})
"""Slug to rule."""

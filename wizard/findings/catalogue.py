"""Every rule, in the order of the table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from wizard.findings.rule import Rule
from wizard.findings.rules import (
    chain,
    connection_timeout,
    dates,
    handshake,
    names,
    network,
    ocsp,
    refused,
    revocation,
    routing,
    trust,
    trust_files,
    verification,
)
from wizard.findings.table import TABLE

_RULES: tuple[type[Rule], ...] = (
    verification.EngineOff,
    routing.ModuleMissing,
    refused.DirectiveNotAllowedHere,
    refused.UnknownDirective,
    refused.ConfigurationRefused,
    trust_files.CaFileMissing,
    trust_files.CaFileInvalid,
    trust_files.CaPathNotHashed,
    trust_files.CaNotConfigured,
    revocation.CrlCheckWithoutCrl,
    trust_files.ClientCertificateWithoutKey,
    routing.RouteShadowed,
    routing.MissingTrailingSlash,
    routing.BalancerMemberDisabled,
    names.IpAddressBackend,
    names.PreserveHostChangesName,
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
    names.NameMismatch,
    names.WrongVirtualHostCertificate,
    names.WildcardTooDeep,
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
    connection_timeout.ConnectionTimeout,
    network.ConnectionReset,
    network.ConnectionNotPermitted,
    network.StalePooledConnection,
    network.StaleBackendAddress,
    network.BackendErrorStatus,
)

_BY_SLUG = {rule.slug: rule for rule in _RULES}

CATALOGUE: Final[Mapping[str, Rule]] = MappingProxyType({slug: _BY_SLUG[slug]() for slug in TABLE})
"""Slug to rule."""

"""The rules: a class each, a module for what belongs together."""

from __future__ import annotations

from wizard.findings.rules import (
    backend_answer,
    backend_url,
    chain,
    client_certificate,
    connection_timeout,
    dates,
    handshake,
    handshake_parameters,
    names,
    network,
    ocsp,
    port_protocol,
    refused,
    requested_name,
    revocation,
    routing,
    trust,
    trust_files,
    trusted_besides,
    verification,
)

MODULES = (
    backend_answer,
    backend_url,
    chain,
    client_certificate,
    connection_timeout,
    dates,
    handshake,
    handshake_parameters,
    names,
    network,
    ocsp,
    port_protocol,
    refused,
    requested_name,
    revocation,
    routing,
    trust,
    trust_files,
    trusted_besides,
    verification,
)

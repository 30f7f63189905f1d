"""The contents of the files that a policy names, as httpd and OpenSSL 3.0 read them.

A file is read again only when it changes on disk, however many policies name it; one that does not
exist costs a single ``stat``.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from wizard.model.certificate import ClientCertificate, TrustFile, TrustMaterial
from wizard.reference.release import NEWEST, Release
from wizard.x509.disk import Content, Found, look

if TYPE_CHECKING:
    from wizard.model.config import TlsPolicy

_FRESH = 2.0
"""Seconds for which a directory's contents count as unchanged."""


def read(policy: TlsPolicy, release: Release = NEWEST) -> TrustMaterial:
    """Read every trust file of a policy.

    Args:
        policy: paths in it are absolute.
        release: the httpd and the OpenSSL that read them.

    Returns:
        What each file and directory holds, with the state that httpd sees. No contents make it
        raise.
    """
    return TrustMaterial(
        ca_file=_file(policy.ca_certificate_file.value, "certificates"),
        ca_path=_directory(policy.ca_certificate_path.value, "certificates"),
        crl_file=_file(policy.ca_revocation_file.value, "crls"),
        crl_path=_directory(policy.ca_revocation_path.value, "crls"),
        client_certificate=_client(
            policy.machine_certificate_file.value, policy.machine_certificate_path.value, release
        ),
        machine_chain=_file(policy.machine_certificate_chain_file.value, "certificates"),
    )


_UNSET_FILE = TrustFile()
_UNSET_CLIENT = ClientCertificate()


def _file(path: str | None, content: Content) -> TrustFile:
    if path is None:
        return _UNSET_FILE
    found = look(path)
    if found.state != "ok":
        return TrustFile(path, found.state, loads=False)
    return _parsed_file(found, content)


def _directory(path: str | None, content: Content) -> TrustFile:
    if path is None:
        return _UNSET_FILE
    found = look(path)
    if found.state == "directory":
        return _parsed_directory(found, content, int(time.monotonic() / _FRESH))
    if found.state in ("missing", "unreadable"):
        return TrustFile(path, found.state, loads=False)
    return TrustFile(path, "not-a-directory", loads=False)


def _client(file: str | None, directory: str | None, release: Release) -> ClientCertificate:
    if file is not None:
        found = look(file)
        if found.state == "ok":
            return _parsed_client(found, 0, release)
        if found.state == "directory":
            return ClientCertificate(file, "missing", "is a directory")
        return ClientCertificate(file, found.state)
    if directory is not None:
        found = look(directory)
        if found.state == "directory":
            return _parsed_client(found, int(time.monotonic() / _FRESH), release)
        detail = "" if found.state == "missing" else "is no directory"
        return ClientCertificate(directory, "missing", detail)
    return _UNSET_CLIENT


@lru_cache(maxsize=1024)
def _parsed_file(found: Found, content: Content) -> TrustFile:
    from wizard.x509 import trust_file  # cryptography

    return trust_file.read_file(found.path, content)


@lru_cache(maxsize=256)
def _parsed_directory(found: Found, content: Content, epoch: int) -> TrustFile:  # noqa: ARG001  # epoch: part of the key only
    from wizard.x509 import trust_file

    return trust_file.read_directory(found.path, content)


@lru_cache(maxsize=256)
def _parsed_client(found: Found, epoch: int, release: Release) -> ClientCertificate:  # noqa: ARG001  # epoch: part of the key only
    from wizard.x509 import client_certificate

    return client_certificate.read(found.path, release)

from __future__ import annotations

import ssl

import pytest

from tests.hostile.observing import NAME, observe
from tests.support import servers
from wizard.demo import pki


@pytest.fixture(scope="session")
def authority() -> pki.Issued:
    return pki.issue("Hostile CA", ca=True)


@pytest.fixture(scope="session")
def identity(authority: pki.Issued) -> pki.Issued:
    return pki.issue(NAME, authority, dns=[NAME])


@pytest.fixture
def tls(identity: pki.Issued) -> ssl.SSLContext:
    return servers.context(identity)


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """What is loaded once in a process is no backend's doing."""
    observe(1, 0.1)

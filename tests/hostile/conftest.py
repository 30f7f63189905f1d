from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.hostile import servers
from tests.hostile.observing import NAME, observe
from wizard.demo import pki


@pytest.fixture(scope="session")
def authority() -> pki.Issued:
    return pki.issue("Hostile CA", ca=True)


@pytest.fixture(scope="session")
def identity(authority: pki.Issued) -> pki.Issued:
    return pki.issue(NAME, authority, dns=[NAME])


@pytest.fixture
def tls(tmp_path: Path, identity: pki.Issued) -> ssl.SSLContext:
    return servers.context(tmp_path, identity)


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """What is loaded once in a process is no backend's doing."""
    observe(1, 0.1)

from __future__ import annotations

import pytest

from wizard.demo import pki


@pytest.fixture(scope="session")
def root() -> pki.Issued:
    return pki.issue("Test Root", ca=True)


@pytest.fixture(scope="session")
def leaf(root: pki.Issued) -> pki.Issued:
    return pki.issue("backend.internal", root, dns=["backend.internal", "*.b.internal"])


@pytest.fixture(scope="session")
def other() -> pki.Issued:
    return pki.issue("Other Root", ca=True)

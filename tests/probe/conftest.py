from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.config.installation import linked
from wizard.demo import pki
from wizard.demo.backends import Backends, Identity

NAME = "backend.internal"


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with Backends() as running:
        yield running


@pytest.fixture(scope="session")
def root() -> pki.Issued:
    return pki.issue("Probe Root", ca=True)


@pytest.fixture(scope="session")
def identity(root: pki.Issued) -> Identity:
    return Identity(pki.issue(NAME, root, dns=[NAME]), (root,))


@pytest.fixture
def another(tmp_path: Path) -> str:
    """A libssl that is not the system's: a copy, with the libcrypto that it needs."""
    for name in ("libssl.so.3", "libcrypto.so.3"):
        path = linked.standard(name)
        assert path is not None
        shutil.copy(path, tmp_path / name)
    return str(tmp_path / "libssl.so.3")


@pytest.fixture(scope="session")
def ca_file(root: pki.Issued, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("ca") / "root.pem"
    file.write_bytes(root.pem)
    return str(file)

"""What the tests of the release share: the packages, and all wheels for this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from releasing import wheels
from releasing.build import Release

WHEN = 1_800_000_000


@dataclass(frozen=True)
class Built:
    """What a release is made of, for this machine and Python.

    Args:
        wheel: of proxy-wizard.
        sdist: its sources.
        wheels: of all that it needs.
        installer: pip's wheel.
        backend: setuptools's wheel, to build from sources without a network.
    """

    wheel: Path
    sdist: Path
    wheels: tuple[Path, ...]
    installer: Path
    backend: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = tmp_path_factory.mktemp("release")
    wheel, sdist = Release(place, place / "work").packages()
    fetched = Path(sys.prefix, "wheels")
    needed, tools = (sorted((fetched / name).glob("*.whl")) for name in wheels.DIRECTORIES)
    assert needed, f"no wheels in {fetched}: tests/run fetches them"
    installer, backend = tools
    return Built(wheel, sdist, tuple(needed), installer, backend)


@pytest.fixture(scope="session")
def offline() -> list[str]:
    """What a command is put behind to have no network; nothing where only root may do that."""
    return ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]

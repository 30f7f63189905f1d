"""One run of all fixed scenarios for a worker's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.oracle import product, truth
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.world import World
from wizard.demo.backends import Backends
from wizard.model.diagnosis import Diagnosis


@dataclass
class Both:
    """What httpd did, and what the product says, by scenario."""

    run: truth.Run
    said: dict[str, Diagnosis | str]


@pytest.fixture(scope="session")
def asked() -> Iterator[truth.Run]:
    """Every fixed scenario, asked of httpd once; its world still runs."""
    with truth.world_directory() as directory, Backends() as backends:
        yield truth.ask(World(Path(directory), backends), SCENARIOS)


@pytest.fixture(scope="session")
def fixed(asked: truth.Run) -> Both:
    """Every fixed scenario, asked of httpd and of the product."""
    return Both(asked, product.ask(asked, SCENARIOS))

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.logs.world import World, world


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("faults")
    for parent in (directory, *directory.parents[:2]):
        parent.chmod(0o755)  # httpd's children run as www-data
    with world(directory) as made:
        yield made


@pytest.fixture(scope="session")
def logs(faults: World) -> dict[tuple[str, str], str]:
    """What httpd logs for each fault at LogLevel warn, info and debug."""
    return faults.logs()

"""What every test depends on: how its run was started; and the site that many of them need."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import guarded
from tests.support.site import Site, standing


def pytest_configure(config: pytest.Config) -> None:
    """A run that another run's worker starts is no worker itself.

    pytest-textual-snapshot takes it for one, by this variable, and misses the directory that only
    a run makes.
    """
    if not hasattr(config, "workerinput"):
        os.environ.pop("PYTEST_XDIST_WORKER", None)
    # A worker keeps a million objects, and a third of its time went into looking through them.
    gc.set_threshold(50_000, 10, 20)


_LONG = ("release", "oracle", "privacy", "fuzz", "httpd", "fix")
"""Directories whose tests take long, one by one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: at the end nobody waits for one worker that still has some."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in _LONG)


@pytest.fixture(scope="session", autouse=True)
def default_signals() -> Iterator[None]:
    """Ending signals do what they do by default, for the tests and the programs they start.

    nohup ignores SIGHUP, a shell's background job SIGINT and SIGQUIT, and programs inherit that:
    one that a test ends by such a signal would live on.
    """
    before = {
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGQUIT: signal.signal(signal.SIGQUIT, signal.SIG_DFL),
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def roots() -> Iterator[Path]:
    """A directory in which a CA may be found: nobody but root can lay something there."""
    with guarded.tree() as made:
        yield made


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A directory whose path everybody may walk."""
    place = Path("/tmp", f"wizard-{os.getpid()}-{tmp_path.name}")
    place.mkdir()
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A virtual host in front of a TLS backend; ``write`` says what stands in it."""
    with standing(tmp_path) as made:
        yield made

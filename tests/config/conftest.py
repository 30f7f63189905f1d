"""A directory with a short name: httpd's messages name it up to 128 times and are cut at 8 KB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        yield Path(folder)

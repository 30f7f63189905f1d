"""A configuration that cannot be read: whether httpd, or only this user, is stopped by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.screens.asking import opened, screen
from tests.screens.fake import FakeEngine, app
from wizard.errors import ConfigError, UnreadableError
from wizard.model.config import Configuration, Route


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (ConfigError("Invalid command 'Bogus'", file="/a", line=3), "httpd does not start with"),
        (ConfigError("The directory holds no *.conf", file="/a"), "cannot be read"),
        (UnreadableError("Permission denied", file="/a", line=3), "cannot be read"),
    ],
)
def test_that_httpd_does_not_start_is_said_only_of_what_it_refuses(
    problem: ConfigError, said: str
) -> None:
    """What this user may not read, httpd may; a directory without a configuration is none."""

    class Failing(FakeEngine):
        def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
            raise problem

    async def go() -> None:
        wizard = app(Failing())
        async with opened(wizard):
            assert said in screen(wizard)

    asyncio.run(go())

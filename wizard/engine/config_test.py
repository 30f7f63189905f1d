"""httpd's own test of a configuration, made while the configuration is read."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Final

from wizard.config.installation import ownership
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Tree
from wizard.errors import StoppedError, WizardError
from wizard.httpd import command, survival
from wizard.httpd.budget import Budget
from wizard.model.config import Configuration, Problem
from wizard.model.scope import Scope
from wizard.verdict import config_test

SECONDS: Final = 10
"""The most that ``-t`` takes: as much as a stage of a probe by default. Debian's own configuration
takes 8 ms of CPU time, 5,000 virtual hosts half a second; host names may take longer."""
_LOOKS = 0.1
"""Seconds between two looks whether it is still wanted."""


class ConfigTest:
    """What httpd says of one configuration; leaving the context ends a test that still runs.

    Args:
        scope: which configuration, and which httpd is meant.
        stop: ends it within a moment.
    """

    def __init__(self, scope: Scope, stop: threading.Event) -> None:
        self._scope = scope
        self._stop = stop
        self._left = threading.Event()
        self._thread: threading.Thread | None = None
        self._said: command.CommandResult | str = ""

    def __enter__(self) -> ConfigTest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._left.set()
        if self._thread is not None:
            self._thread.join()

    def at_reload(self, layout: Layout, tree: Tree) -> Sequence[Problem] | None:
        """Start the test of a whole configuration, and see what ends the server that runs."""
        if self._is_wanted(layout, tree):
            self._thread = threading.Thread(target=self._ask, args=(layout,), name="httpd -t")
            self._thread.start()
        return survival.at_reload(layout, tree)

    def heard(self, configuration: Configuration, before: Configuration | None) -> Configuration:
        """The configuration, with what httpd said of it.

        Args:
            configuration: as it was read.
            before: what is on disk, where it is a planned one.

        Raises:
            StoppedError: ``stop`` was set.
        """
        if self._thread is not None:
            self._thread.join()
            if self._stop.is_set():
                raise StoppedError
            return replace(configuration, problems=self._judged(configuration))
        if before is None:
            return configuration
        found, files = configuration.problems, configuration.files
        return replace(configuration, problems=config_test.carried(found, before.problems, files))

    def _judged(self, configuration: Configuration) -> tuple[Problem, ...]:
        found, said = configuration.problems, self._said
        main, files = configuration.root, configuration.files
        if isinstance(said, str):
            return (*found, config_test.unheard(main, said))
        if said.ok:
            return config_test.accepted(found)
        refused = config_test.refused(said.text, main, files, root=os.geteuid() == 0)
        if refused is None:
            last = said.text.rpartition("\n")[2]
            return (*found, config_test.unheard(main, last or "it said nothing"))
        return config_test.merged(found, refused)

    def _is_wanted(self, layout: Layout, tree: Tree) -> bool:
        """Whether there is an httpd of the release that is meant, and the files are on disk.

        ``-t`` loads modules: nobody else may have put them, or the lines that name them, there.
        """
        choice = self._scope.httpd
        if self._scope.overlay is not None or layout.binary is None:
            return False
        if not choice.ask or choice.version is not None or choice.openssl is not None:
            return False
        named = {file.real_path for file in tree.files.values()}
        loaded = {os.path.realpath(path) for _, path in tree.loads if os.path.exists(path)}  # noqa: PTH110
        return not ownership.objection_to_any(sorted(named | loaded))

    def _ask(self, layout: Layout) -> None:
        budget = _Wanted(self._stop, self._left)
        try:
            self._said = command.configtest(layout, self._scope.defines, budget)
        except (WizardError, OSError) as error:
            self._said = str(error)


class _Wanted(Budget):
    """Seconds that end when nobody wants the answer any more."""

    def __init__(self, *ends: threading.Event) -> None:
        super().__init__(SECONDS)
        self._ends = ends

    @property
    def patience(self) -> float:
        return min(self.left, _LOOKS)

    def tell(self) -> None:
        if any(event.is_set() for event in self._ends):
            raise StoppedError

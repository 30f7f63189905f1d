"""A change on the command line: once it is being written, no signal breaks it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wizard import signals
from wizard.cli import diagnostics

if TYPE_CHECKING:
    from wizard.model.change import DeployStep, Waiting


@contextlib.contextmanager
def whole(
    answer: str, tell: Callable[[DeployStep | Waiting], None] = lambda _: None
) -> Iterator[Callable[[DeployStep | Waiting], None]]:
    """Until the first file is written a signal ends the command at once; from then on it waits
    until all that is done within is over.

    Args:
        answer: what is said when one comes then.
        tell: called before each step.

    Yields:
        What observes the steps of a change: ``write`` is the one from which on signals wait.

    Raises:
        KeyboardInterrupt: afterwards, for SIGINT.
        SystemExit: afterwards, for SIGTERM and SIGHUP.
    """
    with contextlib.ExitStack() as until_whole:

        def step(reached: DeployStep | Waiting) -> None:
            if reached == "write":
                until_whole.enter_context(signals.held(lambda: diagnostics.at_once(answer)))
            tell(reached)

        yield step

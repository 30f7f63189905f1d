"""A change that another command makes just now is none that was interrupted."""

from __future__ import annotations

import threading
from pathlib import Path

from wizard.change.journal import Store
from wizard.engine.changes import Changes


def test_a_change_that_somebody_makes_just_now_is_not_offered_at_the_start(tmp_path: Path) -> None:
    from wizard.change.journal import Target

    (tmp_path / "a.conf").write_bytes(b"a\n")

    class Here(Changes):
        def _store(self) -> Store:
            return Store(tmp_path.resolve() / "state")

    engine = Here()
    engine.stop = threading.Event()
    with engine.locked("apply") as held:
        held.prepare("", ["x"], [Target(str(tmp_path / "a.conf"), b"a\n", b"b\n")])
        assert engine.interrupted() is None
        assert engine.interrupted(held) is not None
        (listed,) = engine.listed()
        assert listed[1] is not None
        assert listed[1].command == "apply"
    assert engine.interrupted() is not None
    assert engine.listed()[0][1] is None

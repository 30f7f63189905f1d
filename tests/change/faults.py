"""Makes a change with a fault at every step in turn, and looks at what is left each time.

``python -m tests.change.faults DIRECTORY KIND apply|finish|undo [STATE above]`` prints one JSON
object: how many faults were injected and what came of them. A step is a call of ``os`` that changes
something on disk. KIND is the name of an errno, with which that call fails, or ``kill``: SIGKILL
right before it, and in a second round right after it. STATE is a directory for the journal, on
another file system: contents are then staged beside their targets; with ``above``, above all that
an Include reads.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.change import transaction
from wizard.change.journal import UNFINISHED, Held, Store, Target
from wizard.errors import ChangeError
from wizard.model.change import Change

STEPS = ("open", "fsync", "rename", "link", "unlink", "mkdir", "rmdir", "fchmod")
NEEDS_SPACE = ("open", "fsync", "link", "mkdir")
OLD = {"site.conf": b"old site\n", "sub/other.conf": b"old other\r\nwithout end"}
NEW = {
    "site.conf": b"new site\n",
    "sub/other.conf": b"new other\r\n",
    "ssl/ca/bundle.pem": b"pem\n",
}


class Fault:
    """Counts steps, and strikes at one of them.

    Args:
        at: number of the step, from 1.
        kind: ``kill`` or the name of an errno.
        after: strike when the step is done (only ``kill``).
    """

    def __init__(self, at: int, kind: str, *, after: bool) -> None:
        self.at, self.kind, self.after = at, kind, after
        self.count = 0
        self.struck = False

    def install(self) -> None:
        steps = {"kill": STEPS, "ENOSPC": NEEDS_SPACE}.get(self.kind, STEPS[:-2])
        for name in steps:
            setattr(os, name, self._wrapped(getattr(os, name)))

    def _wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            if not self._counts(call.__name__, args, options):
                return call(*args, **options)
            self.count += 1
            # a disk that is full stays so
            mine = self.count == self.at or (self.kind == "ENOSPC" and self.count > self.at)
            if mine and not self.after:
                self._strike()
            result = call(*args, **options)
            if mine and self.after:
                self._strike()
            return result

        return step

    def _counts(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> bool:
        if name == "open":
            flags = args[1] if len(args) > 1 else options.get("flags", 0)
            return bool(flags & (os.O_WRONLY | os.O_RDWR))
        if name == "fsync" and self.kind == "ENOSPC":
            return stat.S_ISREG(os.fstat(args[0]).st_mode)  # directories need no more space
        return True

    def _strike(self) -> None:
        self.struck = True
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self.kind)
        raise OSError(code, os.strerror(code))


def world(place: Path, state: Path) -> tuple[Store, list[Target], Path]:
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)
    files = place / "etc"
    for name, data in OLD.items():
        file = files / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o640)
    targets = [Target(str(files / n), OLD.get(n), d) for n, d in sorted(NEW.items(), reverse=True)]
    return Store(state), targets, files


def included(files: Path) -> list[tuple[str, str]]:
    """What an Include of the whole directory reads."""
    return [(str(place), "") for place in (files, files / "sub", files / "ssl", files / "ssl/ca")]


def content(files: Path) -> dict[str, bytes]:
    return {str(p.relative_to(files)): p.read_bytes() for p in files.rglob("*") if p.is_file()}


def judge(files: Path) -> str:
    """``old``, ``new`` or ``mixed``; anything else is a failure."""
    found = {n: d for n, d in content(files).items() if not n.startswith(".") and "/." not in n}
    for name in found.keys() | OLD.keys():
        assert found.get(name) in (OLD.get(name), NEW[name]), (name, found)
    for name in OLD:
        assert (files / name).stat().st_mode & 0o7777 == 0o640
    if found == NEW:
        return "new"
    return "old" if found == OLD else "mixed"


def settle(store: Store, files: Path, *, forward: bool) -> str:
    """What the next start does: finish or undo, if something was interrupted."""
    before = judge(files)
    interrupted = store.unfinished()
    if interrupted is None:
        states = [c.state for c in store.changes()]
        assert before == ("new" if "applied" in states else "old"), (before, states)
        left = "nothing to do"
        further = Target(str(files / "further.conf"), None, b"further\n")
        change = locked(store, lambda held: transaction.apply(held, "main", ["test"], [further]))
        locked(store, lambda held: transaction.undo(held, change))
    else:
        assert interrupted.state in UNFINISHED
        left = interrupted.state
        with store.locked("apply") as held:
            (transaction.finish if forward else transaction.undo)(held, interrupted)
        assert store.unfinished() is None
        assert judge(files) == ("new" if forward else "old")
    assert set(content(files)) in (set(OLD), set(NEW)), "a temporary file was left"
    left_over = [str(p) for p in (*store.directory.rglob(".*"), *files.parent.rglob(".*"))]
    assert not left_over, left_over
    if judge(files) == "old":
        assert not (files / "ssl").exists(), "a directory was left"
    return f"{before} after the fault, {left}"


def act(
    action: str, store: Store, targets: list[Target], listed: list[tuple[str, str]]
) -> Callable[[], object]:
    """The action under test; what must come before it is done."""
    if action == "apply":
        return lambda: locked(
            store, lambda held: transaction.apply(held, "main", ["test"], targets, listed=listed)
        )
    if action == "undo":
        change = locked(
            store, lambda held: transaction.apply(held, "main", ["test"], targets, listed=listed)
        )
        return lambda: locked(store, lambda held: transaction.undo(held, change))
    # a change that was interrupted between its renames
    pid = os.fork()
    if pid == 0:
        count = 0

        def rename(*args: Any, **options: Any) -> None:
            nonlocal count
            count += "dst_dir_fd" in options
            if count == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            real(*args, **options)

        real, os.rename = os.rename, rename
        locked(
            store, lambda held: transaction.apply(held, "main", ["test"], targets, listed=listed)
        )
        os._exit(1)
    os.waitpid(pid, 0)
    unfinished = store.unfinished()
    assert unfinished is not None
    assert unfinished.state == "applying"
    return lambda: locked(store, lambda held: transaction.finish(held, unfinished))


def locked(store: Store, action: Callable[[Held], Change]) -> Change:
    with store.locked("apply") as held:
        return action(held)


def once(
    place: Path, state: Path, action: str, at: int, kind: str, *, after: bool, above: bool
) -> str | None:
    """One fault; None: the action has fewer steps."""
    store, targets, files = world(place, state)
    listed = included(files) if above else []
    run = act(action, store, targets, listed)
    pid = os.fork()
    if pid == 0:
        code = 3
        fault = Fault(at, kind, after=after)
        try:
            fault.install()
            run()
            code = 4 if fault.struck else 0
        except OSError as error:
            code = 1 if error.errno == getattr(errno, kind) else 5
        except ChangeError:
            code = 6
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return None
    if kind == "kill":
        assert os.WIFSIGNALED(status), status
    else:
        assert os.WEXITSTATUS(status) in (1, 4, 5), status
    if kind != "kill" and action == "apply" and os.WEXITSTATUS(status) == 1:
        assert judge(files) != "mixed", "an error left half a change"
    if above:
        assert not [p for p in content(files) if "/." in f"/{p}"], "an Include reads it"
    return settle(store, files, forward=at % 2 == 0)


def main() -> None:
    place, kind, action, *rest = Path(sys.argv[1]), *sys.argv[2:]
    state = Path(rest[0]) if rest else place / "state"
    outcomes: Counter[str] = Counter()
    for after in (False, True) if kind == "kill" else (False,):
        at = 1
        while (
            outcome := once(place, state, action, at, kind, after=after, above="above" in rest)
        ) is not None:
            outcomes[outcome] += 1
            at += 1
    print(json.dumps({"faults": outcomes.total(), "outcomes": outcomes}))  # noqa: T201


if __name__ == "__main__":
    main()

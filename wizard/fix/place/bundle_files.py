"""The CA files of a plan: one bundle for each set of routes that shares its settings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import PurePosixPath

from wizard.fix.place.groups import Group
from wizard.fix.trust import bundle
from wizard.model.plan import NewFile


class Bundles:
    """Names the files, and makes each one once.

    Args:
        home: from ``bundle.home``.
        earlier: bundles that are there already, by path.
    """

    def __init__(self, home: str, earlier: Mapping[str, bytes]) -> None:
        self._home = home
        self._earlier = earlier
        self._new: dict[str, NewFile] = {}

    @property
    def new_files(self) -> tuple[NewFile, ...]:
        """The files to create, by path."""
        return tuple(self._new[path] for path in sorted(self._new))

    def file_for(self, group: Group) -> str | None:
        """The CA file that all routes of a group shall name; None: the one they have will do."""
        repairs = [w for w in group.repairs if w.trust is not None]
        if all(w.keep for w in repairs):
            return None
        choices = [w.trust for w in repairs if w.trust is not None]
        as_is = next(
            (c.path for w, c in zip(repairs, choices, strict=True) if c.path and not w.keep), None
        )
        if as_is is not None:
            return as_is
        first = repairs[0]
        hosts = [w.host or w.route.backend.host for w in repairs]
        data = bundle.text(choices, hosts)
        directory = bundle.directory(
            first.route, self._home, ca_file_exists=not first.ca_file_missing
        )
        for number in count(1):
            path = str(PurePosixPath(directory) / bundle.file_name(hosts[0], number))
            there = self._earlier.get(path)
            if there is None and path in self._new:
                there = self._new[path].data
            if there is None:
                reason = f"the CA that signed the chain of {hosts[0]}"
                self._new[path] = NewFile(path, data, reason)
            if there in (None, data):
                return path
        raise AssertionError("count() does not end")

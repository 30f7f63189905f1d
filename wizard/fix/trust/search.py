"""The certificates of this machine, in the order in which a CA is looked for among them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from wizard.fix.trust import stores
from wizard.fix.trust.stores import Places, Store
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration


class Search:
    """The certificates of this machine, each source read when it is first asked for."""

    def __init__(self, configuration: Configuration, places: Places) -> None:
        self._configuration = configuration
        self._places = places

    def sources(self) -> Iterator[tuple[str, list[Store]]]:
        """Sources in order of preference, with the words that say where they lie."""
        yield "a file that this configuration names", self._named
        yield "beside the site's other certificates", self._beside
        yield "among the administrator's authorities", self._local
        yield "system", self._system
        yield "on this machine", self._loose

    @cached_property
    def intermediates(self) -> tuple[Certificate, ...]:
        """Authorities found near the site that are not self-signed: they may fill gaps."""
        near = (*self._named, *self._beside, *self._local)
        return tuple(
            c for store in near for c in store.certificates if c.is_ca and not c.self_issued
        )

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return stores.named_by(self._configuration)

    @cached_property
    def _named(self) -> list[Store]:
        found: list[Store] = []
        for path in self._paths:
            if os.path.realpath(path) in {os.path.realpath(p) for p in self._places.bundles}:
                continue  # comes as the system's bundle
            if Path(path).is_dir():
                found += stores.in_directory(path)
            else:
                store = stores.read(path)
                found += [store] if store.certificates else []
        return found

    @cached_property
    def _beside(self) -> list[Store]:
        parents = dict.fromkeys(str(Path(path).parent) for path in self._paths)
        skipped = {"/", *self._places.local, *self._places.loose}
        return [
            s for parent in parents if parent not in skipped for s in stores.in_directory(parent)
        ]

    @cached_property
    def _local(self) -> list[Store]:
        return [s for path in self._places.local for s in stores.in_directory(path)]

    @cached_property
    def _system(self) -> list[Store]:
        found = (stores.read(path) for path in self._places.bundles)
        return [store for store in found if store.certificates]

    @cached_property
    def _loose(self) -> list[Store]:
        return [s for path in self._places.loose for s in stores.in_directory(path)]

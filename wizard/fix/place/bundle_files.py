"""The CA files of a plan: one bundle for each set of certificates to trust."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import count
from pathlib import PurePosixPath

from wizard import x509
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place.groups import Group
from wizard.fix.trust import bundle
from wizard.model.plan import BundlePlace, NewFile, TrustChoice
from wizard.model.remark import ChoiceError, Point, Remark, remark
from wizard.model.route_id import RouteId


@dataclass(slots=True)
class _Bundle:
    """A bundle and the routes that name it."""

    path: str
    choices: Sequence[TrustChoice]
    is_new: bool
    repairs: list[RouteRepair] = field(default_factory=list)


class Bundles:
    """Names the files, and makes each one once.

    Args:
        place: where they go.
    """

    def __init__(self, place: BundlePlace) -> None:
        self._place = place
        self._earlier = {path: _anchors_in(data) for path, data in place.earlier.items()}
        self._bundles: dict[frozenset[str], _Bundle] = {}

    def new_files(self, without: Container[RouteId]) -> tuple[NewFile, ...]:
        """The files to create, by path.

        Args:
            without: routes that do not name theirs after all.
        """
        found = []
        for one in self._bundles.values():
            repairs = [w for w in one.repairs if w.route.id not in without]
            if one.is_new and repairs:
                found.append(_file(one, repairs))
        return tuple(sorted(found, key=lambda file: file.path))

    @property
    def notes(self) -> tuple[Remark, ...]:
        """Where new files go, and why not elsewhere."""
        passed = (remark(Point.NOT_WRITTEN_TO, why=why) for why in self._place.passed)
        directory = self._place.directory or ""
        return (remark(Point.BUNDLE_GOES_TO, directory=directory), *passed)

    def file_for(self, group: Group) -> str | None:
        """The CA file that all routes of a group shall name; None: the one they have will do.

        Raises:
            ChoiceError: a file is needed, and there is no place for it.
        """
        taking = [w for w in group.repairs if w.trust is not None and not w.keep]
        if not taking:
            return None
        first = taking[0]
        if first.anchors not in self._bundles:
            self._bundles[first.anchors] = self._named(first)
        found = self._bundles[first.anchors]
        found.repairs += taking
        return found.path

    def _named(self, repair: RouteRepair) -> _Bundle:
        place = self._place
        if place.directory is None:
            why = reduce(_and, place.passed)
            raise ChoiceError(remark(Point.NO_PLACE_FOR_BUNDLE, why=why))
        taken = {one.path for one in self._bundles.values()}
        for number in count(1):
            name = bundle.file_name(_host(repair), number, named=place.file)
            path = str(PurePosixPath(place.directory) / name)
            there = self._earlier.get(path)
            if there == repair.anchors or (there is None and path not in taken):
                return _Bundle(path, repair.bundle, is_new=there is None)
        raise AssertionError("count() does not end")


def _file(one: _Bundle, repairs: Sequence[RouteRepair]) -> NewFile:
    hosts = list(dict.fromkeys(_host(repair) for repair in repairs))
    routes = dict.fromkeys(repair.route.id.label for repair in repairs)
    reason = f"the CA that signed the chain of {', '.join(hosts)}; counts for {', '.join(routes)}"
    return NewFile(one.path, bundle.text(one.choices, hosts), reason)


def _and(one: Remark, other: Remark) -> Remark:
    return remark(Point.AND, first=one, second=other)


def _host(repair: RouteRepair) -> str:
    return repair.host or repair.route.backend.host


def _anchors_in(data: bytes) -> frozenset[str]:
    """What a bundle of an earlier plan makes httpd trust; none if OpenSSL refuses it."""
    contents = x509.load_pem(data)
    return frozenset() if contents.problem else frozenset(c.sha256 for c in contents.certificates)

"""Where a trust bundle goes: a directory that others cannot write and that no URL serves.

Whoever can replace it decides whom httpd believes. So it goes into httpd's own configuration tree,
or where the operator says; and never into a store of the system's, whose tools would have every
program trust it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from wizard.config.installation import ownership
from wizard.config.preprocess.includes import reads
from wizard.fix.trust import bundle
from wizard.fix.trust.directories import MOST_FILES
from wizard.model.config import Configuration
from wizard.model.plan import BundlePlace
from wizard.model.remark import ChoiceError, Point, Remark, remark
from wizard.x509 import disk

NEW_DIRECTORY = "proxy-trust"
"""Below ServerRoot, or beside the main file."""
_STORES = (
    "/etc/ssl/certs",  # update-ca-certificates hashes all it finds there: trusted system-wide
    "/usr/lib/ssl",  # OpenSSL's own directory: its certs is a link to the system's
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/etc/pki/ca-trust",
    "/etc/pki/trust",
    "/etc/ca-certificates",
    "/usr/share/pki",
    "/var/lib/ca-certificates",
)


def find(configuration: Configuration, named: str | None) -> BundlePlace:
    """The place for the bundles of a plan.

    Args:
        configuration: says where httpd's configuration lies, and what it serves.
        named: the file that the operator names; None: none.

    Raises:
        ChoiceError: others could write where the operator's file is to be, or a URL leads there.
    """
    if named is not None:
        path = PurePosixPath(os.path.abspath(named))  # noqa: PTH100  # resolve() follows links
        why = _objection(str(path.parent), path.name, configuration)
        if os.path.lexists(path) and not os.path.isfile(path):  # noqa: PTH113
            why = why or remark(Point.PLACE_IS_NO_FILE, path=str(path))
        if why is not None:
            raise ChoiceError(remark(Point.TRUST_FILE_UNFIT, why=why), file=str(path))
        return _with_earlier(BundlePlace(str(path.parent), file=path.name))
    passed: list[Remark] = []
    homes = {configuration.server_root: None}
    if not configuration.partial:  # what serves the directory of a lone file is not known
        homes[str(Path(configuration.root).parent)] = None
    for home in homes:
        directory = str(PurePosixPath(home) / NEW_DIRECTORY)
        why = _objection(directory, f"{bundle.PREFIX}x.pem", configuration)
        if why is None:
            return _with_earlier(BundlePlace(directory, passed=tuple(passed)))
        passed.append(why)
    return BundlePlace(None, passed=tuple(passed))


def _objection(directory: str, name: str, configuration: Configuration) -> Remark | None:
    """Why a directory, which need not exist, may not take a bundle of some name."""
    others = ownership.shared(directory)
    if others:
        return remark(Point.PLACE_IS_SHARED, directory=directory, why=others)
    ways = (directory, os.path.realpath(directory))
    for place in configuration.served:
        ends = (place, os.path.realpath(place))
        if any(_is_below(way, end) for way in ways for end in ends):
            return remark(Point.PLACE_IS_SERVED, directory=directory, served=place)
    file = PurePosixPath(os.path.realpath(directory), name)
    for place, pattern in configuration.listed:  # httpd does not start with a certificate as one
        home = os.path.realpath(place)
        if _is_below(str(file), home) and reads(pattern, file.relative_to(home).parts):
            return remark(Point.PLACE_IS_INCLUDED, directory=directory, listed=place)
    if any(_is_below(way, store) for way in ways for store in _STORES):
        return remark(Point.PLACE_IS_A_STORE, directory=directory)
    return None


def _is_below(path: str, place: str) -> bool:
    return f"{path}/".startswith(f"{place.rstrip('/')}/")  # called for every Alias there is


def _with_earlier(place: BundlePlace) -> BundlePlace:
    """The place with the files that are there already under the names of bundles."""
    found: dict[str, bytes] = {}
    left = disk.MOST_BYTES
    for path in list(_there(place))[:MOST_FILES]:
        data = disk.content(path)
        if isinstance(data, str) or ownership.changeable(os.path.realpath(path)):
            data = b""  # the name is taken, by what is no bundle or may be somebody else's
        left -= len(data)
        found[path] = data if left >= 0 else b""
    return BundlePlace(place.directory, place.file, found, place.passed)


def _there(place: BundlePlace) -> Iterator[str]:
    stem, end = bundle.pattern(place.file)
    try:
        with os.scandir(place.directory) as entries:
            names = [e.path for e in entries if e.name.startswith(stem) and e.name.endswith(end)]
    except OSError:
        return
    yield from sorted(names)

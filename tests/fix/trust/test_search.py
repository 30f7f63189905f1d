"""Where a CA, or an intermediate that a backend forgets, is looked for, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fix.trust.test_select import LEAF, ONE, ROOT, STRANGER, find, names
from wizard.fix.trust.stores import SYSTEM, Places
from wizard.model.plan import OfferKind
from wizard.model.remark import Point
from wizard.wording.remarks import sentence


@pytest.fixture
def tmp_path(roots: Path) -> Path:
    """Where a CA may be found."""
    return roots


def put(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def loose(directory: Path) -> Places:
    return Places((), (), (str(directory),))


@pytest.mark.parametrize("name", ["apache2/ca.crt", "apache2/ssl/corp/root-ca.txt", "corp.pem"])
def test_a_ca_among_the_servers_files_is_an_offer(tmp_path: Path, name: str) -> None:
    """The last lies beside the configuration."""
    file = put(tmp_path / name, STRANGER.pem + ROOT.pem)
    found = find(tmp_path, places=loose(tmp_path / "apache2"))
    assert found.choice is not None
    assert found.choice.origin == str(file)
    assert [offer.kind for offer in found.offers] == [OfferKind.FOUND_CA]


def test_one_that_others_could_have_laid_there_is_none_and_is_named(tmp_path: Path) -> None:
    place = tmp_path / "apache2" / "drop"
    put(place / "ca.crt", ROOT.pem)
    place.chmod(0o777)
    found = find(tmp_path, places=loose(tmp_path / "apache2"))
    assert found.error is not None
    assert found.error.point == Point.NO_CA_FOUND
    assert any(str(place) in sentence(note) for note in found.notes)


@pytest.mark.parametrize("ca", [False, True])
def test_an_intermediate_that_the_backend_forgets_may_lie_there_too(
    tmp_path: Path, ca: bool
) -> None:
    """The root is the system's, or the operator names it."""
    put(tmp_path / "apache2/ssl/chain.pem", ONE.pem)
    root = put(tmp_path / "elsewhere/private/root.pem", ROOT.pem)
    bundles = () if ca else (str(root),)
    places = Places((), bundles, (str(tmp_path / "apache2"),))
    found = find(tmp_path, (LEAF,), places=places, ca=str(root) if ca else ())
    assert names(found) == ["CN=Example Root", "CN=Example Issuing"]


def test_where_was_looked_in_vain(tmp_path: Path) -> None:
    put(tmp_path / "local/a.crt", STRANGER.pem)
    put(tmp_path / "apache2/ssl/b.pem", STRANGER.pem)
    put(tmp_path / "open/c.pem", ROOT.pem)
    (tmp_path / "open").chmod(0o777)
    bundle = put(tmp_path / "private/bundle.pem", STRANGER.pem)
    directories = [str(tmp_path / name) for name in ("apache2", "apache2/ssl", "open", "missing")]
    places = Places((str(tmp_path / "local"),), (str(bundle),), tuple(directories))
    error = find(tmp_path, places=places).error
    assert error is not None
    told = dict(error.values)
    assert told["places"] == ("the system's trust store", str(tmp_path))
    assert told["files"] == 3
    assert f"Looked in: the system's trust store, {tmp_path} (certificate files: 3)" in (
        sentence(error)
    )


def test_the_stores_of_the_distributions() -> None:
    """update-ca-certificates(8) of Debian and SUSE, update-ca-trust(8) of Fedora, and Arch's."""
    assert {"/usr/local/share/ca-certificates", "/etc/pki/trust/anchors"} < set(SYSTEM.local)
    assert {"/etc/pki/ca-trust/source/anchors", "/usr/share/pki/trust/anchors"} < set(SYSTEM.local)
    assert "/etc/ca-certificates/trust-source/anchors" in SYSTEM.local

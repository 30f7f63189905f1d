"""The authorities of this machine that an operator can choose among."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fix.trust.test_select import LEAF, ONE, REKEYED, ROOT, STRANGER, report
from wizard.demo import pki
from wizard.fix.trust import candidates
from wizard.fix.trust.stores import Places
from wizard.x509 import parse_der


@pytest.fixture
def tmp_path(roots: Path) -> Path:
    """Where a CA may be found."""
    return roots


def found(
    directory: Path, sent: tuple[pki.Issued, ...], places: Places
) -> list[tuple[str, str, str]]:
    made = report(directory, sent)
    listed = candidates.found(made.diagnoses[0].case, made.configuration, places=places)
    return [(c.certificate.sha256, Path(c.file).name, c.problem) for c in listed.candidates]


def sha256(issued: pki.Issued) -> str:
    return parse_der(issued.der).sha256


def test_each_authority_is_listed_with_what_it_is_good_for(tmp_path: Path) -> None:
    local, system = tmp_path / "local", tmp_path / "bundle.pem"
    local.mkdir()
    for number, issued in enumerate((STRANGER, REKEYED, ONE, ROOT, ROOT, LEAF)):
        (local / f"{number}.crt").write_bytes(issued.pem)
    system.write_bytes(pki.issue("Public", ca=True).pem + ROOT.pem)
    places = Places((str(local),), (str(system),), ())
    assert found(tmp_path, (LEAF, ONE), places) == [
        (sha256(ROOT), "3.crt", ""),
        (sha256(STRANGER), "0.crt", "signed nothing that the backend sends"),
        (sha256(REKEYED), "1.crt", "has the right name, but another key"),
        (sha256(ONE), "2.crt", "an intermediate: httpd needs its root as well"),
    ]
    # the intermediate that the backend forgets to send is taken from beside it
    assert found(tmp_path, (LEAF,), places)[0] == (sha256(ROOT), "3.crt", "")


def test_of_the_system_s_authorities_only_who_signed_counts(tmp_path: Path) -> None:
    system = tmp_path / "bundle.pem"
    system.write_bytes(STRANGER.pem + ROOT.pem)
    assert found(tmp_path, (LEAF, ONE), Places((), (str(system),), ())) == [
        (sha256(ROOT), "bundle.pem", "")
    ]


def test_what_openssl_refuses_says_why(tmp_path: Path) -> None:
    old = pki.issue("Old Root", ca=True, days=(-30, -1))
    leaf = pki.issue("b.test", old, dns=["b.test"])
    (tmp_path / "old.crt").write_bytes(old.pem)
    assert found(tmp_path, (leaf,), Places((str(tmp_path),), (), ())) == [
        (sha256(old), "old.crt", "certificate has expired")
    ]


def test_nothing_is_listed_for_a_backend_that_was_not_seen(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_bytes(ROOT.pem)
    assert found(tmp_path, (), Places((str(tmp_path),), (), ())) == []

"""The authorities of this machine that an operator can choose among."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fix.trust.test_select import LEAF, NOWHERE, ONE, REKEYED, ROOT, STRANGER, report
from wizard.demo import pki
from wizard.fix.trust import candidates
from wizard.fix.trust.directories import MOST_FILES
from wizard.fix.trust.stores import LARGEST, Places
from wizard.model.config import SourceFile
from wizard.model.plan import Authorities
from wizard.wording import authority
from wizard.wording.remarks import sentence
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
        (sha256(STRANGER), "0.crt", "another CA, would still be refused"),
        (sha256(REKEYED), "1.crt", "right name but another key, would still be refused"),
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
        (
            sha256(old),
            "old.crt",
            "signed this chain, but httpd would refuse it: certificate has expired",
        )
    ]


def test_nothing_is_listed_for_a_backend_that_was_not_seen(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_bytes(ROOT.pem)
    assert found(tmp_path, (), Places((str(tmp_path),), (), ())) == []


def test_of_a_file_that_helps_nothing_else_is_listed(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_bytes(STRANGER.pem + ONE.pem + ROOT.pem)
    assert found(tmp_path, (LEAF, ONE), NOWHERE) == [(sha256(ROOT), "chain.pem", "")]
    (tmp_path / "root.pem").write_bytes(ROOT.pem)  # it holds nothing else
    assert found(tmp_path, (LEAF, ONE), NOWHERE) == [(sha256(ROOT), "root.pem", "")]


# In the configuration's own directory


def listed(
    directory: Path, *included: str, places: Places = NOWHERE, given: tuple[str, ...] = ()
) -> Authorities:
    """What is found beside a configuration that includes some files."""
    made = report(directory, (LEAF, ONE))
    names = (f"{directory}/httpd.conf", *(str(directory / name) for name in included))
    files = {name: SourceFile(name, name, b"") for name in names}
    configuration = replace(made.configuration, files=files)
    case = made.diagnoses[0].case
    return candidates.found(case, configuration, places=places, given=given)


def told(found: Authorities) -> list[tuple[str, str]]:
    return [
        (Path(one.file).name, f"{authority.good_for(one)} · {authority.where(one)}")
        for one in found.candidates
    ]


def put(file: Path, data: bytes = ROOT.pem) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("root.pem", "lies beside httpd.conf"),
        ("ssl/root.pem", "in ssl/ beside httpd.conf"),
        ("certs/root.crt", "in certs/ beside httpd.conf"),
        ("sites/root.pem", "lies beside app.conf"),
        ("sites/tls/root.pem", "in tls/ beside app.conf"),
    ],
)
def test_one_beside_the_configuration_is_listed_with_where_it_lies(
    tmp_path: Path, place: str, where: str
) -> None:
    put(tmp_path / place)
    found = listed(tmp_path, "sites/app.conf")
    assert told(found) == [(Path(place).name, f"signed this chain · {where}")]


def test_one_in_a_server_root_without_files_of_the_configuration(tmp_path: Path) -> None:
    made = report(tmp_path / "conf", (LEAF, ONE))
    put(tmp_path / "tls" / "root.pem")
    configuration = replace(made.configuration, server_root=str(tmp_path))
    found = candidates.found(made.diagnoses[0].case, configuration, places=NOWHERE)
    assert told(found) == [("root.pem", "signed this chain · in tls/ of ServerRoot")]


def test_what_signed_comes_first_and_of_that_what_lies_nearest(tmp_path: Path) -> None:
    """A root of the same key stands for the system's: each certificate is listed once."""
    other = pki.issue("Example Root", ca=True, key=ROOT.key, days=(-2, 90))
    put(tmp_path / "local" / "0.crt", other.pem)
    put(tmp_path / "local" / "1.crt", STRANGER.pem)
    put(tmp_path / "root.pem")
    put(tmp_path / "stranger.pem", STRANGER.pem)
    put(tmp_path / "system" / "bundle.pem", other.pem + ROOT.pem)
    places = Places((f"{tmp_path}/local",), (f"{tmp_path}/system/bundle.pem",), ())
    assert told(listed(tmp_path, places=places)) == [
        ("root.pem", "signed this chain · lies beside httpd.conf"),
        ("0.crt", "signed this chain · among the CAs added to this system"),
        ("stranger.pem", "another CA, would still be refused · lies beside httpd.conf"),
    ]


def test_the_backend_s_own_certificate_is_called_so(tmp_path: Path) -> None:
    own = pki.issue("b.test", dns=["b.test"])
    put(tmp_path / "own.pem", own.pem)
    put(tmp_path / "snakeoil.pem", pki.issue("this.test", dns=["this.test"]).pem)
    made = report(tmp_path, (own,))
    found = candidates.found(made.diagnoses[0].case, made.configuration, places=NOWHERE)
    assert told(found) == [
        ("own.pem", "the backend's own certificate · lies beside httpd.conf"),
    ]


def test_what_others_may_write_is_named_and_not_offered(tmp_path: Path) -> None:
    put(tmp_path / "open.pem").chmod(0o666)
    put(tmp_path / "ssl" / "root.pem")
    (tmp_path / "ssl").chmod(0o1777)
    found = listed(tmp_path)
    assert found.candidates == ()
    assert [sentence(one) for one in found.passed_over] == [
        f"not considered: {tmp_path}/ssl is writable by others (its mode is 1777)",
        f"not considered: {tmp_path}/open.pem is writable by others (its mode is 0666)",
    ]


def test_a_file_of_the_ca_s_owner_counts_wherever_it_lies(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    put(tmp_path / "root.pem")
    given = put(tmp_path_factory.mktemp("mail") / "from-the-owner.pem", ROOT.pem)
    found = listed(tmp_path, given=(str(given), "/nowhere/at-all.pem"))
    assert told(found) == [
        ("from-the-owner.pem", "signed this chain · given by the CA's owner"),
    ]


def test_neither_many_files_nor_huge_ones_nor_odd_ones_are_waited_for(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 200):
        put(tmp_path / "z" / f"{number:04}.pem", b"no certificate")
    put(tmp_path / "a.pem")
    with (tmp_path / "b.pem").open("wb") as file:
        file.truncate(LARGEST * 100_000)
    os.mkfifo(tmp_path / "c.pem")
    (tmp_path / "d.pem").symlink_to("/dev/zero")
    (tmp_path / "e").symlink_to(tmp_path)
    (tmp_path / "f.pem").symlink_to("f.pem")
    began = time.monotonic()
    assert [Path(one.file).name for one in listed(tmp_path).candidates] == ["a.pem"]
    assert time.monotonic() - began < 5.0

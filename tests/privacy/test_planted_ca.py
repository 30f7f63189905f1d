"""Attacks: a CA that another user of the machine has laid where a CA is looked for."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from screens.session import Session
from screens.terminal.glyphs import UNICODE
from screens.texts import question
from tests.fix.trust.test_select import LEAF, ONE, ROOT, find
from tests.support import command, others
from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki
from wizard.fix.trust import candidates, search
from wizard.fix.trust import guarded as guard
from wizard.fix.trust.stores import Places
from wizard.model.plan import Authorities, RouteTrust
from wizard.model.remark import Point, remark
from wizard.model.scope import Scope
from wizard.text import fingerprint
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

Attack = Callable[[Path], Path]


def laid(place: Path) -> Path:
    """The CA as a file of root's."""
    place.mkdir(parents=True, exist_ok=True)
    file = place / "ca.crt"
    file.write_bytes(ROOT.pem)
    return file


def a_file_of_nobodys(place: Path) -> Path:
    others.give(laid(place))
    return place / "ca.crt"


def a_file_that_anybody_writes(place: Path) -> Path:
    laid(place).chmod(0o666)
    return place / "ca.crt"


def a_file_that_a_group_writes(place: Path) -> Path:
    laid(place).chmod(0o664)
    return place / "ca.crt"


def a_file_with_an_acl(place: Path) -> Path:
    others.let_write(laid(place))
    return place / "ca.crt"


def a_directory_of_mode_1777(place: Path) -> Path:
    others.give(laid(place))
    place.chmod(0o1777)
    return place


def a_hard_link_in_a_directory_of_mode_1777(place: Path) -> Path:
    laid(place.parent / "root-s-own")
    place.mkdir()
    os.link(place.parent / "root-s-own" / "ca.crt", place / "ca.crt")
    place.chmod(0o1777)
    return place


def a_directory_that_a_group_writes(place: Path) -> Path:
    laid(place)
    place.chmod(0o775)
    return place


def a_directory_of_nobodys(place: Path) -> Path:
    laid(place)
    others.give(place)
    return place


def a_directory_with_an_acl_for_a_group(place: Path) -> Path:
    laid(place)
    others.let_write(place, group=True)
    return place


def a_directory_below(place: Path) -> Path:
    place.mkdir()
    laid(place / "below")
    others.give(place / "below")
    return place / "below"


def a_parent_of_nobodys(place: Path) -> Path:
    laid(place)
    others.give(place.parent)
    return place.parent


def a_link_of_nobodys(place: Path) -> Path:
    laid(place.parent / "root-s-own")
    place.mkdir()
    (place / "ca.crt").symlink_to(place.parent / "root-s-own" / "ca.crt")
    others.give(place / "ca.crt")
    return place / "ca.crt"


def a_link_to_a_file_of_nobodys(place: Path) -> Path:
    others.give(laid(place.parent / "elsewhere"))
    place.mkdir()
    (place / "ca.crt").symlink_to("../elsewhere/ca.crt")
    return place.parent / "elsewhere" / "ca.crt"


def a_link_to_a_directory_of_nobodys(place: Path) -> Path:
    laid(place.parent / "elsewhere" / "deep")
    others.give(place.parent / "elsewhere")
    place.mkdir()
    (place / "ca.crt").symlink_to(place.parent / "elsewhere" / "deep" / "ca.crt")
    return place.parent / "elsewhere"


def a_link_by_a_link_of_nobodys(place: Path) -> Path:
    """Both ends are root's; what leads from one to the other is not."""
    laid(place.parent / "root-s-own")
    shared = others.shared(place.parent / "shared")
    (shared / "hop").symlink_to(place.parent / "root-s-own")
    others.give(shared / "hop")
    place.mkdir()
    (place / "ca.crt").symlink_to("../shared/hop/ca.crt")
    return shared


def a_way_back_out_of_nobodys(place: Path) -> Path:
    """Through ``DIR/..``: whoever owns DIR may make a link of it."""
    laid(place.parent / "root-s-own")
    (place.parent / "theirs").mkdir()
    others.give(place.parent / "theirs")
    place.mkdir()
    (place / "ca.crt").symlink_to("../theirs/../root-s-own/ca.crt")
    return place.parent / "theirs"


def the_directory_is_a_link_to_nobodys(place: Path) -> Path:
    laid(place.parent / "elsewhere")
    others.give(place.parent / "elsewhere")
    place.symlink_to("elsewhere")
    return place.parent / "elsewhere"


ATTACKS = (
    a_file_of_nobodys,
    a_file_that_anybody_writes,
    a_file_that_a_group_writes,
    a_file_with_an_acl,
    a_directory_of_mode_1777,
    a_hard_link_in_a_directory_of_mode_1777,
    a_directory_that_a_group_writes,
    a_directory_of_nobodys,
    a_directory_with_an_acl_for_a_group,
    a_directory_below,
    a_parent_of_nobodys,
    a_link_of_nobodys,
    a_link_to_a_file_of_nobodys,
    a_link_to_a_directory_of_nobodys,
    a_link_by_a_link_of_nobodys,
    a_way_back_out_of_nobodys,
    the_directory_is_a_link_to_nobodys,
)
each = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)


def told(found: RouteTrust) -> list[str]:
    return [sentence(note) for note in found.notes if "not considered" in sentence(note)]


@each
def test_it_counts_from_no_place(roots: Path, attack: Attack) -> None:
    place = roots / "site" / "ca"
    place.parent.mkdir()
    changeable = attack(place)
    for places in (
        Places((str(place),), (), ()),
        Places((), (f"{place}/ca.crt",), ()),
        Places((), (), (str(place),)),
    ):
        found = find(roots, (LEAF, ONE), places=places)
        assert found.choice is None
        if places.bundles and not (place / "ca.crt").exists():
            continue  # it lies below
        assert [line.split(" (")[0] for line in told(found)] == [
            f"not considered: {changeable} is writable by others"
        ]


def test_the_same_file_counts_where_only_root_writes(roots: Path) -> None:
    """The control: what the attacks start from, links of root's among it."""
    place = roots / "site" / "ca"
    laid(roots / "site" / "real")
    (roots / "site" / "hop").symlink_to("real")
    place.mkdir()
    (place / "ca.crt").symlink_to("../hop/../hop/ca.crt")
    assert find(roots, (LEAF, ONE), places=Places((str(place),), (), ())).choice is not None


@each
def test_the_list_of_found_cas_leaves_it_out(roots: Path, attack: Attack) -> None:
    from tests.fix.trust.test_select import report

    place = roots / "site" / "ca"
    place.parent.mkdir()
    changeable = attack(place)
    made = report(roots, (LEAF, ONE))
    places = Places((str(place),), (), ())
    listed = candidates.found(made.diagnoses[0].case, made.configuration, places=places)
    assert listed.candidates == ()
    assert f"{changeable} is writable by others" in sentence(listed.passed_over[0])


def test_a_planted_intermediate_fills_no_gap(roots: Path) -> None:
    local = roots / "local"
    laid(local)
    theirs = local / "one.crt"
    theirs.write_bytes(ONE.pem)
    places = Places((str(local),), (), ())
    found = find(roots, (LEAF,), places=places)
    assert [c.subject for c in found.chain] == [
        "CN=b.test",
        "CN=Example Issuing",
        "CN=Example Root",
    ]
    others.give(theirs)
    assert find(roots, (LEAF,), places=places).choice is None


def test_a_file_that_is_swapped_while_it_is_read_is_not_followed(
    roots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is what is read."""
    file = laid(roots / "ca")
    stranger = roots / "stranger.crt"
    stranger.write_bytes(pki.issue("Stranger", ca=True).pem)
    for_reading = guard.for_reading

    def swapped(descriptor: int) -> int:
        if file.exists():
            file.unlink()
            file.symlink_to(stranger)
        return for_reading(descriptor)

    with guard.opened(str(file)) as descriptor:
        monkeypatch.setattr(guard, "for_reading", swapped)
        with os.fdopen(guard.for_reading(descriptor), "rb") as stream:
            assert stream.read() == ROOT.pem


def test_links_in_a_circle_end(roots: Path) -> None:
    (roots / "a").symlink_to("b")
    (roots / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"), guard.opened(str(roots / "a")):
        pass


def test_what_is_passed_over_is_told_once_and_not_without_end(roots: Path) -> None:
    local = roots / "local"
    local.mkdir()
    for number in range(search.MOST_PASSED_OVER + 5):
        (local / f"{number:02}.crt").write_bytes(ROOT.pem)
        others.give(local / f"{number:02}.crt")
    lines = told(find(roots, (LEAF, ONE), places=Places((str(local), str(local)), (), ())))
    assert len(lines) == search.MOST_PASSED_OVER + 1
    assert lines[-1] == "not considered: 5 other places that are writable by others"


# The commands, with a CA beside the front's own certificate


@pytest.fixture
def front(roots: Path) -> object:
    with standing(roots) as site:
        tls = roots / "tls"
        tls.mkdir()
        (tls / "front.pem").write_bytes((roots / "backend.pem").read_bytes())
        site.write(
            f"SSLEngine on\n    SSLCertificateFile {tls}/front.pem\n    SSLProxyEngine on\n"
            "    SSLProxyVerify require"
        )
        yield site


def test_apply_with_yes_takes_nothing_that_is_planted_beside_the_front(front: Site) -> None:
    planted = front.directory / "tls" / "planted.crt"
    planted.write_bytes(front.root.pem)
    others.give(planted)
    before = front.vhost.read_bytes()
    done = front.wizard("apply", "--yes", "--no-reload", str(front.main))
    assert done.returncode == 3
    assert f"not considered: {planted} is writable by others" in " ".join(done.stderr.split())
    assert front.vhost.read_bytes() == before
    assert not list(front.directory.rglob("proxy-trust*"))


def test_a_ca_beside_the_front_is_an_offer(front: Site) -> None:
    """``fix`` shows what will be asked; with --yes nobody can be, and the CA is only named."""
    there = front.directory / "tls" / "corp.crt"
    there.write_bytes(front.root.pem)
    shown = front.fix()
    assert shown.returncode == 0, shown.stderr
    said = " ".join(shown.stderr.split())
    sha256 = fingerprint(parse_der(front.root.der).sha256)
    assert "The CA's owner (app.test /) 'CN=Example Root' was found" in said
    assert f"({there}, owner root)" in said
    digits = f"| SHA-256 {sha256[:48]} | {sha256[48:]}"
    assert f"compare its SHA-256 with the CA's owner: {digits} apply asks you." in said
    done = front.wizard("apply", "--yes", "--no-reload", str(front.main))
    assert done.returncode == 3
    said = " ".join(done.stderr.split())
    assert f"give --ca {there} to trust it" in said
    assert not list(front.directory.rglob("proxy-trust*"))
    shown = front.wizard("prove", str(front.main))
    assert "apply asks: app.test /: 'CN=Example Root' was found" in shown.stderr
    named = front.wizard("fix", "--ca", str(there), str(front.main))
    assert (named.returncode, "apply asks" in named.stderr) == (0, False)


@pytest.mark.parametrize(("below", "code"), [("withdrawn/", 3), ("", 0)])
def test_what_lies_below_a_ca_directory_of_the_route_is_an_offer(
    roots: Path, below: str, code: int
) -> None:
    """OpenSSL looks in the directory itself only: an administrator keeps old ones below it."""
    with standing(roots) as site:
        directory = site.directory / "cas"
        (directory / below).mkdir(parents=True)
        (directory / below / "corp.pem").write_bytes(site.root.pem)
        site.write(f"{REQUIRE}\n    SSLProxyCACertificatePath {directory}/")
        done = site.wizard("apply", "--yes", "--no-reload", str(site.main))
        assert done.returncode == code, done.stderr
        assert ("nobody vouches for it" in " ".join(done.stderr.split())) is bool(code)


@pytest.mark.parametrize(("answers", "code"), [(b"n\n", 3), (b"y\ny\n", 0)])
def test_on_a_terminal_the_question_shows_what_there_is_to_compare(
    front: Site, answers: bytes, code: int
) -> None:
    there = front.directory / "tls" / "corp.crt"
    there.write_bytes(front.root.pem)
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*command.WIZARD, "apply", "--no-reload", str(front.main)],
        env=front.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    os.close(terminal)
    os.write(controller, answers)
    _, told = process.communicate(timeout=60)
    os.close(controller)
    assert process.returncode == code, told
    asked, _, after = told.partition("Trust this CA, which was found on this machine? [y/N]")
    assert f"({there}, owner root)" in asked
    assert fingerprint(parse_der(front.root.der).sha256) in asked.splitlines()[-1]
    assert ("Write this change?" in after) is (code == 0)
    assert (front.directory / "proxy-trust").exists() is (code == 0)


def test_the_wizard_says_what_was_passed_over() -> None:
    """Below the question which CA httpd may trust."""
    session = Session(Scope())
    passed = (remark(Point.NOT_CONSIDERED, place="/srv/x", who="its mode is 1777"),)
    session.authorities = Authorities((), passed)
    line = "not considered: /srv/x is writable by others (its mode is 1777)"
    assert question.passed_over(session) == (line,)
    assert question.readable(session, UNICODE).endswith(f"\n{line}")

"""An undo never takes away what a later change, or the configuration, still uses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.change import deploy, transaction
from wizard.change.journal import Store, Target
from wizard.demo.pki import issue
from wizard.errors import ChangeError

PEM = issue("A CA", ca=True).pem


class World:
    """A configuration of two files before one backend, and changes to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = Store(directory / "state")
        self.main = directory / "httpd.conf"
        self.bundle = directory / "proxy-trust" / "bundle.pem"
        self.sites = [directory / "a.conf", directory / "b.conf"]
        listens = [f"{httpd.LISTEN}:{httpd.free_port()}"]
        self.main.write_text(
            f"{httpd.main_config(directory, listens)}Include a.conf\nInclude b.conf\n"
        )
        for site in self.sites:
            site.write_bytes(vhost(site.stem))

    def change(self, site: Path, line: str, bundle: bool = False) -> str:
        """A change that adds a line to a site, and maybe makes the bundle."""
        before = site.read_bytes()
        after = before.replace(b"</Virtual", f"    {line}\n</Virtual".encode())
        new = [Target(str(site), before, after)]
        new += [Target(str(self.bundle), None, PEM)] if bundle else []
        return self.apply(str(self.main), new)

    def apply(self, config: str, new: list[Target]) -> str:
        with self.store.locked("apply") as held:
            return transaction.apply(held, config, ["x"], new).id

    def roll_back(self, identifier: str) -> tuple[str, ...]:
        with self.store.locked("rollback") as held:
            return deploy.take_back(held, held.read(identifier), graceful=False).notes

    def ok(self) -> None:
        """``httpd -t`` is content."""
        done = subprocess.run([httpd.HTTPD, "-f", self.main, "-t"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def vhost(name: str) -> bytes:
    return (
        f"<VirtualHost *:*>\n    ServerName {name}\n    SSLProxyEngine on\n</VirtualHost>\n"
    ).encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path.resolve())


def test_the_bundle_of_a_later_change(world: World) -> None:
    """The attack: rollback of the first was done with exit 0, and httpd did not start again."""
    line = f"SSLProxyCACertificateFile {world.bundle}"
    first = world.change(world.sites[0], line, bundle=True)
    second = world.change(world.sites[1], line)
    with pytest.raises(ChangeError) as caught:
        world.roll_back(first)
    assert second in str(caught.value)
    assert f"line 4 of {world.sites[1]}" in str(caught.value)
    assert caught.value.file == str(world.bundle)
    assert world.store.read(first).state == "applied"
    world.ok()
    assert world.roll_back(second) == ()
    world.ok()
    assert world.roll_back(first) == ()
    world.ok()
    assert not world.bundle.parent.exists()
    assert [site.read_bytes() for site in world.sites] == [vhost("a"), vhost("b")]


def test_a_chain_of_three_names_the_last(world: World) -> None:
    line = f"SSLProxyCACertificateFile {world.bundle}"
    first = world.change(world.sites[0], line, bundle=True)
    second = world.change(world.sites[1], line)
    third = world.change(world.sites[1], f"SSLProxyCARevocationFile {world.bundle}")
    with pytest.raises(ChangeError, match=third):
        world.roll_back(first)
    with pytest.raises(ChangeError, match=third):
        world.roll_back(second)
    for identifier in (third, second, first):
        assert world.roll_back(identifier) == ()
    assert not world.bundle.exists()


@pytest.mark.parametrize(
    "line",
    [
        "SSLProxyCACertificateFile {bundle}",
        'SSLProxyCACertificateFile "{bundle}"',
        "SSLProxyCACertificateFile proxy-trust/bundle.pem",
        "SSLProxyCACertificateFile ./proxy-trust/../proxy-trust/bundle.pem",
        "SSLProxyCACertificateFile link.pem",
        "SSLProxyCACertificateFile elsewhere/bundle.pem",
        "SSLProxyCACertificatePath proxy-trust",
        "SSLProxyCACertificatePath {bundle.parent}/",
        "Define TRUST {bundle}\n    SSLProxyCACertificateFile ${{TRUST}}",
        "Define PLACE proxy-trust\n    SSLProxyCACertificateFile ${{PLACE}}/bundle.pem",
        "SSLProxyCACertificatePath hashed",
        "<IfDefine PROD>\n  SSLProxyCACertificateFile {bundle}\n  </IfDefine>",
        "SSLProxyCACertificateFile \\\n    proxy-trust/bundle.pem",
        "<Proxy *>\n    SSLProxyCACertificateFile proxy-trust/bundle.pem\n    </Proxy>",
        "<IfModule ssl_module>\n  SSLProxyCACertificateFile proxy-trust/bundle.pem\n  </IfModule>",
        "sslproxycacertificatefile proxy-trust/bundle.pem",
        "SSLCACertificateFile proxy-trust/bundle.pem",
    ],
)
@pytest.mark.parametrize("by_a_change", [True, False], ids=["change", "edit"])
def test_every_way_to_name_it(world: World, line: str, by_a_change: bool) -> None:
    (world.directory / "link.pem").symlink_to(world.bundle)
    (world.directory / "elsewhere").symlink_to(world.bundle.parent)
    (world.directory / "hashed").mkdir()
    (world.directory / "hashed" / "5ed36f99.0").symlink_to(world.bundle)
    own = f"SSLProxyCACertificateFile {world.bundle}"
    first = world.change(world.sites[0], own, bundle=True)
    line = line.format(bundle=world.bundle)
    site = world.sites[1]
    if by_a_change:
        second = world.change(site, line)
        world.ok()
        try:
            assert "left where it is" in world.roll_back(first)[0]
        except ChangeError as error:
            assert second in str(error)  # noqa: PT017 # one or the other
            world.ok()
            world.roll_back(second)
            assert world.roll_back(first) == ()
            assert not world.bundle.exists()
    else:
        site.write_text(site.read_text().replace("</Virtual", f"    {line}\n</Virtual"))
        (note,) = world.roll_back(first)
        assert f"{world.bundle} was left where it is" in note
        assert str(site) in note
        assert world.bundle.read_bytes() == PEM
        assert world.sites[0].read_bytes() == vhost("a")
    world.ok()


def test_what_is_only_in_a_comment_or_of_the_same_name_is_no_use(world: World) -> None:
    first = world.change(world.sites[0], f"SSLProxyCACertificateFile {world.bundle}", bundle=True)
    (world.directory / "other").mkdir()
    (world.directory / "other" / "bundle.pem").write_bytes(PEM)
    world.sites[1].write_text(
        f"# SSLProxyCACertificateFile {world.bundle}\n"
        "SSLProxyCACertificateFile other/bundle.pem\nSSLProxyCACertificatePath other\n"
    )
    assert world.roll_back(first) == ()
    assert not world.bundle.parent.exists()
    world.ok()


def test_a_configuration_of_another_change(world: World) -> None:
    """Two instances of httpd share what the first change made."""
    line = f"SSLProxyCACertificateFile {world.bundle}"
    first = world.change(world.sites[0], line, bundle=True)
    other = world.directory / "other.conf"
    other.write_text(f"{httpd.main_config(world.directory, [])}Include other-site.conf\n{line}\n")
    site = world.directory / "other-site.conf"
    site.write_bytes(vhost("c"))
    target = Target(str(site), vhost("c"), vhost("c") + b"# a repair\n")
    world.apply(str(other), [target])
    (note,) = world.roll_back(first)
    assert str(other) in note
    assert world.bundle.exists()


def test_a_server_that_runs_with_another_configuration(world: World) -> None:
    """No change was ever made to it; it would not survive its next reload."""
    first = world.change(world.sites[0], f"SSLProxyCACertificateFile {world.bundle}", bundle=True)
    other = world.directory / "other.conf"
    listens = [f"{httpd.LISTEN}:{httpd.free_port()}"]
    text = httpd.main_config(world.directory, listens).replace("httpd.pid", "other.pid")
    other.write_text(f"{text}SSLProxyCACertificateFile {world.bundle}\n")
    hosts = world.directory / "hosts"
    hosts.write_text("")
    with httpd.running(other, hosts):
        (note,) = world.roll_back(first)
    assert f"of {other} uses it" in note
    assert world.bundle.exists()


def test_a_configuration_that_cannot_be_read_may_use_it(world: World) -> None:
    first = world.change(world.sites[0], f"SSLProxyCACertificateFile {world.bundle}", bundle=True)
    world.main.write_text(world.main.read_text() + "<VirtualHost\n")
    notes = world.roll_back(first)
    assert any(f"{world.bundle} was left" in note and "may use it" in note for note in notes)
    assert world.bundle.exists()
    assert world.sites[0].read_bytes() == vhost("a")


def test_a_lone_file_knows_the_later_changes(world: World) -> None:
    """No configuration is known that reads it: the text of later changes still counts."""
    site = world.sites[0]
    after = f"SSLProxyCACertificateFile {world.bundle}\n".encode()
    targets = [Target(str(site), vhost("a"), after), Target(str(world.bundle), None, PEM)]
    first = world.apply("", targets)
    second = world.apply("", [Target(str(world.sites[1]), vhost("b"), after)])
    with pytest.raises(ChangeError, match=second):
        world.roll_back(first)


def test_a_directory_that_two_changes_used_goes_with_the_last(world: World) -> None:
    first = world.change(world.sites[0], f"SSLProxyCACertificateFile {world.bundle}", bundle=True)
    own = world.bundle.with_name("second.pem")
    second = world.apply(str(world.main), [Target(str(own), None, PEM)])
    assert world.roll_back(first) == ()
    assert list(world.bundle.parent.iterdir()) == [own]
    assert world.roll_back(second) == ()
    assert not world.bundle.parent.exists()

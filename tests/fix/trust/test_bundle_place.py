"""Attacks: a CA file where others could replace it, or where everybody could read what it says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import others
from tests.support.site import REQUIRE, Site
from wizard import config
from wizard.fix.trust import bundle_place
from wizard.model.plan import BundlePlace
from wizard.model.remark import ChoiceError
from wizard.wording.errors import describe
from wizard.wording.remarks import sentence

HEAD = "ServerRoot {root}\nListen 127.0.0.1:80\nLoadModule mpm_event_module m.so\n"


def found(root: Path, lines: str = "", named: str | None = None) -> BundlePlace:
    """The place for a main file in ``conf`` below the ServerRoot."""
    (root / "conf").mkdir(exist_ok=True)
    main = root / "conf" / "httpd.conf"
    main.write_text((HEAD + lines).replace("{root}", str(root)))
    return bundle_place.find(config.load(str(main)), named)


def test_it_is_below_serverroot(tmp_path: Path) -> None:
    place = found(tmp_path, "DocumentRoot {root}/htdocs\nAlias /icons/ {root}/icons/\n")
    assert (place.directory, place.passed) == (f"{tmp_path}/proxy-trust", ())


def of_nobody(root: Path) -> str:
    others.give(root)
    return "who owns"


def group_writable(root: Path) -> str:
    root.chmod(0o775)
    return "who may write"


def sticky(root: Path) -> str:
    root.chmod(0o1777)
    return "who may write"


def sticky_for_a_group(root: Path) -> str:
    root.chmod(0o1775)
    return "who may write"


def sticky_with_an_acl(root: Path) -> str:
    others.let_write(root)
    root.chmod(root.stat().st_mode | 0o1000)
    return "who may write"  # the mask of an ACL is the mode's group


def made_before(root: Path) -> str:
    (root / "proxy-trust").mkdir()
    others.give(root / "proxy-trust")
    return "who owns"


def a_link_to_theirs(root: Path) -> str:
    (root / "theirs").mkdir()
    others.give(root / "theirs")
    (root / "proxy-trust").symlink_to("theirs")
    return "who owns"


def a_file(root: Path) -> str:
    (root / "proxy-trust").write_text("")
    return "is no directory"


@pytest.mark.parametrize(
    "attack",
    [
        of_nobody,
        group_writable,
        sticky,
        sticky_for_a_group,
        sticky_with_an_acl,
        made_before,
        a_link_to_theirs,
        a_file,
    ],
)
def test_it_is_never_where_others_write(tmp_path: Path, attack: Callable[[Path], str]) -> None:
    root = tmp_path / "server"
    root.mkdir()
    (root / "conf").mkdir()
    why = attack(root)
    place = found(root)
    below = place.directory == f"{root}/conf/proxy-trust"
    assert place.directory is None or below  # beside the main file, where only that is root's
    assert below is (attack not in (of_nobody, group_writable))
    assert why in sentence(place.passed[0])
    with pytest.raises(ChoiceError) as caught:
        found(root, named=str(root / "proxy-trust" / "ca.pem"))
    assert why in describe(caught.value)


SERVED = (
    "DocumentRoot {root}",
    "DocumentRoot {root}/",
    "DocumentRoot .",
    "<VirtualHost *:80>\nDocumentRoot {root}/../server\n</VirtualHost>",
    "Define here {root}\nDocumentRoot ${here}",
    "<Macro vh $d>\nDocumentRoot $d\n</Macro>\nUse vh {root}",
    "Alias /conf {root}",
    'Alias "/conf/" "{root}/"',
    "<Location /conf>\nAlias {root}\n</Location>",
    "AliasMatch ^/c/(.*) {root}/$1",
    "AliasMatch ^/(.*) /$1",
    "ScriptAlias /cgi/ {root}/",
    "ScriptAliasMatch ^/cgi/(.*) {root}/$1",
    "VirtualDocumentRoot {root}/%0",
    "VirtualDocumentRoot {root}/vhosts-%0/docs",
    "VirtualScriptAlias {root}/%0/cgi",
    "UserDir {root}/*/html",
    "RewriteEngine on\nRewriteRule ^/c/(.*)$ {root}/$1",
    "<VirtualHost *:80>\nRewriteRule ^/c(.*)$ {root}%{REQUEST_URI} [L]\n</VirtualHost>",
    "DocumentRoot {root}/../link",
)


@pytest.mark.parametrize("lines", SERVED)
def test_it_is_never_where_a_url_leads(tmp_path: Path, lines: str) -> None:
    root = tmp_path / "server"
    root.mkdir()
    (tmp_path / "link").symlink_to("server")
    modules = "".join(
        f"LoadModule {name}_module m.so\n"
        for name in ("alias", "vhost_alias", "userdir", "rewrite", "macro")
    )
    place = found(root, modules + lines + "\n")
    assert place.directory is None
    assert all("which URLs lead to" in sentence(why) for why in place.passed)


def test_a_neighbour_that_is_served_does_not_matter(tmp_path: Path) -> None:
    lines = "DocumentRoot {root}/proxy-trust-docs\nRewriteRule ^/a /b\nUserDir public_html\n"
    modules = "LoadModule userdir_module m.so\nLoadModule rewrite_module m.so\n"
    assert found(tmp_path, modules + lines).directory == f"{tmp_path}/proxy-trust"


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("Include {root}", True),
        ("Include {root}/", True),
        ("IncludeOptional *.d", False),
        ("IncludeOptional proxy*", True),
        ("IncludeOptional proxy*/", True),
        ("Include {root}/../link", True),
        ("Include {root}/../*/", True),
        ("IncludeOptional {root}/../s*/*/*.pem", True),
        ("IncludeOptional */*.conf", False),
        ("IncludeOptional */.*", False),
        ("IncludeOptional proxy-trust/*.conf", False),
        ("IncludeOptional {root}/*.conf", False),
    ],
)
def test_it_is_never_where_an_include_reads(tmp_path: Path, lines: str, read: bool) -> None:
    """httpd does not start with a certificate as configuration."""
    root = tmp_path / "server"
    (root / "mods.d").mkdir(parents=True)
    (tmp_path / "link").symlink_to("server")
    (root / "proxy-trust").mkdir()
    # that Includes of everything end: the main file is elsewhere
    main = tmp_path / "main" / "httpd.conf"
    main.parent.mkdir()
    main.write_text((HEAD + lines + "\n").replace("{root}", str(root)))
    if "../*/" in lines:
        main = main.rename(tmp_path / "httpd.conf")
    configuration = config.load(str(main))
    place = bundle_place.find(configuration, None)
    assert (place.directory == f"{root}/proxy-trust") is not read
    named = str(root / "proxy-trust" / "own.pem")
    if read:
        assert "an Include of" in sentence(place.passed[0])
        with pytest.raises(ChoiceError, match="trust-file-unfit"):
            bundle_place.find(configuration, named)
    else:
        bundle_place.find(configuration, named)


@pytest.mark.parametrize("store", ["/usr/local/share/ca-certificates", "/etc/ssl/certs"])
def test_a_store_of_the_systems_is_refused(tmp_path: Path, store: str) -> None:
    with pytest.raises(ChoiceError, match="trust-file-unfit"):
        found(tmp_path, named=f"{store}/backend.crt")


def test_what_is_there_and_no_plain_file_is_refused(tmp_path: Path) -> None:
    """A name beside it would be no name that the operator gave: ``/dev/null-2``."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to("nowhere")
    for named in ("/dev/null", str(tmp_path / "fifo"), str(tmp_path / "dangling"), f"{tmp_path}/"):
        with pytest.raises(ChoiceError) as caught:
            found(tmp_path, named=named)
        assert "no plain file" in describe(caught.value)


def test_a_planted_bundle_is_none_of_ours(tmp_path: Path) -> None:
    """Its name is taken, whatever it holds."""
    directory = tmp_path / "proxy-trust"
    directory.mkdir()
    for name in ("own", "theirs", "link"):
        (directory / f"proxy-trust-{name}.pem").write_bytes(b"PEM")
    others.give(directory / "proxy-trust-theirs.pem")
    (directory / "proxy-trust-link.pem").unlink()
    (directory / "proxy-trust-link.pem").symlink_to("proxy-trust-theirs.pem")
    (directory / "proxy-trust-folder.pem").mkdir()
    assert found(tmp_path).earlier == {
        f"{directory}/proxy-trust-own.pem": b"PEM",
        f"{directory}/proxy-trust-theirs.pem": b"",
        f"{directory}/proxy-trust-link.pem": b"",
        f"{directory}/proxy-trust-folder.pem": b"",
    }


# The commands


def test_the_plan_says_where_the_file_goes(site: Site) -> None:
    site.write(REQUIRE)
    done = site.fix(*site.ca)
    said = " ".join(done.stderr.split())
    assert f"The CA file goes to {site.directory}/proxy-trust:" in said
    assert "does not go elsewhere" not in said


def test_without_a_place_the_command_ends_and_names_the_option(site: Site) -> None:
    site.write(f"{REQUIRE}\n    DocumentRoot {site.directory}")
    for command in ("fix", "prove", "apply"):
        words = ["--yes", "--no-reload"] if command == "apply" else []
        done = site.wizard(command, str(site.main), *site.ca, *words)
        assert done.returncode == 3
        assert "--trust-file FILE" in done.stderr
        assert "which URLs lead to" in done.stderr
    assert not (site.directory / "proxy-trust").exists()


def test_the_operator_s_file_is_written_and_httpd_answers(site: Site, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    site.write(f"{REQUIRE}\n    DocumentRoot {served}")
    named = tmp_path / "kept" / "backend-ca.pem"
    wrong = site.fix(*site.ca, "--trust-file", str(served / "ca.pem"))
    assert (wrong.returncode, "which URLs lead to" in wrong.stderr) == (3, True)
    done = site.wizard(
        "apply", "--yes", "--no-reload", str(site.main), *site.ca, "--trust-file", str(named)
    )
    assert done.returncode == 0, done.stderr
    assert b"BEGIN CERTIFICATE" in named.read_bytes()
    assert (named.parent.stat().st_mode & 0o777, named.stat().st_mode & 0o777) == (0o755, 0o644)
    assert site.status() == 200

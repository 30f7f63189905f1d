"""The reader refuses what the release that it reads for refuses: the same line, the same words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.oracle import releases
from tests.config.oracle.oracle import layout_of
from tests.reference import directive_table, elf_commands
from tests.support.httpd import INSTALLED, Program
from wizard.config.configuration import configuration
from wizard.config.installation.layout import Layout
from wizard.config.preprocess.reader import read
from wizard.model.config import Problem
from wizard.reference import config_releases, directives, misspelt
from wizard.reference.release import NEWEST, Release, parse

CRASHES = "0: (crashes)"
"""Instead of an answer: the reader refuses the line that does it."""
RELEASES = tuple(releases.truths()[0])


def differing(theirs: dict[str, str], ours: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {
        case: (answer, ours[case])
        for case, answer in theirs.items()
        if answer != ours[case] and not (answer == CRASHES and ours[case])
    }


PARTS = 10
"""Tests of the installed httpd, so that none takes long."""


@pytest.mark.parametrize("part", range(PARTS))
def test_the_installed_httpd(part: int, root: Path) -> None:
    cases = releases.CASES[part::PARTS]
    theirs = releases.said(INSTALLED, root, cases)
    plain = layout_of(INSTALLED, Layout("file", "", "/"))
    ours = releases.product(plain, root, releases.head(root, INSTALLED), cases)
    assert differing(theirs, ours) == {}


@pytest.mark.parametrize("release", RELEASES)
def test_what_was_recorded_of_others(release: str, root: Path) -> None:
    theirs = releases.recorded(release)
    assert len(theirs) == len(releases.CASES)
    ours = releases.product(layout(release), root, top(release, root), list(theirs))
    assert differing(theirs, ours) == {}


def layout(release: str) -> Layout:
    version, openssl = release.split("/")
    built_in = ("core_module", "so_module", "http_module")
    return Layout(
        "file",
        "",
        "/",
        binary="/usr/sbin/httpd",
        version=version,
        openssl=f"{openssl}.1",
        static_modules=built_in,
    )


def top(release: str, root: Path) -> str:
    loads = (f"LoadModule {m}_module mod_{m}.so\n" for m in releases.truths()[0][release])
    return f'ServerRoot "{root}"\nServerName x\nListen 127.0.0.1:1\n' + "".join(loads)


def problems(text: str, root: Path, release: Release) -> tuple[Problem, ...]:
    main = root / "main.conf"
    main.write_text(f'ServerRoot "{root}"\nListen 1\n{text}\n')
    given = replace(
        Layout("file", str(main), str(root), files=(str(main),)),
        version=".".join(map(str, release.httpd)),
        openssl=".".join(map(str, release.openssl)),
        static_modules=tuple(
            name
            for name in directives.known_modules()
            if name == "mpm_event_module" or not name.startswith("mpm_")
        ),
    )
    return configuration(read(given), given).problems


OLD = Release((2, 4, 37), (1, 1, 1))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("MergeSlashes off", "MergeSlashes exists since httpd 2.4.39; this one is 2.4.37."),
        ("<IfFile x>\n</IfFile>\nH2Padding 1", "H2Padding exists since httpd 2.4.39"),
        ("ProxyPass / http://b/ addressttl=5", "addressttl= exists since httpd 2.4.59"),
        ("RewriteRule a http://b/ [P,UNC]", "[UNC] exists since httpd 2.4.62"),
        ("RewriteOptions UnsafePrefixStat", "UnsafePrefixStat exists since httpd 2.4.60"),
        ("SSLOpenSSLConfCmd VerifyCAStore x", "VerifyCAStore exists since OpenSSL 3.0.0; this"),
    ],
)
def test_it_says_since_when(text: str, hint: str, root: Path) -> None:
    found = [p for p in problems(text, root, OLD) if p.phase == "config"]
    assert [hint in p.hint for p in found] == [True], found


def test_it_says_until_when(root: Path) -> None:
    found = problems('H2AltSvc h2=":443"', root, NEWEST)
    assert "H2AltSvc exists until httpd 2.4.54; this one is 2.4.71." in [p.hint for p in found]


def test_nothing_is_meant_that_the_release_does_not_know() -> None:
    assert misspelt.nearest("MergeSlash") == "MergeSlashes"
    assert misspelt.nearest("MergeSlash", OLD) is None


@pytest.fixture
def amended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layouts of a distribution that takes later changes into an older release."""

    def release(self: Layout) -> Release:
        return Release(parse(self.version) or NEWEST.httpd, NEWEST.openssl, backports=True)

    monkeypatch.setattr(Layout, "release", property(release))


@pytest.mark.usefixtures("amended")
@pytest.mark.parametrize(
    "text",
    [
        "MergeSlashes off",
        "ProxyPass / http://b/ secret=x",
        "RewriteRule a http://b/ [P,UNC]",
        "ProxyRemote * http://p:1 user:x",
    ],
)
def test_where_a_distribution_amends_releases_it_is_uncertain(text: str, root: Path) -> None:
    found = [p for p in problems(text, root, OLD) if p.line == 3]
    assert [p.phase for p in found] == ["warning"]
    assert "httpd 2.4.37 as it was released refuses this line" in found[0].message
    assert found[0].slug is None


@pytest.mark.usefixtures("amended")
def test_what_no_release_takes_is_certain(root: Path) -> None:
    found = [p for p in problems("ProxyPass / http://b/ sni=x", root, OLD) if p.line == 3]
    assert [p.phase for p in found] == ["config"]


def test_the_table_knows_what_the_installed_httpd_has() -> None:
    """Each command of its modules exists in its release, in the form that the table says."""
    release = Release(parse(INSTALLED.version) or NEWEST.httpd, NEWEST.openssl)
    wrong = []
    for module in elf_commands.installed():
        for command in module.commands:
            info = directives.lookup(command.name, release)
            if info is None or directives.lacking(info, release) is not None:
                wrong.append(command.name)
            elif info.kind not in ("", command.kind) or info.override & ~256 != (
                command.override & ~256
            ):
                wrong.append(f"{command.name}: {command.kind} {command.override}")
    assert wrong == []


def test_the_installed_httpd_lacks_what_the_table_says_it_lacks() -> None:
    release = Release(parse(INSTALLED.version) or NEWEST.httpd, NEWEST.openssl)
    there = {c.name.lower() for m in elf_commands.installed() for c in m.commands}
    gone = {
        word
        for (kind, word) in config_releases.WORDS
        if kind == "directive" and not config_releases.knows("directive", word, release)
    }
    assert not there & gone


def test_every_directive_of_the_table_of_releases_is_in_the_table_of_directives() -> None:
    words = [word for kind, word in config_releases.WORDS if kind == "directive"]
    assert [word for word in words if directives.lookup(word) is None] == []
    assert [name for name in config_releases.FORMS if directives.lookup(name) is None] == []


def test_a_new_table_keeps_what_earlier_releases_had() -> None:
    made = directive_table.make()["directives"]
    assert isinstance(made, dict)
    assert {"H2AltSvc", "MergeSlashes"} <= set(made)


def test_any_httpd_can_be_asked() -> None:
    assert Program.at("/usr/sbin/apache2").name == INSTALLED.name
    assert parse(INSTALLED.version) is not None
    assert INSTALLED.has("ssl")

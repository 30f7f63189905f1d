"""``--resolve NAME:ADDRESS``: what is said of a name that leads nowhere, as if it led there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site, standing
from wizard.demo.pki import issue

NAME = "backend.internal"
LEADS = ("--resolve", f"{NAME}:127.0.0.1")
ASSUMED = f"assumed: {NAME} is 127.0.0.1 (--resolve)\n"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Site]:
    """A backend whose name leads nowhere."""
    root = issue("Example Root", ca=True)
    with standing(tmp_path, issue(NAME, root, dns=[NAME]), root) as made:
        made.name = NAME
        made.write(REQUIRE)
        yield made


def test_a_name_in_the_url(named: Site) -> None:
    """The backend is asked there; the commands to go on with say so as well."""
    found = named.wizard("check", str(named.main), "--format", "json")
    assert json.loads(found.stdout)["routes"][0]["verdict"]["stage"] == "dns"
    found = named.wizard("check", str(named.main), "--format", "json", *LEADS)
    document = json.loads(found.stdout)
    assert document["assumed"] == [{"name": NAME, "address": "127.0.0.1"}]
    (route,) = document["routes"]
    assert (route["verdict"]["stage"], route["backend"]["sni"]) == ("verify", NAME)
    assert route["probe"]["dns"]["addresses"] == ["127.0.0.1"]
    commands = [r["command"] for f in route["findings"] for r in f["remedies"]]
    own = [command for command in commands if (command or "").startswith("proxy-wizard")]
    assert own
    assert all(f"--resolve={NAME}:127.0.0.1" in command for command in own)
    shown = named.wizard("check", str(named.main), *LEADS)
    assert shown.stdout.splitlines(keepends=True)[1] == ASSUMED
    assert "has no effect" not in shown.stderr


def test_an_address_in_the_url(named: Site) -> None:
    """The operator vouches for the name that the certificate holds: nothing more is asked."""
    named.name = "127.0.0.1"
    named.write(REQUIRE)
    planned = named.wizard("fix", str(named.main), *named.ca, *LEADS)
    assert planned.returncode == 0
    assert f"+    ProxyPass / https://{NAME}:{named.backend.port}/" in planned.stdout
    assert ASSUMED in planned.stderr
    assert "apply asks" not in planned.stderr


def test_a_name_that_nothing_needs(named: Site) -> None:
    found = named.wizard("check", str(named.main), "--resolve", "else.test:127.0.0.1", *LEADS)
    assert "proxy-wizard: --resolve else.test has no effect: " in found.stderr
    assert found.stderr.count("has no effect") == 1


NOWHERE = (
    f"Let {NAME} lead to 127.0.0.1 on this machine, by DNS or by this line in /etc/hosts. It leads "
    "nowhere yet."
)
HOSTS_LINE = f"echo '127.0.0.1 {NAME}' >> /etc/hosts"


def flat(text: str) -> str:
    """Without the folds of prose."""
    return " ".join(text.split())


@pytest.fixture
def unnamed(named: Site) -> Site:
    """The same backend, in whose URL an address stands."""
    named.name = "127.0.0.1"
    named.write(f"{REQUIRE}\n    ProxyPassReverse / https://127.0.0.1:{named.backend.port}/")
    return named


def test_the_whole_patch_on_the_condition_that_the_name_leads_there(unnamed: Site) -> None:
    planned = unnamed.fix(*unnamed.ca, "-v")
    assert planned.returncode == 0, planned.stderr
    url = f"https://{NAME}:{unnamed.backend.port}/"
    assert f"+    ProxyPass / {url}" in planned.stdout
    assert f"+    ProxyPassReverse / {url}" in planned.stdout
    assert "+    SSLProxyCACertificateFile " in planned.stdout
    assert NOWHERE in flat(planned.stderr)
    assert HOSTS_LINE in planned.stderr
    unnamed.patch(planned.stdout)
    assert unnamed.status() == 500  # the name does not lead there yet
    unnamed.hosts.write_text(f"127.0.0.1 {NAME}\n")
    assert unnamed.status() == 200


@pytest.mark.parametrize("options", [(), LEADS], ids=["planned", "assumed"])
def test_apply_waits_until_the_name_leads_there(unnamed: Site, options: tuple[str, ...]) -> None:
    """What it would write could not be reached."""
    before = unnamed.vhost.read_bytes()
    words = ("apply", str(unnamed.main), "--yes", "--no-reload", *unnamed.ca, *options)
    refused = unnamed.wizard(*words)
    assert refused.returncode == 2
    assert unnamed.vhost.read_bytes() == before
    assert NOWHERE in flat(refused.stderr)
    assert HOSTS_LINE in refused.stderr
    assert f"next: proxy-wizard apply {unnamed.main} " in refused.stderr
    unnamed.hosts.write_text(f"127.0.0.1 {NAME}\n")
    words = (*words, "--resolve", f"{NAME}:127.0.0.1")
    applied = unnamed.wizard(*words)
    assert applied.returncode == 0, applied.stderr
    assert unnamed.status() == 200


def test_apply_waits_for_a_name_that_stands_in_the_url_already(named: Site) -> None:
    refused = named.wizard("apply", str(named.main), "--yes", "--no-reload", *named.ca, *LEADS)
    assert refused.returncode == 2
    assert NOWHERE in flat(refused.stderr)
    named.hosts.write_text(f"127.0.0.2 {NAME}\n")
    refused = named.wizard("apply", str(named.main), "--yes", "--no-reload", *named.ca, *LEADS)
    assert refused.returncode == 2
    assert "Now it leads to 127.0.0.2, for every program here." in flat(refused.stderr)


@pytest.mark.parametrize(
    ("options", "said"), [((), f"assumed: {NAME} is 127.0.0.1 (not so yet)\n"), (LEADS, ASSUMED)]
)
def test_prove_rehearses_it_as_if(unnamed: Site, options: tuple[str, ...], said: str) -> None:
    proven = unnamed.wizard("prove", str(unnamed.main), *unnamed.ca, *options)
    assert proven.returncode == 0, proven.stderr
    assert proven.stdout.splitlines(keepends=True)[1] == said
    assert proven.stdout.count("assumed: ") == 1
    assert "->  200 from the backend\n" in proven.stdout
    assert "    an impostor: refused\n" in proven.stdout
    assert HOSTS_LINE in proven.stderr


def test_prove_of_the_present(named: Site) -> None:
    words = ("prove", str(named.main), "--current")
    assert "AH00898" in named.wizard(*words, "-v").stdout  # DNS lookup failure
    assumed = named.wizard(*words, "-v", *LEADS).stdout
    assert "AH02276" in assumed
    assert "AH00898: Error during SSL Handshake" in flat(assumed)

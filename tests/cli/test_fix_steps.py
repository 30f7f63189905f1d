"""``fix`` is a plan: its steps on stderr, the patch alone on stdout, and what is typed next."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tests.screens.pty_terminal import Terminal
from tests.support import command
from tests.support.site import REQUIRE, Site

DEAD = "ProxyPass /dead https://127.0.0.1:9/\n    "


def fix(site: Site, *options: str) -> subprocess.CompletedProcess[str]:
    return site.wizard("fix", str(site.main), *options)


def closing(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The words of the last command that is printed, without those of the program."""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("next: ")]
    words = shlex.split(line.removeprefix("next: ").split("   (")[0])
    assert words[0] == "proxy-wizard"
    return words[1:]


def test_on_a_terminal_the_patch_stands_at_its_step(site: Site) -> None:
    site.write(f"{REQUIRE}\n    {DEAD}")
    words = [*command.WIZARD, "fix", str(site.main), *site.ca]
    with Terminal(words, site.environment) as terminal:
        terminal.ended()
        text = terminal.text
    order = ["1. The configuration", "Apply the patch that follows", "diff --git", "2. ", "next: "]
    assert sorted(order, key=text.index) == order
    assert text.rstrip().splitlines()[-1].endswith(f"proxy-wizard apply {shlex.join(words[-3:])}")
    pem = Path(site.ca[1]).read_text().rstrip().count("\n") + 1
    assert f"+({pem} lines of PEM)" in text  # as apply counts them
    assert "-----" not in text


def test_in_a_pipe_the_patch_is_alone_and_the_steps_are_whole(site: Site) -> None:
    site.write(f"{REQUIRE}\n    {DEAD}")
    done = fix(site, *site.ca)
    assert done.stdout.startswith("diff --git ")
    assert "next:" not in done.stdout
    assert "diff --git" not in done.stderr
    assert "Apply the patch (it went to stdout)." in done.stderr
    assert "2. " in done.stderr
    site.patch(done.stdout)


def test_without_a_ca_the_command_that_is_printed_leads_to_the_end(site: Site) -> None:
    site.write(REQUIRE)
    done = fix(site, "--vhost", "app.test")
    assert done.returncode == 3
    assert 'the CA to trust is not known: "Example Root" (the CA\'s owner has it)' in done.stderr
    assert '(FILE: root certificate of "Example Root", from the CA\'s owner)' in done.stderr
    again = closing(done)
    assert again == ["fix", str(site.main), "--vhost", "app.test", "--ca", "FILE"]
    done = site.wizard(*(site.ca[1] if word == "FILE" else word for word in again))
    assert done.returncode == 0, done.stderr
    assert closing(done)[0] == "apply"
    done = site.wizard(*closing(done), "--yes", "--no-reload")
    assert done.returncode == 0, done.stderr
    assert site.status() == 200


def test_what_this_machine_lacks_is_not_the_backends_side(site: Site) -> None:
    site.name = "nowhere.invalid"
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
    done = fix(site)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[1].startswith("This machine   (app.test /: dns-failure)")
    assert "backend's side" not in done.stderr


def test_the_reasons_of_the_edits_are_told_on_demand(site: Site) -> None:
    site.write(REQUIRE)
    assert "the operator named" not in fix(site, *site.ca).stderr
    assert "the operator named" in fix(site, *site.ca, "--verbose").stderr

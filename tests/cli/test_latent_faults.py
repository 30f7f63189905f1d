"""``check`` says what would end the server that runs at its next reload, once, and as a warning."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.support import httpd
from tests.support.others import NOBODY
from tests.support.site import REQUIRE, Site

SLUG = "reload-would-fail"


@pytest.fixture
def site(site: Site) -> Site:
    works = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem"
    other = f"ProxyPass /other/ https://good.test:{site.backend.port}/other/"
    site.write(f"{works}\n    {other}")
    return site


def checked(site: Site) -> tuple[int, dict[str, Any]]:
    done = site.wizard("check", str(site.main), "--format", "json")
    return done.returncode, json.loads(done.stdout)


def told(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for route in document["routes"] for f in route["findings"] if f["slug"] == SLUG]


def add(site: Site, line: str) -> int:
    """Append a line to the main file; its number."""
    with site.main.open("a") as file:
        file.write(f"{line}\n")
    return len(site.main.read_text().splitlines())


def test_a_server_without_a_fault(site: Site) -> None:
    with site.running():
        code, document = checked(site)
    assert (code, told(document)) == (0, [])


def test_a_port_that_somebody_else_took(site: Site) -> None:
    with socket.create_server((httpd.LISTEN, 0)) as taken, site.running():
        where = f"{httpd.LISTEN}:{taken.getsockname()[1]}"
        number = add(site, f"Listen {where}")
        code, document = checked(site)
        text = site.wizard("check", str(site.main))
        assert site.answer() == 200
    assert code == text.returncode == 1
    assert {route["verdict"]["outcome"] for route in document["routes"]} == {"ok"}
    (finding,) = told(document)
    assert finding["severity"] == "warning"
    assert finding["evidence"] == [f"{site.main}:{number}  Listen {where}"]
    assert "This server would not survive a reload: could not bind" in finding["explanation"]
    (problem,) = document["config"]["problems"]
    assert (problem["line"], problem["stage"], problem["code"]) == (number, "reload", "AH00072")
    assert f"{site.main}:{number}" in text.stdout
    assert "could not bind" in text.stdout
    assert text.stdout.count(f"{SLUG}: ") == 1
    # without a server it is no fault of a reload
    code, document = checked(site)
    assert (code, told(document)) == (0, [])


def test_a_program_that_is_gone_is_told_beside_the_refusal(site: Site) -> None:
    program = site.directory / "prog"
    program.write_text("#!/bin/sh\nexec cat >/dev/null\n")
    program.chmod(0o755)
    number = add(site, f'CustomLog "|{program}" "%h"')
    with site.running():
        assert checked(site)[0] == 0
        program.unlink()
        code, document = checked(site)
    assert code == 2
    assert [f["slug"] for f in document["routes"][0]["findings"]] == ["configuration-refused", SLUG]
    (finding,) = told(document)
    assert finding["evidence"] == [f'{site.main}:{number}  CustomLog "|{program}" "%h"']


AS_NOBODY = f"""
import os, sys
from wizard.cli.main import main
main(sys.argv[1:])  # as root, who may read this Python: what the command needs is loaded
print("as another user:", flush=True)
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
code = main(sys.argv[1:])
sys.stdout.flush()
os._exit(code)
"""


def test_who_may_not_look_says_nothing_false(site: Site) -> None:
    """Another user sees neither the sockets of the server nor its modules."""
    if os.geteuid() != 0:
        pytest.fail("this test asks as another user: run it as root")
    for path in (site.directory, *site.directory.parents):
        path.chmod(path.stat().st_mode | 0o055)
    with socket.create_server((httpd.LISTEN, 0)) as taken, site.running():
        add(site, f"Listen {httpd.LISTEN}:{taken.getsockname()[1]}")
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, "check", str(site.main)],
            env={**site.environment, "HOME": "/nonexistent"},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    as_root, _, told_to_another = done.stdout.partition("as another user:")
    assert "Traceback" not in done.stderr
    assert SLUG in as_root
    assert SLUG not in told_to_another
    assert "2 routes: 2 work (" in told_to_another

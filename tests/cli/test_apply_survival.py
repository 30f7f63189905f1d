"""A change whose reload would end the running server is not begun; a server that ends all the same
is started again with the files that it had."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site, standing_at_address
from tests.support.waiting import until
from wizard.demo.pki import issue
from wizard.httpd.running import alive

ENDED, NOT_RELOADED = 4, 5


@pytest.fixture
def site(site: Site) -> Site:
    me = issue("tls.test", dns=["tls.test"])
    (site.directory / "front.pem").write_bytes(me.pem)
    (site.directory / "front.key").write_bytes(me.key_pem)
    (site.directory / "logs").mkdir()
    program = site.directory / "prog"
    program.write_text("#!/bin/sh\nexec cat >/dev/null\n")
    program.chmod(0o755)
    site.write(REQUIRE)
    return site


def pid(site: Site) -> int:
    return int((site.directory / "httpd.pid").read_text())


def add(site: Site, text: str) -> None:
    with site.main.open("a") as file:
        file.write(f"{text}\n")


def inside(site: Site, text: str) -> None:
    """Lines of the virtual host."""
    site.write(f"{text}\n    {REQUIRE}")


Act = Callable[[Site, contextlib.ExitStack], object]


def program_gone(site: Site, _: contextlib.ExitStack) -> None:
    (site.directory / "prog").unlink()


def logs_gone(site: Site, _: contextlib.ExitStack) -> None:
    for path in (site.directory / "logs").iterdir():
        path.unlink()
    (site.directory / "logs").rmdir()


def log_is_directory(site: Site, _: contextlib.ExitStack) -> None:
    (site.directory / "logs/x").unlink()
    (site.directory / "logs/x").mkdir()


def port_taken(site: Site, stack: contextlib.ExitStack) -> None:
    taken = stack.enter_context(socket.create_server((httpd.LISTEN, 0)))
    add(site, f"Listen {httpd.LISTEN}:{taken.getsockname()[1]}")


def address_gone(site: Site, _: contextlib.ExitStack) -> None:
    add(site, f"Listen 192.0.2.77:{site.port}")


def key_locked(site: Site, _: contextlib.ExitStack) -> None:
    key = site.directory / "front.key"
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", f"{key}.new"],
        check=True, capture_output=True,
    )  # fmt: skip
    Path(f"{key}.new").rename(key)


def stapling(site: Site, _: contextlib.ExitStack) -> None:
    text = site.main.read_text()
    site.main.write_text(text.replace("SSLEngine on", "SSLEngine on\nSSLUseStapling On"))


FRONT = (
    "<VirtualHost 127.0.0.9:443>\nServerName tls.test\nSSLEngine on\nSSLCertificateFile front.pem\n"
    "SSLCertificateKeyFile front.key\n</VirtualHost>"
)
FAULTS: dict[str, tuple[str, str, Act, str]] = {
    "error-log-program": ("", 'ErrorLog "|{d}/prog"', program_gone, "Couldn't start ErrorLog"),
    "custom-log-program": ("", 'CustomLog "|{d}/prog" %h', program_gone, "unable to start piped"),
    "custom-log-by-shell": ("", 'CustomLog "|${d}/prog" %h', program_gone, "unable to start piped"),
    "error-log": ("", "ErrorLog logs/x", log_is_directory, "could not open error log file"),
    "custom-log": ("", "CustomLog logs/x %h", log_is_directory, "could not open transfer log file"),
    "forensic-log": (
        httpd.INSTALLED.load("log_forensic"),
        "ForensicLog logs/x", logs_gone, "could not open forensic log file",
    ),
    "port-taken": ("", "", port_taken, "could not bind to address 127.0.0.2:"),
    "address-gone": ("", "", address_gone, "could not bind to address 192.0.2.77:"),
    "locked-key": (FRONT, "", key_locked, "needs a pass phrase"),
    "stapling": (FRONT, "", stapling, "no stapling cache available"),
}  # fmt: skip
"""Lines of the main file and of the virtual host, what happens while it runs, what is told."""


@contextlib.contextmanager
def broken(site: Site, name: str, *, applied: bool = False) -> Iterator[str]:
    """A server that runs and would not survive a reload.

    Args:
        site: gets the lines.
        name: of the fault.
        applied: a change is made before it breaks; its id is given.
    """
    server, host, act, _ = FAULTS[name]
    add(site, server)
    inside(site, host.replace("{d}", str(site.directory)))
    with site.running(), contextlib.ExitStack() as stack:
        identifier = ""
        if applied:
            done = site.wizard("apply", str(site.main), "--yes", *site.ca)
            assert done.returncode == 0, done.stderr
            identifier = done.stdout.strip()
        act(site, stack)
        yield identifier


def files(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in site.directory.glob("*.conf")}


@pytest.mark.parametrize("name", FAULTS)
def test_a_change_is_not_begun(site: Site, name: str) -> None:
    with broken(site, name):
        parent, before = pid(site), files(site)
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
        said = " ".join(done.stderr.split())
        assert done.returncode in (2, 3), done.stderr
        assert done.stdout == ""
        assert FAULTS[name][3] in said
        assert files(site) == before
        assert pid(site) == parent
        assert site.answer() == 500
    assert not (site.directory / "proxy-trust").exists()


@pytest.mark.parametrize("name", FAULTS)
def test_a_roll_back_brings_the_files_and_no_reload(site: Site, name: str) -> None:
    with broken(site, name, applied=True) as identifier:
        parent = pid(site)
        assert site.answer() == 200
        done = site.wizard("rollback")
        said = " ".join(done.stderr.split())
        assert (done.returncode, done.stdout.strip()) == (NOT_RELOADED, identifier), done.stderr
        assert "httpd was not reloaded: it would end at it" in said
        assert FAULTS[name][3] in said
        assert "SSLProxyCACertificateFile" not in site.vhost.read_text()
        assert pid(site) == parent
        assert site.answer() == 200  # with what it read before
        os.kill(parent, signal.SIGUSR1)  # it was right
        until(lambda: not alive(parent))


def test_without_a_reload_it_goes_on(site: Site) -> None:
    with broken(site, "port-taken"):
        parent = pid(site)
        done = site.wizard("apply", str(site.main), "--yes", "--no-reload", *site.ca)
        assert done.returncode == 0, done.stderr
        assert "SSLProxyCACertificateFile" in site.vhost.read_text()
        done = site.wizard("rollback", "--no-reload")
        assert done.returncode == 0, done.stderr
        assert pid(site) == parent
        assert site.answer() == 500


def test_it_is_told_that_it_was_so_before(site: Site) -> None:
    with broken(site, "port-taken"):
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
    said = " ".join(done.stderr.split())
    assert done.returncode == 3
    number = len(site.main.read_text().splitlines())
    assert f"{site.main}:{number}: could not bind to address" in said
    assert "This was so before the change." in said
    assert "ss -ltnp shows which" in said


def test_an_interrupted_change_is_not_finished(site: Site) -> None:
    with broken(site, "port-taken"):
        done = site.wizard("apply", str(site.main), "--yes", "--no-reload", *site.ca)
        record = site.directory / "state" / done.stdout.strip() / "journal.json"
        record.write_text(record.read_text().replace('"applied"', '"written"'))
        parent, before = pid(site), files(site)
        done = site.wizard("apply", "--finish", str(site.main))
        assert done.returncode == 3, done.stderr
        assert "would end at the reload that this change needs" in done.stderr
        assert (pid(site), files(site)) == (parent, before)
        done = site.wizard("apply", "--finish", str(site.main), "--no-reload")
        assert done.returncode == 0, done.stderr


# A fault that no look at the machine shows: httpd keeps a socket only for a host that is spelled as
# it was, and how it was spelled nobody tells.


def listen_by_name(site: Site) -> None:
    with site.hosts.open("a") as file:
        file.write("127.0.0.7 seven.test\n")
    add(site, f"Listen seven.test:{httpd.free_port()}")


def respell(site: Site) -> None:
    text = site.main.read_text()
    assert "Listen seven.test:" in text
    site.main.write_text(text.replace("Listen seven.test:", "Listen 127.0.0.7:"))


def ended(site: Site) -> None:
    """End the server that a test has started again."""
    parent = pid(site)
    os.kill(parent, signal.SIGTERM)
    until(lambda: not alive(parent))


def test_a_server_that_ends_is_started_again(site: Site) -> None:
    listen_by_name(site)
    with site.running("-D", "ONE"):
        parent = pid(site)
        respell(site)
        before = files(site)
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
        said = " ".join(done.stderr.split())
        assert (done.returncode, done.stdout) == (ENDED, ""), done.stderr
        assert "httpd ended at the reload:" in said
        assert "no listening sockets available" in said
        assert "was rolled back. httpd was started again as it was" in said, said[-1500:]
        assert files(site) == before
        assert not alive(parent)
        assert site.answer() == 500
        new = pid(site)
        words = Path(f"/proc/{new}/cmdline").read_bytes().split(b"\0")
        assert words[-3:] == [b"-D", b"ONE", b""]
        assert b"NSS_WRAPPER_HOSTS=" in Path(f"/proc/{new}/environ").read_bytes()
        assert os.getsid(new) != os.getsid(0)
        ended(site)


def test_a_server_that_ends_at_a_roll_back(site: Site) -> None:
    listen_by_name(site)
    with site.running():
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
        assert done.returncode == 0, done.stderr
        parent = pid(site)
        respell(site)
        before = files(site)
        done = site.wizard("rollback")
        said = " ".join(done.stderr.split())
        assert done.returncode == ENDED, done.stderr
        assert "The files are again as they were before the rollback" in said
        assert "httpd was started again as it was" in said
        assert files(site) == before
        assert not alive(parent)
        assert site.answer() == 200
        listed = site.wizard("rollback", "--list")
        assert " applied " in listed.stdout
        done = site.wizard("rollback")  # the socket is spelled as it is now
        assert done.returncode == 0, done.stderr
        assert site.answer() == 500
        ended(site)


def test_one_that_cannot_be_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with standing_at_address(tmp_path) as site:
        site.write(REQUIRE)
        not_started_again(site, monkeypatch, capfd)


def not_started_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The fault comes between the look and the reload, and stays."""
    from wizard.cli import main
    from wizard.httpd import survival

    monkeypatch.setenv("PROXY_WIZARD_STATE", str(site.directory / "state"))
    monkeypatch.setattr(survival, "faults", lambda *_, **__: ())
    monkeypatch.setattr(survival, "at_reload", lambda *_, **__: None)
    before = files(site)
    with socket.create_server((httpd.LISTEN, 0)) as taken, site.running():
        parent = pid(site)
        add(site, f"Listen {httpd.LISTEN}:{taken.getsockname()[1]}")
        before = files(site)
        code = main.main(["apply", str(site.main), "--yes", *site.ca])
        said = " ".join(capfd.readouterr().err.split())
        assert code == ENDED, said
        assert files(site) == before
        assert not alive(parent)
    assert "httpd could not be started again: (98)Address already in use" in said
    command = said.partition("Start it with: ")[2]
    assert command.startswith(f"{httpd.HTTPD} -d {site.directory} -f {site.main}")


def test_whom_a_child_still_serves_is_no_hindrance(site: Site) -> None:
    """A process of prefork that serves somebody outlives its parent: it is no second server."""
    text = site.main.read_text().replace("mpm_event", "mpm_prefork")
    for name in ("ThreadsPerChild 32", "MinSpareThreads 32", "MaxSpareThreads 64"):
        text = text.replace(f"{name}\n", "")
    site.main.write_text(text)
    listen_by_name(site)
    with site.running(), socket.create_connection((httpd.LISTEN, site.port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: app.test\r\n")
        respell(site)
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
        assert done.returncode == ENDED, done.stderr
        assert "httpd was started again as it was" in " ".join(done.stderr.split())
        assert site.answer() == 500
        ended(site)

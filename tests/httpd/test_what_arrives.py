"""What the rehearsal's client gets: where it is led, and which cookies; never what is in them."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import command, httpd, servers
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.model.rehearsal import Rehearsal, SentCookie
from wizard.model.scope import Scope
from wizard.wording import rehearsal as wording

SECRET = "s3cr3t-value"


class Answering:
    """A backend that redirects to its own address and sets cookies."""

    def __init__(self) -> None:
        self._server = servers.Server(self._answer)
        self.port = self._server.port
        self.stop = self._server.stop

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        head = servers.request(connection)
        if not head:
            return
        path = head.split(b" ")[1].decode()
        lines = [
            "HTTP/1.1 302 Found",
            f"Location: http://127.0.0.1:{self.port}{path}login",
            f"Set-Cookie: SID={SECRET}; Path=/inner; Domain=backend.internal; HttpOnly",
            f"Set-Cookie: {SECRET}",
            *(f"Set-Cookie: c{n}={SECRET}" for n in range(9)),
            "Content-Length: 0",
            "Connection: close",
        ]
        connection.sendall("\r\n".join((*lines, "", "")).encode())


@pytest.fixture
def backend() -> Iterator[Answering]:
    server = Answering()
    yield server
    server.stop()


def write(directory: Path, backend: Answering, more: str) -> Path:
    main = directory / "httpd.conf"
    port = httpd.free_port()
    main.write_text(
        httpd.main_config(directory, [f"127.0.0.1:{port}"])
        + f"<VirtualHost *:{port}>\nServerName app.test\n"
        + f"ProxyPass /app/ http://127.0.0.1:{backend.port}/inner/\n{more}\n</VirtualHost>\n"
    )
    return main


def played(main: Path, after: Path | None = None) -> Rehearsal:
    routes = config.load(str(main)).routes
    contents = {str(main): after.read_bytes()} if after is not None else None
    return rehearse(Scope(str(main)), routes, contents)[0]


def test_location_and_cookies_are_those_of_the_client_before_and_after(
    tmp_path: Path, backend: Answering
) -> None:
    main = write(tmp_path, backend, "")
    (tmp_path / "new").mkdir()
    lines = (
        f"ProxyPassReverse /app/ http://127.0.0.1:{backend.port}/inner/\n"
        "ProxyPassReverseCookiePath /inner /app\n"
        "ProxyPassReverseCookieDomain backend.internal app.test"
    )
    changed = tmp_path / "new" / "httpd.conf"
    changed.write_text(main.read_text().replace("</VirtualHost>", f"{lines}\n</VirtualHost>"))
    found = played(main, changed)
    assert found.after is not None
    sent = f"http://127.0.0.1:{backend.port}/inner/login"
    assert (found.before.status, found.before.location) == (302, sent)
    assert found.after.location == "http://app.test/app/login"
    assert found.before.cookies[0] == SentCookie("SID", "/inner", "backend.internal")
    assert found.after.cookies[0] == SentCookie("SID", "/app", "app.test")
    assert [one.name for one in found.after.cookies] == ["SID", *(f"c{n}" for n in range(9))]
    assert found.changes_answer
    assert SECRET not in repr(found)
    evil = replace(found.before, location="http://x/\x1b[31m" + "y" * 5000)
    hostile = replace(found, before=evil)
    for pieces in (
        list(wording.pieces(found)),
        list(wording.rows([found], {}, {}, lambda _: "")),
        list(wording.brief([found])),
        list(wording.pieces(hostile)),
    ):
        text = "\n".join(piece.text for piece in pieces)
        assert "SID Path=/app Domain=app.test, c0, c1, c2, c3, 5 more" in text
        assert "http://app.test/app/login" in text
        assert SECRET not in text
        assert "\x1b" not in text
        assert len(text) < 5000


def test_the_address_of_the_throw_away_httpd_is_shown_as_the_public_one(
    tmp_path: Path, backend: Answering
) -> None:
    reverse = f"ProxyPassReverse /app/ http://127.0.0.1:{backend.port}/inner/"
    main = write(tmp_path, backend, f"UseCanonicalPhysicalPort On\n{reverse}")
    found = played(main).before
    assert (found.status, found.location) == (302, "http://app.test/app/login")


def test_paths_that_are_named_are_asked_for_too(tmp_path: Path, backend: Answering) -> None:
    main = write(tmp_path, backend, "")
    words = [*command.WIZARD, "prove", str(main), "--current"]
    words += ["--path", "/app/", "--path", "/app/deep/"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60).stdout
    assert f"http://127.0.0.1:{backend.port}/inner/login" in done
    assert f"http://127.0.0.1:{backend.port}/inner/deep/login" in done
    assert SECRET not in done

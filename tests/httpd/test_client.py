"""What the client of the throw-away httpd writes."""

from __future__ import annotations

import socket
import threading

import pytest

from wizard.httpd import client


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", b"/"),
        ("/a b/", b"/a%20b/"),
        ("/a%20b?q=1&r=[x]", b"/a%20b?q=1&r=[x]"),
        ("/caf\xe9#1", b"/caf%C3%A9%231"),
        ("/\udce9", b"/%E9"),
        ("/x\r\nEvil: 1", b"/x%0D%0AEvil:%201"),
    ],
)
def test_a_path_stays_one_word(path: str, target: bytes) -> None:
    lines: list[bytes] = []

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            lines.extend(iter(stream.readline, b"\r\n"))
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        got = client.get(
            "127.0.0.1", port, host="a.test", path=path, tls=False, seconds=10, agent="test"
        )
        thread.join()
    assert (got.status, got.error) == (204, "")
    assert lines[0] == b"GET " + target + b" HTTP/1.1\r\n"
    assert len(lines) == 5

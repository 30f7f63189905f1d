"""A client that asks httpd, and what it says of the answer, as a browser would."""

from __future__ import annotations

import http.cookiejar
import re
import socket
import ssl
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from tests.support import httpd

_HOPS = 10
OWN = "www.example.com"


@dataclass(frozen=True)
class Answer:
    """Status, header fields and body."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: str

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.fields if key.lower() == name.lower()]


def ask(port: int, wanted: dict[str, Any], *, tls: bool) -> Answer:
    """Ask httpd on a port.

    Args:
        port: httpd's.
        wanted: ``method``, ``path``, ``host`` and ``headers`` of the request.
        tls: whether it speaks TLS there.
    """
    headers = {"Host": wanted.get("host", OWN), "Connection": "close", **wanted.get("headers", {})}
    lines = [f"{wanted.get('method', 'GET')} {wanted['path']} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    data = b""
    with socket.create_connection((httpd.LISTEN, port), timeout=15) as plain:
        stream: socket.socket = plain
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            stream = context.wrap_socket(plain, server_hostname=OWN)
        with stream:
            stream.sendall("\r\n".join((*lines, "", "")).encode("latin-1"))
            while part := stream.recv(65536):
                data += part
                if data.startswith(b"HTTP/1.1 101") and b"\r\n\r\n" in data:
                    break
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    fields = tuple((n, v.strip()) for n, _, v in (line.partition(":") for line in rest))
    return Answer(int(words[1]) if len(words) > 1 else 0, fields, body.decode("latin-1"))


class Judge:
    """Says which assertions of a case do not hold.

    Args:
        port: httpd's, of this case.
        tls: whether it speaks TLS there.
        values: what stands for ``@PORT@`` and the like.
    """

    def __init__(self, port: int, values: dict[str, str], *, tls: bool) -> None:
        self._port = port
        self._tls = tls
        self._values = values

    def failing(self, wanted: dict[str, Any], claims: list[dict[str, Any]]) -> list[str]:
        """The claims about a request's answer that do not hold, each with what is so."""
        answer = ask(self._port, wanted, tls=self._tls)
        found = [(claim, self._holds(claim, wanted, answer)) for claim in claims]
        shown = (answer.status, answer.fields, answer.body[:60])
        return [f"{claim}: {said or shown}" for claim, (holds, said) in found if not holds]

    def _holds(
        self, claim: dict[str, Any], wanted: dict[str, Any], answer: Answer
    ) -> tuple[bool, str]:
        if "status" in claim:
            statuses = claim["status"]
            return answer.status in (statuses if isinstance(statuses, list) else [statuses]), ""
        if "header" in claim:
            return self._header(claim, answer.all(claim["header"])), ""
        if "cookie" in claim:
            return self._reaches(answer, wanted["path"], claim["cookie"], claim["reaches"]), ""
        if "body_must_match" in claim:
            return re.search(self._pattern(claim["body_must_match"]), answer.body) is not None, ""
        assert claim == {"follow": "ends"}, claim
        hops = self._hops(wanted)
        return len(hops) < _HOPS, " ".join(hops)

    def _pattern(self, text: str) -> str:
        for name, value in self._values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def _header(self, claim: dict[str, Any], values: list[str]) -> bool:
        if "count" in claim and len(values) != claim["count"]:
            return False
        if "must_match" in claim and not (
            values and all(re.search(self._pattern(claim["must_match"]), v) for v in values)
        ):
            return False
        return "must_not_match" not in claim or not any(
            re.search(self._pattern(claim["must_not_match"]), v) for v in values
        )

    def _url(self, path: str) -> str:
        return f"{'https' if self._tls else 'http'}://{OWN}{path}"

    def _reaches(self, answer: Answer, path: str, name: str, there: str) -> bool:
        jar = _jar(answer, self._url(path))
        later = urllib.request.Request(self._url(there))
        jar.add_cookie_header(later)
        sent = later.get_header("Cookie") or ""
        return any(pair.strip().startswith(f"{name}=") for pair in sent.split(";"))

    def _hops(self, wanted: dict[str, Any]) -> list[str]:
        """The requests of a browser that follows redirects to this site, with cookies."""
        jar: http.cookiejar.CookieJar = http.cookiejar.CookieJar()
        url = self._url(wanted["path"])
        found: list[str] = []
        while len(found) < _HOPS:
            parts = urlsplit(url)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            request = urllib.request.Request(url)
            jar.add_cookie_header(request)
            cookie = request.get_header("Cookie")
            headers = {"Cookie": cookie} if cookie else {}
            asked = {"path": path, "headers": headers}
            answer = ask(self._port, asked, tls=parts.scheme == "https" and self._tls)
            found.append(f"{answer.status} {url}")
            jar.extract_cookies(cast("Any", _Response(answer)), request)
            target = next(iter(answer.all("Location")), "")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return found
            url = urljoin(url, target)
            own = urlsplit(url)
            if own.hostname != OWN or (own.scheme == "https") != self._tls:
                return found
        return found


class _Response:
    def __init__(self, answer: Answer) -> None:
        self._message = Message()
        for name, value in answer.fields:
            self._message[name] = value

    def info(self) -> Message:
        return self._message


def _jar(answer: Answer, url: str) -> http.cookiejar.CookieJar:
    jar = http.cookiejar.CookieJar()
    jar.extract_cookies(cast("Any", _Response(answer)), urllib.request.Request(url))
    return jar

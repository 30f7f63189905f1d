"""The applications behind the lab's backends: what they look at in a request and make of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Literal

Kind = Literal["page", "login", "https-only", "one-name"]
"""``page``: every request is answered alike; ``login``: the start page redirects to the login page,
at the address by which the application was asked; ``https-only``: sends a client to https unless
X-Forwarded-Proto says that it is there; ``one-name``: answers to its own name alone."""

_REASONS = {
    200: "OK", 301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "No HEAD",
}  # fmt: skip


@dataclass(frozen=True)
class Application:
    """What makes the answers.

    Args:
        kind: what it looks at.
        name: its public name, where it has to know one.
    """

    kind: Kind = "page"
    name: str = ""


PAGE: Final = Application()


@dataclass
class Seen:
    """What a backend saw of one connection; of the last request, if there were several."""

    sni: str | None = None
    version: str | None = None
    client_certificate: str | None = None
    method: str | None = None
    path: str | None = None
    host: str | None = None
    proto: str | None = None

    def read(self, head: bytes) -> bool:
        """Take what the head of a request says.

        Args:
            head: up to the empty line.

        Returns:
            Whether it begins like one.
        """
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            return False
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields.setdefault(name.lower(), value.strip())
        self.method, self.path, _ = words
        self.host = fields.get("host")
        self.proto = fields.get("x-forwarded-proto")
        return True


def answer(application: Application, seen: Seen, status: int) -> tuple[int, str]:
    """What an application answers.

    Args:
        application: the one that is asked.
        seen: the request.
        status: of its pages.

    Returns:
        The status, and the Location; empty: none.
    """
    host, path = seen.host or "", seen.path or "/"
    if application.kind == "login" and path == "/":
        return 302, f"{'http' if seen.version is None else 'https'}://{host}/login"
    if application.kind == "https-only" and seen.proto != "https":
        return 301, f"https://{application.name}{path}"
    if application.kind == "one-name" and host.partition(":")[0].lower() != application.name:
        return 400, ""
    return status, ""


def response(seen: Seen, status: int, location: str, *, keep: bool) -> bytes:
    """An HTTP/1.1 answer whose body says what was seen.

    Args:
        seen: the request.
        status: of the answer.
        location: where to go; empty: nowhere.
        keep: whether the connection stays.
    """
    body = json.dumps(asdict(seen)).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}\r\n"
        f"Server: lab\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        + (f"Location: {location}\r\n" if location else "")
        + f"{'Keep-Alive: timeout=5' if keep else 'Connection: close'}\r\n\r\n"
    )
    return head.encode("latin-1") + (b"" if seen.method == "HEAD" else body)

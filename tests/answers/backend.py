"""A backend that answers by rules; see `tests.answers.cases`."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any

from tests.support import servers


class RuleBackend(servers.Server):
    """Answers each request by the first rule that fits it.

    Args:
        rules: as in the file of cases.
        context: of TLS; None: it speaks none.
    """

    def __init__(self, rules: list[dict[str, Any]], context: ssl.SSLContext | None) -> None:
        self._rules = rules
        self._context = context
        self.seen: list[str] = []
        super().__init__(self._serve)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if self._context is None:
            self._answer(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as tls:
            self._answer(tls)

    def _answer(self, connection: socket.socket) -> None:
        while head := servers.request(connection).decode("latin-1"):
            first, *lines = head.split("\r\n")
            method, target, _ = first.split(" ")
            fields = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines) if v}
            self.seen.append(f"{method} {target}")
            connection.sendall(self._answer_to(method, target.partition("?")[0], fields))
            if fields.get("connection", "").lower() == "close":
                return

    def _answer_to(self, method: str, path: str, fields: dict[str, str]) -> bytes:
        nothing: dict[str, Any] = {"status": 404}
        rule = next((r for r in self._rules if _fits(r["when"], path, fields)), nothing)
        host = fields.get("host", "")
        values = {
            "host": host,
            "hostname": host.partition(":")[0],
            "proto": fields.get("x-forwarded-proto", "http"),
            "xfh": fields.get("x-forwarded-host", ""),
            "path": path,
            "B": str(self.port),
        }
        status = int(rule["status"])
        body = _filled(rule.get("body", ""), values).encode()
        head = [f"HTTP/1.1 {status} {'Switching' if status == 101 else 'Said'}"]
        head += [f"{name}: {_filled(value, values)}" for name, value in rule.get("headers", ())]
        if status != 101:
            head.append(f"Content-Length: {len(body)}")
        answer = "\r\n".join((*head, "", "")).encode("latin-1")
        return answer if method == "HEAD" else answer + body


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def _fits(when: dict[str, Any], path: str, fields: dict[str, str]) -> bool:
    wanted = [(path, when.get("path", ".*")), (fields.get("host", ""), when.get("host", ".*"))]
    for name, pattern in when.get("header", {}).items():
        value = fields.get(name.lower())
        if (pattern is None) != (value is None):
            return False
        if value is not None:
            wanted.append((value, pattern))
    return all(re.fullmatch(pattern, value) for value, pattern in wanted)

"""The cases, one JSON object a line (data/*.jsonl).

- ``id``; ``config``: a virtual host, with ``@PORT@`` httpd's port, ``@B@`` the backend's,
  ``@CERT@`` certificate and key of www.example.com, ``@CA@`` the authority of the backend's
  certificate, ``@ROOT@`` a directory with ``files``. ``front``: what httpd speaks to the client.
- ``backend.rules``: the first whose ``when`` fits answers (``path``, ``host`` and each ``header``
  are expressions for the whole value; a header that is ``null`` must be absent). ``tls``: it speaks
  TLS as backend.internal and www.example.com. Texts may hold ``{host}``, ``{hostname}``,
  ``{proto}``, ``{xfh}``, ``{path}`` and ``{B}``.
- ``request`` asks httpd. ``sign`` is what must hold after the repair and does not before; ``also``
  must hold after, ``and`` are further requests after it.
- ``slugs``: of the findings that are told about it, in order, before the repair; ``[]``: nothing is
  wrong, and nothing may be changed. Not given: at least one.
- ``possible``: it cannot be proved, so it is told as possible, and nothing may be changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """One case; `values` as in the file."""

    values: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.values["id"])

    @property
    def tls(self) -> bool:
        """Whether httpd speaks TLS to the client."""
        return self.values.get("front") == "https"

    @property
    def is_fault(self) -> bool:
        """Whether anything is wrong."""
        return self.values.get("slugs") != []

    @property
    def request(self) -> dict[str, Any]:
        """What the client asks."""
        return dict(self.values["request"])

    @property
    def upgrades(self) -> bool:
        """Whether it asks for an upgrade to WebSocket."""
        return "Upgrade" in self.request.get("headers", {})

    def fill(self, values: dict[str, str]) -> str:
        """The configuration with paths and ports."""
        text = str(self.values["config"])
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        return text


def cases() -> list[Case]:
    """Every case of every file."""
    return [
        Case(json.loads(line))
        for file in sorted(_DATA.glob("*.jsonl"))
        for line in file.read_text().splitlines()
        if line.strip()
    ]

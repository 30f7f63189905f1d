"""What log collectors put around a line: a JSON object, or a prefix."""

from __future__ import annotations

import json
import re
from typing import Final

# Docker's json-file driver, ``journalctl -o json``, and what most collectors send on.
_MESSAGES: Final = ("log", "MESSAGE", "message")
# An ErrorLogFormat that writes JSON itself has these beside the message, and they are needed.
_OWN: Final = frozenset(("pid", "tid", "process", "thread"))

_STAMP: Final = r"\d{4}-\d\d-\d\dT[\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?"
_PREFIXES: Final = (
    re.compile(r"[\w.-]{1,100} {0,60}\| "),  # docker compose logs
    re.compile(r"\[pod/[^\]\s]{1,300}\] "),  # kubectl logs --prefix
    re.compile(
        rf"<\d{{1,3}}>1 {_STAMP} (?:\S{{1,255}} ){{4}}(?:-|\[[^\]]{{0,500}}\]) "
    ),  # RFC 5424
    # journalctl, and syslog as RFC 3164 or rsyslog writes it
    re.compile(
        rf"(?:<\d{{1,3}}>)?(?:[A-Z][a-z]{{2}} [ \d]\d [\d:.]{{8,15}}|{_STAMP}) \S{{1,255}} "
        r"[\w./-]{1,64}(?:\[\d{1,9}\])?: "
    ),
    re.compile(rf"{_STAMP} (?:(?:stdout|stderr) [FP] )?"),  # kubectl logs --timestamps, CRI files
)


def unwrapped(text: str) -> str:
    """The message of a JSON object that a log collector made of a line, else the line.

    Args:
        text: one line.
    """
    if not text.startswith("{") or not any(f'"{name}"' in text for name in _MESSAGES):
        return text
    try:
        wrapped = json.loads(text)
    except (ValueError, RecursionError):  # cut off, or made to look like JSON
        return text
    if not _OWN.isdisjoint(wrapped):
        return text
    message = next((wrapped[name] for name in _MESSAGES if name in wrapped), text)
    return " ".join(message.rstrip().splitlines()) if isinstance(message, str) else text


def unprefixed(text: str) -> str:
    """A line without what programs that collect logs write in front of it.

    Args:
        text: one line; its blanks at the front count in the output of ``openssl s_client``.
    """
    for prefix in _PREFIXES:
        found = prefix.match(text)
        if found is not None:
            return text[found.end() :]
    return text

"""What stands around a line or breaks it: collectors' JSON and prefixes, a forum's typography."""

from __future__ import annotations

import html
import json
import re
from typing import Final

from wizard.logs.log_line import LogEntry

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
        r"(?P<program>[\w.-]{1,64})(?:/[\w./-]{1,64})?(?:\[\d{1,9}\])?: "
    ),
    re.compile(rf"{_STAMP} (?:(?:stdout|stderr) [FP] )?"),  # kubectl logs --timestamps, CRI files
)
# What these log in the journal of the whole machine is about connections of their own.
_OTHERS: Final = frozenset(
    (
        "avahi",
        "chronyd",
        "clamd",
        "containerd",
        "crond",
        "cupsd",
        "dhclient",
        "dockerd",
        "dovecot",
        "exim",
        "exim4",
        "fail2ban",
        "freshclam",
        "imapd",
        "kubelet",
        "mariadbd",
        "mysqld",
        "named",
        "NetworkManager",
        "nmbd",
        "ntpd",
        "opendkim",
        "postfix",
        "postgres",
        "proftpd",
        "rsyslogd",
        "saslauthd",
        "slapd",
        "smbd",
        "snapd",
        "spamd",
        "sshd",
        "sssd",
        "sudo",
        "unbound",
        "vsftpd",
    )
)
_TYPOGRAPHY: Final = str.maketrans("\u2018\u2019\u201c\u201d\u00a0", "''\"\" ")
_ENTITY: Final = re.compile(
    r"&(?:#\d{2,4}|#x[0-9A-Fa-f]{2,4}|quot|apos|lt|gt|amp|nbsp|[lr][sd]quo);"
)
# What stands in every whole message of a code: without it a mail or a forum has broken the line.
_WHOLE: Final = {
    "AH00898": " returned by ",
    "AH00957": " failed",
    "AH00961": " (",
    "AH01084": " (",
    "AH01097": " (",
    "AH01102": " server ",
    "AH01114": "backend: ",
    "AH01144": "(scheme",
    "AH02039": "): ",
    "AH02276": "): ",
    "AH02411": "hostname ",
    "AH02454": " failed",
}
_SHORTEST_CUT: Final = 55  # characters: mails and forums break no line before
_OWN_START: Final = re.compile(r"[\[{]|\((?:OS |EAI )?-?\d")
_QUOTED: Final = re.compile(r"[>|\s]{1,20}")


def retyped(text: str) -> str:
    """A line without a web page's typography: straight quotes, and characters for entities."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return text if text.isascii() else text.translate(_TYPOGRAPHY)


def is_cut(text: str, entry: LogEntry) -> bool:
    """Whether a line of httpd's log was broken before its message's end.

    Args:
        text: the line.
        entry: the same, taken apart.
    """
    mark = _WHOLE.get(entry.code or "")
    return mark is not None and mark not in entry.message and len(text) >= _SHORTEST_CUT


def continued(held: str, text: str) -> str:
    """A broken line with the next, which may be quoted in a mail.

    Args:
        held: the beginning.
        text: the next line.

    Returns:
        Both; empty when the next line is one of its own.
    """
    quoted = _QUOTED.match(text)
    rest = text[quoted.end() :] if quoted else text
    own = not rest or _OWN_START.match(rest) or "AH0" in rest
    return "" if own else f"{held} {rest}"


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

    Returns:
        The line; empty where another program than a web server's wrote it.
    """
    for prefix in _PREFIXES:
        found = prefix.match(text)
        if found is not None:
            program = found.groupdict().get("program") or ""
            other = program.partition("-")[0] in _OTHERS
            return "" if other else text[found.end() :]
    return text

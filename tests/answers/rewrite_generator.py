"""Random rules and redirects round a proxied route."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PATTERNS = ("^", "^/", "^/$", "^/a", "!^/a", "^/(.*)$", "^(.*)$", "/x$", "^/nothing", "^/A", ".")
_TARGETS = (
    *("https://%{HTTP_HOST}%{REQUEST_URI}", "https://www.example.org/$1", "/login", "/other/$1"),
    *("http://%{SERVER_NAME}/in", "https://%{HTTP_HOST}/$0", "-", "-"),
)
_FLAGS = (
    *("R", "R=301", "R=permanent", "R=303,L", "F", "G", "F,L", "L", "R=404", "R=302,NC", "NC,R"),
    *("E=seen:1", "PT", "R,L,QSA", "NE,R=307"),
)
_CONDITIONS = (
    *(
        "%{HTTPS} off",
        "%{HTTPS} on",
        "%{HTTPS} !=on",
        "%{SERVER_PORT} !^443$",
        "%{SERVER_PORT} 443",
    ),
    *("%{HTTP_HOST} ^www\\.", "%{HTTP_HOST} !^h[0-9]+\\.example\\.com$ [NC]", "%{REQUEST_URI} ^/a"),
    *("%{REQUEST_URI} !^/a", "%{REQUEST_METHOD} ^(GET|HEAD)$", "%{REMOTE_ADDR} ^127\\."),
    *("%{REMOTE_ADDR} =10.0.0.1", "%{HTTP_USER_AGENT} bot", "%{QUERY_STRING} ^$", "%{ENV:x} =1"),
    *("%{REQUEST_SCHEME} =http", '%{QUERY_STRING} =""', "%{HTTP:X-Forwarded-Proto} !https"),
)


def _rule(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        condition = chance.choice(_CONDITIONS)
        alternative = " [OR]" if chance.random() < 0.3 and not condition.endswith("]") else ""
        yield f"RewriteCond {condition}{alternative}"
    pattern, target = chance.choice(_PATTERNS), chance.choice(_TARGETS)
    yield f"RewriteRule {pattern} {target} [{chance.choice(_FLAGS)}]"


def _section(chance: random.Random) -> Iterator[str]:
    status = chance.choice(("", "", "permanent ", "303 ", "gone "))
    to = "" if status == "gone " else " http://elsewhere.example.org/to"
    path = chance.choice(("/", "/a", "/a/", "/z"))
    yield from (f"<Location {path}>", f"Redirect {status}{path}{to}", "</Location>")


def rules(chance: random.Random) -> str:
    """What may answer a request before it is proxied."""
    lines: list[str] = []
    if chance.random() < 0.9:
        lines.append("RewriteEngine On")
        for _ in range(chance.randint(1, 3)):
            lines += _rule(chance)
    if chance.random() < 0.25:
        lines += _section(chance)
    if chance.random() < 0.2:
        lines.append("Redirect /a http://elsewhere.example.org/to")
    return "".join(f"{line}\n" for line in lines)

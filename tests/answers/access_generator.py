"""Random access control: Require and its containers, Order and Deny, in sections of every kind."""

from __future__ import annotations

import random
from collections.abc import Iterator

MODULES = (
    *("authn_core", "authz_host", "authz_user", "authz_groupfile", "authn_file", "auth_basic"),
    *("auth_digest", "access_compat", "env"),
)
_LEAVES = (
    *("all granted", "all granted", "all denied", "all denied"),
    *("ip 127.0.0.0/8", "ip 10.0.0.0/8", "ip 127.0.0.1", "ip 127", "ip 192.168 127.0"),
    *("ip 127.0.0.0/255.0.0.0", "ip ::1", "local", "method GET HEAD", "method POST"),
    *("valid-user", "user alice bob", "group staff", "env LET_IN", "host example.org", "ssl"),
    "expr \"%{REQUEST_METHOD} == 'GET'\"",
)
_ALLOWED = (
    *("all", "127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "10", "127", "env=LET_IN", "example.org"),
)
_SECTIONS = (
    *("<Proxy *>", "<Proxy *>", "<Proxy http://127.0.0.1/*>", "<ProxyMatch .*>"),
    *("<Location />", "<Location />", "<Location />", "<LocationMatch ^/>", "<Location /z>"),
    "<Directory />",
)


def _requires(chance: random.Random, depth: int, *, negatable: bool) -> Iterator[str]:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        kind = chance.random()
        if depth < 3 and kind < 0.3:
            names = ["RequireAll", "RequireAny", *(["RequireNone"] if negatable else [])]
            name = chance.choice(names)
            yield f"<{name}>"
            if name == "RequireAll" or chance.random() < 0.2:
                yield "Require all granted"  # a container of negative lines alone is refused
            inner = name == "RequireAll"
            yield from _requires(chance, depth + 1, negatable=inner)
            yield f"</{name}>"
        else:
            negated = "not " if negatable and chance.random() < 0.3 else ""
            yield f"Require {negated}{chance.choice(_LEAVES)}"


def _compat(chance: random.Random) -> Iterator[str]:
    if chance.random() < 0.8:
        yield f"Order {chance.choice(('allow,deny', 'deny,allow', 'mutual-failure'))}"
    for key in ("Allow", "Deny"):
        if chance.random() < 0.7:
            count = chance.choice((1, 1, 2))
            yield f"{key} from {' '.join(chance.sample(_ALLOWED, count))}"
    if chance.random() < 0.4:
        yield f"Satisfy {chance.choice(('any', 'all'))}"


def _login(chance: random.Random) -> Iterator[str]:
    kind = chance.choice(("Basic", "Basic", "Basic", "None", "Digest"))
    yield f"AuthType {kind}"
    if chance.random() < 0.9:
        yield 'AuthName "who"'


def _section(chance: random.Random) -> Iterator[str]:
    opening = chance.choice(_SECTIONS)
    yield opening
    if chance.random() < 0.3:
        yield f"AuthMerging {chance.choice(('Off', 'And', 'Or'))}"
    if chance.random() < 0.35:
        yield from _login(chance)
    body = list(_requires(chance, 0, negatable=False)) if chance.random() < 0.75 else []
    if chance.random() < 0.3:
        body += _compat(chance)
    if body and chance.random() < 0.2:
        limit = chance.choice(("<Limit GET>", "<Limit POST>", "<LimitExcept POST>"))
        yield from (limit, *body, f"</{limit[1:].partition(' ')[0]}>")
    else:
        yield from body
    yield f"</{opening[1:].partition(' ')[0]}>"


def sections(chance: random.Random, most: int) -> str:
    """Some sections with access control."""
    lines = [line for _ in range(chance.randint(1, most)) for line in _section(chance)]
    return "".join(f"{line}\n" for line in lines)

"""What a long value costs grows with its length, whatever it is made of and wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.yardstick import bounded
from wizard.config.preprocess.includes import matches
from wizard.engine.engine import Engine
from wizard.errors import ConfigError, UsageError
from wizard.logs import explain
from wizard.masking import lines as masking
from wizard.model.scope import Scope
from wizard.text import escaped, printable

LENGTH = 100_000
"""Characters of a value. What grows with the square took 8 seconds at that."""
SECONDS = 2.0
"""Of processor time: ten times what reading and checking it takes."""
PIECES = ("${", "%{", "${a", "%{a:", "[", "(", '\\"', "$1", "%1", "://", "..", "a/", "*", "{1 ,")
PLACES = (
    "ProxyPass /a https://b.internal/@",
    "ProxyPass /a https://@",
    "ProxyPass /a https://b@/ interpolate",
    "ProxyPass /@ https://b.internal/",
    "ProxyPass / https://b.internal/ @",
    "ProxyPassMatch ^/@(.*)$ https://b.internal/$1",
    "ProxyPassMatch ^/(.*)$ https://b@/$1",
    "RewriteEngine on\nRewriteRule ^/@ https://b.internal/ [P]",
    "RewriteEngine on\nRewriteRule ^/(.*)$ https://@.internal/ [P]",
    "RewriteEngine on\nRewriteRule ^/(.*)$ @ [P]",
    "RewriteEngine on\nRewriteRule ^/(.*)$ https://b.internal/$1 [P,@]",
    "RewriteEngine on\nRewriteCond @ ^a\nRewriteRule ^ https://b.internal/ [P]",
    "<Location /@>\nProxyPass https://b.internal/\n</Location>",
    '<If "@">\nSetHandler proxy:https://b.internal/\n</If>',
    "<Proxy https://@>\nProxySet timeout=3\n</Proxy>\nProxyPass / https://b.internal/",
    'RequestHeader set X "@"\nProxyPass / https://b.internal/',
    'RequestHeader set Host "@"\nProxyPass / https://b.internal/',
    "ProxyPass / https://b.internal/\nProxyPassReverseCookieDomain a @",
    "ServerAlias @\nProxyPass / https://b.internal/",
    "Define x @\nProxyPass / https://b.internal/${x}",
    "IncludeOptional /usr/*@*/x\nProxyPass / https://b.internal/",
    "@\nProxyPass / https://b.internal/",
)
HEAD = f"ServerRoot /tmp\nListen 1\n{httpd.load_modules()}"


def value(piece: str) -> str:
    return piece * (LENGTH // len(piece))


@pytest.mark.parametrize("piece", PIECES)
def test_a_configuration(tmp_path: Path, piece: str) -> None:
    file = tmp_path / "main.conf"
    for place in PLACES:
        inside = place.replace("@", value(piece))
        text = f"<VirtualHost *:80>\nServerName a.test\nSSLProxyEngine on\n{inside}\n</VirtualHost>"
        file.write_text(HEAD + text)
        with bounded(SECONDS):
            try:
                Engine(Scope(str(file), probe=False)).check()
            except (ConfigError, UsageError) as error:
                printable(str(error))
        with bounded(SECONDS):
            masking.configuration(text.split("\n"))


@pytest.mark.parametrize("piece", [*PIECES, "\x1b[", "\x1b[31m", "AH02276: ", "password=", "://a:"])
def test_a_text(piece: str) -> None:
    text = value(piece)
    with bounded(SECONDS):
        printable(text, LENGTH)
        escaped(text, LENGTH)
        explain([text])
        explain(text.split("a"))


def test_a_pattern_of_file_names() -> None:
    with bounded(SECONDS):
        matches("*" + "[" * LENGTH, "site.conf")

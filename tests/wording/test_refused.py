"""The first line about a configuration with which httpd does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.engine.engine import Engine
from wizard.model.config import Problem
from wizard.model.scope import Scope
from wizard.wording import refused


def problems(tmp_path: Path, lines: str) -> tuple[Problem, ...]:
    """Of a virtual host with some lines, as the engine finds them."""
    file = tmp_path / "app.conf"
    proxied = f"{lines}\nProxyPass / https://127.0.0.1:1/"
    file.write_text(f"<VirtualHost *:80>\nServerName a.test\n{proxied}\n</VirtualHost>\n")
    engine = Engine(Scope(path=str(file), probe=False))
    return engine.check().configuration.problems


@pytest.mark.parametrize(
    ("lines", "said", "advice"),
    [
        (
            "SSLProxyEnginee on",
            "app.conf:3: Invalid command 'SSLProxyEnginee'",
            "Probably SSLProxyEngine is meant.",
        ),
        (
            "<Location /a>\nSSLProxyEngine on\n</Location>\nSSLProxyEnginee on\nProxyPass",
            "app.conf:4: SSLProxyEngine not allowed in <Location> context",
            "It may stand in: server config, virtual host, proxy section. After that, 2 more lines "
            "would keep it from starting.",
        ),
        (
            "ProxyPass",
            "app.conf:3: ProxyPass|ProxyPassMatch needs a path when not defined in a location",
            "Write ProxyPass PATH URL here, or put the line into <Location PATH>.",
        ),
    ],
)  # fmt: skip
def test_what_httpd_refuses_first(tmp_path: Path, lines: str, said: str, advice: str) -> None:
    found = problems(tmp_path, lines)
    told = f"httpd does not start with this configuration: {tmp_path}/{said}"
    assert refused.headline(found) == told
    assert refused.headline(found, short=True) == told.replace(f"{tmp_path}/", "")
    assert refused.advice(found) == advice


def test_what_passes_the_test_and_ends_httpd_at_its_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n")
    strict = f"SSLProxyEngine on\nSSLProxyCACertificateFile {tmp_path}/ca.pem"
    line = refused.headline(problems(tmp_path, strict))
    assert line is not None
    assert line.startswith(
        "httpd does not start with this configuration, although httpd -t passes: "
        f"{tmp_path}/app.conf:4: Unable to configure verify locations"
    )


def test_one_with_which_httpd_starts(tmp_path: Path) -> None:
    found = problems(tmp_path, "SSLProxyEngine on")
    assert refused.headline(found) is None
    assert refused.advice(found) == ""
    unknown = Problem("/etc/a.conf", 1, "Invalid command 'X', perhaps misspelled or defined by a …")
    told = (
        "httpd does not start with this configuration: /etc/a.conf:1: Invalid command 'X', perhaps"
    )
    assert (refused.headline((unknown,)) or "").startswith(told)  # nothing better is known
    warned = Problem("/etc/a.conf", 1, "Useless use of AllowOverride", "warning")
    assert refused.headline((warned,)) is None


def test_what_is_refused_cannot_control_the_terminal() -> None:
    hostile = Problem("/etc/\x1b[2Ja.conf", 1, "Invalid command '\x1b]0;x\x07'")
    line = refused.headline((hostile,))
    assert line is not None
    assert line.isprintable()

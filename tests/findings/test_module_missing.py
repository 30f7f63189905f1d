"""An "Invalid command" of a module that is not loaded: the module is loaded by one command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, FILE, MODULES, fails
from wizard.findings import diagnose
from wizard.model.config import HttpdInfo, Problem

UNKNOWN = Problem(
    FILE, 7, "Invalid command 'SSLProxyEngine'", "config", "AH00526", "module-missing",
    "SSLProxyEngine on", "SSLProxyEngine belongs to mod_ssl, which is not loaded.",
    modules=("ssl_module",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("/usr/sbin/apache2", "a2enmod ssl && apache2ctl configtest && systemctl restart apache2"),
        ("/usr/sbin/httpd", "LoadModule ssl_module modules/mod_ssl.so"),
        (None, "LoadModule ssl_module modules/mod_ssl.so"),
    ],
)
def test_the_module_is_loaded_by_a_command(program: str | None, command: str) -> None:
    case = replace(CASE, httpd=HttpdInfo(None, program, MODULES[:1]), problems=(UNKNOWN,))
    finding = diagnose(case, fails("config"))[0]
    assert finding.slug == "module-missing"
    assert finding.remedies[0].command == command
    assert "mod_ssl" in finding.remedies[0].text

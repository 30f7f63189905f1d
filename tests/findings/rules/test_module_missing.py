"""An "Invalid command" of a module that is not loaded: the module is loaded by one command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, DEBIAN, FILE, MODULES, fails
from wizard.findings import diagnose, shell
from wizard.model.config import Problem
from wizard.model.httpd_info import HttpdInfo
from wizard.model.service import Service

RHEL = Service(
    "httpd -t",
    restart="httpd -t && systemctl restart httpd",
    packages=(("ssl_module", "dnf install mod_ssl"), ("md_module", "dnf install mod_md")),
    loads="/etc/httpd/conf.modules.d/00-proxy.conf",
)
UNKNOWN = Problem(
    FILE, 7, "Invalid command 'SSLProxyEngine'", "config", "AH00526", "module-missing",
    "SSLProxyEngine on", "SSLProxyEngine belongs to mod_ssl, which is not loaded.",
    modules=("ssl_module",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("service", "command"),
    [
        (DEBIAN, "a2enmod ssl && apache2ctl configtest && systemctl restart apache2"),
        (RHEL, "dnf install mod_ssl && httpd -t && systemctl restart httpd"),
        (replace(RHEL, packages=()), "LoadModule ssl_module modules/mod_ssl.so"),
        (Service(), "LoadModule ssl_module modules/mod_ssl.so"),
    ],
)
def test_the_module_is_loaded_by_a_command(service: Service, command: str) -> None:
    httpd = HttpdInfo(None, None, MODULES[:1], service=service)
    case = replace(CASE, httpd=httpd, problems=(UNKNOWN,))
    finding = diagnose(case, fails("config"))[0]
    assert finding.slug == "module-missing"
    assert finding.remedies[0].command == command
    assert "mod_ssl" in finding.remedies[0].text
    assert finding.why == "httpd does not start or reload without the module."


def test_modules_one_at_a_time_where_the_tool_takes_one() -> None:
    suse = replace(DEBIAN, enables_one=True, restart="systemctl restart apache2")
    httpd = HttpdInfo(modules=(), service=suse)
    (loaded,) = shell.load_modules(httpd, ("proxy_module", "ssl_module"))
    assert loaded.command == "a2enmod proxy && a2enmod ssl && systemctl restart apache2"


def test_one_of_them_has_to_be_installed_first() -> None:
    httpd = HttpdInfo(modules=(), service=RHEL)
    installed, loaded, after = shell.load_modules(httpd, ("proxy_http_module", "ssl_module"))
    assert installed.command == "dnf install mod_ssl"
    assert loaded.text.startswith("Load it in /etc/httpd/conf.modules.d/00-proxy.conf, ")
    assert loaded.then
    assert after.then
    assert after.command == "httpd -t && systemctl restart httpd"
    assert loaded.command == (
        "LoadModule proxy_http_module modules/mod_proxy_http.so\n"
        "LoadModule ssl_module modules/mod_ssl.so"
    )

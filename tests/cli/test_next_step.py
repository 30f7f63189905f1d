"""The command that ``check`` ends with is run as it is printed, and httpd serves the route then."""

from __future__ import annotations

import shlex

import pytest

from tests.support import command
from tests.support.site import REQUIRE, Site

STRICT = "SSLProxyCACertificateFile {0}/private/root.pem"


def next_words(report: str) -> list[str]:
    """The words of the last command of a report."""
    row = next(row for row in report.splitlines() if row.startswith("next: "))
    return shlex.split(row.removeprefix("next: ").partition("   (")[0])[1:]


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (REQUIRE, ["--ca", "FILE"]),
        (f"SSLProxyVerify require\n{STRICT}", []),  # SSLProxyEngine is missing
        (f"{REQUIRE}\n{STRICT}\nSSLProxyVerifyDepth 0", []),
        (f"{REQUIRE}\nSSLProxyCheckPeerName off\n{STRICT}", []),
    ],
)
def test_the_next_command_repairs_the_route(site: Site, body: str, options: list[str]) -> None:
    site.write(body.format(site.directory))
    words = next_words(site.check().stdout)
    assert words == ["fix", str(site.main), *options]
    done = site.wizard(*[site.ca[1] if word == "FILE" else word for word in words])
    assert done.returncode == 0, done.stderr
    command.patch(done.stdout.encode())
    assert site.status() == 200


def test_what_only_the_backends_side_can_repair_is_checked_again(site: Site) -> None:
    site.write(f"{REQUIRE}\n{STRICT.format(site.directory)}")
    site.backend.stop()
    report = site.check().stdout
    assert next_words(report) == ["check", str(site.main)]
    assert "(once the backend's owner has done this)" in report

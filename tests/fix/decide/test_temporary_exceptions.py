"""The comment of a temporary exception: written, read back, and matched with settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.cli.samples import ROUTE
from wizard.fix.decide import temporary_exceptions
from wizard.model.config import Configuration, Route, Setting, Source, SourceFile, VerifyMode
from wizard.model.httpd_info import HttpdInfo

DAY = date(2026, 12, 31)
FILE = "/etc/apache2/site.conf"
LINE = "# proxy-wizard: temporary exception until 2026-12-31 (ca-not-trusted): SSLProxyVerify none"


def test_what_is_written_is_read_back() -> None:
    settings = ("SSLProxyVerify none", "SSLProxyCheckPeerName off")
    written = temporary_exceptions.comment(DAY, "ca-not-trusted", settings)
    place = Source(FILE, 7)
    found = temporary_exceptions.parse(f"    {written}\r\n".encode(), place)
    assert found is not None
    assert (found.until, found.slug, found.settings, found.source) == (
        DAY,
        "ca-not-trusted",
        settings,
        place,
    )


@pytest.mark.parametrize(
    "line",
    [
        b"# proxy-wizard: temporary exception until soon (x): SSLProxyVerify none",
        b"# proxy-wizard: temporary exception until 2026-02-30 (x): SSLProxyVerify none",
        b"# proxy-wizard: temporary exception until 2026-12-31 (x)",
        b"SSLProxyVerify none # proxy-wizard: temporary exception until 2026-12-31 (x): y",
        b"# proxy-wizard: temporary exception until 2026-12-31 (x): " + b"y" * 5000,
        b"\xff",
    ],
)
def test_other_comments_are_none(line: bytes) -> None:
    assert temporary_exceptions.parse(line, Source(FILE, 1)) is None


def annotated(text: str, *routes: Route) -> list[Route]:
    file = SourceFile(FILE, FILE, text.encode())
    configuration = Configuration(
        FILE, "/etc/apache2", "debian", HttpdInfo(), (), routes, files={FILE: file}
    )
    return list(temporary_exceptions.annotated(configuration).routes)


def verify_at(line: int, file: str = FILE) -> Route:
    setting: Setting[VerifyMode] = Setting("none", Source(file, line))
    return replace(ROUTE, tls=replace(ROUTE.tls, verify=setting))


def test_it_covers_the_lines_below_and_no_others() -> None:
    text = f"one\n{LINE}\nSSLProxyVerify none\n"
    below, above, far, elsewhere = annotated(
        text, verify_at(3), verify_at(1), verify_at(30), verify_at(3, "/etc/other.conf")
    )
    assert [e.until for e in below.exceptions] == [DAY]
    assert not above.exceptions
    assert not far.exceptions
    assert not elsewhere.exceptions


def test_it_covers_the_settings_that_it_names() -> None:
    other = replace(ROUTE, tls=replace(ROUTE.tls, engine=Setting(True, Source(FILE, 3))))
    other = replace(other, tls=replace(other.tls, verify=Setting("require")))
    assert annotated(f"one\n{LINE}\nSSLProxyEngine on\n", other)[0].exceptions == ()


def test_without_a_comment_nothing_is_copied() -> None:
    route = verify_at(1)
    assert annotated("SSLProxyVerify none\n", route)[0] is route

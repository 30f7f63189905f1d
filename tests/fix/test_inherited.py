"""With settings of its own, a virtual host uses the main server's ProxyPass as another route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import httpd
from tests.support.site import Backend, Site
from wizard.demo.pki import issue


def test_the_route_behind_it_is_not_called_repaired(site: Site) -> None:
    """httpd asks the main server's ProxyPass first: that of the virtual host never counts."""
    above = f"ProxyPass / https://good.test:{site.backend.port}/main/\nSSLProxyEngine on\n"
    text = site.main.read_text()
    site.main.write_text(
        text.replace("Include site.conf", f"{above}SSLProxyVerify require\nInclude site.conf")
    )
    site.write("")
    done = site.fix("--ca", str(site.directory / "private/root.pem"))
    assert done.returncode == 0, done.stderr
    assert "repairs: main.test /: ca-not-configured" in done.stderr
    assert "repairs: app.test /" not in done.stderr
    assert "left: app.test /: route-shadowed" in done.stderr


@pytest.fixture
def two(site: Site) -> Iterator[Site]:
    """The main server's /a works with its CA file; app.test's /b is signed by another authority.

    That authority lies in ``other-root.pem``.
    """
    root = issue("Other Root", ca=True)
    (site.directory / "other-root.pem").write_bytes(root.pem)
    other = Backend(issue("other.test", root, dns=["other.test"]), root)
    proxy(site, f"https://other.test:{other.port}/", f"SSLProxyCACertificateFile {site.ca[1]}")
    try:
        yield site
    finally:
        other.stop()


def proxy(site: Site, backend: str, above: str = "") -> None:
    """The main server's /a leads to the site's backend, app.test's /b to the one given."""
    main = (
        f"SSLProxyEngine on\nSSLProxyVerify require\n{above}\n"
        f"ProxyPass /a https://good.test:{site.backend.port}/\n"
    )
    text = site.main.read_text()
    site.main.write_text(text.replace("Include site.conf", f"{main}Include site.conf"))
    site.vhost.write_text(
        f"<VirtualHost *:{site.port}>\n    ServerName app.test\n"
        f"    ProxyPass /b {backend}\n</VirtualHost>\n"
    )


def answers(site: Site) -> tuple[int | None, ...]:
    """What app.test answers: for the main server's /a, and for its own /b."""
    with site.running():
        return tuple(httpd.get(site.port, "app.test", path).status for path in ("/a", "/b"))


@pytest.mark.parametrize("scope", [(), ("--vhost", "app.test")])
def test_the_main_servers_route_still_works_by_the_name_of_the_repaired_host(
    two: Site, scope: tuple[str, ...]
) -> None:
    """A CA file of the virtual host would replace that of the main server for its /a as well."""
    assert answers(two) == (200, 500)
    options = ("--yes", "--no-reload", "--ca", str(two.directory / "other-root.pem"))
    done = two.wizard("apply", str(two.main), *options, *scope)
    assert done.returncode == 0, done.stderr
    assert answers(two) == (200, 200)


def test_virtual_hosts_alike_are_all_repaired(two: Site) -> None:
    """The main server's routes are listed once for virtual hosts with the same settings."""
    own = f"ServerName app.test\n    SSLProxyCACertificateFile {two.ca[1]}"
    text = two.vhost.read_text().replace("ServerName app.test", own)
    two.vhost.write_text(text.replace("app.test", "one.test") + text)
    options = ("--yes", "--no-reload", "-v", "--ca", str(two.directory / "other-root.pem"))
    done = two.wizard("apply", str(two.main), *options)
    assert done.returncode == 0, done.stderr
    assert "repairs: one.test /b: ca-not-trusted" in done.stderr
    assert answers(two) == (200, 200)


def test_an_httpd_that_has_no_place_for_the_ca_file_gets_none(two: Site) -> None:
    """Up to 2.4.29 it cannot stand in a section: nothing is written, not even the file alone."""
    authority = str(two.directory / "other-root.pem")
    done = two.fix("--httpd-version", "2.4.29", "--ca", authority)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "left: app.test /b: ca-not-trusted" in done.stderr
    assert "new file" not in done.stderr


def test_one_authority_for_both_needs_no_section(site: Site) -> None:
    proxy(site, f"https://good.test:{site.backend.port}/")
    done = site.wizard("apply", "--yes", "--no-reload", str(site.main), *site.ca)
    assert done.returncode == 0, done.stderr
    assert "<Proxy" not in site.vhost.read_text()
    assert answers(site) == (200, 200)

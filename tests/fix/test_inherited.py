"""With settings of its own, a virtual host uses the main server's ProxyPass as another route."""

from __future__ import annotations

from tests.support.site import Site


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

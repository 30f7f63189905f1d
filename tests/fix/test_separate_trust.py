"""What a plan makes httpd trust for one backend it does not make it trust for another.

Two backends have private CAs of their own. After the repair each shows a certificate for its own
name that the other's CA signed: a real httpd must refuse it, whatever stands around the route.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Backend, Site
from wizard import config
from wizard.demo.pki import Issued, issue
from wizard.x509 import trust_material

APPLY = ("--yes", "--no-reload")


@dataclass
class Two:
    """The site, whose backend is good.test, and a second backend, other.test."""

    site: Site
    ours: Backend
    theirs: Backend
    their_root: Issued

    @property
    def urls(self) -> tuple[str, str]:
        return f"https://good.test:{self.ours.port}", f"https://other.test:{self.theirs.port}"

    @property
    def their_ca(self) -> str:
        return str(self.site.directory / "private/other-root.pem")

    @property
    def cas(self) -> tuple[str, ...]:
        return (*self.site.ca, "--ca", self.their_ca)

    def write(self, body: str, main: str = "") -> None:
        """Virtual hosts, ``{a}`` and ``{b}`` for the backends, ``{ca}`` for good.test's CA."""
        values = dict(zip("ab", self.urls, strict=True), ca=self.site.ca[1])
        self.site.vhost.write_text(self._filled(body, values))
        text = self.site.main.read_text()
        self.site.main.write_text(
            text.replace("Include site.conf", self._filled(main, values) + "\nInclude site.conf")
        )

    def _filled(self, text: str, values: dict[str, str]) -> str:
        for key, value in {**values, "port": str(self.site.port)}.items():
            text = text.replace(f"{{{key}}}", value)
        return text

    def repair(self, *options: str) -> str:
        """What ``apply`` says."""
        done = self.site.wizard("apply", str(self.site.main), *APPLY, *options)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stderr.split())

    def statuses(self, *asks: tuple[str, str]) -> list[int]:
        with self.site.running():
            return [httpd.get(self.site.port, host, path).status for host, path in asks]

    def posed(self, *asks: tuple[str, str]) -> list[int]:
        """The same with certificates for the right names, each signed by the other's CA."""
        self.ours.pose(self.their_root)
        self.theirs.pose(self.site.root)
        found = self.statuses(*asks)
        log = httpd.text_of(self.site.directory / "error.log")
        assert log.count("AH02276") == sum(status == 500 for status in found), log[-3000:]
        return found

    def trusted(self) -> dict[str, set[str]]:
        """Subjects of what each route trusts, by virtual host and path."""
        routes = config.load(str(self.site.main)).routes
        return {r.id.label: {c.subject for c in trust_material.read(r.tls).anchors} for r in routes}


@pytest.fixture
def two(site: Site) -> Iterator[Two]:
    root = issue("Other Root", ca=True)
    theirs = Backend(issue("other.test", root, dns=["other.test"]), root)
    found = Two(site, site.backend, theirs, root)
    (site.directory / "private/other-root.pem").write_bytes(root.pem)
    try:
        yield found
    finally:
        theirs.stop()


ONE_HOST = (("app.test", "/a"), ("app.test", "/b"))
BODY = "<VirtualHost *:{port}>\nServerName app.test\n{head}\nProxyPass /a {a}/\nProxyPass /b {b}/\n"
STRICT = REQUIRE.replace("    ", "")


def host(head: str, rest: str = "") -> str:
    return BODY.replace("{head}", head) + f"{rest}\n</VirtualHost>\n"


@pytest.mark.parametrize(
    "body",
    [
        host(STRICT),
        host(""),
        host(f"{STRICT}\nSSLProxyCACertificateFile {{ca}}"),
        host(STRICT, "<Proxy *>\nSSLProxyVerifyDepth 1\n</Proxy>"),
        host(STRICT, "<Proxy https://>\nSSLProxyVerifyDepth 1\n</Proxy>"),
        host(STRICT, '<Proxy "{b}/">\nProxySet retry=0\n</Proxy>'),
        f"<VirtualHost *:{{port}}>\nServerName app.test\n{STRICT}\n"
        "<Proxy balancer://one>\nBalancerMember {a}\n</Proxy>\n"
        "<Proxy balancer://one2>\nBalancerMember {b}\n</Proxy>\n"
        "ProxyPass /a balancer://one/\nProxyPass /b balancer://one2/\n</VirtualHost>\n",
        f"<VirtualHost *:{{port}}>\nServerName app.test\n{STRICT}\nRewriteEngine on\n"
        "RewriteRule ^/a(.*) {a}$1 [P]\nProxyPassMatch ^/b(.*)$ {b}$1\n</VirtualHost>\n",
        f"<VirtualHost *:{{port}}>\nServerName app.test\n{STRICT}\n"
        "<Location /a>\nProxyPass {a}\n</Location>\n<Location /b>\nProxyPass {b}/\n</Location>\n"
        "</VirtualHost>\n",
    ],
    ids=["vhost", "bare", "pins", "everything", "all-https", "worker", "balancers", "patterns",
         "locations"],
)  # fmt: skip
def test_an_impostor_with_the_other_backends_ca_is_refused(two: Two, body: str) -> None:
    two.write(body)
    told = two.repair(*two.cas)
    assert two.statuses(*ONE_HOST) == [200, 200], told
    assert two.posed(*ONE_HOST) == [500, 500], two.site.vhost.read_text()


def test_a_working_neighbour_keeps_its_ca_alone(two: Two) -> None:
    two.write(host(f"{STRICT}\nSSLProxyCACertificateFile {{ca}}"))
    assert two.statuses(*ONE_HOST) == [200, 500]
    told = two.repair("--verbose", "--ca", two.their_ca)
    assert "counts for app.test /b" in told
    assert two.trusted()["app.test /a"] == {"CN=Example Root"}
    assert two.statuses(*ONE_HOST) == [200, 200]
    assert two.posed(("app.test", "/a")) == [500]


def test_a_target_that_only_a_request_completes_keeps_its_ca_alone(two: Two) -> None:
    """Whether it is ``http://`` or ``https://`` only mod_rewrite knows."""
    two.write(
        f"<VirtualHost *:{{port}}>\nServerName app.test\n{STRICT}\nRewriteEngine on\n"
        f"SSLProxyCACertificateFile {{ca}}\nRewriteMap low int:tolower\n"
        "RewriteRule ^/a ${low:{a}/} [P]\nProxyPass /b {b}/\n</VirtualHost>\n"
    )
    assert two.statuses(*ONE_HOST) == [200, 500]
    two.repair("--ca", two.their_ca)
    assert two.statuses(*ONE_HOST) == [200, 200]
    assert two.posed(*ONE_HOST) == [500, 500], two.site.vhost.read_text()


HOSTS = (
    "<VirtualHost *:{port}>\nServerName one.test\n{one}\nProxyPass /a {a}/\n</VirtualHost>\n"
    "<VirtualHost *:{port}>\nServerName two.test\nProxyPass /b {b}/\n</VirtualHost>\n"
)
BOTH_HOSTS = (("one.test", "/a"), ("two.test", "/b"))


@pytest.mark.parametrize(
    ("main", "one"),
    [
        (f"{STRICT}\nSSLProxyCACertificateFile {{ca}}", ""),
        (STRICT, "SSLProxyCACertificateFile {ca}"),
        (f"{STRICT}\n<Proxy *>\n{STRICT}\nSSLProxyCACertificateFile {{ca}}\n</Proxy>", ""),
        (f"<Proxy https://>\n{STRICT}\nSSLProxyCACertificateFile {{ca}}\n</Proxy>", ""),
    ],
    ids=["inherited", "own", "section", "prefix"],
)
def test_a_route_of_another_virtual_host_keeps_its_ca_alone(two: Two, main: str, one: str) -> None:
    two.write(HOSTS.replace("{one}", one), main)
    assert two.statuses(*BOTH_HOSTS) == [200, 500]
    two.repair("--ca", two.their_ca)
    assert two.trusted()["one.test /a"] == {"CN=Example Root"}
    assert two.statuses(*BOTH_HOSTS) == [200, 200]
    assert two.posed(("one.test", "/a")) == [500]


@pytest.mark.parametrize(
    "body",
    [
        "<Macro Site $name $path $url>\n<VirtualHost *:{port}>\nServerName $name\n"
        f"{STRICT}\nProxyPass $path $url/\n</VirtualHost>\n</Macro>\n"
        "Use Site one.test /a {a}\nUse Site two.test /b {b}\n",
        HOSTS.replace("{one}", "Include shared.inc").replace("two.test", "two.test\n{shared}"),
    ],
    ids=["macro", "include"],
)
def test_lines_that_several_virtual_hosts_read(two: Two, body: str) -> None:
    (two.site.directory / "shared.inc").write_text(f"{STRICT}\n")
    two.write(body.replace("{shared}", "Include shared.inc"))
    assert two.statuses(*BOTH_HOSTS) == [500, 500]
    told = two.repair(*two.cas)
    assert two.statuses(*BOTH_HOSTS) == [200, 200], told
    assert two.posed(*BOTH_HOSTS) == [500, 500]


def test_the_main_servers_route_does_not_widen_those_that_inherit(two: Two) -> None:
    inherited = f"{STRICT}\nSSLProxyCACertificateFile {{ca}}\nProxyPass /b {{b}}/"
    body = "<VirtualHost *:{port}>\nServerName one.test\nProxyPass /a {a}/\n</VirtualHost>\n"
    two.write(body, inherited)
    asks = (("one.test", "/a"), ("one.test", "/b"))
    assert two.statuses(*asks) == [200, 500]
    two.repair("--ca", two.their_ca)
    assert two.statuses(*asks) == [200, 200]
    assert two.trusted()["one.test /a"] == {"CN=Example Root"}
    assert two.posed(*asks) == [500, 500]


def test_what_a_route_pins_stays_and_the_one_ca_is_added(two: Two) -> None:
    third = two.site.directory / "private/third.pem"
    third.write_bytes(issue("Third Root", ca=True).pem)
    own = f'<Proxy "{{b}}/">\n{STRICT}\nSSLProxyCACertificateFile {third}\n</Proxy>'
    two.write(host(f"{STRICT}\nSSLProxyCACertificateFile {{ca}}", own))
    assert two.statuses(*ONE_HOST) == [200, 500]
    two.repair("--ca", two.their_ca)
    assert two.trusted() == {
        "app.test /a": {"CN=Example Root"},
        "app.test /b": {"CN=Third Root", "CN=Other Root"},
    }
    assert two.statuses(*ONE_HOST) == [200, 200]


def test_routes_with_the_same_ca_share_one_file(two: Two) -> None:
    body = host(STRICT).replace("{b}", "{a}") + host(STRICT).replace("app.", "two.")
    two.write(body)
    two.repair(*two.cas)
    policies = {r.id.label: r.tls for r in config.load(str(two.site.main)).routes}
    files = {label: policy.ca_certificate_file.value for label, policy in policies.items()}
    assert files["app.test /a"] == files["app.test /b"] == files["two.test /a"]
    assert files["two.test /b"] not in (None, files["two.test /a"])


def test_where_httpd_has_no_sections_for_it_nothing_is_widened(two: Two) -> None:
    """Up to 2.4.29 no section holds a CA file."""
    two.write(host(f"{STRICT}\nSSLProxyCACertificateFile {{ca}}"))
    done = two.site.fix("--httpd-version", "2.4.29", "--ca", two.their_ca)
    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.split())
    assert "httpd 2.4.29 refuses SSLProxyCACertificateFile in a <Proxy> section" in told
    assert "other routes of this virtual host need it otherwise" in told


@pytest.mark.parametrize("head", [STRICT, f"{STRICT}\nSSLProxyCACertificateFile {{ca}}"])
def test_members_of_a_balancer_get_no_ca_for_each_other(two: Two, head: str) -> None:
    """httpd has one set of settings for all of them."""
    two.write(
        f"<VirtualHost *:{{port}}>\nServerName app.test\n{head}\n<Proxy balancer://c>\n"
        "BalancerMember {a}\nBalancerMember {b}\n</Proxy>\nProxyPass / balancer://c/\n"
        "</VirtualHost>\n"
    )
    done = two.site.fix(*(two.cas if head == STRICT else ("--ca", two.their_ca)))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    told = " ".join(done.stderr.split())
    assert "need different CAs" in told or "would change SSLProxyCACertificateFile" in told


def test_members_of_a_balancer_with_one_ca_are_repaired(two: Two) -> None:
    again = Backend(issue("other.test", two.site.root, dns=["other.test"]), two.site.root)
    try:
        two.write(
            f"<VirtualHost *:{{port}}>\nServerName app.test\n{STRICT}\n<Proxy balancer://c>\n"
            f"BalancerMember {{a}}\nBalancerMember https://other.test:{again.port}\n</Proxy>\n"
            "ProxyPass / balancer://c/\n</VirtualHost>\n"
        )
        two.repair(*two.site.ca)
        assert two.statuses(("app.test", "/"), ("app.test", "/")) == [200, 200]
    finally:
        again.stop()


def test_a_file_with_the_same_name_is_told_apart_by_its_contents(two: Two) -> None:
    """An earlier plan's bundle of that name holds another CA: it is neither taken nor changed."""
    place = two.site.directory / "proxy-trust"
    place.mkdir()
    earlier = place / "proxy-trust-good.test.pem"
    earlier.write_bytes(two.their_root.pem)
    two.write(host(STRICT))
    two.repair(*two.cas)
    assert earlier.read_bytes() == two.their_root.pem
    assert two.trusted()["app.test /a"] == {"CN=Example Root"}


def test_the_report_says_for_which_routes_a_ca_counts(two: Two) -> None:
    two.write(host(STRICT))
    done = two.site.fix(*two.cas)
    told = " ".join(done.stderr.split())
    assert "the CA that signed the chain of good.test; counts for app.test /a" in told
    assert "the CA that signed the chain of other.test; counts for app.test /b" in told
    assert json.loads(two.site.wizard("check", str(two.site.main), "--format", "json").stdout)


def test_what_goes_through_no_proxy_section_gets_none(two: Two) -> None:
    """A handler comes after ``<Proxy>``: what stands there would count for nobody."""
    two.write(
        "<VirtualHost *:{port}>\nServerName www.test\nSSLProxyEngine on\nSSLProxyVerify require\n"
        "ProxyPass /a {a}/\n<Location /b>\nSetHandler proxy:{b}/\n</Location>\n</VirtualHost>\n"
    )
    done = two.site.wizard("fix", str(two.site.main), *two.cas)
    assert "No <Proxy> section counts for SetHandler at" in " ".join(done.stderr.split())
    added = [line for line in done.stdout.splitlines() if line.startswith("+")]
    assert any("<Proxy" in line for line in added)  # of the other route
    assert not any("other.test" in line for line in added)

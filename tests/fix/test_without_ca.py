"""What is repaired while nobody says which CA to trust, and what becomes of it in a real httpd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import guarded
from tests.support.site import Site, standing
from wizard.demo import pki
from wizard.exit_codes import ExitCode

TLS = "SSLProxyEngine on\n"
EXCEPTION = (
    f"{TLS}    # proxy-wizard: temporary exception until 2099-01-01 (name-mismatch): "
    "SSLProxyCheckPeerName off\n    SSLProxyCheckPeerName off\n"
)


@pytest.fixture(scope="module")
def good() -> Iterator[Site]:
    with guarded.tree() as directory, standing(directory) as site:
        yield site


@pytest.fixture
def unfit(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A backend whose certificate fails one check, by the check's name."""
    root = pki.issue("Example Root", ca=True)
    name, days = {"Name": ("x.test", (-1, 9)), "Expire": ("good.test", (-9, -1))}[request.param]
    leaf = pki.issue(name, root, dns=[name], days=days)
    with guarded.tree() as directory, standing(directory, leaf, root) as site:
        yield site


def changed(patch: str) -> list[str]:
    """The changed lines of a patch, without blanks."""
    lines = [
        line for line in patch.splitlines() if line[:1] in "+-" and line[1:3] not in ("++", "--")
    ]
    return [f"{line[0]}{line[1:].strip()}" for line in lines]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("SSLProxyVerify none", ["+SSLProxyEngine on"]),
        ("SSLProxyVerify require", ["+SSLProxyEngine on"]),
        (
            f"{TLS}    SSLProxyCheckPeerName off\n    SSLProxyCheckPeerExpire off",
            [
                "-SSLProxyCheckPeerName off",
                "-SSLProxyCheckPeerExpire off",
                "+SSLProxyCheckPeerName on",
                "+SSLProxyCheckPeerExpire on",
            ],
        ),
        (
            f"{TLS}    SSLProxyVerify require\n    SSLProxyCheckPeerCN off",
            ["-SSLProxyCheckPeerCN off", "+SSLProxyCheckPeerCN on"],
        ),
        (
            f"{TLS}    ProxyPreserveHost On",
            ["-ProxyPreserveHost On", "+ProxyPreserveHost Off"],
        ),
        (f"{TLS}    SSLProxyVerify none", []),
        (f"{TLS}    SSLProxyVerify require", []),
        (EXCEPTION, []),
    ],
)
def test_what_needs_no_ca_is_repaired_and_the_ca_stays_a_question(
    good: Site, body: str, lines: list[str]
) -> None:
    good.write(body)
    done = good.fix()
    assert changed(done.stdout) == lines, done.stderr
    assert done.returncode == ExitCode.UNKNOWN
    assert "the CA to trust is not known" in done.stderr
    told = " ".join(done.stderr.split())
    reasons = {line[1:] for line in lines if line.startswith("+")}
    assert all(f"+ {one.split()[0]}" in told or f", {one.split()[0]}" in told for one in reasons)


@pytest.mark.parametrize("unfit", ["Name", "Expire"], indirect=True)
def test_a_check_that_the_certificate_fails_stays_off(unfit: Site) -> None:
    unfit.write(f"{TLS}    SSLProxyCheckPeerName off\n    SSLProxyCheckPeerExpire off")
    lines = changed(unfit.fix().stdout)
    covers = b"x.test" not in unfit.backend.leaf.der
    passes = f"SSLProxyCheckPeer{'Name' if covers else 'Expire'}"
    assert lines == [f"-{passes} off", f"+{passes} on"]


@pytest.mark.parametrize("unfit", ["Name"], indirect=True)
def test_a_known_ca_counts_though_the_name_is_none_of_the_certificates(unfit: Site) -> None:
    """The route works, for no name is compared: who signed the certificate counts by itself."""
    unfit.write(f"{TLS}    SSLProxyCheckPeerName off")
    done = unfit.fix(*unfit.ca)
    assert done.returncode == ExitCode.OK
    unfit.patch(done.stdout)
    assert unfit.status() == 200
    unfit.backend.impostor = True
    assert unfit.status() == 500
    assert "SSLProxyCheckPeerName off" in unfit.vhost.read_text()


def test_what_is_repaired_counts_in_httpd_and_is_repaired_once(good: Site) -> None:
    good.write(f"{TLS}    SSLProxyCheckPeerName off")
    patch = good.fix().stdout
    assert [good.status(), of_another_name(good)] == [200, 200]
    good.patch(patch)
    assert [good.status(), of_another_name(good)] == [200, 500]
    assert good.fix().stdout == ""


def of_another_name(site: Site) -> int:
    """What a client gets while a server with a certificate for another name is in the place."""
    other, shown = pki.issue("other.test", site.root, dns=["other.test"]), site.directory / "x.pem"
    shown.write_bytes(other.key_pem + other.pem)
    site.backend.show(shown, shown)
    status = site.status()
    own = site.directory / "backend.pem"
    site.backend.show(own, own)
    return status

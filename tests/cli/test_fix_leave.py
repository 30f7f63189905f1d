"""``fix --leave``: only what repairs that finding is left; the rest is repaired, and told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, TEMPORARY, Site, standing
from wizard.cli.options import plan_options
from wizard.demo import pki
from wizard.findings.table import TABLE
from wizard.model.diagnosis import Finding
from wizard.model.plan import FixPlan, Unresolved
from wizard.model.remark import as_told
from wizard.model.route_id import RouteId

ROOT = pki.issue("Example Root", ca=True)
MIDDLE = pki.issue("Middle Authority", ROOT, ca=True)
UNSENT = ("--leave", "missing-intermediate")
SELF = ("--leave", "self-signed-certificate")
PRESERVE = ("--leave", "preserve-host-changes-name")


@contextmanager
def site(directory: Path, leaf: pki.Issued, *sent: pki.Issued) -> Iterator[Site]:
    (directory / "both.pem").write_bytes(ROOT.pem + MIDDLE.pem)
    (directory / "wrong.pem").write_bytes(pki.issue("Another", ca=True).pem)
    with standing(directory, leaf, ROOT, sent) as made:
        yield made


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Site]:
    """Its backend does not send the intermediate; nothing says that the root is above that."""
    with site(tmp_path, pki.issue("good.test", MIDDLE, dns=["good.test"])) as made:
        yield made


def changes(patch: str) -> list[str]:
    """The directives that a diff writes."""
    return [line[1:].strip() for line in patch.splitlines() if re.match(r"\+ +\w", line)]


def certificates(patch: str) -> int:
    return patch.count("BEGIN CERTIFICATE")


def test_the_root_is_written_and_the_intermediate_is_not(forgetful: Site) -> None:
    both = ("--ca", str(forgetful.directory / "both.pem"))
    forgetful.write(
        f"{REQUIRE}\n    SSLProxyCACertificateFile {forgetful.directory}/wrong.pem\n"
        "    SSLProxyCheckPeerName off"
    )
    done = forgetful.fix(*both, *UNSENT)
    assert done.returncode == 0, done.stderr
    assert certificates(done.stdout) == 2  # the one that the route pins stays
    assert "SSLProxyCheckPeerName on" in changes(done.stdout)
    assert "repairs: app.test /: name-check-off\n" in done.stderr
    assert "repairs: app.test /: ca-not-trusted" not in done.stderr  # it still fails for it
    assert "the backend does not send CN=Middle Authority." in " ".join(done.stderr.split())
    assert certificates(forgetful.fix(*both).stdout) == 3  # without --leave

    forgetful.patch(done.stdout)
    assert forgetful.status() == 500
    again = forgetful.fix(*both, *UNSENT)
    assert (again.returncode, again.stdout) == (2, "")
    forgetful.backend.sent = (MIDDLE,)  # the backend's side does its part
    chain = forgetful.directory / "chain.pem"
    chain.write_bytes(forgetful.backend.leaf.pem + MIDDLE.pem)
    key = forgetful.directory / "leaf.key"
    key.write_bytes(forgetful.backend.leaf.key_pem)
    forgetful.backend.show(chain, key)
    assert forgetful.status() == 200
    assert forgetful.fix().returncode == 1


def test_a_route_that_works_unverified_goes_on_working(forgetful: Site) -> None:
    forgetful.write("SSLProxyEngine on\n    SSLProxyVerify none\n    SSLProxyCheckPeerName off")
    done = forgetful.fix("--ca", str(forgetful.directory / "both.pem"), *UNSENT)
    assert done.returncode == 0, done.stderr
    assert changes(done.stdout) == ["SSLProxyCheckPeerName on"]
    assert "left: app.test /: verification-off\n" in done.stderr
    assert "left: app.test /: missing-intermediate\n" in done.stderr  # verifying would show it
    forgetful.patch(done.stdout)
    assert forgetful.status() == 200


@pytest.mark.parametrize("verify", ["require", "none"])
def test_a_self_signed_certificate_is_not_trusted_and_its_name_is_checked(
    tmp_path: Path, verify: str
) -> None:
    with site(tmp_path, pki.issue("good.test", dns=["good.test"])) as made:
        made.write(f"SSLProxyEngine on\n    SSLProxyVerify {verify}\n    SSLProxyCheckPeerName off")
        done = made.fix(*SELF)
    assert done.returncode == 0, done.stderr
    assert changes(done.stdout) == ["SSLProxyCheckPeerName on"]
    assert "left: app.test /: self-signed-certificate\n" in done.stderr


@pytest.mark.parametrize("engine", ["on", "off"])
def test_preserve_host_stays_and_the_chain_is_verified(tmp_path: Path, engine: str) -> None:
    with site(tmp_path, pki.issue("good.test", ROOT, dns=["good.test"]), ROOT) as made:
        made.write(f"SSLProxyEngine {engine}\n    ProxyPreserveHost On")
        done = made.fix("--ca", str(tmp_path / "private" / "root.pem"), *PRESERVE)
    assert done.returncode == 0, done.stderr
    assert "SSLProxyVerify require" in changes(done.stdout)
    assert not any("ProxyPreserveHost" in line for line in changes(done.stdout))
    assert "left: app.test /: preserve-host-changes-name\n" in done.stderr
    assert "DNS:app.test,DNS:good.test" in done.stderr


def test_a_name_check_that_is_off_waits_for_the_names(tmp_path: Path) -> None:
    with site(tmp_path, pki.issue("good.test", ROOT, dns=["good.test"]), ROOT) as made:
        made.write("SSLProxyEngine on\n    ProxyPreserveHost On\n    SSLProxyCheckPeerName off")
        done = made.fix("--ca", str(tmp_path / "private" / "root.pem"), *PRESERVE)
        assert "left: app.test /: name-check-off\n" in done.stderr
        assert "SSLProxyVerify require" in changes(done.stdout)
        made.patch(done.stdout)
        assert made.status() == 200


def test_no_exception_is_made_for_what_is_left(forgetful: Site) -> None:
    forgetful.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
    both = ("--ca", str(forgetful.directory / "both.pem"))
    assert "SSLProxyVerify none" in changes(forgetful.fix(*TEMPORARY).stdout)
    done = forgetful.fix(*TEMPORARY, *both, *UNSENT)
    assert (done.returncode, done.stdout) == (2, "")


def test_that_it_was_left_is_not_called_impossible(forgetful: Site) -> None:
    forgetful.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
    done = forgetful.fix("--ca", str(forgetful.directory / "both.pem"), *UNSENT)
    assert (done.returncode, done.stdout) == (2, "")
    assert "left to the backend's side, as asked for with --leave" in done.stderr
    assert "no patch can repair this" not in done.stderr


@pytest.mark.parametrize("command", ["fix", "prove"])
def test_what_is_not_there_to_be_left_is_told(forgetful: Site, command: str) -> None:
    forgetful.write(REQUIRE)
    both = ("--ca", str(forgetful.directory / "both.pem"))
    plain = forgetful.wizard(command, str(forgetful.main), *both)
    done = forgetful.wizard(command, str(forgetful.main), *both, "--leave", "alpn-missing")
    warning = (
        "proxy-wizard: warning: --leave alpn-missing has no effect: there is nothing of that "
        "name to repair here.\n"
    )
    assert done.stderr.count(warning) == 1
    assert done.returncode == plain.returncode
    assert "warning:" not in plain.stderr


def test_apply_writes_the_rest_although_the_route_still_waits(forgetful: Site) -> None:
    forgetful.write(f"{REQUIRE}\n    SSLProxyCheckPeerName off")
    both = ("--ca", str(forgetful.directory / "both.pem"))
    done = forgetful.wizard("apply", str(forgetful.main), *both, *UNSENT, "--yes", "--no-reload")
    assert done.returncode == 2, done.stderr  # what still fails counts, and is told last
    assert "SSLProxyCheckPeerName on" in forgetful.vhost.read_text()


def plan(slug: str, *, handed_over: bool) -> FixPlan:
    entry = TABLE[slug]
    finding = Finding(slug, entry.severity, entry.title, (), "")
    route = RouteId(1, "a", "/", "ProxyPass")
    left = Unresolved(route, finding, as_told(""), handed_over=handed_over)
    return FixPlan("production", unresolved=(left,))


def test_an_intermediate_is_left_under_either_name() -> None:
    leave = ("missing-intermediate",)
    assert plan_options.useless(plan("ca-not-trusted", handed_over=True), leave) == []
    assert plan_options.useless(plan("ca-not-trusted", handed_over=False), leave) == list(leave)

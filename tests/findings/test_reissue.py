"""The openssl commands for the other side, run as they are printed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.findings.cases import LEAF, NOW, ROUTE, VHOST, preserved
from wizard.findings import reissue


def run(command: str, directory: Path) -> str:
    done = subprocess.run(
        ["sh", "-ec", command], cwd=directory, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A root, an old authority below it, and an authority's key pair, as the commands name them."""
    for name, days in (("root", 10), ("ca", 5)):
        run(
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {days} "
            f"-keyout {name}.key -out {name}.pem -subj '/CN=Corp {name}'",
            tmp_path,
        )
    return tmp_path


def test_a_certificate_is_issued_with_every_name_and_for_servers(authority: Path) -> None:
    leaf = replace(LEAF, dns_names=("old.internal", "*.shop.internal"))
    route = preserved().route
    commands = reissue.commands("certificate", route, leaf, "CN=Corp ca")
    run("\n".join(commands), authority)
    stem = "app.example.com"
    shown = run(
        f"openssl x509 -in {stem}.pem -noout -ext subjectAltName,extendedKeyUsage,keyUsage "
        "&& openssl verify -CAfile ca.pem -purpose sslserver "
        f"-verify_hostname {stem} {stem}.pem",
        authority,
    )
    for name in (
        *("app.example.com", "backend.internal", "www.example.com"),
        *("old.internal", "*.shop.internal"),
    ):
        assert f"DNS:{name}" in shown
    assert "TLS Web Server Authentication" in shown
    assert f"{stem}.pem: OK" in shown


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("authority", "CA:TRUE"), ("path length", "CA:TRUE, pathlen:2")],
)
def test_an_authority_is_renewed_with_its_own_key(
    kind: reissue.Kind, expected: str, authority: Path
) -> None:
    commands = reissue.commands(kind, ROUTE, LEAF, "CN=Corp ca;\n$(touch pwned)")
    before = run("openssl x509 -in ca.pem -noout -pubkey", authority)
    run("\n".join(commands), authority)
    assert run("openssl x509 -in new-ca.pem -noout -pubkey", authority) == before
    shown = run("openssl x509 -in new-ca.pem -noout -ext basicConstraints,keyUsage", authority)
    assert expected in shown
    assert "Certificate Sign" in shown
    assert "ca.pem: OK" in run("openssl verify -CAfile root.pem new-ca.pem", authority)
    assert not (authority / "pwned").exists()


def test_names_that_are_none_stay_out_of_the_request(tmp_path: Path) -> None:
    evil = "x,DNS:evil.example"
    leaf = replace(LEAF, dns_names=(evil, "good.internal", "192.0.2.1", "a b"))
    names = reissue.needed_names(replace(ROUTE, vhost=replace(VHOST, aliases=(evil,))), leaf)
    assert names == ("backend.internal", "good.internal")


def test_a_certificate_with_thousands_of_names_gives_a_bounded_command() -> None:
    leaf = replace(LEAF, dns_names=tuple(f"h{n}.internal" for n in range(10_000)))
    assert len(reissue.needed_names(ROUTE, leaf)) == reissue.MOST_NAMES + 1


def test_commands_are_only_for_what_the_other_side_can_repair() -> None:
    assert reissue.commands("", ROUTE, LEAF, "x") == ()
    assert reissue.usable_names(replace(LEAF, not_after=NOW)) == ("backend.internal",)

"""A CA file that trusts more than the backend's own authority: told, and an impostor shows it."""

from __future__ import annotations

from pathlib import Path

from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki

ROOT = pki.issue("Backend Root", ca=True, organisation="Example")
OTHER = pki.issue("Other Root", ca=True, organisation="Another Company")
RENEWED = pki.issue("Backend Root", ca=True, organisation="Example")
MIDDLE = pki.issue("Middle", OTHER, ca=True)
EXPIRED = pki.issue("Expired Root", ca=True, days=(-20, -10))
BODY = f"{REQUIRE}\n    SSLProxyCACertificateFile trusted.pem"


def trusting(site: Site, *authorities: pki.Issued) -> None:
    (site.directory / "trusted.pem").write_bytes(b"".join(one.pem for one in authorities))


def show(site: Site, leaf: pki.Issued) -> None:
    certificate, key = (site.directory / name for name in ("shown.pem", "shown.key"))
    certificate.write_bytes(leaf.pem)
    key.write_bytes(leaf.key_pem)
    site.backend.show(certificate, key)


def test_who_is_trusted_besides_is_told_and_is_let_in(tmp_path: Path) -> None:
    with standing(tmp_path, pki.issue("good.test", ROOT, dns=["good.test"]), ROOT) as site:
        site.write(BODY)
        trusting(site, ROOT, OTHER, MIDDLE, EXPIRED)
        told = site.wizard("check", str(site.main), "-v")
        assert told.returncode == 0, told.stdout
        words = " ".join(told.stdout.split())
        assert "ca-file-trusts-more" in words
        assert "1 other CA" in words
        assert "trusted besides: CN=Other Root,O=Another Company" in words
        assert "bear the same name" not in words
        assert site.status() == 200
        show(site, pki.issue("good.test", OTHER, dns=["good.test"]))
        assert site.status() == 200  # the impostor
        trusting(site, ROOT, MIDDLE, EXPIRED)
        assert site.status() == 500
        show(site, site.backend.leaf)
        assert site.status() == 200
        assert "ca-file-trusts-more" not in site.wizard("check", str(site.main), "-v").stdout


def test_a_renewed_root_is_told_as_one(tmp_path: Path) -> None:
    with standing(tmp_path, pki.issue("good.test", ROOT, dns=["good.test"]), ROOT) as site:
        site.write(BODY)
        trusting(site, ROOT, RENEWED)
        words = " ".join(site.wizard("check", str(site.main), "-v").stdout.split())
        assert "They bear the same name, as while a CA is renewed" in words


def test_a_bundle_is_counted_and_not_listed(tmp_path: Path) -> None:
    with standing(tmp_path, pki.issue("good.test", ROOT, dns=["good.test"]), ROOT) as site:
        site.write(BODY)
        trusting(site, ROOT, *(pki.issue(f"Public {n}", ca=True) for n in range(40)))
        words = " ".join(site.wizard("check", str(site.main), "-v").stdout.split())
        assert "40 other CAs" in words
        assert words.count("trusted besides: CN=") == 5
        assert "trusted besides: 35 more" in words

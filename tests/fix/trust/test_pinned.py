"""A route that trusts one CA goes on trusting one: never the whole system store, never unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.fix.trust.test_select import LEAF, ONE, ROOT, STRANGER, given, names, report
from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki
from wizard.engine.engine import Engine
from wizard.fix.trust import select
from wizard.fix.trust.stores import Places
from wizard.model.certificate import TrustFile, TrustMaterial
from wizard.model.config import Setting, TlsPolicy
from wizard.model.plan import FixChoice, OfferKind, RouteTrust
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

PUBLIC = [pki.issue(f"Public {number}", ca=True) for number in range(5)]


def system(directory: Path, *more: pki.Issued) -> Places:
    """A trust store with some public CAs, an addition of the administrator's, and more."""
    added = pki.issue("Added", ca=True)
    (directory / "local").mkdir()
    (directory / "local" / "added.crt").write_bytes(added.pem)
    bundle = directory / "bundle.crt"
    bundle.write_bytes(b"".join(one.pem for one in (*PUBLIC, added, *more)))
    return Places((str(directory / "local"),), (str(bundle),), ())


def find(
    directory: Path,
    places: Places,
    pinned: str | None,
    *held: pki.Issued,
    ca: str | None = None,
    offers: bool = True,
) -> RouteTrust:
    """What is found for a route that names a CA file which holds these."""
    whole = report(directory, (LEAF, ONE))
    case = whole.diagnoses[0].case
    file = TrustFile(pinned, "ok", certificates=tuple(parse_der(one.der) for one in held))
    policy = TlsPolicy(ca_certificate_file=Setting(pinned))
    case = replace(case, trust=TrustMaterial(file), route=replace(case.route, tls=policy))
    whole = replace(whole, diagnoses=(replace(whole.diagnoses[0], case=case),))
    choice = FixChoice(ca_files=(ca,) if ca else (), offers=offers)
    (found,) = select.find(whole, choice, places=places).routes.values()
    return found


def kinds(found: RouteTrust) -> list[OfferKind]:
    return [offer.kind for offer in found.offers]


@pytest.mark.parametrize("offers", [True, False])
def test_where_none_was_pinned_one_public_ca_is_taken(roots: Path, offers: bool) -> None:
    found = find(roots, system(roots, ROOT), None, offers=offers)
    assert names(found) == ["CN=Example Root"]
    assert found.offers == ()


@pytest.mark.parametrize("held", [(STRANGER,), (STRANGER, PUBLIC[0]), ()])
def test_a_public_ca_in_place_of_an_internal_one_is_asked_about(
    roots: Path, held: tuple[pki.Issued, ...]
) -> None:
    """Also where the file that is named holds nothing, so that nobody knows what it was to hold."""
    places = system(roots, ROOT)
    found = find(roots, places, "/etc/corp.pem", *held)
    assert kinds(found) == [OfferKind.PUBLIC_CA]
    assert names(found) == ["CN=Example Root"]
    pinned = "CN=Stranger" if held else "/etc/corp.pem"
    assert f"This route trusts {pinned} so far" in sentence(found.offers[0].remark)
    unasked = find(roots, places, "/etc/corp.pem", *held, offers=False)
    assert unasked.choice is None
    assert unasked.error is not None
    assert f"but this route trusts {pinned}: give --ca {roots}/bundle.crt" in sentence(
        unasked.error
    )


def test_no_question_where_public_cas_were_meant_before(roots: Path) -> None:
    places = system(roots, ROOT)
    assert find(roots, places, "/etc/one.pem", PUBLIC[0], offers=False).offers == ()
    assert names(find(roots, places, places.bundles[0], offers=False)) == ["CN=Example Root"]


def test_what_the_administrator_added_to_the_store_is_no_public_ca(roots: Path) -> None:
    places = system(roots, ROOT)
    (roots / "local" / "corp.crt").write_bytes(ROOT.pem)
    found = find(roots, places, "/etc/corp.pem", STRANGER, offers=False)
    assert (names(found), found.offers) == (["CN=Example Root"], ())


def test_a_file_that_is_named_needs_no_question_but_a_note(roots: Path) -> None:
    places = system(roots, ROOT)
    for file in (places.bundles[0], given(roots, ROOT.pem)):
        found = find(roots, places, "/etc/corp.pem", STRANGER, ca=file, offers=False)
        assert (names(found), found.offers) == (["CN=Example Root"], ())
        assert "'CN=Example Root' is a public CA" in sentence(found.notes[-1])


def test_the_root_of_a_named_intermediate_is_found_and_so_asked_about(roots: Path) -> None:
    places = system(roots, ROOT)
    named = given(roots, ONE.pem)
    found = find(roots, places, "/etc/corp.pem", STRANGER, ca=named)
    assert kinds(found) == [OfferKind.PUBLIC_CA]
    assert find(roots, places, "/etc/corp.pem", STRANGER, ca=named, offers=False).choice is None


@pytest.fixture
def site(roots: Path) -> Iterator[Site]:
    with standing(roots) as made:
        yield made


def test_a_plan_names_no_store_and_adds_one_certificate(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.directory / "corp.pem").write_bytes(STRANGER.pem)
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile corp.pem")
    places = system(site.directory, site.root)
    monkeypatch.setattr(select, "find", partial(select.find, places=places))
    engine = Engine(Scope(str(site.main)), resolver=FixedResolver({"good.test": ("127.0.0.1",)}))
    made = engine.repair(FixChoice()).plan
    assert [offer.kind for offer in made.offers] == [OfferKind.PUBLIC_CA]
    (file,) = made.new_files
    assert file.data.count(b"BEGIN CERTIFICATE") == 2
    assert all(one.pem in file.data for one in (STRANGER, site.root))
    assert b"bundle.crt" not in b"".join(line for e in made.edits for line in e.new_lines)
    without = engine.repair(FixChoice(offers=False)).plan
    assert (without.is_empty, without.unresolved[0].needs_choice) == (True, True)


@pytest.mark.parametrize(
    "line",
    [
        "SSLProxyCACertificateFil corp.pem",
        "SSLProxyCACertificatPath corp",
        "<Location />\nSSLProxyCACertificateFile corp.pem\n</Location>",
        "<Proxy *>\nSSLProxyCACertificateFil corp.pem\n</Proxy>",
        "Include more.inc",
    ],
)
def test_a_ca_in_a_line_that_httpd_refuses_was_pinned(
    site: Site, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Who took the backend's address, and has a certificate of a public CA, counts on the typo."""
    (site.directory / "corp.pem").write_bytes(STRANGER.pem)
    (site.directory / "more.inc").write_text("SSLProxyCACertificateFil corp.pem\n")
    places = system(site.directory, site.root)
    monkeypatch.setattr(select, "find", partial(select.find, places=places))
    for body, trusted in ((f"{REQUIRE}\n{line}", 0), (REQUIRE, 1)):
        site.write(body)
        engine = Engine(
            Scope(str(site.main)), resolver=FixedResolver({"good.test": ("127.0.0.1",)})
        )
        assert len(engine.repair(FixChoice(offers=False)).plan.new_files) == trusted

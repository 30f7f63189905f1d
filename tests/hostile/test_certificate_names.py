"""Who took an address shows a certificate with a name of their own: it is offered, never taken."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.fix.trust.test_select import report
from tests.support import command, httpd
from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki
from wizard.fix.decide.decide import decide_route
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.trust import select
from wizard.fix.trust.name_lookup import Claims, with_names
from wizard.fix.trust.own_names import Files, OwnNames
from wizard.fix.trust.stores import Places
from wizard.model.plan import FixChoice, OfferKind, RouteTrust
from wizard.model.probe import TcpResult
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

ROOT = pki.issue("Company Root", ca=True)
EVIL = "evil.example"
PINNED = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem"
TOLD = f"only the certificate at 127.0.0.1 (issuer 'CN=Company Root') says that it is {EVIL}"

ASKED = f"is {EVIL}: only the certificate there (issuer 'CN=Company Root') says so"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A URL with an address; the name that its certificate shows leads there as well."""
    leaf = pki.issue(EVIL, ROOT, dns=[EVIL])
    with standing(tmp_path, leaf, ROOT) as made:
        made.name = "127.0.0.1"
        (made.directory / "hosts").write_text(f"127.0.0.1 {EVIL}\n127.0.0.1 good.test\n")
        yield made


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("trusted", ["pinned", "--ca", "--accept-fingerprint"])
@pytest.mark.parametrize(
    "before", ["", "ProxyPreserveHost On\n    ", "SSLProxyCheckPeerName off\n    "]
)
def test_yes_renames_an_address_to_no_name_of_a_certificate(
    site: Site, trusted: str, before: str
) -> None:
    given = {"--ca": site.ca, "--accept-fingerprint": (trusted, parse_der(ROOT.der).sha256)}
    site.write(before + (PINNED if trusted == "pinned" else REQUIRE))
    done = site.wizard("apply", str(site.main), "--yes", *given.get(trusted, ()))
    assert done.returncode == 2, done.stderr
    assert TOLD in words(done.stderr).replace("Only", "only")  # a sentence by itself, or not
    assert EVIL not in site.vhost.read_text()


@pytest.mark.parametrize(
    "known",
    [
        "ProxyPass /other https://{name}/",
        "ServerAlias {name}",
        "<Proxy balancer://b>\n    BalancerMember https://{name}\n    </Proxy>",
    ],
)
def test_yes_takes_a_name_that_the_configuration_knows(site: Site, known: str) -> None:
    site.write(PINNED)
    address = f"127.0.0.1:{httpd.free_port()}"
    other = known.format(name=EVIL)
    with site.main.open("a") as file:
        file.write(
            f"<VirtualHost {address}>\n    ServerName second.test\n    {other}\n"
            "    ProxyPass /b balancer://b/\n</VirtualHost>\n"
        )
    done = site.wizard("apply", str(site.main), "--yes", "--no-reload", "--vhost", "app.test")
    assert done.returncode == 0, done.stderr
    assert f"ProxyPass / https://{EVIL}:" in site.vhost.read_text()
    assert site.status() == 200


def test_fix_shows_the_repair_and_says_that_it_is_asked_for(site: Site) -> None:
    site.write(PINNED)
    done = site.fix()
    assert done.returncode == 0, done.stderr
    assert f"https://{EVIL}:" in done.stdout
    told = words(done.stderr)
    assert told.index(ASKED) < told.index("proxy-wizard apply")
    assert told.index(ASKED) < told.index(f"writes https://{EVIL}")


def test_prove_says_that_it_is_asked_for(site: Site) -> None:
    site.write(PINNED)
    done = site.wizard("prove", str(site.main))
    assert done.returncode == 0, done.stderr
    told = words(done.stderr)
    assert "apply asks: app.test /: ask the backend's owner" in told
    assert ASKED in told


@pytest.mark.parametrize(("answers", "written"), [(b"n\n", False), (b"y\nn\n", False)])
def test_on_a_terminal_it_is_a_question_of_its_own(
    site: Site, answers: bytes, written: bool
) -> None:
    site.write(PINNED)
    ours, theirs = pty.openpty()
    os.write(ours, answers)
    try:
        done = subprocess.run(
            [*command.WIZARD, "apply", str(site.main)],
            stdin=theirs, capture_output=True, text=True, env=site.environment, timeout=60,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    told = words(done.stderr)
    assert "Send requests to this name, which only the certificate gives? [y/N]" in told
    assert ASKED in told
    assert ("Write this change? [y/N]" in told) is (b"y" in answers)
    assert (EVIL in site.vhost.read_text()) is written


def test_a_name_in_the_url_is_never_replaced(site: Site) -> None:
    """Whatever the certificate shows, and whoever trusts it."""
    site.name = "good.test"
    site.write(PINNED)
    done = site.fix()
    assert (done.returncode, done.stdout) == (2, "")


# On values: where the CA was found, and what this machine knows.

HOSTS = {"hosts": "192.0.2.1 db.corp.example\n"}


def planned(
    directory: Path,
    leaf: pki.Issued,
    *,
    named: bool = True,
    offers: bool = False,
    answers: str = "192.0.2.1",
    texts: Mapping[str, str] = MappingProxyType({}),
) -> RouteRepair:
    """The repair of https://192.0.2.1/.

    Args:
        directory: of the configuration.
        leaf: that answers there; of ROOT.
        named: the operator names ROOT; else it is of the system's trust store.
        offers: somebody can be asked.
        answers: what every name resolves to.
        texts: contents of the hosts file, resolv.conf and the list of public suffixes.
    """
    ca = directory / "root.pem"
    ca.write_bytes(ROOT.pem)
    files = {name: directory / name for name in ("hosts", "resolver", "suffixes")}
    for name, file in files.items():
        file.write_text(texts.get(name, ""))
    machine = Files(**{name: str(file) for name, file in files.items()}, node="proxy.corp.example")
    places = Places((), () if named else (str(ca),), (), machine)
    choice = FixChoice(ca_files=(str(ca),) if named else (), offers=offers)
    found = report(directory, (leaf,))
    (one,) = found.diagnoses
    finding = replace(one.findings[0], slug="ip-address-backend")
    found = replace(found, diagnoses=(replace(one, findings=(*one.findings, finding)),))
    trust = select.find(found, choice, places=places, resolve=lambda _: frozenset({answers}))
    (one,) = found.diagnoses
    route = one.case.route
    made = decide_route(one, route, trust.routes[route.id], choice, pending={})
    assert made is not None
    return made


def left(made: RouteRepair) -> str:
    return " ".join(sentence(one.reason) for one in made.unresolved)


@pytest.fixture
def lane(roots: Path) -> Path:
    return roots


def test_the_systems_trust_store_vouches_for_no_name(lane: Path) -> None:
    """A public CA signs for whoever owns a name."""
    made = planned(lane, pki.issue(None, ROOT, dns=["db.corp.example"]), named=False, texts=HOSTS)
    assert made.host is None
    assert "says that it is db.corp.example" in left(made)


@pytest.mark.parametrize(
    ("name", "texts", "taken"),
    [
        ("db.corp.example", {}, True),
        ("db.corp", {"hosts": "192.0.2.1 db.corp\n"}, True),
        ("db.corp", {"hosts": "192.0.2.2 db.corp\n"}, False),
        ("db.search.example", {"resolver": "search search.example\n"}, True),
        ("evil.co.uk", {"resolver": "search co.uk\n"}, False),
        ("evil.public.example", {"resolver": "search public.example\n"}, False),
        (EVIL, {}, False),
    ],
)
def test_yes_takes_a_name_that_this_machine_knows(
    lane: Path, name: str, texts: dict[str, str], taken: bool
) -> None:
    suffixes = {"suffixes": "uk\nco.uk\npublic.example\n"}
    made = planned(lane, pki.issue(None, ROOT, dns=[name]), texts=suffixes | texts)
    assert (f"says that it is {name}" in left(made)) is not taken
    assert made.host == (name if taken else None)
    assert made.offers == ()


def test_a_name_that_leads_elsewhere_waits_until_the_operator_redirects_it(lane: Path) -> None:
    leaf = pki.issue(None, ROOT, dns=["db.corp.example"])
    made = planned(lane, leaf, offers=True, answers="192.0.2.9", texts=HOSTS)
    assert made.host == "db.corp.example"
    assert made.offers == ()
    assert made.condition is not None
    assert (made.condition.address, made.condition.now) == ("192.0.2.1", ("192.0.2.9",))


def test_the_address_of_a_forward_proxy_is_not_the_backends(lane: Path) -> None:
    seen = report(lane, (pki.issue(EVIL, ROOT, dns=[EVIL]),))
    (one,) = seen.diagnoses
    probe = one.case.probe
    assert probe is not None
    through = replace(
        probe,
        request=replace(probe.request, forward_proxy="http://192.0.2.7:3128"),
        tcp=TcpResult("192.0.2.7", 3128, 0.0),
    )
    case = replace(one.case, probe=through)
    for address, found in (("192.0.2.7", ()), ("192.0.2.1", (EVIL,))):
        resolve = {EVIL: frozenset({address})}.__getitem__
        named = with_names(RouteTrust(), case, resolve, OwnNames(), Claims(seen))
        assert named.names == found
        assert named.condition is None  # the proxy looks names up, not this machine


def test_of_several_names_the_known_one_is_taken(lane: Path) -> None:
    leaf = pki.issue(EVIL, ROOT, dns=[EVIL, "db.corp.example"])
    made = planned(lane, leaf)
    assert made.offers == ()
    assert made.host == "db.corp.example"
    assert any("db.corp.example was chosen" in sentence(note) for note in made.notes)


def test_a_wildcard_is_for_a_name_that_is_known(lane: Path) -> None:
    leaf = pki.issue(None, ROOT, dns=["*.corp"])
    assert planned(lane, leaf).host is None
    assert planned(lane, leaf, texts={"hosts": "192.0.2.1 db.corp\n"}).host == "db.corp"


def test_an_offer_shows_name_issuer_and_address(lane: Path) -> None:
    made = planned(lane, pki.issue(EVIL, ROOT, dns=[EVIL]), offers=True)
    (offer,) = made.offers
    assert offer.kind is OfferKind.CERTIFICATE_NAME
    for part in (EVIL, "CN=Company Root", "192.0.2.1"):
        assert part in sentence(offer.remark)

"""Which name of a certificate could be made to lead to the address in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fix.trust.test_select import ROOT, report
from wizard.demo import pki
from wizard.fix.trust.name_lookup import Claims, with_names
from wizard.fix.trust.own_names import OwnNames
from wizard.model.diagnosis import Report
from wizard.model.plan import Condition, RouteTrust
from wizard.wording.condition import command, sentence

HERE, OTHER = "192.0.2.1", "192.0.2.2"


def at(address: str, *names: str, leaf: pki.Issued | None = None, host: str = "") -> Report:
    """One route to an address, or a host there, where a certificate for some names is shown."""
    host = host or address
    found = report(Path(), (leaf or pki.issue(None, ROOT, dns=list(names)),))
    (one,) = found.diagnoses
    route, probe = one.case.route, one.case.probe
    assert probe is not None
    assert probe.tcp is not None
    case = replace(
        one.case,
        route=replace(
            route,
            id=replace(route.id, path=address),
            backend=replace(route.backend, host=host, check_name=host),
        ),
        probe=replace(probe, tcp=replace(probe.tcp, address=address)),
    )
    return replace(found, diagnoses=(replace(one, case=case),))


def conditions(
    *reports: Report, leads: Mapping[str, str] | None = None
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]] | None]:
    """Of each route: the name, where it leads now, and what would do as well."""
    whole = replace(reports[0], diagnoses=tuple(d for each in reports for d in each.diagnoses))
    claims = Claims(whole)
    found = [
        with_names(
            RouteTrust(),
            one.case,
            lambda name: frozenset((leads or {}).get(name, "").split()),
            OwnNames(),
            claims,
        ).condition
        for one in whole.diagnoses
    ]
    return [(one.name, one.now, one.others) if one else None for one in found]


@pytest.mark.parametrize(
    ("names", "leads", "wanted"),
    [
        (["B.Internal"], {}, ("b.internal", (), ())),
        (["a.internal", "b.internal"], {}, ("a.internal", (), ("b.internal",))),
        (["a.internal", "b.internal"], {"a.internal": OTHER}, ("b.internal", (), ("a.internal",))),
        (["a.internal"], {"a.internal": OTHER}, ("a.internal", (OTHER,), ())),
        (["*.internal"], {}, None),
        (["*.internal", "a.internal"], {}, ("a.internal", (), ())),
        (["localhost"], {"localhost": "127.0.0.1"}, None),
        (["localhost", "a.internal"], {"localhost": "::1 127.0.0.1"}, ("a.internal", (), ())),
        (["app.example.com", "a.internal"], {}, ("a.internal", (), ("app.example.com",))),
        (["a.internal"], {"a.internal": f"{HERE} {OTHER}"}, None),  # it leads there
    ],
)
def test_the_name_that_does_the_least_harm(
    names: list[str], leads: dict[str, str], wanted: object
) -> None:
    assert conditions(at(HERE, *names), leads=leads) == [wanted]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "app.localhost"])
def test_this_machine_is_no_site(host: str) -> None:
    found = at("127.0.0.1", "app.internal", host=host)
    assert conditions(found) == [("app.internal", (), ())]


def test_another_name_is_a_site() -> None:
    assert conditions(at("127.0.0.1", "app.internal", host="other.internal")) == [None]


def test_a_name_leads_to_one_address() -> None:
    """Two backends with certificates of their own for one name."""
    first, second = at(HERE, "app.internal"), at(OTHER, "app.internal", "two.internal")
    assert conditions(first, second) == [
        ("app.internal", (), ()),
        ("two.internal", (), ()),
    ]
    assert conditions(second, first)[1] is None


def test_a_certificate_of_several_addresses_does_not_say_which_it_means() -> None:
    leaf = pki.issue(None, ROOT, dns=["one.internal", "two.internal"])
    assert conditions(at(HERE, leaf=leaf), at(OTHER, leaf=leaf)) == [None, None]
    (found,) = conditions(at(HERE, leaf=leaf))
    assert found is not None


def test_the_name_of_another_backend_is_left_to_it() -> None:
    found = at(HERE, "a.internal")
    (one,) = found.diagnoses
    route = replace(one.case.route, backend=replace(one.case.route.backend, host="A.internal"))
    named = replace(found, configuration=replace(found.configuration, routes=(route,)))
    assert conditions(named, leads={"a.internal": OTHER}) == [None]
    assert conditions(named) == [("a.internal", (), ())]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            Condition("b.internal", HERE, ()),
            "Let b.internal lead to 192.0.2.1 on this machine, by DNS or by this line in "
            "/etc/hosts. It leads nowhere yet.",
        ),
        (
            Condition("b.internal", HERE, (), (OTHER,), ("c.internal",)),
            "Let b.internal lead to 192.0.2.1 on this machine, by DNS or by this line in "
            "/etc/hosts. Now it leads to 192.0.2.2, for every program here. In the certificate "
            "also: c.internal.",
        ),
    ],
)
def test_what_has_to_be_so(condition: Condition, said: str) -> None:
    assert sentence(condition) == said
    assert command(condition) == "echo '192.0.2.1 b.internal' >> /etc/hosts"

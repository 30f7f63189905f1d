"""The cures of a plan are tried: what does not help, or harms another route, is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fix.test_confirm import FILE, ROUTES, Check, report, search
from tests.fix.test_confirm import diagnosis as plain
from wizard.fix import confirm, cures_checked
from wizard.model.config import Route, Source
from wizard.model.cure import Cure
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import FixChoice, FixPlan, Resolved
from wizard.wording.remarks import sentence

SLUG = "redirect-not-mapped"
LINE = "ProxyPassReverse /a https://b.test/"
MORE = "ProxyPassReverse /a https://c.test/"
CURE = Cure("after-route", LINE, "its redirects name the backend")
FIRST, SECOND = ROUTES
FINE = report(plain(FIRST, "ok"), plain(SECOND, "ok"))


def weak(route: Route, *cures: Cure, slug: str = SLUG) -> Diagnosis:
    """A route that works, with a finding that these lines repair."""
    found = Finding(slug, "warning", slug, (), "", cures=cures)
    return replace(plain(route, "ok"), findings=(found,))


def confirmed(*diagnoses: Diagnosis, check: Check) -> FixPlan:
    return confirm.confirm(report(*diagnoses), FixChoice(), search, check)[0]


def told(made: FixPlan) -> list[str]:
    return [sentence(one.reason) for one in made.unresolved]


def written(made: FixPlan) -> Sequence[bytes]:
    return [line.strip() for edit in made.edits for line in edit.new_lines]


def test_cures_that_help_are_taken_and_nothing_else_is_written() -> None:
    made = confirmed(weak(FIRST, CURE), plain(SECOND, "ok"), check=Check(FINE))
    assert written(made) == [LINE.encode()]
    assert made.resolved == (Resolved(FIRST.id, SLUG),)
    assert made.edits[0].reason == "ProxyPassReverse: its redirects name the backend"


def test_cures_after_which_the_finding_stays_are_dropped_with_words() -> None:
    bad = weak(FIRST, CURE)
    made = confirmed(bad, weak(SECOND, CURE), check=Check(report(bad, plain(SECOND, "ok")), FINE))
    assert made.resolved == (Resolved(SECOND.id, SLUG),)
    assert told(made) == ["asked again with it, the fault is still there"]
    alone = confirmed(bad, plain(SECOND, "ok"), check=Check(report(bad, plain(SECOND, "ok"))))
    assert alone.is_empty
    assert told(alone) == told(made)


def test_what_shows_only_after_the_first_lines_is_written_too() -> None:
    more = weak(FIRST, CURE, replace(CURE, line=MORE))
    half = report(more, plain(SECOND, "ok"))
    made = confirmed(weak(FIRST, CURE), plain(SECOND, "ok"), check=Check(half, FINE))
    assert written(made) == [LINE.encode(), MORE.encode()]


def test_lines_of_the_patched_file_are_not_taken_for_those_of_the_file() -> None:
    moved = Cure("instead", MORE, "why", Source(FILE, 5))
    half = report(weak(FIRST, CURE, moved), plain(SECOND, "ok"))
    made = confirmed(weak(FIRST, CURE), plain(SECOND, "ok"), check=Check(half))
    assert made.is_empty
    assert told(made) == ["asked again with it, the fault is still there"]


def test_cures_that_harm_another_route_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cures_checked, "ANSWER_SLUGS", frozenset({SLUG}))
    harmed = (
        report(plain(FIRST, "ok"), plain(SECOND, "fail", "backend-error-status")),
        report(plain(FIRST, "ok"), weak(SECOND, slug=SLUG)),
    )
    for after in harmed:
        check = Check(after, after)
        made = confirmed(weak(FIRST, CURE), plain(SECOND, "ok"), check=check)
        assert made.is_empty
        assert told(made) in (
            ["the repair would break a.test /b, which works"],
            ["the lines that should repair it were tried, and harm a.test /b"],
        )


def test_a_cure_may_keep_the_client_s_host_and_for_no_other_route() -> None:
    def kept(route: Route) -> Route:
        return replace(route, preserve_host=replace(route.preserve_host, value=True))

    hosts = replace(CURE, where="server", line="ProxyPreserveHost On")
    one = report(plain(kept(FIRST), "ok"), plain(SECOND, "ok"))
    one = replace(one, configuration=replace(one.configuration, routes=(kept(FIRST), SECOND)))
    made = confirmed(weak(FIRST, hosts), plain(SECOND, "ok"), check=Check(one))
    assert written(made) == [b"ProxyPreserveHost On"]
    both = report(*(plain(kept(route), "ok") for route in ROUTES))
    both = replace(both, configuration=replace(both.configuration, routes=tuple(map(kept, ROUTES))))
    made = confirmed(weak(FIRST, hosts), plain(SECOND, "ok"), check=Check(both, both))
    assert made.is_empty


def test_with_a_repair_of_tls_both_are_written() -> None:
    broken = replace(weak(FIRST, CURE), verdict=plain(FIRST, "fail").verdict)
    broken = replace(
        broken, findings=(*plain(FIRST, "fail", "engine-off").findings, *broken.findings)
    )
    made = confirmed(broken, plain(SECOND, "ok"), check=Check(FINE))
    assert {one.slug for one in made.resolved} == {"engine-off", SLUG}
    assert LINE.encode() in written(made)
    assert b"SSLProxyEngine on" in written(made)

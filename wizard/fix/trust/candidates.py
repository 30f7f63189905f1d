"""The authorities found on this machine, for an operator who wants to choose among them.

``trust.find`` takes the first that signed the chain; this lists what it looks at, in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wizard.fix.trust import path_building
from wizard.fix.trust.search import Search
from wizard.fix.trust.stores import SYSTEM, Places
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration
from wizard.model.diagnosis import Case
from wizard.model.plan import Authorities, Candidate
from wizard.x509 import issued

MOST = 200
"""Authorities listed."""


def found(case: Case, configuration: Configuration, *, places: Places = SYSTEM) -> Authorities:
    """The authorities on this machine, as far as they may matter for a backend.

    Args:
        case: probed; its backend's chain is what an authority must have signed.
        configuration: files that it names, and those beside them, are looked at first.
        places: directories and bundles of this machine.

    Returns:
        Those that make httpd accept the chain first, then the rest; at most ``MOST``. Each
        certificate once. None if the backend's certificate was not seen. And what was passed
        over, since others could have laid it there.
    """
    shown = path_building.presented(case)
    if not shown:
        return Authorities()
    search = Search(configuration, places)
    gaps = (*search.all_intermediates, *case.trust.anchors)
    seen: dict[str, Candidate] = {}
    for source in search.sources(case.route.tls):
        for store in source.stores:
            for certificate in store.certificates:
                if certificate.sha256 in seen or not (certificate.is_ca or certificate.self_issued):
                    continue
                problem = _problem(certificate, shown, gaps, case.now)
                if not problem or source.of_interest:
                    seen[certificate.sha256] = Candidate(certificate, store.path, problem)
    listed = sorted(seen.values(), key=lambda candidate: bool(candidate.problem))[:MOST]
    return Authorities(tuple(listed), search.passed_over)


def _problem(
    authority: Certificate,
    shown: Sequence[Certificate],
    gaps: Sequence[Certificate],
    now: datetime,
) -> str:
    path = path_building.build(shown, (authority,), now, gaps)
    if path:
        code, text, _ = path_building.openssl_verdict(shown, path[1:] or path, now)
        return text if code else ""
    named = [c for c in (*shown, *gaps) if c.issuer_der == authority.subject_der]
    if not named:
        return "signed nothing that the backend sends"
    if any(issued(authority, c) for c in named):
        return "an intermediate: httpd needs its root as well"
    return "has the right name, but another key"

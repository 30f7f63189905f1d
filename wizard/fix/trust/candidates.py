"""The authorities found on this machine, for an operator who wants to choose among them.

``trust.find`` takes the first that signed the chain; this lists what it looks at. Who chooses
knows the site: what lies near the configuration comes before what is anywhere on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from wizard.fix.trust import path_building, stores
from wizard.fix.trust.search import Search, Source
from wizard.fix.trust.stores import SYSTEM, Places
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration
from wizard.model.diagnosis import Case
from wizard.model.plan import Authorities, Candidate, Lies
from wizard.x509 import issued

MOST = 200
"""Authorities listed."""


_ORDER: tuple[Lies, ...] = (
    "given", "trusted", "beside", "named", "site", "added", "system", "machine"
)  # fmt: skip


def found(
    case: Case,
    configuration: Configuration,
    *,
    places: Places = SYSTEM,
    given: Sequence[str] = (),
) -> Authorities:
    """The authorities on this machine, as far as they may matter for a backend.

    Args:
        case: probed; its backend's chain is what an authority must have signed.
        configuration: files that it names, those beside them, and those in its own directories are
            looked at first.
        places: directories and bundles of this machine.
        given: files that the operator has from the CA's owner: they count wherever they lie.

    Returns:
        Those that make httpd accept the chain first, then the rest; at most ``MOST``. Each
        certificate once, where it lies nearest to the configuration; of a file with one that helps
        no other. None if the backend's certificate was not seen. And what was passed over, since
        others could have laid it there.
    """
    shown = path_building.presented(case)
    if not shown:
        return Authorities()
    search = Search(configuration, places)
    gaps = (*search.all_intermediates, *case.trust.anchors)
    sources = (_given(given), *search.sources(case.route.tls))
    seen: dict[str, Candidate] = {}
    helpful: set[str] = set()
    """Files with one that makes httpd accept the chain."""
    for source in sorted(sources, key=lambda source: _ORDER.index(source.lies)):
        for path, certificate in _authorities(source):
            one = seen.get(certificate.sha256)
            if one is None:
                problem = _problem(certificate, shown, gaps, case.now)
                if problem and not (source.of_interest and certificate.is_ca):
                    continue
                near = search.near(path) if source.lies == "beside" else ""
                own = certificate.sha256 == shown[0].sha256
                one = Candidate(certificate, path, problem, source.lies, near, own)
                seen[certificate.sha256] = one
            helpful |= set() if one.problem else {path}
    good = [one for one in seen.values() if not one.problem]
    others = [one for one in seen.values() if one.problem and one.file not in helpful]
    return Authorities(tuple([*good, *others][:MOST]), search.passed_over)


def _given(files: Sequence[str]) -> Source:
    return Source("in the file of the CA's owner", [stores.read_named(f) for f in files], "given")


def _authorities(source: Source) -> Iterator[tuple[str, Certificate]]:
    """Those of a source, with their files: of two files with the same one, that with less else."""
    for store in sorted(source.stores, key=lambda store: len(store.certificates)):
        for certificate in store.certificates:
            if certificate.is_ca or certificate.self_issued:
                yield store.path, certificate


def _problem(
    authority: Certificate,
    shown: Sequence[Certificate],
    gaps: Sequence[Certificate],
    now: datetime,
) -> str:
    path = path_building.build(shown, (authority,), now, gaps)
    if path:
        code, text, _ = path_building.openssl_verdict(shown, path[1:] or path, now)
        return f"signed this chain, but httpd would refuse it: {text}" if code else ""
    named = [
        c
        for c in (*shown, *gaps)
        if c.issuer_der == authority.subject_der and c.sha256 != authority.sha256
    ]
    if not named:
        return "another CA, would still be refused"
    if any(issued(authority, c) for c in named):
        return "an intermediate: httpd needs its root as well"
    return "right name but another key, would still be refused"

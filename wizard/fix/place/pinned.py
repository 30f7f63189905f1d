"""The authorities that somebody chose for one backend, which a repair leaves trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wizard.fix.decide import best_practice
from wizard.fix.trust import path_building
from wizard.fix.trust.stores import SYSTEM
from wizard.model.certificate import Certificate
from wizard.model.config import Route
from wizard.model.diagnosis import Case


@dataclass(slots=True)
class Pinned:
    """Which CA files are named for one backend alone.

    Args:
        routes: every route of the configuration.
    """

    routes: Iterable[Route]
    _backends: dict[str, set[tuple[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for route in self.routes:
            file = route.tls.ca_certificate_file.value
            if file is not None and best_practice.counts(route, best_practice.CA_FILE):
                backend = route.backend.host, route.backend.port
                self._backends.setdefault(file, set()).add(backend)

    def of(self, case: Case, added: Sequence[Certificate] = ()) -> tuple[Certificate, ...]:
        """The authorities of the CA file in force, but for those that verify nothing any more, or
        that would hide what is added: OpenSSL takes the first of a name, and above a certificate
        of the CA file looks nowhere else (x509_vfy.c, build_chain).

        None, if the file is named for another backend too: that one's CA is none of this one's. Nor
        of the system's bundle: a copy would not follow what the system ceases to trust.

        Args:
            case: probed.
            added: what the repair adds to them.
        """
        file = case.trust.ca_file
        chosen = file.state == "ok" and file.path not in SYSTEM.bundles
        if not chosen or len(self._backends.get(file.path or "", ())) > 1:
            return ()
        stay = tuple(
            c for c in file.certificates if (c.is_ca or c.self_issued) and case.now <= c.not_after
        )
        shown = path_building.presented(case)
        if not added or not shown:
            return stay
        wanted = path_building.openssl_verdict(shown, added, case.now)[0]
        named = {c.subject_der for c in (*shown, *added)}
        others = tuple(c for c in stay if c.subject_der not in named)
        return next(
            (
                some
                for some in (stay, others)
                if path_building.openssl_verdict(shown, (*some, *added), case.now)[0] == wanted
            ),
            (),
        )

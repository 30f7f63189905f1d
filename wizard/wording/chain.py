"""A backend's chain of certificates, from the root down: what each is, and where it was found."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple

from wizard.reference.openssl import verify_text
from wizard.text import printable
from wizard.verdict.verify import NO_ISSUER
from wizard.wording import connection
from wizard.wording.certificate import called, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from wizard.model.certificate import Certificate, TrustFile, TrustMaterial
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import TlsResult

_SELF_SIGNED = frozenset({18, 19})
_ISSUER_UNKNOWN = NO_ISSUER - _SELF_SIGNED
"""X509_V_ERR_*: they are about what is above the certificate, not about it."""


class Link(NamedTuple):
    """A certificate of a chain, safe to show.

    Args:
        name: of it.
        state: ``good`` where OpenSSL accepts it with the trust of the policy; ``open`` where
            nothing says so.
        where: it was found.
        stands: how long it is valid; empty: nobody has seen it, or it is not valid now.
        faults: what is wrong with it.
        covers: the names that it is for; empty: it is no backend's own.
        sha256: hexadecimal, empty: nobody has seen it.
        unvouched: whether only its owner can say that it is theirs: it stands at the top, could be
            trusted, and no file has it.
    """

    name: str
    state: Literal["good", "bad", "open"]
    where: str = ""
    stands: str = ""
    faults: tuple[str, ...] = ()
    covers: str = ""
    sha256: str = ""
    unvouched: bool = False


def links(diagnosis: Diagnosis) -> tuple[Link, ...]:
    """The chain, each certificate above those that it issued; an issuer that nobody has seen stands
    at its top. Empty: no certificate was seen."""
    probe = diagnosis.case.probe
    tls = probe.tls if probe is not None else None
    if tls is None or tls.leaf is None:
        return ()
    if tls.leaf.error:
        return (Link("unreadable", "bad", faults=(printable(tls.leaf.error, 200),)),)
    found = _Chain(diagnosis, tls)
    return (*found.missing(), *map(found.link, reversed(found.path)))


def trusted(diagnosis: Diagnosis) -> str:
    """What httpd trusts where that leads to no chain, in a sentence without a full stop; empty:
    a chain leads to it."""
    probe = diagnosis.case.probe
    tls = probe.tls if probe is not None else None
    if tls is None or tls.leaf is None or tls.leaf.error or _Chain(diagnosis, tls).is_complete:
        return ""
    trust = diagnosis.case.trust
    files = [file for file in (trust.ca_file, trust.ca_path) if file.state != "unset"]
    if not files:
        return "httpd trusts no CA here: no directive names a file"
    if not trust.anchors:
        return f"httpd trusts no CA here: none was read from {_listed(map(_file, files))}"
    asked = tls.chain[-1].issuer_der  # one of that name stands in the chain
    anchors = [one for one in trust.anchors if one.subject_der != asked]
    if not anchors:
        return ""
    told = [f"{called(one.subject)} ({_holder(one, trust)})" for one in anchors[:3]]
    more = len(anchors) - len(told)
    return f"httpd trusts {_listed(told)}{f' and {more} more' if more else ''}"


def others(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The names of certificates that the backend sends and that no chain needs."""
    probe = diagnosis.case.probe
    tls = probe.tls if probe is not None else None
    if tls is None or tls.leaf is None or tls.leaf.error:
        return ()
    needed = {one.sha256 for one in _Chain(diagnosis, tls).path}
    return tuple(called(one.subject) for one in tls.chain if one.sha256 not in needed)


class _Chain:
    """A chain: as OpenSSL built it where that leads to a CA, else as the backend sends it.

    Args:
        diagnosis: of the route.
        tls: with a readable certificate of the backend.
    """

    def __init__(self, diagnosis: Diagnosis, tls: TlsResult) -> None:
        self._case = diagnosis.case
        self._tls = tls
        self._checks = connection.checks(diagnosis)
        self._sent = {one.sha256 for one in tls.chain}
        self._held = {one.sha256 for one in diagnosis.case.trust.anchors}
        built = tls.verified_chain
        self.is_complete = bool(built) and built[-1].sha256 in self._held
        sent = tuple(one for one in tls.chain if not one.error)
        self.path = built if self.is_complete else sent

    def missing(self) -> Iterator[Link]:
        """The issuer that the last certificate asks for and that nobody has seen."""
        top = self.path[-1]
        if self.is_complete or top.self_issued:
            return
        fails = self._checks is not None and self._checks.chain == "fails"
        yield Link(called(top.issuer), "bad" if fails else "open", self._namesake(top))

    def _namesake(self, top: Certificate) -> str:
        trust = self._case.trust
        same = next((a for a in trust.anchors if a.subject_der == top.issuer_der), None)
        if same is None:
            return "not sent by the backend, in no CA file"
        keys = same.subject_key_id, top.authority_key_id
        other = None not in keys and keys[0] != keys[1]
        how = "with another key" if other else "that did not sign this"
        return f"{_holder(same, trust)} has one of this name {how}"

    def link(self, certificate: Certificate) -> Link:
        """A certificate of the path."""
        leaf = certificate.sha256 == self.path[0].sha256
        faults = tuple(self._faults(certificate, leaf=leaf))
        held = certificate.sha256 in self._held
        where = "sent by the backend"
        if held:
            where = f"in {_holder(certificate, self._case.trust)}"
        elif certificate.sha256 not in self._sent:
            where = "from httpd's own client chain"
        covers = (*certificate.dns_names, *certificate.ip_addresses) or certificate.common_names
        return Link(
            called(certificate.subject),
            "bad" if faults else "good" if self.is_complete else "open",
            "" if leaf and not held else where,
            _stands(certificate, self._case.now),
            faults,
            names(covers) if leaf and covers else "",
            certificate.sha256,
            unvouched=not self.is_complete
            and certificate is self.path[-1]
            and (certificate.is_ca or certificate.self_issued),
        )

    def _faults(self, certificate: Certificate, *, leaf: bool) -> Iterator[str]:
        case = self._case
        told: set[int] = set()
        if case.now < certificate.not_before:
            yield f"not valid before {certificate.not_before:%Y-%m-%d}"
        if case.now >= certificate.not_after:
            yield f"expired on {certificate.not_after:%Y-%m-%d}"
        allowed = case.route.tls.verify_depth.value
        for event in self._tls.events:
            if event.sha256 != certificate.sha256:
                continue
            if event.depth > allowed and case.route.tls.verify.value != "none":
                yield f"above what SSLProxyVerifyDepth {allowed} allows"
            if event.ok or event.code in _ISSUER_UNKNOWN | connection.DATE_ERRORS:
                continue
            if event.code not in told:
                told.add(event.code)
                signed = "signed itself, in no CA file"
                yield signed if event.code in _SELF_SIGNED else verify_text(event.code)
        if leaf and self._checks is not None and self._checks.name == "fails":
            yield f"no name in it is {printable(case.route.backend.check_name, 200)}"


def _stands(certificate: Certificate, now: datetime) -> str:
    if not certificate.not_before <= now < certificate.not_after:
        return ""
    until = f"{certificate.not_after:%Y-%m-%d}"
    left = (certificate.not_after - now).days
    return f"until {until}" if left > 999 else f"{left} day{'s' * (left != 1)} left, until {until}"


def _holder(certificate: Certificate, trust: TrustMaterial) -> str:
    """Which of httpd's files has a certificate."""
    in_file = any(one.sha256 == certificate.sha256 for one in trust.ca_file.certificates)
    return _file(trust.ca_file if in_file else trust.ca_path)


def _file(file: TrustFile) -> str:
    return printable(PurePath(file.path or "?").name, 100)


def _listed(names: Sequence[str] | Iterator[str]) -> str:
    return ", ".join(names)

"""Checks that are switched off: the proxy works, and anybody may pose as the backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.findings.rules.port_protocol import BackendSpeaksPlainHttp, is_without_tls
from wizard.findings.rules.trust_files import trust_ca
from wizard.model.config import LONGEST_EXCEPTION, TemporaryException
from wizard.model.diagnosis import Finding, Remedy


class EngineOff(Rule):
    """https:// in the URL, SSLProxyEngine off."""

    slug = "engine-off"
    family = "configuration"
    order = 10
    best_practice = "production"
    title = "httpd may not speak TLS to backends here: SSLProxyEngine is off"
    signs = Signs(
        stages={"config": 120, "start": 120, "route": 50, "connect": 100, "tls": 10, "http": 110},
        log_codes="AH00961 AH01112/2 AH01961 AH03252/2 AH10272",
    )
    repair = Repairability(traits=("trust", "unverified"))
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.policy.engine.value:
            return None
        status = facts.verdict.status if facts.verdict.stage == "route" else 500
        vain = (
            " To switch it on alone does not help: the port does not speak TLS."
            if is_without_tls(facts)
            else ""
        )
        setting = facts.policy.engine
        where = (
            "Add this to the virtual host (it may not stand in <Location>):"
            if setting.is_default
            else f"Write this in place of {setting.origin} (the last SSLProxyEngine counts):"
        )
        return self.found(
            facts,
            f"The backend's URL is {facts.backend.scheme}://, but SSLProxyEngine is off where the "
            f"route is. httpd then refuses every request with {status} (AH01961, AH00961). "
            f"SSLProxyEngine alone checks nothing but name and dates.{vain}",
            [evidence.route(facts.route), *evidence.policy(facts, "engine")],
            [Remedy("config", where, "SSLProxyEngine on"), _strict(facts)],
            at=setting.source or facts.route.source,
            proof=[*evidence.directives(facts, "engine"), evidence.route(facts.route)],
            why=f"Without it, httpd answers every request for this route with {status}.{vain}",
        )

    def also(self, facts: Facts) -> Iterable[Finding]:
        """The port may have no TLS at all."""
        plain = BackendSpeaksPlainHttp().check(facts)
        if plain is not None:
            yield plain


class VerificationOff(Rule):
    """SSLProxyVerify none, httpd's default."""

    slug = "verification-off"
    family = "configuration"
    order = 190
    severity = "warning"
    best_practice = "long-term"
    title = "Any certificate is accepted: SSLProxyVerify is none"
    repair = Repairability(traits=("trust", "weak"))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.policy.verify.value != "none" or is_without_tls(facts):
            return None
        silent = (
            " No directive says so: none is httpd's default."
            if facts.policy.verify.is_default
            else ""
        )
        return self.found(
            facts,
            "The traffic is encrypted, but httpd does not ask who signed the backend's "
            f"certificate. Anybody who can redirect the connection can read and change it.{silent}",
            evidence.policy(facts, "verify"),
            [
                *trust_ca(facts)[:1],
                _strict(facts),
                Remedy(
                    "config",
                    "Or require a certificate that a CA in your own file has signed:",
                    "SSLProxyVerify require\nSSLProxyCACertificateFile FILE",
                ),
            ],
            at=evidence.line_of(facts, "verify"),
            proof=[*evidence.directives(facts, "verify"), *evidence.leaf_in_short(facts)],
            why="httpd does not ask who signed the certificate. Anybody who can redirect the "
            "connection can read and change it.",
        )


class VerificationOptional(Rule):
    """SSLProxyVerify optional or optional_no_ca."""

    slug = "verification-optional"
    family = "configuration"
    order = 200
    severity = "warning"
    best_practice = "long-term"
    title = "The backend's certificate need not be trusted: SSLProxyVerify is optional"
    signs = Signs(log_codes="AH02037")
    repair = Repairability(traits=("trust", "weak"))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        mode = facts.policy.verify.value
        if mode not in ("optional", "optional_no_ca"):
            return None
        meaning = (
            "accepts a certificate of an unknown CA, as none does"
            if mode == "optional_no_ca"
            else "is meant for clients, which may have no certificate; a backend always has one"
        )
        return self.found(
            facts,
            f"SSLProxyVerify {mode} {meaning}. Only require says what is meant.",
            evidence.policy(facts, "verify"),
            [
                Remedy("config", "Replace the value:", "SSLProxyVerify require"),
                _strict(facts),
            ],
            at=evidence.line_of(facts, "verify"),
            proof=evidence.directives(facts, "verify"),
            why=f"SSLProxyVerify {mode} {meaning}.",
        )


class NameCheckOff(Rule):
    """SSLProxyCheckPeerName off, or SSLProxyCheckPeerCN off without it."""

    slug = "name-check-off"
    family = "configuration"
    order = 210
    severity = "warning"
    best_practice = "long-term"
    title = "The name in the backend's certificate is not checked"
    repair = Repairability(traits=("trust", "weak", "unverified"))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.policy.checks_name:
            return None
        field = "check_peer_cn" if facts.policy.check_peer_name.is_default else "check_peer_name"
        if facts.policy.checks_cn_only:
            text = (
                "With SSLProxyCheckPeerName off and SSLProxyCheckPeerCN on httpd compares the "
                "common name alone and ignores subjectAltName, where certificates hold their "
                "names today."
            )
            why = (
                "httpd compares only the common name here, and certificates hold their names in "
                "subjectAltName today."
            )
            fields: tuple[str, ...] = ("check_peer_name", "check_peer_cn")
        else:
            text = (
                "Any certificate of a trusted CA is accepted, no matter to whom it was "
                "issued: another server's certificate is enough to pose as this backend."
            )
            why = "Another server's certificate is enough to pose as this backend."
            fields = (field,)
        keep = "SSLProxyCheckPeerCN on" if field == "check_peer_cn" else "SSLProxyCheckPeerName on"
        return self.found(
            facts,
            text,
            evidence.policy(facts, *fields),
            [Remedy("config", "Replace the value:", keep), _strict(facts)],
            at=evidence.line_of(facts, field),
            proof=evidence.directives(facts, *fields),
            why=why,
        )


class ExpiryCheckOff(Rule):
    """SSLProxyCheckPeerExpire off."""

    slug = "expiry-check-off"
    family = "configuration"
    order = 220
    severity = "warning"
    best_practice = "long-term"
    title = "The dates of the backend's certificate are not checked"
    repair = Repairability(traits=("trust", "weak", "unverified"))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.policy.check_peer_expire.value:
            return None
        extra = (
            " It does not even help: with SSLProxyVerify require an expired certificate is "
            "refused all the same."
            if facts.verifies
            else ""
        )
        return self.found(
            facts,
            f"An expired certificate is accepted for good, and nobody notices that.{extra}",
            evidence.policy(facts, "check_peer_expire"),
            [Remedy("config", "Replace the value:", "SSLProxyCheckPeerExpire on"), _strict(facts)],
            at=evidence.line_of(facts, "check_peer_expire"),
            proof=evidence.directives(facts, "check_peer_expire"),
            why=extra.strip() or "An expired certificate is accepted, and nobody notices.",
        )


class TemporaryExceptionInForce(Rule):
    """A check is off on purpose, until a date that is still to come."""

    slug = "temporary-exception"
    family = "configuration"
    order = 180
    severity = "warning"
    best_practice = "temporary"
    title = "A check is off for a while, on purpose"
    repair = Repairability(traits=("trust", "weak"))
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        open_ones = [e for e in facts.route.exceptions if not _is_over(e, facts.now.date())]
        if not open_ones:
            return None
        last = min(e.until for e in open_ones)
        return self.found(
            facts,
            f"The configuration says so itself: the exception holds until {last:%Y-%m-%d} "
            f"({_days(facts.now.date(), last)}). From the day after, check fails this route.",
            [line for e in open_ones for line in (_line(e), *_too_far(e, facts.now.date()))],
            [_strict(facts, "Once the backend is repaired, end the exception:")],
            at=open_ones[0].source,
            proof=[_line(e) for e in open_ones[:3]],
            why=f"The exception holds until {last:%Y-%m-%d}. From the day after, check fails this "
            "route.",
        )


class TemporaryExceptionExpired(Rule):
    """A check is off on purpose, and its date is over."""

    slug = "temporary-exception-expired"
    family = "configuration"
    order = 170
    best_practice = "temporary"
    title = "A temporary exception is over, and the check is still off"
    repair = Repairability(traits=("trust", "weak"))
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        over = [e for e in facts.route.exceptions if _is_over(e, facts.now.date())]
        if not over:
            return None
        first = min(e.until for e in over)
        return self.found(
            facts,
            f"The exception was granted until {first:%Y-%m-%d}. httpd knows nothing of that date "
            "and goes on without the check.",
            [_line(e) for e in over],
            [
                _strict(facts, "End the exception, and have strict verification written:"),
                Remedy(
                    "backend",
                    "If the backend's certificate is still not right, have it reissued; a new "
                    "exception needs a new decision and a new date.",
                    shell.fix(facts, "temporary"),
                ),
            ],
            at=over[0].source,
            proof=[_line(e) for e in over[:3]],
            why="httpd does not know that date and goes on without the check.",
        )


_OR_STRICT = "Have strict verification written; it is tried with the backend first:"


def _strict(facts: Facts, text: str = _OR_STRICT) -> Remedy:
    return Remedy("config", text, shell.fix(facts))


def _is_over(exception: TemporaryException, today: date) -> bool:
    return exception.until < today


def _too_far(exception: TemporaryException, today: date) -> Iterator[str]:
    """That a plan would not take such a day."""
    if exception.until - today > LONGEST_EXCEPTION:
        yield (
            f"{exception.until:%Y-%m-%d} is more than {LONGEST_EXCEPTION.days} days ahead, the "
            "most that fix and the wizard take: nobody will look at it again."
        )


def _days(today: date, last: date) -> str:
    left = (last - today).days
    return "the last day is today" if left == 0 else f"{left} day{'s' if left != 1 else ''} left"


def _line(exception: TemporaryException) -> str:
    return (
        f"{exception.source}  # proxy-wizard: temporary exception until "
        f"{exception.until:%Y-%m-%d} ({exception.slug}): {', '.join(exception.settings)}"
    )

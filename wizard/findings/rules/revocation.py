"""Revocation lists: needed and missing, given and not used, out of date."""

from __future__ import annotations

import shlex
from dataclasses import replace

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.findings.rules.chain import failing_certificate, or_meaning, reissued
from wizard.model.config import Problem
from wizard.model.diagnosis import Finding, Remedy

_LIST_FIELDS = ("ca_revocation_file", "ca_revocation_path")
"""The fields of the policy that name revocation lists."""


class CrlCheckWithoutCrl(Rule):
    """AH01899: httpd dies at start."""

    slug = "crl-check-without-crl"
    family = "configuration"
    order = 100
    title = "Revocation is to be checked, but no revocation list is given"
    signs = Signs(stages={"config": 40, "start": 40}, verify_errors="3/2", log_codes="AH01899")
    repair = Repairability(traits=("trust", "unverified"))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        policy = facts.policy
        if policy.ca_revocation_check.is_default or not policy.checks_revocation:
            return None
        if policy.ca_revocation_file.value is None and policy.ca_revocation_path.value is None:
            return self.found(
                facts,
                "The configuration test passes, but httpd ends when it starts or reloads "
                "(AH01899): a check needs a list to look in.",
                evidence.policy(facts, "ca_revocation_check", "ca_revocation_file"),
                [
                    Remedy(
                        "config",
                        "Get the list (PEM) from the CA's owner, and name it:",
                        "SSLProxyCARevocationFile FILE",
                    ),
                    Remedy(
                        "config",
                        "Have a timer renew it before it expires, and reload httpd.",
                        then=True,
                    ),
                    Remedy(
                        "config",
                        "If it cannot wait: an exception with an end, which switches the check off "
                        "until a day. Until then a revoked certificate is accepted:",
                        shell.fix(facts, "temporary"),
                    ),
                ],
                at=policy.ca_revocation_check.source,
                proof=evidence.directives(facts, "ca_revocation_check", "ca_revocation_file"),
                why="The configuration test passes, but httpd ends at its next start or reload. A "
                "check needs a list to look in.",
            )
        return None


class CrlNotChecked(Rule):
    """AH01902: a list that httpd does not use."""

    slug = "crl-not-checked"
    family = "configuration"
    order = 240
    severity = "info"
    title = "A revocation list is given, but not used"
    signs = Signs(log_codes="AH01902")
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        policy = facts.policy
        if policy.ca_revocation_file.is_default and policy.ca_revocation_path.is_default:
            return None
        if policy.checks_revocation:
            return None
        field = (
            "ca_revocation_path" if policy.ca_revocation_file.is_default else "ca_revocation_file"
        )
        return self.found(
            facts,
            "Without SSLProxyCARevocationCheck the list is ignored (AH01902 at start): a revoked "
            "certificate is accepted.",
            evidence.policy(facts, field, "ca_revocation_check"),
            [
                Remedy(
                    "config",
                    "Check the backend's own certificate (chain: all of them, which needs a list "
                    "of every CA):",
                    "SSLProxyCARevocationCheck leaf",
                )
            ],
            at=evidence.line_of(facts, "ca_revocation_check", field),
            proof=evidence.directives(facts, field, "ca_revocation_check"),
            why="Without SSLProxyCARevocationCheck httpd ignores the list, so a revoked "
            "certificate is accepted.",
        )


class _ListRule(Rule):
    family = "trust"
    best_practice = "production"
    scope = "leaf"
    explains = True


class CertificateRevoked(_ListRule):
    """A list names a certificate of the chain."""

    slug = "certificate-revoked"
    order = 150
    title = "The backend's certificate has been revoked"
    signs = Signs(verify_errors="23", alerts="113")
    repair = Repairability(
        actor="ca",
        traits=("stopping", "crl"),
        reissue="certificate",
        reason="the backend's certificate has been revoked: it needs a new key and certificate",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        serial = f"serial {facts.leaf.serial}" if facts.leaf else ""
        return self.found(
            facts,
            "The CA's revocation list names it: its key may be in the wrong hands, or "
            "it was replaced. Nothing here should accept it.",
            [*evidence.openssl(facts), serial, *evidence.leaf(facts), *_lists(facts)],
            reissued(
                self.repair.reissue,
                facts,
                "Ask the CA's owner why; the backend needs a new key and a new certificate.",
            ),
            at=facts.route.source,
            proof=[
                *(
                    f"certificate: {evidence.owner(c)}, serial {evidence.clipped(c.serial, 17)}"
                    for c in facts.chain[:1]
                ),
                *_directives(facts),
            ][:3],
            why="The CA's revocation list names it: its key may be in the wrong hands, or it was "
            "replaced.",
        )


class CrlExpired(_ListRule):
    """A list outside its dates."""

    slug = "crl-expired"
    order = 160
    title = "The revocation list has expired"
    signs = Signs(verify_errors="11 12")
    repair = Repairability(
        actor="ca",
        traits=("stopping", "crl"),
        reissue="list",
        reason="the revocation list has expired: the CA must publish a new one",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        text = (
            "The list's nextUpdate is over, and OpenSSL refuses every certificate with it "
            "(error 12), however good the certificate is."
            if facts.error == 12
            else "The list's thisUpdate is still to come (error 11): a clock is wrong."
        )
        return self.found(
            facts,
            text,
            [*evidence.openssl(facts), *_lists(facts)],
            [
                *reissued(
                    self.repair.reissue,
                    facts,
                    "Get the current list from the CA's owner, or have one published; then reload "
                    "httpd.",
                ),
                Remedy(
                    "config",
                    "httpd reads the list only when it starts or reloads: have a timer renew it, "
                    "well before nextUpdate, with a reload after it.",
                    then=True,
                ),
            ],
            at=evidence.line_of(facts, *_LIST_FIELDS),
            proof=[*_directives(facts), *_dates(facts)][:3],
            why=text,
        )


class CrlPathNotHashed(_ListRule):
    """The list is there, but not under the name by which OpenSSL looks for it."""

    slug = "crl-path-not-hashed"
    order = 175
    title = "The directory of revocation lists lacks OpenSSL's hashed names"
    signs = Signs(verify_errors="3/3")
    repair = Repairability(traits=("stopping", "crl"))

    def _check(self, facts: Facts) -> Finding | None:
        path = facts.policy.ca_revocation_path.value
        if path is None or facts.error != 3:
            return None
        _, refused = failing_certificate(facts, 3)
        lists = [
            (file, issuer)
            for file, issuer in facts.trust.crl_path.unhashed_lists
            if refused is None or issuer == refused.issuer
        ]
        if not lists:
            return None
        file, issuer = lists[0]
        return self.found(
            facts,
            f"The list of {issuer} is in {path}, but OpenSSL looks for a list only under the hash "
            "of its issuer's name (1a2b3c4d.r0). So it finds none (error 3).",
            [
                *evidence.openssl(facts),
                *evidence.policy(facts, "ca_revocation_path", "ca_revocation_check"),
                *(f"{file}: list of {issuer}" for file, issuer in lists[:8]),
            ],
            [
                Remedy(
                    "config",
                    "Make the links (again after each change), then reload httpd:",
                    f"openssl rehash {shlex.quote(path)}",
                ),
                Remedy(
                    "config",
                    "Or name the file itself:",
                    f"SSLProxyCARevocationFile {argument(file)}",
                ),
            ],
            at=facts.policy.ca_revocation_path.source,
            proof=[
                *evidence.directives(facts, "ca_revocation_path"),
                *(f"{file}: list of {evidence.short(issuer)}" for file, issuer in lists[:2]),
            ],
            why="OpenSSL looks for a list only under the hash of its issuer's name (1a2b3c4d.r0), "
            "so it finds none.",
        )


class CrlMissing(_ListRule):
    """No list that OpenSSL can use for a CA of the chain."""

    slug = "crl-missing"
    order = 180
    title = "A revocation list that the chain needs is missing, or cannot be used"
    signs = Signs(verify_errors="3 5 8 15 16 33 36 44 54 101", log_codes="AH01901")
    repair = Repairability(
        actor="ca",
        traits=("stopping", "crl"),
        reissue="list",
        reason="a revocation list that the chain needs is missing or cannot be used: put one that "
        "can into the CRL file",
    )

    def of_problem(self, facts: Facts, problem: Problem) -> Finding:
        """The finding for a problem, with the command that converts a list of another form."""
        finding, file = super().of_problem(facts, problem), facts.trust.crl_file
        first, *others = finding.remedies
        directive, name = "SSLProxyCARevocationFile", file.path or ""
        convert = shell.converted_file(directive, file.detail, name, facts)
        return replace(finding, remedies=(first, *convert, *others))

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        chain = facts.policy.ca_revocation_check.value.split()[:1] == ["chain"]
        every = (
            " SSLProxyCARevocationCheck chain wants a list of every CA, the root included."
            if chain
            else ""
        )
        remedies = reissued(
            self.repair.reissue,
            facts,
            "Get the current list of each CA of the chain from its owner, and put them into the "
            "one file (PEM).",
        )
        if chain:
            remedies.append(
                Remedy(
                    "config",
                    "Or check only the backend's own certificate:",
                    "SSLProxyCARevocationCheck leaf",
                )
            )
        text = or_meaning(
            facts,
            (3, 33),
            f"Revocation is checked, but the list of {_without_list(facts)} is not among the "
            f"given ones (error {facts.error}).{every}",
        )
        return self.found(
            facts,
            text,
            [
                *evidence.openssl(facts),
                *evidence.policy(facts, "ca_revocation_check"),
                *_lists(facts),
            ],
            remedies,
            at=evidence.line_of(facts, *_LIST_FIELDS),
            proof=[
                *evidence.directives(facts, "ca_revocation_check"),
                *_directives(facts),
                *_dates(facts),
            ][:3],
            why="httpd checks revocation, but has no list of "
            f"{evidence.short(_without_list(facts))}."
            if facts.error in (3, 33)
            else evidence.first_sentences(text),
        )


def _without_list(facts: Facts) -> str:
    """The CA whose list OpenSSL did not find."""
    _, failed = failing_certificate(facts, facts.error)
    if failed is None:
        return "the CA that issued a certificate of this chain"
    return failed.issuer


def _lists(facts: Facts) -> list[str]:
    lines = []
    for file, field in (
        (facts.trust.crl_file, "ca_revocation_file"),
        (facts.trust.crl_path, "ca_revocation_path"),
    ):
        if file.path is None:
            continue
        lines += evidence.policy(facts, field)
        lines += [
            f"list of {issuer}: next update {evidence.day(until)}"
            for issuer, until in zip(file.crl_issuers, file.crl_next_updates, strict=False)
        ][:8]
    return lines


def _directives(facts: Facts) -> list[str]:
    """The directives that name lists."""
    named = [name for name in _LIST_FIELDS if getattr(facts.policy, name).value is not None]
    return evidence.directives(facts, *named)


def _dates(facts: Facts) -> list[str]:
    """Whose lists there are, and until when they hold."""
    return [
        f"list of {evidence.short(issuer)}: next update {until:%Y-%m-%d}"
        for file in (facts.trust.crl_file, facts.trust.crl_path)
        for issuer, until in zip(file.crl_issuers, file.crl_next_updates, strict=False)
    ]

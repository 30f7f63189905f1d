"""The files that a policy names: CAs, revocation lists, the client certificate."""

from __future__ import annotations

import posixpath
import shlex

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts, named_root
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.model.certificate import Certificate, TrustFile
from wizard.model.config import Setting
from wizard.model.diagnosis import Finding, Remedy

_NOT_THERE = {
    "missing": "does not exist",
    "empty": "is empty",
    "directory": "is a directory",
    "not-a-directory": "is no directory",
}
_NO_PEM = {
    "der": "holds one certificate in DER; httpd reads PEM only",
    "pkcs12": "is a PKCS#12 key store; httpd reads PEM only",
    "no-certificate": "holds no certificate",
    "broken-pem": "holds a certificate that does not decode",
}

_FOR_FIX = ("one certificate in DER", "PKCS#7 in DER", "holds PKCS7")
"""Forms that ``fix --ca`` reads, and httpd does not."""

OWN_CA_FILE = Alternative(
    "Put that CA into a file of this proxy's own",
    "Only this proxy trusts it, and every check stays on.",
    "The file is to be renewed when the CA is.",
    take="plan",
)
SYSTEM_STORE = Alternative(
    "Put the CA into the system's store, and name that as SSLProxyCACertificateFile",
    "One place for all programs of this machine.",
    "Then every program trusts it, and httpd trusts every public CA for this backend too.",
)
VERIFICATION_OFF = Alternative(
    "A temporary exception: SSLProxyVerify none",
    "Works at once.",
    "Anybody between httpd and the backend can read and change everything. "
    "Until a day that you name.",
    take="temporary",
)


class CaNotConfigured(Rule):
    """Verification on, no CA named."""

    slug = "ca-not-configured"
    family = "configuration"
    order = 90
    best_practice = "internal-ca"
    title = "No CA is trusted for backends"
    signs = Signs(stages={"verify": 20}, verify_errors="19/2 20/3", log_codes="AH01897")
    repair = Repairability(traits=("trust",))
    alternatives = (
        OWN_CA_FILE,
        SYSTEM_STORE,
        VERIFICATION_OFF,
    )
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        policy = facts.policy
        if not facts.verifies or policy.ca_certificate_file.value is not None:
            return None
        if policy.ca_certificate_path.value is not None:
            return None
        idle = [one for one in facts.route.idle if one.field in evidence.CA_FIELDS][:1]
        issuer = f" This one was signed by {facts.leaf.issuer}." if facts.leaf else ""
        return self.found(
            facts,
            "SSLProxyVerify asks for a trusted certificate, but neither SSLProxyCACertificateFile "
            "nor SSLProxyCACertificatePath names a CA. httpd does not use the system's trust store "
            f"for backends, so it refuses every certificate (AH01897 at start).{issuer} Take the "
            "CA's certificate from its owner, not from the connection: whoever sits there may send "
            "his own.",
            [
                *evidence.policy(facts, "verify", "ca_certificate_file", "ca_certificate_path"),
                *evidence.leaf(facts),
            ],
            [
                *shell.in_force(facts, *evidence.CA_FIELDS),
                *trust_ca(facts),
            ],
            at=evidence.line_of(facts, *evidence.CA_FIELDS),
            proof=[
                *(
                    [f"{one.place}  {one.text}: {one.why}" for one in idle]
                    or evidence.directives(facts, "ca_certificate_file")
                ),
                *evidence.directives(facts, "verify"),
                *evidence.leaf_in_short(facts),
            ],
            why="httpd does not use the system's trust store for backends, so it refuses every "
            "certificate here.",
        )


class CaFileMissing(Rule):
    """SSLProxyCACertificateFile or -Path names nothing."""

    slug = "ca-file-missing"
    family = "configuration"
    order = 60
    title = "The file with the trusted CAs is not there"
    signs = Signs(stages={"config": 10, "start": 10}, log_codes="AH00526/3 AH02210/2 AH02211")
    repair = Repairability(traits=("trust",))
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        trust, policy = facts.trust, facts.policy
        pairs: list[tuple[TrustFile, str, Setting[str | None]]] = [
            (trust.ca_file, "ca_certificate_file", policy.ca_certificate_file),
            (trust.ca_path, "ca_certificate_path", policy.ca_certificate_path),
        ]
        for file, field, setting in pairs:
            if setting.value is None or file.state not in _NOT_THERE:
                continue
            if field == "ca_certificate_path" and file.state == "empty":
                continue  # an empty directory: ca-path-not-hashed
            return self.found(
                facts,
                f"{setting.value} {_NOT_THERE[file.state]}. The configuration test refuses it "
                "(AH00526), even where SSLProxyEngine is off.",
                [*evidence.policy(facts, field), f"{setting.value}: {file.state}"],
                [
                    *_other_directive(field, file.state, setting.value),
                    Remedy(
                        "config",
                        "Correct the path, or get the CA's certificate from its owner, then:",
                        shell.fix(facts, ca_file="FILE"),
                    ),
                    Remedy(
                        "config",
                        "See what is there. A relative path starts at ServerRoot.",
                        f"ls -l {shlex.quote(setting.value)}",
                        looks=True,
                    ),
                    _public(facts),
                ],
                at=setting.source,
                proof=[
                    f"{posixpath.basename(setting.value)} {_NOT_THERE[file.state]}",
                    *evidence.directives(facts, field),
                ],
                why="The configuration test refuses this line, so httpd does not start.",
            )
        return None


def _other_directive(field: str, state: str, path: str) -> list[Remedy]:
    """For a file where a directory is wanted, or the reverse: the directive that takes it."""
    if state == "not-a-directory":
        text = "It is a file: name it with the directive for files."
        return [Remedy("config", text, f"SSLProxyCACertificateFile {argument(path)}")]
    if state == "directory" and field == "ca_certificate_file":
        text = "It is a directory: name it with the directive for directories (openssl rehash)."
        return [Remedy("config", text, f"SSLProxyCACertificatePath {argument(path)}")]
    return []


class CaFileInvalid(Rule):
    """A CA file that OpenSSL cannot load: -t passes, start-up dies."""

    slug = "ca-file-invalid"
    family = "configuration"
    order = 70
    title = "The file with the trusted CAs cannot be loaded"
    signs = Signs(stages={"config": 20, "start": 20}, log_codes="AH01895 AH01896 AH02210")
    repair = Repairability(traits=("trust",))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        file, name = facts.trust.ca_file, facts.policy.ca_certificate_file.value
        if name is None or file.state in _NOT_THERE or file.state in ("unset", "unreadable"):
            return None
        if file.state == "ok" and file.loads:
            return None
        reason = _NO_PEM.get(file.state) or file.detail or "is not accepted by OpenSSL"
        if file.state == "no-certificate" and file.detail:
            reason += f"; it {form(file.detail)}"
        elif file.state == "broken-pem":
            reason += f" ({file.detail})"
        if file.trusted_certificate_count and not file.certificates:
            reason = "holds only TRUSTED CERTIFICATE blocks, which httpd does not take"
        quoted = shlex.quote(name)
        written = Remedy("config", "Have its CA written as PEM:", shell.fix(facts, ca_file=name))
        remedies = [
            *([written] if file.detail in _FOR_FIX else []),
            *shell.converted_file("SSLProxyCACertificateFile", file.detail, name, facts),
            Remedy(
                "config",
                "Get the CA's certificate from the CA's owner in PEM (it begins with -----BEGIN "
                "CERTIFICATE-----), then:",
                shell.fix(facts, ca_file="FILE"),
            ),
            Remedy(
                "config", "See what it holds.", f"head -c 200 {quoted}; file {quoted}", looks=True
            ),
        ]
        return self.found(
            facts,
            f"{name} {reason}. The configuration test says Syntax OK, but httpd ends when it "
            "starts or reloads (AH01895 or AH01896, AH02312).",
            [*evidence.policy(facts, "ca_certificate_file"), f"{name}: {file.detail or reason}"],
            remedies,
            at=facts.policy.ca_certificate_file.source,
            proof=[
                f"{posixpath.basename(name)} {reason}",
                *evidence.directives(facts, "ca_certificate_file"),
            ],
            why="The configuration test passes, but httpd ends at its next start or reload.",
        )


class CaPathNotHashed(Rule):
    """A directory of CAs without the names by which OpenSSL looks them up."""

    slug = "ca-path-not-hashed"
    family = "configuration"
    order = 80
    best_practice = "internal-ca"
    title = "The directory of trusted CAs lacks OpenSSL's hashed names"
    signs = Signs(
        stages={"config": 30, "start": 30, "verify": 60},
        verify_errors="20/6 70",
        log_codes="AH01896/2 AH02211/2",
    )
    repair = Repairability(traits=("trust",))
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        directory, path = facts.trust.ca_path, facts.policy.ca_certificate_path.value
        if path is None or directory.state not in ("unhashed", "empty", "no-certificate"):
            return None
        quoted = shlex.quote(path)
        if directory.state == "unhashed":
            text = (
                f"OpenSSL finds a CA in {path} only under the hash of its name "
                "(1a2b3c4d.0). Without these links it is as if the directory were empty."
            )
            why = (
                "OpenSSL looks up a CA only under the hash of its name (1a2b3c4d.0). Without these "
                "links it finds none."
            )
            state = "holds certificates, but no links to them by hash"
            first = "Make the links, and again after each change of the directory:"
            add = ""
        else:
            text = (
                f"{path} holds no certificate. The configuration test passes, but httpd ends "
                "when it starts or reloads (AH01896, AH02312)."
            )
            why = "The configuration test passes, but httpd ends at its next start or reload."
            state = "holds no certificate"
            first = "Get the CA's certificate from its owner, put it there, and make the links:"
            add = f"cp -n FILE {quoted} && "
        harmless = directory.state == "unhashed" and not facts.verifies
        return self.found(
            facts,
            text,
            [*evidence.policy(facts, "ca_certificate_path"), f"{path}: {directory.state}"],
            [
                Remedy("config", first, f"{add}openssl rehash {quoted}"),
                Remedy("config", "Or name one file instead: SSLProxyCACertificateFile."),
            ],
            "warning" if harmless else None,
            at=facts.policy.ca_certificate_path.source,
            proof=[
                f"{posixpath.basename(path.rstrip('/'))} {state}",
                *evidence.directives(facts, "ca_certificate_path"),
            ],
            why=why,
        )


def form(detail: str) -> str:
    """What a file is, as the end of a sentence about it."""
    if detail.startswith("holds "):
        return detail
    return f"has {detail}" if detail.startswith("no ") else f"is {detail}"


def trust_ca(facts: Facts) -> list[Remedy]:
    """How to have httpd trust the CA that signed the backend's chain."""
    top = facts.top
    if top is not None and top.self_issued and top is facts.leaf:
        return trust_itself(facts, top)
    remedies = [
        Remedy(
            "ca",
            f"Get {_wanted(facts)} from the CA's owner, then:",
            shell.fix(facts, ca_file="FILE"),
        ),
        _public(facts),
    ]
    if top is not None and top.self_issued:
        remedies.insert(
            1,
            Remedy(
                "ca",
                "Or compare the SHA-256 of the root that the backend sends with the CA's owner, by "
                "telephone or signed mail, and only then accept it:",
                shell.fix(facts, accept=top.sha256),
            ),
        )
    return remedies


def trust_itself(facts: Facts, leaf: Certificate | None) -> list[Remedy]:
    """How to have httpd trust a certificate that no CA signed."""
    return [
        Remedy(
            "backend",
            "Get this certificate as a file from the backend's owner, then:",
            shell.fix(facts, ca_file="FILE"),
        ),
        Remedy(
            "config",
            "Or compare its SHA-256 with the backend's owner by telephone or signed mail, and "
            "trust the one that the backend sends:",
            shell.fix(facts, accept=leaf.sha256 if leaf is not None else "SHA256"),
        ),
    ]


def _wanted(facts: Facts) -> str:
    """The certificate that httpd has to trust, as far as it is known."""
    top = facts.top
    if top is None:
        return "the root certificate of the CA that signed the backend's certificate"
    name = evidence.short(top.issuer)
    if top.self_issued or named_root(top.issuer):
        return f'the root certificate "{name}"'
    return f'the certificate "{name}" and, if it is an intermediate, its root'


def _public(facts: Facts) -> Remedy:
    """How to have httpd trust a public CA, and no other of the system's."""
    return Remedy(
        "config",
        "If a public CA signed it, take that CA alone from the system's trust store:",
        shell.fix(facts, ca_file=facts.case.httpd.service.store),
    )

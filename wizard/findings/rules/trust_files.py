"""The files that a policy names: authorities, revocation lists, the client certificate."""

from __future__ import annotations

import shlex

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.model.certificate import TrustFile
from wizard.model.config import Setting
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference.behaviours import holds

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
    """Verification on, no authority named."""

    slug = "ca-not-configured"
    family = "configuration"
    order = 90
    best_practice = "internal-ca"
    title = "No authority is trusted for backends"
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
        issuer = f" This one was signed by {facts.leaf.issuer}." if facts.leaf else ""
        return self.found(
            facts,
            "SSLProxyVerify asks for a trusted certificate, but neither SSLProxyCACertificateFile "
            "nor SSLProxyCACertificatePath names an authority. httpd does not use the system's "
            f"store for backends, so it refuses every certificate (AH01897 at start).{issuer}",
            [
                *evidence.policy(facts, "verify", "ca_certificate_file", "ca_certificate_path"),
                *evidence.leaf(facts),
            ],
            [
                *shell.in_force(facts, "ca_certificate_file", "ca_certificate_path"),
                *trust_authority(facts),
            ],
        )


class CaFileMissing(Rule):
    """SSLProxyCACertificateFile or -Path names nothing."""

    slug = "ca-file-missing"
    family = "configuration"
    order = 60
    title = "The file with the trusted authorities is not there"
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
                        "Put the authority's certificate (PEM) there, or correct the path. "
                        "A relative path starts at ServerRoot.",
                        f"ls -l {shlex.quote(setting.value)}",
                    ),
                    _public(facts),
                ],
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
    title = "The file with the trusted authorities cannot be loaded"
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
            reason += f"; it {_is(file.detail)}"
        elif file.state == "broken-pem":
            reason += f" ({file.detail})"
        if file.trusted_certificate_count and not file.certificates:
            reason = "holds only TRUSTED CERTIFICATE blocks, which httpd does not take"
        quoted = shlex.quote(name)
        remedies = [
            *shell.converted_file("SSLProxyCACertificateFile", file.detail, name, facts),
            Remedy("config", "See what the file holds.", f"head -c 200 {quoted}; file {quoted}"),
            Remedy(
                "ca",
                "Ask the authority for its certificate in PEM (a text that begins with "
                "-----BEGIN CERTIFICATE-----).",
            ),
        ]
        return self.found(
            facts,
            f"{name} {reason}. The configuration test says Syntax OK, but httpd ends when it "
            "starts or reloads (AH01895 or AH01896, AH02312).",
            [*evidence.policy(facts, "ca_certificate_file"), f"{name}: {file.detail or reason}"],
            remedies,
        )


class CaPathNotHashed(Rule):
    """A directory of authorities without the names by which OpenSSL looks them up."""

    slug = "ca-path-not-hashed"
    family = "configuration"
    order = 80
    best_practice = "internal-ca"
    title = "The directory of trusted authorities lacks OpenSSL's hashed names"
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
        if directory.state == "unhashed":
            text = (
                f"OpenSSL finds an authority in {path} only under the hash of its name "
                "(1a2b3c4d.0). Without these links it is as if the directory were empty."
            )
        else:
            text = (
                f"{path} holds no certificate. The configuration test passes, but httpd ends "
                "when it starts or reloads (AH01896, AH02312)."
            )
        harmless = directory.state == "unhashed" and not facts.verifies
        return self.found(
            facts,
            text,
            [*evidence.policy(facts, "ca_certificate_path"), f"{path}: {directory.state}"],
            [
                Remedy(
                    "config",
                    "Make the links; again after each change of the directory.",
                    f"openssl rehash {shlex.quote(path)}",
                ),
                Remedy("config", "Or name one file instead: SSLProxyCACertificateFile."),
            ],
            "warning" if harmless else None,
        )


class ClientCertificateWithoutKey(Rule):
    """SSLProxyMachineCertificateFile that httpd cannot use."""

    slug = "client-certificate-without-key"
    family = "configuration"
    order = 110
    title = "httpd's own certificate for backends cannot be used"
    signs = Signs(
        stages={"config": 50, "start": 50, "tls": 70, "http": 30},
        log_codes="AH02206 AH02252 AH02268/2 AH02326",
        alerts="51",
    )
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        own = facts.trust.client_certificate
        if own.state == "ok":
            return self._refused_by_openssl(facts)
        if own.state in ("unset", "unreadable"):
            return None
        effects = {
            "no-key": ("holds no private key; httpd starts, but sends no certificate (AH02206)", 0),
            "invalid": ("cannot be read as PEM; httpd starts, but sends none (AH02206)", 0),
            "wrong-key": ("holds a key of another certificate; httpd ends at start (AH02326)", 1),
            "incomplete": ("holds a certificate without its key; httpd ends at start (AH02252)", 1),
            "encrypted-key": ("holds an encrypted key; httpd ends at start (AH02252)", 1),
            "missing": ("does not exist; the configuration test refuses it (AH00526)", 1),
            "empty": ("is empty; the configuration test refuses it (AH00526)", 1),
        }
        text, ends = effects[own.state]
        if own.state == "wrong-key" and not own.certificates:
            text = "holds a private key without its certificate; httpd ends at start (AH02326)"
        wanted = facts.tls is not None and facts.tls.client_certificate_requested
        field = evidence.own_certificate_field(facts)
        name = own.path or getattr(facts.policy, field).value or ""
        key = _usable_client_certificate(facts, name)
        return self.found(
            facts,
            f"{name} {text}.",
            [*evidence.policy(facts, field), f"{name}: {own.detail or own.state}"],
            [key],
            "critical" if ends or (wanted and facts.failing) else "warning",
        )

    def _refused_by_openssl(self, facts: Facts) -> Finding | None:
        """httpd starts with it, but answers a backend that asks that it has none (measured)."""
        why = facts.tls.client_certificate_refused if facts.tls is not None else ""
        shown = facts.presented
        if not why or shown is None:
            return None
        own = next(
            c for c in facts.trust.client_certificate.certificates if c.sha256 == shown.sha256
        )
        return self.found(
            facts,
            f"httpd's own OpenSSL does not send the certificate in {shown.file}: its key or its "
            f"signature is too weak for the security level here ({why}). httpd starts, and tells "
            "the backend that it has no certificate.",
            [f"{shown.file}: {own.subject}, {own.key}, signed with {own.signature}"],
            [
                Remedy(
                    "ca",
                    "Have a certificate issued for a new, longer key, signed with SHA-256.",
                    shell.client_request(),
                ),
            ],
            "critical" if facts.failing else "warning",
        )


def _usable_client_certificate(facts: Facts, name: str) -> Remedy:
    """How a file is made that httpd can use; the present one, perhaps the only one, stays."""
    own, quoted = facts.trust.client_certificate, shlex.quote(name)
    convert = shell.converted(own.detail, name)
    if own.detail == "one certificate in DER":
        text, command = "Convert it and add its key", f"{convert} && cat client.key"
    elif own.detail == "a private key in DER":
        text, command = "Convert it, and put its certificate first", f"cat client.pem && {convert}"
    elif "PKCS#7" in own.detail or "PKCS7" in own.detail:
        text = "It holds certificates and no key: write its own one, the key, then the others"
        command = "cat client.pem client.key"
    elif own.detail == "a Java key store":
        text = "Export its certificate and key (keytool -importkeystore, then openssl pkcs12)"
        command = "cat client.pem client.key"
    elif own.detail == "PKCS#12":
        text, command = (
            "httpd reads PEM only, and this is PKCS#12: convert it",
            _opened(facts, quoted),
        )
    elif convert:
        text, command = f"httpd reads PEM only, and this {_is(own.detail)}: convert it", convert
    elif "PKCS #8" in own.detail:
        text = "Write the key in the form that this OpenSSL reads (BEGIN EC or RSA PRIVATE KEY)"
        command = f"openssl x509 -in {quoted} && openssl pkey -traditional -in {quoted}"
    elif own.state == "encrypted-key":
        text = "Store certificate and key without a passphrase, readable by root only"
        command = f"openssl x509 -in {quoted} && openssl pkey -in {quoted}"
    else:
        text = "Put the certificate and its unencrypted PEM key into one new file"
        in_file = facts.policy.machine_certificate_file.value is not None and own.certificates
        command = f"cat {quoted if in_file else 'client.pem'} client.key"
    written, target = shell.into_new_file(command, name, facts)
    setting = f"SSLProxyMachineCertificateFile {argument(target)}"
    return Remedy("config", f"{text}. Then write {setting}.", written)


def _opened(facts: Facts, quoted: str) -> str:
    """The key of a PKCS#12 file, beside it its certificate, and then the chain: httpd takes blocks
    that stand together for a pair (PEM_X509_INFO_read_bio); older ones refuse a chain here."""
    strict = holds("machine-file-needs-keys", facts.case.httpd.release)
    parts = ("-nodes -nocerts", "-nokeys -clcerts", *(() if strict else ("-nokeys -cacerts",)))
    return " && ".join(f"openssl pkcs12 {part} -in {quoted}" for part in parts)


def _is(detail: str) -> str:
    """What a file is, as the end of a sentence about it."""
    if detail.startswith("holds "):
        return detail
    return f"has {detail}" if detail.startswith("no ") else f"is {detail}"


def trust_authority(facts: Facts) -> list[Remedy]:
    """How to have httpd trust the authority that signed the backend's chain."""
    top = facts.top
    if top is None or top.self_issued:
        who = f" ({top.subject})" if top else ""
        what = f"Get the root certificate{who}"
    else:
        # Nobody has seen the issuer's certificate: it may be a root's or an intermediate's.
        what = (
            f"Get the certificate of {top.issuer} and, if that is no root (its issuer is another), "
            "those above it up to the root,"
        )
    remedies = [
        Remedy(
            "ca",
            f"{what} from the authority itself, not from the connection, and have the patch "
            "written for it.",
            shell.fix(facts, "internal-ca", ca_file="root.pem"),
        ),
        _public(facts),
    ]
    if top is not None and top.self_issued:
        remedies.insert(
            1,
            Remedy(
                "ca",
                "The backend presents its root itself. Compare its SHA-256 with its owner by "
                "another way (telephone, signed mail); only then accept it.",
                shell.fix(facts, "internal-ca", accept=top.sha256),
            ),
        )
    return remedies


def _public(facts: Facts) -> Remedy:
    """How to have httpd trust a public authority, and no other of the system's."""
    return Remedy(
        "config",
        "A backend with a public certificate: have the patch written from the system's store. Of "
        "that it takes only the CA that signed the chain.",
        shell.fix(facts, "production", ca_file=facts.case.httpd.service.store),
    )

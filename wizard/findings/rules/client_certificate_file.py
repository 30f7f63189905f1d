"""The file with httpd's own certificate for backends, where httpd cannot use it."""

from __future__ import annotations

import shlex

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.findings.rules.trust_files import form
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference.behaviours import holds


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
            at=evidence.line_of(facts, field),
            proof=evidence.directives(facts, field),
            why=evidence.first_sentences(f"The file {text}."),
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
            at=evidence.line_of(facts, evidence.own_certificate_field(facts)),
            proof=[
                *evidence.directives(facts, evidence.own_certificate_field(facts)),
                f"certificate: {evidence.owner(own)}, {own.key}, signed with {own.signature}",
            ],
            why="httpd starts, but its OpenSSL finds the key or the signature too weak. It tells "
            "the backend that it has no certificate.",
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
        text = "It holds certificates and no key: put its own one, the key, then the others into it"
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
        text, command = f"httpd reads PEM only, and this {form(own.detail)}: convert it", convert
    elif "PKCS #8" in own.detail:
        text = "Write the key in the form that this OpenSSL reads (BEGIN EC or RSA PRIVATE KEY)"
        command = f"openssl x509 -in {quoted} && openssl pkey -traditional -in {quoted}"
    elif own.state == "encrypted-key":
        text = "Store certificate and key without a passphrase, for root only"
        command = f"openssl x509 -in {quoted} && openssl pkey -in {quoted}"
    else:
        text = "Put the certificate and its unencrypted PEM key into one new file"
        in_file = facts.policy.machine_certificate_file.value is not None and own.certificates
        command = f"cat {quoted if in_file else 'client.pem'} client.key"
    written, target = shell.into_new_file(command, name, facts)
    setting = f"SSLProxyMachineCertificateFile {argument(target)}"
    return Remedy("config", f"{text}, and write {setting}:", written)


def _opened(facts: Facts, quoted: str) -> str:
    """The key of a PKCS#12 file, beside it its certificate, and then the chain: httpd takes blocks
    that stand together for a pair (PEM_X509_INFO_read_bio); older ones refuse a chain here."""
    strict = holds("machine-file-needs-keys", facts.case.httpd.release)
    parts = ("-nodes -nocerts", "-nokeys -clcerts", *(() if strict else ("-nokeys -cacerts",)))
    return " && ".join(f"openssl pkcs12 {part} -in {quoted}" for part in parts)

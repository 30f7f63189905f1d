"""Commands to paste: what the operator runs to look closer, and to load a repaired configuration.

Text from outside is quoted for a POSIX shell (IEEE 1003.1, 2.2).
"""

from __future__ import annotations

import shlex
from functools import lru_cache

from wizard.config.syntax.words import argument
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, Remedy
from wizard.model.host_names import bracketed
from wizard.model.httpd_info import HttpdInfo
from wizard.model.plan import FixPolicy
from wizard.model.scope import Assumed, HttpdChoice, Scope
from wizard.reference import tls_settings
from wizard.reference.ssl_proxy_directives import DIRECTIVES
from wizard.x509.issuer_urls import issuer_urls
from wizard.x509.pem import GLUED

_LIST, _KEY = "a revocation list in DER", "a private key in DER"
_TEXTS = {
    "text in UTF-16": "iconv -f UTF-16 -t UTF-8 {}",
    "text in UTF-16LE": "iconv -f UTF-16LE -t UTF-8 {}",
    "PEM whose lines end in CR alone": "tr '\\r' '\\n' < {}",
    "PEM with \\n instead of line ends": "sed 's/\\\\n/\\n/g' {}",
    "PEM on one line": "sed 's/-----BEGIN [A-Z0-9 ]*-----/\\n&\\n/g; s/-----END/\\n&/g; "
    "s/[^-\\n]\\{{64\\}}/&\\n/g' {}",
    "PEM with indented lines": "sed 's/^[[:blank:]]*//' {}",
    GLUED: "sed 's/-----END [A-Z0-9 ]*-----/&\\n/' {}",
}
"""Whatever their blocks are."""
_CONVERTED = {
    "PKCS#12": "openssl pkcs12 -nodes -in {}",
    "one certificate in DER": "openssl x509 -inform DER -in {}",
    "PKCS#7 in DER": "openssl pkcs7 -inform DER -print_certs -in {}",
    "holds PKCS7": "openssl pkcs7 -print_certs -in {}",
    "holds TRUSTED CERTIFICATE": "openssl x509 -in {}",
    _LIST: "openssl crl -inform DER -in {}",
    _KEY: "openssl pkey -inform DER -in {}",
    "a Java key store": "keytool -list -rfc -keystore {}",
    "base64 without BEGIN and END": "base64 -di {} | openssl x509 -inform DER",
    **_TEXTS,
}

_PORTS = {"http": 80, "https": 443}

DENIED = Remedy(
    "network",
    "See whether SELinux said no, and to whom.",
    "ausearch -m avc -c httpd -ts recent",
    looks=True,
)


def converted(form: str, source: str, *, authorities: bool = False) -> str:
    """The command that writes a file's contents to its output in PEM; empty: none is known.

    Args:
        form: what the file is, as ``wizard.x509.trust_file`` says it.
        source: path of the file.
        authorities: of a key store its authorities' certificates alone, not its key.
    """
    command = _CONVERTED.get(form, "")
    if authorities:
        command = command.replace("-nodes", "-cacerts -nokeys")
    return command.format(shlex.quote(source))


def keeping_files(*commands: str) -> str:
    """Commands that end at the first one that fails, or that would write where a file exists.

    The shell itself refuses that (IEEE 1003.1, set -C), so they write by redirection only. What
    they write only its owner may read.
    """
    return f"(umask 077; set -C; {' && '.join(commands)})"


def request(stem: str, *options: str) -> str:
    """The commands that make a key, and the request for its certificate.

    Args:
        stem: name of both files without their ends (``.key``, ``.csr``).
        options: of ``openssl req``, subject and extensions.
    """
    key, asked = shlex.quote(f"{stem}.key"), shlex.quote(f"{stem}.csr")
    return keeping_files(
        f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 > {key}",
        f"openssl req -new -key {key} {shlex.join(options)} > {asked}",
    )


def into_new_file(command: str, beside: str, facts: Facts) -> tuple[str, str]:
    """A command whose output goes into a new file, which only its owner may read.

    Args:
        command: it writes to its output.
        beside: path of a file or directory that the configuration names; the new one is beside it.
        facts: of the route, whose policy's files are left alone.

    Returns:
        The command, and the path of the new file.
    """
    stem = beside.rstrip("/")
    head, _, last = stem.rpartition("/")
    base = last.rsplit(".", 1)[0] or last
    policy = facts.policy
    named = {
        policy.ca_certificate_file.value,
        policy.ca_revocation_file.value,
        policy.machine_certificate_file.value,
        policy.machine_certificate_chain_file.value,
        stem,
    }
    ends = ("", "-new", *(f"-new{number}" for number in range(2, len(named) + 1)))
    places = (f"{head}/{base}{end}.pem" for end in ends)
    target = next(place for place in places if place not in named)
    # a command that fails (a wrong passphrase) leaves no file that would be in its own way
    kept = f"new=$({command})", f"printf '%s\\n' \"$new\" > {shlex.quote(target)}"
    return keeping_files(*kept), target


def converted_file(directive: str, form: str, source: str, facts: Facts) -> tuple[Remedy, ...]:
    """How a file of another form is converted into a new one; none where nothing does that.

    Args:
        directive: that names it.
        form: as for ``converted``.
        source: path of the file.
        facts: of the route.
    """
    fits = form in _TEXTS or (form == _LIST) is directive.startswith("SSLProxyCARevocation")
    command = converted(form, source, authorities=True)
    if not command or form == _KEY or not fits:
        return ()
    written, target = into_new_file(command, source, facts)
    return (Remedy("config", f"Convert it, and write {directive} {argument(target)}.", written),)


def client_request() -> str:
    """The commands that make a key for httpd as a client, and the request for its certificate."""
    return request("proxy", "-subj", "/CN=proxy", "-addext", "extendedKeyUsage=clientAuth")


def fix(
    facts: Facts, policy: FixPolicy = "production", *, ca_file: str = "", accept: str = ""
) -> str:
    """``proxy-wizard fix`` for the same configuration.

    Args:
        facts: of the route.
        policy: row of the best-practice table (the command's own default is not named); the day
            that an exception needs is left open.
        ca_file: to trust.
        accept: SHA-256 of a certificate to trust.
    """
    words = _own("fix", facts.case)
    words += f" --policy {policy}" if policy != "production" else ""
    words += " --until YYYY-MM-DD" if policy == "temporary" else ""
    words += f" --ca {shlex.quote(ca_file)}" if ca_file else ""
    return words + (f" --accept-fingerprint {accept}" if accept else "")


def check(facts: Facts) -> str:
    """``proxy-wizard check`` of the same configuration."""
    return _own("check", facts.case)


def again(command: str, scope: Scope, *options: str) -> str:
    """``proxy-wizard COMMAND`` for what a run was about: its configuration, narrowed as it was.

    Args:
        command: ``check``, ``fix`` …
        scope: of the run.
        options: further ones, each quoted for the shell.
    """
    narrow = (("vhost", scope.vhost), ("route", scope.route), ("host", scope.host))
    named = [f"--{name}={shlex.quote(value)}" for name, value in narrow if value is not None]
    called = _words(command, scope.path, scope.defines, scope.httpd, scope.resolve)
    return " ".join((called, *named, *options))


def _own(command: str, case: Case) -> str:
    return _words(command, case.config, case.defines, case.choice, case.assumed)


@lru_cache(maxsize=8)
def _words(
    command: str,
    config: str | None,
    defines: tuple[str, ...],
    choice: HttpdChoice,
    assumed: tuple[Assumed, ...],
) -> str:
    """The command with every word that says which configuration, read how, of which httpd."""
    words = ["proxy-wizard", command]
    if config is not None:
        words.append(config)
    words += [f"--define={name}" for name in defines]
    if choice.program is not None:
        words.append(f"--httpd={choice.program}")
    elif not choice.ask:
        words.append("--no-httpd")
    if choice.version is not None:
        words.append(f"--httpd-version={choice.version}")
    if choice.openssl is not None:
        words.append(f"--openssl-version={choice.openssl}")
    words += [f"--resolve={one}" for one in assumed]
    return shlex.join(words)


def load_modules(httpd: HttpdInfo, modules: tuple[str, ...]) -> tuple[Remedy, ...]:
    """How modules (``proxy_http_module`` …) are loaded in this layout.

    Returns:
        a2enmod or the package manager as a command; else LoadModule lines to add, and what makes
        them count.
    """
    service = httpd.service
    short = [name.removesuffix("_module") for name in modules]
    if service.enable:
        groups = [[name] for name in short] if service.enables_one else [short]
        calls = [f"{service.enable} {' '.join(group)}" for group in groups]
        text = "Load it; a new module needs a restart."
        return (Remedy("config", text, " && ".join((*calls, service.restart))),)
    installs = dict.fromkeys(command for name, command in service.packages if name in modules)
    if installs and {name for name, _ in service.packages} >= set(modules):
        text = "Install it; its package has it loaded from the next start on."
        return (Remedy("config", text, " && ".join((*installs, service.restart))),)
    lines = "\n".join(f"LoadModule {name}_module modules/mod_{name}.so" for name in short)
    if not service.loads:
        return (Remedy("config", "Load it in the main configuration, then restart.", lines),)
    text = f"Load it in {service.loads}, where these lines may stand as comments, then restart."
    return (
        *(Remedy("config", "Install it.", command) for command in installs),
        Remedy("config", text, lines, then=bool(installs)),
        Remedy("config", "Test the configuration, and restart httpd.", service.restart, then=True),
    )


def level_2(facts: Facts) -> Remedy:
    """Has OpenSSL's usual security level hold, where a higher one is set."""
    listed = facts.policy.cipher_suite.value
    return Remedy(
        "config",
        "Set level 2, which is OpenSSL's usual one."
        if listed is not None
        else "Set level 2 in openssl.cnf (CipherString), or here.",
        f"SSLProxyCipherSuite {argument(tls_settings.at_level_2(listed))}",
    )


def in_force(facts: Facts, *fields: str) -> list[Remedy]:
    """Has a directive count that is written where it does not count for the route.

    Args:
        facts: of the route.
        fields: of TlsPolicy; the first directive that is found for one of them is taken.
    """
    found = [one for one in facts.route.idle if one.field in fields][:1]
    return [
        Remedy(
            "config",
            f"{one.place} does not count for this route. If it is meant, write here:",
            f"{DIRECTIVES[one.field]} {one.text.partition(' ')[2]}",
        )
        for one in found
    ]


def s_client(facts: Facts, *options: str) -> str:
    """The handshake by hand, with httpd's SNI."""
    backend = facts.backend
    host = bracketed(backend.host)
    where = ("-unix", backend.socket) if backend.socket else ("-connect", f"{host}:{backend.port}")
    naming = ("-servername", backend.sni) if backend.sni else ("-noservername",)
    proxy = ("-proxy", evidence.peer(facts)) if facts.forward_proxy is not None else ()
    words = ("openssl", "s_client", *proxy, *where, *naming, *options)
    return f"{shlex.join(words)} </dev/null"


def show_chain(facts: Facts) -> str:
    """The chain that the backend presents, as the operator can see it."""
    return s_client(facts, "-showcerts")


def show_issuer(certificate: Certificate) -> str:
    """What the issuer's certificate is: subject and issuer are the same in a root's alone.

    Args:
        certificate: whose issuer's is looked at, at the address that it names, if it names one.
    """
    shown = "openssl x509 -noout -subject -issuer"
    for url in issuer_urls(certificate):
        if url.startswith(("http://", "https://")) and url.isprintable():
            return f"{shlex.join(('curl', '-sS', url))} | {shown} -inform DER"
    return f"{shown} -in issuer.pem"


def lookup(facts: Facts) -> str:
    """What the system's resolver says of the name that httpd looks up."""
    asked = facts.probe.request if facts.probe is not None else None
    host = asked.peer[0] if asked is not None and asked.forward_proxy else facts.backend.host
    return shlex.join(("getent", "ahosts", host))


def curl(
    facts: Facts,
    *,
    tls: bool | None = None,
    http2: bool | None = None,
    host: str | None = None,
    page: bool = False,
) -> str:
    """The backend's answer by hand; over TLS and in HTTP/2 as httpd does it, unless said otherwise
    (curl(1): --http2-prior-knowledge).

    Args:
        facts: of the route.
        tls: whether over TLS; None: as httpd.
        http2: whether in HTTP/2; None: as httpd.
        host: Host header; None: the one that httpd sends.
        page: whether the page that it answers with is of interest, too.
    """
    backend = facts.backend
    encrypted = backend.uses_tls if tls is None else tls
    scheme = "https" if encrypted else "http"
    asked = bracketed(backend.host)
    shown = () if page else ("-o", "/dev/null")
    sent = host or backend.host_header
    place = f"{asked}:{backend.port}"
    words = ["curl", "-sv", *shown]
    if sent not in (place, asked if backend.port == _PORTS[scheme] else place):
        words += ["-H", f"Host: {sent}"]  # else it sends that by itself
    if backend.scheme in ("h2", "h2c") if http2 is None else http2:
        words.append("--http2" if encrypted else "--http2-prior-knowledge")
    if backend.socket:
        words += ["--unix-socket", backend.socket]
    if facts.forward_proxy is not None:
        words += ["-x", f"http://{evidence.peer(facts)}"]
    if encrypted:
        words.append("-k")  # the answer is looked at here, not the certificate
    return shlex.join([*words, f"{scheme}://{place}{backend.path or '/'}"])

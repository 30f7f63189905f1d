"""What a probe found, in words: the chain as a tree, both sides of SNI, the commands by hand."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from wizard.model.scope import Assumed
from wizard.text import printable
from wizard.wording.certificate import facts, names

if TYPE_CHECKING:
    from datetime import datetime

    from wizard.model.certificate import Certificate
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport


def chain(diagnosis: Diagnosis | None, glyphs: Glyphs) -> Text:
    """The presented chain, the issuer above what it signed, and what is missing at its top."""
    probe = diagnosis.case.probe if diagnosis else None
    if diagnosis is None or probe is None or probe.tls is None:
        return Text("No certificate was seen yet.")
    tls = probe.tls
    if not tls.chain:
        return Text(f"The backend showed no certificate: {printable(tls.error or 'unknown')}.")
    top = tls.chain[-1]
    text = Text()
    depth = 0
    if not top.self_issued:
        anchors = diagnosis.case.trust.anchors
        trusted = any(anchor.subject_der == top.issuer_der for anchor in anchors)
        where = "in the CA file" if trusted else "not sent by the backend, not in any CA file"
        text.append(f"{printable(top.issuer, 200)}\n", "" if trusted else "bold yellow")
        text.append(f"  {where}\n", "dim")
        depth = 1
    for certificate in reversed(tls.chain):
        leaf = certificate is tls.chain[0]
        text.append_text(_certificate(certificate, depth, diagnosis.case.now, glyphs, leaf=leaf))
        depth += 1
    return text


def _certificate(
    certificate: Certificate, depth: int, now: datetime, glyphs: Glyphs, *, leaf: bool
) -> Text:
    head = "   " * (depth - 1) + glyphs.last if depth else ""
    if certificate.error:
        return Text.assemble(
            head, (f"unreadable: {printable(certificate.error, 200)}\n", "bold red")
        )
    kind = "CA" if certificate.is_ca else "server" if leaf else "not a CA"
    first, *rows = facts(certificate, now)
    rows.insert(0, f"{kind}, {first}")
    text = Text.assemble(head, (f"{printable(certificate.subject, 300)}\n", "bold"))
    for row in rows:
        text.append(f"{'   ' * depth}  {row}\n", "dim")
    return text


def sni(probe: ProbeReport | None) -> Text:
    """The certificate shown with the name httpd sends, and the one shown without."""
    if probe is None or probe.tls is None:
        return Text("No certificate was seen yet.")
    tls = probe.tls
    text = Text()
    text.append(f"With SNI {printable(tls.sni)}\n" if tls.sni else "httpd sends no SNI here\n",
                "bold")  # fmt: skip
    text.append(_one(tls.leaf))
    if tls.sni is None:
        text.append("\nThe URL holds an IP address, and a server name must be a name (RFC 6066).")
        return text
    text.append("\nWithout SNI\n", "bold")
    text.append(_one(tls.without_sni, tls.without_sni_error))
    if tls.leaf and tls.without_sni:
        same = tls.leaf.sha256 == tls.without_sni.sha256
        text.append(
            "\nBoth are the same certificate." if same else
            "\nThey differ: this backend chooses its certificate by the name that is sent.",
        )  # fmt: skip
    return text


def _one(certificate: Certificate | None, error: str | None = None) -> str:
    if certificate is None:
        return f"  none shown{': ' + printable(error, 200) if error else ''}\n"
    covered = names(certificate.dns_names or certificate.common_names)
    return f"  {printable(certificate.subject, 300)}\n  {covered}\n"


def by_hand(route: Route | None, probe: ProbeReport | None) -> str:
    """Commands that repeat the probe; each on a line of its own, ready to copy."""
    if route is None or not route.backend.host:
        return "There is no backend to connect to."
    backend = route.backend
    host = f"[{backend.host}]" if ":" in backend.host else backend.host
    lines = []
    if backend.uses_tls:
        command = ["openssl", "s_client", "-connect", f"{host}:{backend.port}"]
        command += ["-servername", backend.sni] if backend.sni else ["-noservername"]
        command += ["-showcerts", "-verify_hostname", backend.check_name]
        if route.tls.ca_certificate_file.value:
            command += ["-CAfile", route.tls.ca_certificate_file.value, "-no-CApath", "-no-CAstore"]
        lines += ["The handshake as httpd makes it:", "", printable(shlex.join(command)), ""]
    scheme = "https" if backend.uses_tls else "http"
    path = probe.request.path if probe is not None else "/"
    command = ["curl", "-sS", "-o", "/dev/null", "-D", "-", "-H", f"Host: {backend.host_header}"]
    command += ["-k"] if backend.uses_tls else []
    command.append(f"{scheme}://{host}:{backend.port}{path}")
    lines += ["The request (curl's -k here only looks; never copy it into a proxy):", ""]
    lines += [printable(shlex.join(command)), ""]
    return "\n".join(lines)


def assumable(diagnosis: Diagnosis | None, assumed: Sequence[Assumed]) -> str | None:
    """Which name could be taken to lead where, for ``Assumed.parsed``; None: nothing needs one.

    Args:
        diagnosis: of the route; None: it was not probed yet.
        assumed: names that are taken to lead somewhere.
    """
    if assumed:
        return " ".join(map(str, assumed))
    probe = diagnosis.case.probe if diagnosis else None
    if diagnosis is None or probe is None:
        return None
    if probe.dns is not None and not probe.dns.addresses:
        return f"{probe.request.peer[0]}:"
    named = any(f.slug == "ip-address-backend" for f in diagnosis.findings)
    covered = probe.tls.leaf.dns_names if probe.tls is not None and probe.tls.leaf else ()
    host = diagnosis.case.route.backend.host
    fitting = (str(Assumed(name, host)) for name in covered if "*" not in name)
    return next(fitting, None) if named else None


def only_path(route: Route) -> str:
    """Why no other path of a route can be asked for; empty where any below it can."""
    only = f"The wizard can ask for {printable(route.request_path, 200)} only."
    pattern = printable(route.path, 200)
    if route.kind.startswith("RewriteRule"):
        return (
            "This route is a RewriteRule: what becomes of a path depends on what its pattern "
            f"{pattern} matches, and on the rules and conditions around it. {only}"
        )
    if "Match" in route.kind or not route.request_path.startswith(route.path):
        return (
            f"This route is a {route.kind} with a pattern: the backend's URL is made of what "
            f"{pattern} matches in the path. {only}"
        )
    return ""


def outside(route: Route, path: str) -> str:
    """Why a path is none of a route's."""
    asked, own = printable(path, 200) or "An empty path", printable(route.path, 200)
    return f"{asked} does not begin with {own}: httpd does not take this route for it."

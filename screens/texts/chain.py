"""A backend's certificates on a screen: the chain as a tree, and what SNI makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.hanging import hanging
from wizard.text import fingerprint, printable
from wizard.wording import chain as wording
from wizard.wording.certificate import called, names

if TYPE_CHECKING:
    from wizard.model.certificate import Certificate
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport, TlsResult
    from wizard.wording.chain import Link

_STYLES: Final = {"good": "green", "bad": "red", "open": "dim"}
_SHORT: Final = 8
"""Bytes of a fingerprint that tell certificates apart; nobody compares them."""
_COMPARE: Final = "SHA-256, compare it with its owner:"
_UNSEEN: Final = "No certificate was seen."


def chain(diagnosis: Diagnosis | None, glyphs: Glyphs, width: int, *, whole: bool = False) -> Text:
    """The chain, each issuer above what it signed.

    Args:
        diagnosis: of the route; None: it was not probed yet.
        glyphs: the signs of this terminal.
        width: columns.
        whole: with every fingerprint in full, for a file.
    """
    probe = diagnosis.case.probe if diagnosis else None
    if diagnosis is None or probe is None or probe.tls is None:
        return Text("")
    found = wording.links(diagnosis)
    if not found:
        return Text(_UNSEEN)
    rows: list[Text] = []
    for depth, link in enumerate(found):
        rows += _rows(link, depth, glyphs, width, whole=whole)
    sent = wording.others(diagnosis)
    if sent:
        rows.append(hanging("", Text(f"also sent, not needed: {', '.join(sent)}", "dim"), width))
    if trusted := wording.trusted(diagnosis):
        rows.append(hanging("", Text(f"{trusted}.", "yellow"), width))
    return Text("\n").join(rows)


def _rows(link: Link, depth: int, glyphs: Glyphs, width: int, *, whole: bool) -> list[Text]:
    sign = {"good": glyphs.good, "bad": glyphs.bad, "open": glyphs.none}[link.state]
    head = Text.assemble(("   " * (depth - 1) + glyphs.last if depth else "", "dim"))
    head.append(f"{sign} ", _STYLES[link.state])
    below = " " * head.cell_len
    body = Text(link.name)
    for fault in link.faults:
        body.append(f"   {fault}", "red")
    if link.where:
        unseen = link.state == "bad" and not link.sha256
        body.append(f"   {link.where}", "red" if unseen else "dim")
    rows = [hanging(head, body, width)]
    if link.covers:
        rows.append(hanging(below, Text(link.covers), width))
    digest = fingerprint(link.sha256)
    in_full = bool(digest) and (whole or link.unvouched)
    short = f"SHA-256 {digest[: 3 * _SHORT - 1]}{glyphs.ellipsis}" if digest else ""
    said = [part for part in (link.stands, "" if in_full else short) if part]
    if said:
        apart = "   " if head.cell_len + cell_len("   ".join(said)) <= width else "\n"
        rows.append(hanging(below, Text(apart.join(said), "dim"), width))
    if in_full:
        half = len(digest) // 2 + 1
        title = Text(_COMPARE, "yellow") if link.unvouched else Text("SHA-256", "dim")
        rows += [hanging(below, title, width), *(
            Text.assemble(below, row) for row in (digest[:half], digest[half:])
        )]  # fmt: skip
    return rows


def sni(probe: ProbeReport | None, width: int) -> Text:
    """The certificate shown with the name that httpd sends, and the one shown without."""
    if probe is None or probe.tls is None:
        return Text("")
    tls = probe.tls
    if tls.sni is None:
        why = (
            "httpd sends no server name here: the URL holds an IP address, and a server name must "
            "be a name (RFC 6066)."
        )
        shown = _shown("shown    ", tls.leaf, width)
        return Text("\n").join((hanging("", Text(why), width), shown))
    rows = [
        hanging("sent     ", Text(printable(tls.sni, 200)), width),
        _shown("shown    ", tls.leaf, width),
        _without(tls, width),
    ]
    return Text("\n").join(rows)


def _without(tls: TlsResult, width: int) -> Text:
    head = "without  "
    if tls.without_sni is None:
        error = f": {printable(tls.without_sni_error, 200)}" if tls.without_sni_error else ""
        return hanging(head, Text(f"no certificate shown{error}", "dim"), width)
    if tls.leaf is not None and tls.leaf.sha256 == tls.without_sni.sha256:
        return hanging(head, Text("the same certificate"), width)
    other = _shown(head, tls.without_sni, width)
    return other.append("\n").append_text(
        hanging(" " * len(head), Text("This backend chooses by the name that is sent."), width)
    )


def _shown(head: str, certificate: Certificate | None, width: int) -> Text:
    if certificate is None:
        return hanging(head, Text("no certificate", "dim"), width)
    covered = certificate.dns_names or certificate.common_names
    told = f"a certificate that {names(covered)}" if covered else called(certificate.subject)
    return hanging(head, Text(told), width)

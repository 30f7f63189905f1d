"""Browser → Apache → Backend, and the stages of Apache's connection below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from screens.terminal.glyphs import Glyphs
from screens.texts.route import shortened
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport

_REFUSED = ("verify", "name", "expiry")
"""Stages at which httpd refuses a certificate although the handshake itself succeeds."""


def _short(name: str) -> str:
    """A name, shortened: the line above the stages has it whole."""
    return shortened(name, 40).plain


class Picture(Static):
    """Two lines of picture, then one line a stage: sign, name, what happened, how long it took.

    Args:
        glyphs: the signs of this terminal.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("", id="picture", classes="picture", markup=False)
        self._glyphs = glyphs
        self.text = Text()

    def say(self, sentence: str) -> None:
        """Show a sentence instead of a drawing."""
        self._put(Text(sentence))

    def watch_probe(self, route: Route, probe: ProbeReport | None) -> None:
        """Draw a probe that is under way.

        Args:
            route: that is probed.
            probe: what is known by now; None: it has just begun.
        """
        text = self._heads(route, "dim", self._glyphs.arrow)
        lines = self._stages(probe, None) if probe else []
        names = ["DNS", "TCP", *(["TLS"] if route.backend.uses_tls else []), "HTTP"]
        lines += [
            Text(f"{self._glyphs.waiting} {name:<5}{'…' if first else ''}", "dim")
            for first, name in zip((True, False, False, False), names[len(lines) :], strict=False)
        ]
        text.append("\n").append_text(Text("\n").join(Text(" ") + line for line in lines))
        self._put(text)

    def finish(self, route: Route, diagnosis: Diagnosis) -> None:
        """Draw what was found."""
        verdict = diagnosis.verdict
        broken = verdict.outcome == "fail"
        text = self._heads(
            route,
            "bold red" if broken else "green",
            self._glyphs.broken if broken else self._glyphs.arrow,
        )
        probe = diagnosis.case.probe
        if probe is None:
            text.append(f"\n {printable(verdict.reason) or 'Nothing was probed here.'}")
        else:
            for line in self._stages(probe, verdict.stage):
                text.append("\n ").append_text(line)
            for note in probe.notes:
                text.append(f"\n   {printable(note)}", "dim")
        self._put(text)

    def _put(self, text: Text) -> None:
        self.text = text
        self.update(text)

    def _heads(self, route: Route, style: str, arrow: str) -> Text:
        front = "https" if route.vhost.front_tls.value else "http"
        backend = route.backend
        text = Text(overflow="fold")
        text.append(" Browser ", "bold")
        text.append(f"{front} {self._glyphs.arrow} ")
        text.append("Apache ", "bold")
        text.append(f"{printable(backend.scheme, 10)} {arrow} ", style)
        text.append("Backend\n", "bold")
        where = backend.socket or f"{backend.host or '?'}:{backend.port}"
        text.append(
            f" {printable(route.client_host or '?', 300)}{printable(route.request_path, 300)} "
            f"{self._glyphs.arrow[-1]} {printable(where, 300)}",
            "dim",
        )
        return text

    def _stages(self, probe: ProbeReport, failed: str | None) -> list[Text]:
        """A line for each stage that was reached.

        Args:
            probe: what was observed.
            failed: stage of the verdict; None: none fails, or it is not known yet.
        """
        request = probe.request
        lines = []
        if probe.error:
            return [self._line(False, "", printable(probe.error), None)]
        if probe.dns is not None:
            good = bool(probe.dns.addresses)
            what = ", ".join(probe.dns.addresses[:4]) if good else probe.dns.error or "not found"
            what += " (assumed)" if probe.dns.assumed else ""
            host = _short(request.host)
            lines.append(self._line(good, "DNS", f"{host}: {what}", probe.dns.seconds))
        if probe.tcp is not None:
            good = probe.tcp.address is not None
            what = f"{probe.tcp.address} port {probe.tcp.port}" if good else probe.tcp.error or ""
            lines.append(self._line(good, "TCP", what, probe.tcp.seconds))
        if probe.tls is not None:
            tls = probe.tls
            refused = tls.completed and failed in _REFUSED
            spoken = f"{tls.version} {tls.cipher}" if tls.completed else tls.error or "failed"
            asked = f"SNI {_short(tls.sni)}" if tls.sni else "no SNI"
            suffix = "; httpd refuses the certificate" if refused else ""
            good = tls.completed and not refused
            lines.append(self._line(good, "TLS", f"{asked}: {spoken}{suffix}", tls.seconds))
        if probe.http is not None:
            http = probe.http
            good = http.status is not None and http.status < 500
            answer = f"{http.status} {http.reason}" if http.status else http.error or "no answer"
            what = f"{http.method} {request.path}: {answer}"
            lines.append(self._line(good, "HTTP", what, http.seconds))
        return lines

    def _line(self, good: bool, name: str, what: str, seconds: float | None) -> Text:
        sign = self._glyphs.good if good else self._glyphs.bad
        took = f"  {seconds * 1000:.0f} ms" if seconds is not None else ""
        return Text.assemble(
            (f"{sign} {name:<5}", "green" if good else "bold red"),
            printable(what, 300),
            (took, "dim"),
        )

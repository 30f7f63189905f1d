"""Browser → Apache → Backend, and the stages of Apache's connection below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from screens.glyphs import Glyphs
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import ProbeReport

_FAILED_LINK = {"dns", "connect", "tls", "verify", "name", "expiry", "http"}


class Picture(Static):
    """Two lines of picture, then one line a stage: sign, name, what happened, how long it took.

    Args:
        glyphs: the signs of this terminal.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("", id="picture", classes="picture", markup=False)
        self._glyphs = glyphs
        self.text = Text()

    def empty(self, sentence: str) -> None:
        """There is nothing to draw."""
        self._put(Text(sentence))

    def begin(self, route: Route) -> None:
        """A probe has begun."""
        text = self._heads(route, "dim", self._glyphs.arrow)
        for name in ("DNS", "TCP", "TLS", "HTTP"):
            text.append(f"\n {self._glyphs.waiting} {name:<5}", "dim")
        text.append("\n connecting … (Escape cancels)", "dim")
        self._put(text)

    def stop(self) -> None:
        """The probe was cancelled."""
        self._put(Text("Cancelled. Press r to probe again."))

    def finish(self, route: Route, diagnosis: Diagnosis) -> None:
        """Draw what was found."""
        verdict = diagnosis.verdict
        broken = verdict.outcome == "fail"
        text = self._heads(
            route,
            "bold red" if broken else "green",
            self._glyphs.broken if broken else self._glyphs.arrow,
        )
        if diagnosis.case.probe is None:
            text.append(f"\n {printable(verdict.reason) or 'Nothing was probed here.'}")
        else:
            for line in self._stages(diagnosis.case.probe, diagnosis):
                text.append("\n ")
                text.append_text(line)
        self._put(text)

    def _put(self, text: Text) -> None:
        self.text = text
        self.update(text)

    def _heads(self, route: Route, style: str, arrow: str) -> Text:
        front = "https" if route.vhost.front_tls.value else "http"
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(" Browser ", "bold")
        text.append(f"{front} {self._glyphs.arrow} ")
        text.append("Apache ", "bold")
        text.append(f"{route.backend.scheme} {arrow} ", style)
        text.append("Backend\n", "bold")
        text.append(
            f" {printable(route.client_host or '?', 60)} -> "
            f"{printable(route.backend.host or '?', 60)}:{route.backend.port}",
            "dim",
        )
        return text

    def _stages(self, probe: ProbeReport, diagnosis: Diagnosis) -> list[Text]:
        request = probe.request
        lines = []
        if probe.error:
            return [self._line(False, "", printable(probe.error), None)]
        if probe.dns is not None:
            good = bool(probe.dns.addresses)
            what = ", ".join(probe.dns.addresses[:4]) if good else probe.dns.error or "not found"
            lines.append(self._line(good, "DNS", f"{request.host}: {what}", probe.dns.seconds))
        if probe.tcp is not None:
            good = probe.tcp.address is not None
            what = f"{probe.tcp.address} port {probe.tcp.port}" if good else probe.tcp.error or ""
            lines.append(self._line(good, "TCP", what, probe.tcp.seconds))
        if probe.tls is not None:
            tls = probe.tls
            refused = diagnosis.verdict.stage in ("tls", "verify", "name", "expiry")
            spoken = f"{tls.version} {tls.cipher}" if tls.completed else tls.error or "failed"
            asked = f"SNI {tls.sni}" if tls.sni else "no SNI"
            suffix = "; httpd refuses the certificate" if refused and tls.completed else ""
            lines.append(
                self._line(
                    tls.completed and not refused, "TLS", f"{asked}: {spoken}{suffix}", tls.seconds
                )
            )
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

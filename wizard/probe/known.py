"""What the backends of one command showed already, so that none is asked the same thing twice.

What httpd trusts shows in no byte that it sends, unless it presents a certificate: OpenSSL builds
the chain of that from its store of trust. So a request that differs from an earlier one only in
what is verified needs another handshake at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wizard.model.host_names import folded
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.model.scope import Assumed


class Known:
    """The reports of one command, in which the files that requests name do not change."""

    def __init__(self) -> None:
        self._same: dict[ProbeRequest, ProbeReport] = {}
        self._alike: dict[ProbeRequest, ProbeReport] = {}
        self._where: dict[tuple[Assumed, ...], Known] = {}

    def add(self, reports: Mapping[ProbeRequest, ProbeReport]) -> None:
        """Remember what was observed."""
        self._same |= reports
        for request, report in reports.items():
            if _is_for_any_trust(report):
                self._alike.setdefault(_without_trust(request), report)

    def where(self, assumed: Sequence[Assumed]) -> Known:
        """What is known where some names lead elsewhere than before: all but what they led to.

        Args:
            assumed: these names; none: all that is known.
        """
        if not assumed:
            return self
        key = tuple(assumed)
        if key not in self._where:
            names, known = {one.name for one in assumed}, Known()
            known.add({r: seen for r, seen in self._same.items() if folded(r.peer[0]) not in names})
            self._where[key] = known
        return self._where[key]

    def report(self, request: ProbeRequest) -> ProbeReport | None:
        """What probing would show; None: that is not known."""
        same = self._same.get(request)
        alike = self._alike.get(_without_trust(request))
        if same is not None or alike is None or _was_verified(alike):
            return same
        return replace(alike, request=request)

    def alike(self, request: ProbeRequest) -> ProbeReport | None:
        """A report from which a probe differs only in what is verified; None: there is none."""
        return self._alike.get(_without_trust(request))


def _without_trust(request: ProbeRequest) -> ProbeRequest:
    return replace(
        request, ca_file=None, ca_path=None, crl_file=None, crl_path=None, crl_check="none"
    )


def _is_for_any_trust(report: ProbeReport) -> bool:
    """Whether the backend would have shown the same to a client with other trust."""
    tls = report.tls
    if tls is None or not report.request.own_certificates:
        return tls is None or tls.failure != "local"
    asked = tls.client_certificate_requested or tls.client_certificate_requested_later
    return tls.failure != "local" and not asked


def _was_verified(report: ProbeReport) -> bool:
    """Whether there was a certificate to verify."""
    return report.tls is not None and bool(report.tls.chain)

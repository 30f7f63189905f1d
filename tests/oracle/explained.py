"""Whether `explain` names the cause from what httpd really logged, or says that it cannot be told.

The log alone often leaves several causes open (error 20 has six): the expert's cause must be among
those named, and a cause that `explain` calls certain must be the right one.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle import expected, repairs
from tests.oracle.scenario import UNJUDGED, Scenario
from tests.oracle.truth import Truth
from wizard.logs import explain
from wizard.reference.release import Release

SAID_AT_START = {
    "client-without-key",
    "client-no-key-tlsv1.2",
    "client-no-key-tlsv1.3",
    "client-keyonly",
}
"""httpd says that the key is missing when it starts; at the request it only sends nothing. The last
one does not start where OpenSSL reads its key."""
KIN = {
    "wildcard-too-deep": "name-mismatch",
    "wrong-virtual-host-certificate": "name-mismatch",
    "certificate-not-yet-valid": "certificate-expired",
    "dh-parameters-too-small": "cipher-mismatch",
    "group-mismatch": "cipher-mismatch",
}
"""Where the level hides the cause, one of a kind stands for all in the list of what remains."""
ALIKE = {"client-certificate-without-key": "client-certificate-required"}
"""httpd then sends none, and may log no more than that one was wanted."""
NO_FAULT = repairs.WEAK | {
    "backend-error-status",
    "certificate-expires-soon",
    "crl-not-checked",
    "route-shadowed",
    "stale-backend-address",
    "stale-pooled-connection",
    "temporary-exception",
    "temporary-exception-expired",
    "unencrypted-backend",
}
"""Causes of which httpd says nothing: it serves the route."""
SERVED = {"preserve-alias-fits", "preserve-alias-uncovered"}


def told(cause: str | None, scenario: Scenario) -> bool:
    """Whether httpd's log says anything of a scenario's cause."""
    if cause is None or cause == UNJUDGED or cause in NO_FAULT:
        return False
    return scenario.name not in SERVED


def silent(cause: str | None, scenario: Scenario) -> bool:
    """Whether nothing is logged at the scenario's own level, or nothing of mod_ssl."""
    return scenario.log_level.endswith("crit") or cause == "alpn-missing"


def faults(scenario: Scenario, truth: Truth, release: Release) -> Iterator[str]:
    """What is wrong with the explanations of a scenario's logs, in words.

    Args:
        scenario: that httpd was asked about.
        truth: what it did and logged.
        release: of it.
    """
    cause = expected.cause(scenario, truth, release)
    if not told(cause, scenario) or (truth.stage is None and scenario.name in SAID_AT_START):
        return
    if truth.stage is not None:
        yield from _of_text(cause, truth.output, "what it says as it refuses to start")
        return
    if truth.proxied or set(truth.codes) <= {"AH01964"}:
        return
    yield from _of_text(cause, truth.log_info, "its log at level info")
    yield from _of_text(cause, truth.log_debug, "its log at level debug")
    # until 2.4.37 mod_proxy_wstunnel says nothing above info of a handshake that fails
    unsaid = scenario.websocket and not truth.codes_at_level
    if not unsaid and not silent(cause, scenario):
        yield from _of_text(cause, truth.log, f"its log at level {scenario.log_level}", own=True)


def _of_text(cause: str | None, text: str, where: str, *, own: bool = False) -> Iterator[str]:
    found = explain(text.splitlines())
    slugs = [one.slug for one in found.causes]
    kin = (KIN if own and found.hidden else {}).get(cause or "") or ALIKE.get(cause or "")
    if cause not in slugs and kin not in slugs:
        yield f"explain, {where}: {slugs} without {cause}"
    elif found.causes[0].certain and (
        slugs[0] not in (cause, kin) or (own and found.hidden is not None)
    ):
        yield f"explain, {where}: {slugs[0]} is called certain, and it is {cause}"

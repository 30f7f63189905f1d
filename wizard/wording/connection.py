"""How httpd's connection to a backend goes: a sentence, and what happened at each stage.

The probe finishes a handshake that httpd would break off, and asks the backend all the same; what
it sees there is no answer that httpd gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wizard.findings.facts import Facts
from wizard.model.host_names import is_address
from wizard.reference.behaviours import holds
from wizard.text import printable
from wizard.verdict.verify import NO_ISSUER
from wizard.wording.certificate import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.certificate import Certificate
    from wizard.model.config import Route, TlsPolicy
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.probe import (
        DnsResult,
        HttpResult,
        ProbeReport,
        TcpResult,
        TlsResult,
        VerifyEvent,
    )

Check = Literal["holds", "fails", "unchecked", "unknown"]
State = Literal["good", "bad", "weak", "aside", "waits", "unknown"]
"""``weak``: it works because a check is off; ``aside``: httpd does not get there."""

DATE_ERRORS: Final = frozenset({9, 10})
"""X509_V_ERR_*: not yet valid, expired."""
_NO_CRL: Final = 3
_ENGINE_OFF: Final = "AH01961"
_UNVERIFIED: Final = frozenset({"none", "optional_no_ca"})
_REFUSED: Final = frozenset({"tls", "verify", "name", "expiry"})
"""Stages of a verdict at which httpd ends a connection over which the probe went on."""
_NO_START: Final = frozenset({"config", "start"})
_BEFORE: Final[dict[str, str]] = {"access": "Access", "rewrite": "Rewrite"}
"""Stages of a verdict at which httpd answers by itself, as their row is called."""


class Checks(NamedTuple):
    """What httpd checks of a backend's certificate, each by itself."""

    chain: Check
    dates: Check
    name: Check

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The names of those that are not made."""
        return tuple(n for n, c in zip(self._fields, self, strict=True) if c == "unchecked")


class Stage(NamedTuple):
    """A stage of a connection.

    Args:
        name: ``DNS``, ``TCP``, ``TLS``, ``HTTP``; before them ``Access`` or ``Rewrite``.
        state: how it went.
        text: what happened, safe to show.
        seconds: that it took; None: it was not reached.
        checks: of the backend's certificate.
        more: what may be left out.
    """

    name: str
    state: State
    text: str = ""
    seconds: float | None = None
    checks: Checks | None = None
    more: str = ""


def checks(diagnosis: Diagnosis) -> Checks | None:
    """What httpd checks of the certificate, and what came of it; None: no certificate was seen.

    With ``SSLProxyEngine off`` they are those that it would make.
    """
    probe = diagnosis.case.probe
    tls = probe.tls if probe is not None else None
    if tls is None or not tls.completed or tls.leaf is None or tls.leaf.error:
        return None
    return Checks(_chain(diagnosis, tls), _dates(diagnosis, tls, tls.leaf), _name(diagnosis))


def _chain(diagnosis: Diagnosis, tls: TlsResult) -> Check:
    policy, verdict = diagnosis.case.route.tls, diagnosis.reached
    if policy.verify.value == "none":
        return "unchecked"
    code = verdict.openssl.code if verdict.openssl is not None else None
    if any(_breaks(policy, event) for event in tls.events) or (
        verdict.stage == "verify" and code not in DATE_ERRORS
    ):
        return "fails"
    if policy.verify.value in _UNVERIFIED:
        return "unchecked"
    return "holds" if tls.events else "unknown"


def _breaks(policy: TlsPolicy, event: VerifyEvent) -> bool:
    """Whether httpd refuses a chain for an event (ssl_engine_kernel.c, ssl_callback_SSLVerify)."""
    if event.depth > policy.verify_depth.value:
        return True
    if event.ok or event.code in DATE_ERRORS:
        return False
    if event.code in NO_ISSUER and policy.verify.value == "optional_no_ca":
        return False
    forgiven = "no_crl_for_cert_ok" in policy.ca_revocation_check.value.lower()
    return not (event.code == _NO_CRL and forgiven)


def _dates(diagnosis: Diagnosis, tls: TlsResult, leaf: Certificate) -> Check:
    policy = diagnosis.case.route.tls
    by_openssl = policy.verify.value != "none"
    if by_openssl and any(e.code in DATE_ERRORS for e in tls.events if not e.ok):
        return "fails"
    if not by_openssl and not policy.check_peer_expire.value:
        return "unchecked"
    return "holds" if leaf.not_before <= diagnosis.case.now < leaf.not_after else "fails"


def _name(diagnosis: Diagnosis) -> Check:
    case = diagnosis.case
    backend, policy = case.route.backend, case.route.tls
    silent = backend.scheme == "wss" and holds("wss-without-name", case.httpd.release)
    if silent or not backend.check_name or not (policy.checks_name or policy.checks_cn_only):
        return "unchecked"
    return "holds" if Facts(case, diagnosis.reached).name_fits else "fails"


def is_aside(diagnosis: Diagnosis) -> bool:
    """Whether httpd asks no backend at all, or another one than the probe."""
    verdict, probe = diagnosis.reached, diagnosis.case.probe
    if diagnosis.verdict.answers_itself:
        return True
    if verdict.outcome != "fail":
        return False
    if verdict.stage == "dns":  # the name that httpd looks up is another one
        return probe is not None and probe.dns is not None and bool(probe.dns.addresses)
    return verdict.stage in _NO_START or (
        verdict.stage == "route" and not _is_engine_off(diagnosis)
    )


def _is_engine_off(diagnosis: Diagnosis) -> bool:
    """Whether httpd connects, and then cannot speak TLS."""
    return _ENGINE_OFF in diagnosis.reached.ah_codes


# the sentence


def sentence(diagnosis: Diagnosis) -> tuple[State, str]:
    """How the connection goes, in a sentence without a full stop, safe to show."""
    verdict, probe = diagnosis.reached, diagnosis.case.probe
    own = diagnosis.verdict
    if own.answers_itself:
        told = _bare(own.reason or f"httpd itself answers {own.status}")
        return "bad" if own.outcome == "fail" else "good", told
    if probe is not None and probe.error:
        return "unknown", printable(probe.error)
    if verdict.outcome == "unknown":
        return "unknown", _bare(verdict.reason or "what httpd does here is not known")
    if verdict.outcome == "fail":
        return "bad", _failure(diagnosis)
    if probe is None:
        return "unknown", _bare(verdict.reason or "this backend was not asked")
    return _works(diagnosis, probe)


def _works(diagnosis: Diagnosis, probe: ProbeReport) -> tuple[State, str]:
    route, found = diagnosis.case.route, checks(diagnosis)
    status = probe.http.status if probe.http is not None else None
    answers = f"; the backend answers {status}" if status is not None else ""
    if found is None:
        without = "" if route.backend.uses_tls else " without TLS"
        return "good", f"httpd connects{without}{answers}"
    if found.unchecked:
        return "weak", f"httpd connects, but does not check {_listed(found.unchecked)}{answers}"
    return "good", f"httpd accepts the certificate: chain, dates and name are right{answers}"


def _listed(names: tuple[str, ...]) -> str:
    told = [f"the {name}" for name in names]
    return " or ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else told[0]


def _failure(diagnosis: Diagnosis) -> str:
    verdict, route = diagnosis.reached, diagnosis.case.route
    probe = diagnosis.case.probe
    leaf = probe.tls.leaf if probe is not None and probe.tls is not None else None
    wanted = printable(route.backend.check_name, 200)
    if verdict.stage in _NO_START:
        return "httpd does not start with this configuration, so it asks no backend"
    why = ""
    if verdict.stage == "verify":
        why = _unverified(diagnosis)
    elif verdict.stage == "name" and route.tls.checks_name:
        why = f"no name in it is {wanted}"
    elif verdict.stage == "name":
        why = f"its common name is not {wanted}"
    elif verdict.stage == "expiry" and leaf is not None:
        why = _out_of_date(diagnosis, leaf, "it")
    return f"httpd refuses the certificate: {why}" if why else _bare(verdict.reason)


def _unverified(diagnosis: Diagnosis) -> str:
    verdict, case = diagnosis.reached, diagnosis.case
    if verdict.openssl is None:
        depth = case.route.tls.verify_depth.value
        too_deep = any(e.depth > depth for e in _events(case.probe))
        return f"its chain is longer than SSLProxyVerifyDepth {depth} allows" if too_deep else ""
    code = verdict.openssl.code
    if code in DATE_ERRORS:
        return _dated(diagnosis, code)
    if code == 18:  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
        return "it signed itself, and no CA file has it"
    if code in NO_ISSUER:
        return _untrusted(diagnosis)
    return f"{printable(verdict.openssl.text, 200)} (OpenSSL's error {code})"


def _untrusted(diagnosis: Diagnosis) -> str:
    facts = Facts(diagnosis.case, diagnosis.reached)
    if not diagnosis.case.trust.anchors:
        return "no CA is trusted for this backend"
    if facts.namesakes and facts.top is not None and not facts.top.self_issued:
        return f"the {called(facts.top.issuer)} that httpd trusts did not sign its chain"
    return "nothing leads from it to a CA that httpd trusts"


def _dated(diagnosis: Diagnosis, code: int) -> str:
    probe = diagnosis.case.probe
    tls = probe.tls if probe is not None else None
    if tls is None or tls.leaf is None:
        return "its dates do not fit"
    known = {one.sha256: one for one in (*tls.chain, *tls.verified_chain)}
    event = next((e for e in tls.events if e.code == code and not e.ok), None)
    found = known.get(event.sha256, tls.leaf) if event is not None else tls.leaf
    whose = "it" if found is tls.leaf or found.sha256 == tls.leaf.sha256 else called(found.subject)
    return _out_of_date(diagnosis, found, whose)


def _out_of_date(diagnosis: Diagnosis, found: Certificate, whose: str) -> str:
    if diagnosis.case.now < found.not_before:
        return f"{whose} is not valid before {found.not_before:%Y-%m-%d}"
    return f"{whose} expired on {found.not_after:%Y-%m-%d}"


def _events(probe: ProbeReport | None) -> tuple[VerifyEvent, ...]:
    return probe.tls.events if probe is not None and probe.tls is not None else ()


def _bare(reason: str) -> str:
    return printable(reason, 600).removesuffix(".")


# the stages


def stages(
    route: Route, probe: ProbeReport | None, diagnosis: Diagnosis | None = None
) -> tuple[Stage, ...]:
    """The stages of a connection, in their order.

    Args:
        route: that it is made for.
        probe: what is known by now; None: nothing.
        diagnosis: once it is known how it ended; a stage that was not reached is left out then.
    """
    reached = tuple(_reached(route, probe, diagnosis)) if probe is not None else ()
    if diagnosis is not None:
        if is_aside(diagnosis):
            seen = ("good", "weak")
            reached = tuple(s._replace(state="aside") if s.state in seen else s for s in reached)
        return (*_before(diagnosis), *reached)
    names = ("DNS", "TCP", *(("TLS",) if route.backend.uses_tls else ()), "HTTP")
    done = {stage.name for stage in reached}
    last = max((names.index(name) for name in done), default=-1)
    return (*reached, *(Stage(name, "waits") for name in names[last + 1 :]))


def _before(diagnosis: Diagnosis) -> Iterator[Stage]:
    """What httpd answers by itself, and the line that says so."""
    verdict, route = diagnosis.verdict, diagnosis.case.route
    if not verdict.answers_itself or verdict.stage is None:
        return
    deciding = (b for b in route.barriers if b.everyone and b.stage == verdict.stage)
    line = next((printable(b.directive.strip(), 200) for b in deciding), "")
    text = f"httpd itself answers {verdict.status}{f': {line}' if line else ''}"
    yield Stage(_BEFORE[verdict.stage], "good" if verdict.outcome == "ok" else "bad", text)


def _reached(route: Route, probe: ProbeReport, diagnosis: Diagnosis | None) -> Iterator[Stage]:
    if probe.dns is not None:
        yield _dns(probe, probe.dns)
    if probe.tcp is not None:
        yield _tcp(probe, probe.tcp)
    if probe.tls is not None:
        yield _tls(route, probe.tls, diagnosis)
    if probe.http is not None:
        yield _http(probe, probe.http, diagnosis)


def _dns(probe: ProbeReport, found: DnsResult) -> Stage:
    host = printable(probe.request.peer[0], 200)
    if not found.addresses:
        why = printable(found.error or "", 200)
        return Stage("DNS", "bad", f"no address for {host}{f': {why}' if why else ''}",
                     found.seconds)  # fmt: skip
    if is_address(probe.request.peer[0]):
        return Stage("DNS", "good", f"{host} is an address, nothing to look up", found.seconds)
    more = len(found.addresses) - 4
    text = f"{host} is {printable(', '.join(found.addresses[:4]), 200)}"
    text += f" and {more} more" if more > 0 else ""
    return Stage("DNS", "good", f"{text} (assumed)" if found.assumed else text, found.seconds)


def _tcp(probe: ProbeReport, tcp: TcpResult) -> Stage:
    socket = probe.request.socket
    if tcp.address is None:
        where = f"the socket {printable(socket, 200)}" if socket else f"port {tcp.port}"
        why = printable(tcp.error or tcp.failure or "no connection", 200)
        return Stage("TCP", "bad", f"{where}: {why}", tcp.seconds)
    if socket:
        return Stage("TCP", "good", f"the socket {printable(socket, 200)}", tcp.seconds)
    text = f"{printable(tcp.address, 100)} port {tcp.port}"
    through = ", the forward proxy" if probe.request.forward_proxy is not None else ""
    return Stage("TCP", "good", f"{text}{through}", tcp.seconds)


def _tls(route: Route, tls: TlsResult, diagnosis: Diagnosis | None) -> Stage:
    sni = f"SNI {printable(tls.sni, 200)}" if tls.sni else "no SNI sent"
    if tls.sni is None and is_address(route.backend.host):
        sni = "no SNI sent (address)"
    if not tls.completed:
        why = printable(tls.error or tls.failure or "the handshake fails", 300)
        return Stage("TLS", "bad", f"{sni}; {why}", tls.seconds)
    refused = diagnosis is not None and _is_refused(diagnosis)
    version = (tls.version or "").removeprefix("TLSv")
    found = checks(diagnosis) if diagnosis is not None else None
    off = diagnosis is not None and _is_engine_off(diagnosis)
    return Stage(
        "TLS",
        "bad" if refused else "weak" if found is not None and found.unchecked else "good",
        f"{version}, {sni}{'; SSLProxyEngine is off' if off else ''}",
        tls.seconds,
        None if off else found,
        printable(tls.cipher or "", 100),
    )


def _http(probe: ProbeReport, http: HttpResult, diagnosis: Diagnosis | None) -> Stage:
    path = printable(probe.request.path, 200)
    answer = f"{http.status} {printable(http.reason, 100)}".rstrip() if http.status else ""
    text = f"{http.method} {path} {answer or printable(http.error or 'no answer', 300)}"
    if diagnosis is not None and _is_refused(diagnosis):
        return Stage("HTTP", "aside", f"{text}, asked without checking", http.seconds)
    good = http.status is not None and http.status < 500  # 5xx: the server's fault
    good = good and not (diagnosis is not None and diagnosis.reached.stage == "http")
    return Stage("HTTP", "good" if good else "bad", text, http.seconds)


def _is_refused(diagnosis: Diagnosis) -> bool:
    refused = diagnosis.reached.stage in _REFUSED or _is_engine_off(diagnosis)
    return diagnosis.reached.outcome == "fail" and refused

"""What a log code means in its line: the numbers, names and dates beside it decide.

tests/logs compares each function with the lines that httpd 2.4 writes for that fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from wizard.findings.table import VERIFY_ERRORS
from wizard.logs import loading, named, side
from wizard.logs.log_line import LogEntry
from wizard.logs.named import Named
from wizard.logs.recognition import Recognition, Strength
from wizard.model.host_names import is_address
from wizard.reference import backports, behaviours, log_levels, openssl, release
from wizard.reference.tables import load

_VERIFY = re.compile(r'Certificate Verification: Error \((\d{1,3})\): ([^\["\n]{0,120})')
_DEPTH = re.compile(r"Certificate Verification, depth (\d{1,3})")
_NAMES = re.compile(r"\[subject: (.{0,600}?) / issuer: (.{0,600}?) / serial: ")
_HOST = re.compile(r'for hostname ([^\s"]{1,255})')
_CN_HOST = re.compile(r'Requested hostname: ([^\s"]{1,255})')
_LOOKUP = re.compile(r'DNS lookup failure for:? (\S{1,300})(?: returned by ([^\s"]{1,2000}))?')
# A host with more behind it: a port, an IPv4 address, or a name whose last label is no public one.
_HOST_AND_TEXT = re.compile(
    r":\d{1,5}\D|^\d{1,3}(?:\.\d{1,3}){3}[^\d.:]|(?:^|\.)(?:localhost|internal|local(?!domain|host)"
    r"|localdomain|intranet|example)[a-z/]",
    re.IGNORECASE,
)
_PORT_AND_TEXT = re.compile(r"//[^/\s]{0,300}:\d{1,5}[a-z]", re.IGNORECASE)
_BAD_URL: Final = (
    "AH00857", "AH00867", "AH01059", "AH01083", "AH02439", "AH03350", "AH10097",
)  # fmt: skip
_SERVER = re.compile(r"\bApache/(\d\.\d\.\d{1,3})(?: \([^)\n]{0,80}\))?")
_OPENSSL = re.compile(r"\bOpenSSL/(\d\.\d{1,2}\.\d{1,3}[a-z]?)")

_REFUSED = {111, 61, 146, 730061, 10061}  # Linux, BSD, Solaris, APR on Windows, Windows
_TIMED_OUT = {110, 60, 145, 70007, 730060, 10060, 115}
_UNREACHABLE = {113, 101, 112, 65, 51, 148, 730065, 730051, 10065, 10051}
_FORBIDDEN = {13, 1}
_RESET = {104, 32, 54, 730054, 10054, 730053, 10053, 103, 53}
_ABORTED = 103
_ENDED = {70014, 20014, 70008}

_ERRORS = (
    (_REFUSED, "connection refused"),
    (_TIMED_OUT, "connection timed out"),
    (_UNREACHABLE, "no route to host"),
    (_FORBIDDEN, "permission denied"),
    (_RESET, "connection reset by peer"),
    (_ENDED, "end of file found"),
)


#: Causes of verify errors about a CA's certificate instead of the backend's own.
_ABOVE_THE_LEAF: Final[Mapping[int | None, tuple[str, ...]]] = {
    10: ("ca-expired",),
    20: (
        "ca-not-trusted",
        "ca-not-configured",
        "ca-rekeyed",
        "missing-intermediate",
        "ca-path-not-hashed",
        "ca-file-holds-server-certificate",
    ),
}
#: The same where the certificate signed itself: a root, or a backend's own that is trusted so.
_SELF_ISSUED: Final[Mapping[int, tuple[str, ...]]] = {10: ("ca-expired", "certificate-expired")}


def by_errno(number: int | None, text: str = "") -> Recognition | None:
    """What the system's error says about a connection to a backend.

    Args:
        number: ``errno``, or APR's or Windows' number; None when there is none.
        text: beside it; counts when the number is not known.
    """
    known = load("texts.json")["errors"]
    for numbers, needle in _ERRORS:
        if number in numbers:
            return from_row(known[needle])
    lowered = text.lower()
    return next((from_row(row) for needle, row in known.items() if needle in lowered), None)


def from_row(row: Sequence[Any]) -> Recognition:
    """A row of texts.json: meaning, slugs, strength."""
    meaning, slugs, strength = row
    return Recognition(meaning, slugs=tuple(slugs), strength=Strength(strength))


def verify_error(
    number: int, text: str = "", names: str = "", depth: int = 0
) -> Recognition | None:
    """What a verify error means for the certificate that it is about.

    Args:
        number: as logged; releases of OpenSSL differ in a few, so that the text counts first.
        text: as logged, may be empty.
        names: where ``[subject: … / issuer: … / serial: …]`` may stand.
        depth: position of the certificate, where it is known; 0 the backend's own.
    """
    error = openssl.verify_error(text) or openssl.VERIFY_ERRORS.get(number)
    if error is None:
        return None
    recognition = Recognition(
        error.meaning,
        openssl=error.code,
        slugs=VERIFY_ERRORS.get(error.code, ()),
        strength=Strength.DECISIVE,
        other_cause=error.other_cause,
    )
    parties = _NAMES.search(names)
    self_issued = parties is not None and parties[1] == parties[2]
    slugs = _SELF_ISSUED.get(error.code) if self_issued and not depth else None
    if slugs is not None:
        return recognition._replace(slugs=slugs)
    return at_depth(recognition, max(depth, int(self_issued)))


def at_depth(recognition: Recognition, depth: int) -> Recognition:
    """A verify error, narrowed down by the position of its certificate in the chain.

    Args:
        recognition: of a verify error.
        depth: 0 the backend's own certificate, or not known.
    """
    slugs = _ABOVE_THE_LEAF.get(recognition.openssl) if depth > 0 else None
    return recognition._replace(slugs=slugs) if slugs else recognition


def refine(recognition: Recognition, entry: LogEntry) -> Recognition:
    """The recognition of a code, narrowed down by the rest of its line.

    Args:
        recognition: what the code alone says.
        entry: the line.
    """
    rule = _RULES.get(recognition.code or "")
    sharper = rule(recognition, entry) if rule else recognition
    told = named.of_code(recognition.code or "", entry)
    return sharper._replace(named=told.joined(sharper.named))


def _verify(recognition: Recognition, entry: LogEntry) -> Recognition:
    found = _VERIFY.search(entry.message)
    known = verify_error(int(found[1]), found[2], entry.message) if found else None
    if known is None:
        return recognition
    meaning = f"OpenSSL refused a certificate of the backend, error {known.openssl}: "
    return known._replace(code=recognition.code, meaning=meaning + known.meaning)


def _name(recognition: Recognition, entry: LogEntry) -> Recognition:
    found = _HOST.search(entry.message) or _CN_HOST.search(entry.message)
    if found is None:
        return recognition
    slugs = tuple(slug for slug in recognition.slugs if slug != "ip-address-backend")
    if is_address(found[1].strip("[]")):
        slugs = ("ip-address-backend", *slugs)
    return recognition._replace(
        slugs=slugs, strength=Strength.DECISIVE, checked_name=found[1].lower()
    )


def _returned(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00898, whose text before 'returned by' may be the cause itself."""
    message = entry.message
    lookup = _LOOKUP.search(message)
    if lookup is not None:
        return _lookup(recognition, lookup[1], lookup[2] or "")
    if "SSL Handshake" in message:
        return recognition._replace(handshake=True,
            meaning="The TLS handshake with the backend failed, or a check after it did; the "
            "reason stands in other lines of the same request, of module ssl.",
        )  # fmt: skip
    if "Error reading from remote" in message:
        return recognition._replace(
            meaning="The backend's answer could not be read; the reason is in the line before.",
        )
    return recognition


def _lookup(recognition: Recognition, host: str, path: str) -> Recognition:
    segments = [segment for segment in path.split("/") if segment]
    if _HOST_AND_TEXT.search(host) or any(
        host.endswith(segment) and "." in host.removesuffix(segment).rstrip(".")
        for segment in segments[:8]
    ):
        return recognition._replace(
            meaning="A host that does not exist was looked up: the backend's port or name with the "
            "request's path right behind it. The final slash of the URL is missing.",
            slugs=("missing-trailing-slash", "dns-failure"),
            strength=Strength.DECISIVE,
            named=_cut(host, segments[:1]),
        )
    return recognition._replace(
        meaning="The backend's name could not be resolved.",
        slugs=("dns-failure", "missing-trailing-slash"),
        strength=Strength.DECISIVE,
        named=Named(host.lower()),
    )


def _cut(host: str, first: Sequence[str]) -> Named:
    """The host and port that a request's path ran into.

    Args:
        host: that was looked up.
        first: segment of the path, if there is one.
    """
    name, colon, rest = host.partition(":")
    digits = re.match(r"\d{1,5}", rest)
    if colon and digits:
        return Named(name.lower(), int(digits[0]))
    return Named(name.removesuffix(first[0]).lower() if first else name.lower())


def _connect(recognition: Recognition, entry: LogEntry) -> Recognition:
    known = by_errno(entry.errno, entry.errno_text)
    if known is None:
        return recognition
    strength = max(known.strength, Strength.CLUE)
    return recognition._replace(meaning=known.meaning, slugs=known.slugs, strength=strength)


def _socket(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00952: not the port is forbidden, but any socket of the family."""
    known = _connect(recognition, entry)
    if entry.errno not in _FORBIDDEN:
        return known
    return known._replace(
        meaning="httpd may not even make a socket of this address family (fam 2 is IPv4, 10 is "
        "IPv6), whatever the port: the service's sandbox (systemd's RestrictAddressFamilies and "
        "SystemCallFilter, seccomp of a container), SELinux, or on Android the missing group inet."
    )


def _tunnel(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00958: the forward proxy was reached; what its answer was, AH00950 says."""
    slugs = ("connection-timeout",) if entry.errno in _TIMED_OUT else ("connection-reset",)
    return recognition._replace(slugs=slugs, strength=Strength.CLUE)


def _status_line(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01102: timeout, or the backend hung up; until 2.4.37 a failed handshake, too.

    mod_ssl itself marks the connection as aborted then (208 of 208 failed handshakes of 2.4.37),
    which nothing else does (2.4.37 and 2.4.71: no other answer, late, broken or none).
    """
    if entry.errno == _ABORTED:
        return recognition._replace(
            meaning="The TLS handshake with the backend failed, and httpd ended the connection "
            "itself: 2.4.37 and older then tell so and answer 502. The reason stands in other "
            "lines of the same request, of module ssl.",
            slugs=(),
            strength=Strength.CONSEQUENCE,
            handshake=True,
        )
    if entry.errno in _TIMED_OUT:
        return recognition._replace(
            meaning="The backend took the request and did not answer in time.",
            slugs=("connection-timeout",),
            strength=Strength.DECISIVE,
        )
    slugs = ["stale-pooled-connection", "backend-speaks-tls", "connection-reset"]
    if entry.errno in _ENDED:
        slugs.append("client-certificate-required")
    return recognition._replace(slugs=tuple(slugs), strength=Strength.CLUE)


def _body(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01084: follows a failed handshake, unless the system says that the connection broke."""
    if entry.errno in _RESET - {103}:
        # A client certificate that a TLS 1.3 backend refuses is refused while the body is sent.
        return recognition._replace(
            meaning="The backend broke the connection off while the request was sent. A backend "
            "with TLS 1.3 that refuses httpd's client certificate does so too, and then about "
            f"every other request logs why: set `{log_levels.telling()}` and repeat the request "
            "until an alert is logged.",
            slugs=("stale-pooled-connection", "client-certificate-required", "connection-reset"),
            strength=Strength.CLUE,
        )
    if entry.errno in _TIMED_OUT:
        return recognition._replace(slugs=("connection-timeout",), strength=Strength.DECISIVE)
    return recognition._replace(handshake=True)


def _handler(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01144: which module is missing follows from the scheme."""
    scheme = named.of_code("AH01144", entry).scheme
    if not scheme:
        return recognition
    if scheme in ("ws", "wss"):
        recognition = recognition._replace(slugs=("module-missing",), strength=Strength.CLUE)
    elif scheme != "balancer":  # its name with the path right behind it is no balancer
        recognition = recognition._replace(slugs=("module-missing",), strength=Strength.DECISIVE)
    return recognition._replace(meaning=loading.meaning(scheme))


def _depth(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH02275, which stands before what OpenSSL says about a certificate."""
    found = _DEPTH.search(entry.message)
    return recognition._replace(depth=int(found[1])) if found else recognition


def _banner(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00489, AH00163: which httpd wrote the log, and how it differs from the newest one."""
    found = _SERVER.search(entry.message)
    version = release.parse(found[1]) if found else None
    if found is None or version is None:
        return recognition
    tls = _OPENSSL.search(entry.message)
    openssl = release.parse(tls[1]) if tls else None
    own = release.Release(version, openssl or release.NEWEST.openssl, backports.known(found[0]))
    said = f"This log is of httpd {found[1]}" + (f" with OpenSSL {tls[1]}" if tls else "")
    told = [row.title for row in behaviours.otherwise(own)]
    differs = f" Otherwise than in the newest one: {'; '.join(told)}." if told else ""
    doubt = (
        " But its distribution takes changes of later releases into it: some of this may not hold."
        if told and own.backports
        else ""
    )
    return recognition._replace(meaning=f"{said}. {recognition.meaning}{differs}{doubt}")


def _bad_url(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01083 and its like: text right behind the port is a path without its slash."""
    glued = _PORT_AND_TEXT.search(entry.message)
    return recognition._replace(other_cause="") if glued else recognition


def _of_directive(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01899, AH01902, AH02532: of SSL directives as well as of SSLProxy directives."""
    if "SSLProxy" in entry.message or "SSL" not in entry.message:
        return recognition
    if recognition.code == "AH01899":
        return recognition._replace(slugs=("configuration-refused",))
    return side.of_front(recognition)


def _mpm(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00534: none is loaded, or more than one."""
    if "More than one" not in entry.message:
        return recognition
    return recognition._replace(
        meaning="More than one multi-processing module (MPM) is loaded. httpd does not start.",
        slugs=("configuration-refused",),
    )


def _handshake(recognition: Recognition, entry: LogEntry) -> Recognition:
    del entry  # the code says it all
    return recognition._replace(handshake=True)


_RULES: Final[Mapping[str, Callable[[Recognition, LogEntry], Recognition]]] = {
    "AH02275": _depth,
    "AH02276": _verify,
    "AH02039": _verify,
    "AH02411": _name,
    "AH02005": _name,
    "AH00898": _returned,
    "AH00957": _connect,
    "AH00952": _socket,
    "AH00958": _tunnel,
    "AH00939": _connect,
    "AH01114": _connect,
    "AH02452": _connect,
    "AH02454": _connect,
    "AH03352": _connect,
    "AH01102": _status_line,
    "AH00489": _banner,
    "AH00163": _banner,
    "AH01084": _body,
    "AH01097": _body,
    "AH01144": _handler,
    "AH00534": _mpm,
    "AH01899": _of_directive,
    "AH01902": _of_directive,
    "AH02532": _of_directive,
    **dict.fromkeys(_BAD_URL, _bad_url),
    "AH01997": _handshake,
    "AH02003": _handshake,
}

"""What one line says by itself: which causes it points to, and how strongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from wizard.findings.table import ALERTS, LOG_CODES
from wizard.logs import denials, errnos, error_pages, named, programs, refine
from wizard.logs.log_line import LogEntry
from wizard.logs.named import Named
from wizard.logs.recognition import UNKNOWN_SIDE, Recognition, Strength, by_words, from_row
from wizard.reference import openssl
from wizard.reference.ah_codes import AH_CODES, AhCode
from wizard.reference.tables import load

# How programs write a verify error (in lower case): its number, its text, or both; some with the
# depth. A text that must be in the line stands before each: looking for it costs next to nothing.
_VERIFY_ERRORS = (
    ("error:num=", r"verify error:num=(?P<number>\d{1,3}):(?P<text>[^\n]{0,120})"),
    ("return code:", r"verify return code: (?P<number>\d{1,3}) \((?P<text>[^)\n]{0,120})\)"),
    ("verify result:", r"verify result: (?P<text>[^(\n]{1,120}) \((?P<number>\d{1,3})\)"),
    (
        "depth lookup:",
        r"error (?P<number>\d{1,3}) at (?P<depth>\d{1,3}) depth lookup: ?"
        r"(?P<text>[^\n]{0,120})",
    ),
    ("verify error:", r"verify error: ?\((?P<number>\d{1,3}):(?P<text>[^)\n]{0,120})\)"),
    ("verification error:", r"verification error: (?P<text>[^(\n]{1,120})"),
    ("certificate problem:", r"ssl certificate problem: (?P<text>[^(\n]{1,120})"),
    ("verify failed:", r"certificate verify failed: (?P<text>[^(\n]{1,120})"),
    ("x509_v_err_", r"\b(?P<text>x509_v_err_[a-z0-9_]{1,60})"),
    ("error", r"^\W{0,3}(?:openssl |verify |x509 )?error\W{1,3}(?P<number>\d{1,3})\W{0,3}$"),
)

# OpenSSL's texts that are distinct enough to be found in any program's words; the longer first.
_EMBEDDED = (
    "unable to get local issuer certificate",
    "unable to get issuer certificate",
    "unable to verify the first certificate",
    "self signed certificate in certificate chain",
    "self signed certificate in chain",
    "self signed certificate",
    "certificate is not yet valid",
    "unable to get certificate crl",
    "invalid ca certificate",
)

# curl -v writes an alert as level * 256 + number: unknown CA (560), fatal and 48.
_CURL_ALERT = re.compile(r"\((in|out)\), tls alert, [^(]{0,60}\((\d{1,4})\)")
# Java's words, then Go's, whose descriptions of alerts differ in some.
_ALERT_TEXT = re.compile(
    r"(?:(?:fatal|handshake) alert: {1,2}|remote error: tls: )([a-z_]{3,20}(?: [a-z]{2,20}){0,3})"
)
_ALERTS_OF_GO = {
    "expired certificate": "certificate expired",
    "protocol version not supported": "protocol version",
    "revoked certificate": "certificate revoked",
    "unknown certificate": "certificate unknown",
    "unknown certificate authority": "unknown ca",
}
_REASON_OF_PYTHON = re.compile(r"\[ssl: ([a-z0-9_]{3,80})\]")
_ALERT_NUMBER = re.compile(r"\balert (?:number |\[)?(\d{1,3})\b")

# How curl names its exit code itself, and how people and scripts write it.
_CURL_EXIT = re.compile(
    r"\bcurl: \((\d{1,3})\)|\bcurl\b[^\d\n]{0,40}(?:exit|code|error)\D{1,20}(\d{1,3})\b"
)

_DEPTH = re.compile(r"^depth=(\d{1,3}) ")  # openssl s_client, before what it says about it
# mod_jk, the plug-ins of WebSphere and WebLogic, and s_client write the system's number so.
_ERRNO_OF_PROGRAMS = re.compile(r"\b(?:errno|os err(?:or)?)[ =]{1,3}(\d{1,6})\b")
_BARE_CODE = re.compile(r"\bah(0?\d{5})\b")
_SHORT_CODE = re.compile(r"^\W{0,3}(ah)?(\d{1,6})\W{0,3}$")
_UNKNOWN_COMMAND = re.compile(r"Invalid command '([^'\s]{1,100})'")
_MOST_CODES_OF_A_LINE = 50
_LONGEST_REASON = 70  # characters
_LONGEST_VERIFY_TEXT = 100  # characters
_TEXT_LIMIT = 1024  # characters in which a line without code must say what it has to say


def of_entry(entry: LogEntry) -> Recognition | None:
    """What a line with a log code says.

    Args:
        entry: the line; None comes back when its code is unknown.
    """
    recognition = of_code(entry.code or "")
    return refine.refine(recognition, entry) if recognition else None


@lru_cache(maxsize=4096)
def of_code(code: str) -> Recognition | None:
    """What a log code says by itself.

    Args:
        code: ``AH`` and five digits.
    """
    known = AH_CODES.get(code)
    if known is None:
        return None
    slugs = LOG_CODES.get(code, ())
    strength = Strength.CONTEXT
    unimportant = known.level == "debug" or known.level.startswith("trace")
    if known.consequence or (slugs and unimportant):
        strength = Strength.CONSEQUENCE
    elif slugs:
        strength = Strength.DECISIVE if len(slugs) == 1 else Strength.CLUE
    return Recognition(
        known.meaning,
        code=code,
        slugs=slugs,
        strength=strength,
        next_step=known.next_step or _without_finding(known, unimportant=unimportant),
        handshake=code in ("AH01084", "AH01997", "AH02003"),
        other_cause=known.other_cause,
    )


def _without_finding(known: AhCode, *, unimportant: bool) -> str:
    """Why a line has no cause, unless its meaning says as much."""
    said = unimportant or known.consequence
    said = said or "not the backend" in known.meaning or "armless" in known.meaning
    return "" if said else known.without_finding


def of_text(text: str, entry: LogEntry) -> Recognition | None:
    """What a line without a log code says: httpd 2.2's, or another program's.

    Args:
        text: the line.
        entry: the same, taken apart.
    """
    text = text[:_TEXT_LIMIT]
    lowered = text.lower()
    short = _SHORT_CODE.match(lowered)
    if short is not None and short[1]:
        return None  # a log code and nothing else, for ``codes_in``
    if "invalid command '" in lowered:
        return of_refusal(text)
    vhost = named.of_signature(text)
    if vhost:
        return Recognition(
            f"httpd's virtual host {vhost} made this page itself.", named=named.Named(vhost=vhost)
        )
    depth = _DEPTH.match(text)
    if depth is not None:
        return Recognition(
            f"What follows is about the certificate at depth {depth[1]} (0: the server's own).",
            depth=int(depth[1]),
        )
    if programs.is_of_script(text, entry):
        return None
    found = (
        denials.denial(text)
        or programs.of_ibm(text, lowered)
        or _uncoded(lowered, entry)
        or _verify_error(text, lowered)
        or _library_error(text)
        or _alert(lowered)
        or _by_text(lowered, text)
        or (None if entry.module else programs.of_others(lowered))
        or _errno(lowered, entry)
        or (None if entry.level else _of_programs(lowered))
    )
    if found is None:
        return None
    told = named.NOTHING if entry.module else named.of_program(text)
    if told.host and found.slugs == ("dns-failure",):
        found = refine.lookup(found, told.host, "")
    return found._replace(named=found.named.joined(told))


def codes_in(text: str) -> Iterator[Recognition]:
    """Every log code that a text mentions, and a number that stands alone.

    Args:
        text: ``AH02276``, ``ah2276``, ``2276``, ``AH01084 and AH00898``; a verify error below 100.
    """
    lowered = text.lower()
    short = _SHORT_CODE.match(lowered)
    if short is not None:
        prefix, digits = short.groups()
        recognition = (None if prefix else refine.verify_error(int(digits))) or _looked_up(
            f"AH{digits.zfill(5)}"
        )
        if recognition is not None:
            yield recognition
        return
    for count, found in enumerate(_BARE_CODE.finditer(lowered)):
        recognition = _looked_up(f"AH{found[1]}")
        if recognition is not None:
            yield recognition
        if count == _MOST_CODES_OF_A_LINE:
            return


def _looked_up(code: str) -> Recognition | None:
    recognition = of_code(code)
    if recognition is None:
        return None
    known = AH_CODES[code]
    level = f"httpd logs it at level {known.level} (module {known.module})."
    meaning = f"{recognition.meaning.rstrip('.')}. {level} {recognition.next_step}"
    return recognition._replace(meaning=meaning.rstrip())


def _verify_error(text: str, lowered: str) -> Recognition | None:
    for needle, expression in _VERIFY_ERRORS:
        found = re.search(expression, lowered) if needle in lowered else None
        if found is None:
            continue
        named = found.groupdict()
        known = refine.verify_error(
            int(named.get("number") or 0), named.get("text") or "", text,
            int(named.get("depth") or 0),
        )  # fmt: skip
        if known is not None:
            return known
    if "certificate" in lowered:
        plain = lowered.replace("-", " ")
        for embedded in _EMBEDDED:
            if embedded in plain:
                return refine.verify_error(0, embedded)
    error = openssl.verify_error(text) if len(text) < _LONGEST_VERIFY_TEXT else None
    return refine.verify_error(error.code) if error else None


def _library_error(text: str) -> Recognition | None:
    # curl adds the system's number; an error of number 0 is none, the connection only ended.
    reason = openssl.library_error(text.partition(", errno ")[0])
    return None if reason is None or "error:00000000:" in text else _of_reason(reason, text)


def _of_reason(reason: openssl.ErrorReason, text: str) -> Recognition | None:
    if reason.alert is not None:
        return _of_alert(openssl.ALERTS[reason.alert])
    if not reason.meaning:
        if "system library" in text or "BIO routines" in text:
            return errnos.explained(None, reason.text)
        return Recognition(f"OpenSSL's library says: {reason.text}.")
    strength = Strength.CLUE  # httpd writes the same words of its clients and of its own files
    if reason.text == "certificate verify failed":
        strength = Strength.CONSEQUENCE
    return Recognition(
        reason.meaning,
        slugs=reason.slugs,
        strength=strength if reason.slugs else Strength.CONTEXT,
    )


def _alert(lowered: str) -> Recognition | None:
    if "alert" not in lowered and "remote error: tls" not in lowered:
        return None
    curl = _CURL_ALERT.search(lowered)
    if curl is not None:
        alert = openssl.ALERTS.get(int(curl[2]) & 0xFF)
        if alert is None or curl[1] == "in":
            return _of_alert(alert) if alert else None
        return Recognition(f"This side ended the connection with the TLS alert {alert.text}.")
    number = _ALERT_NUMBER.search(lowered)
    alert = openssl.ALERTS.get(int(number[1])) if number else None
    if alert is None:
        words = _ALERT_TEXT.search(lowered)
        alert = openssl.alert(_ALERTS_OF_GO.get(words[1], words[1])) if words else None
    return _of_alert(alert) if alert else None


def _of_alert(alert: openssl.Alert) -> Recognition:
    slugs = ALERTS.get(alert.number, ())
    strength = Strength.DECISIVE if len(slugs) == 1 else Strength.CLUE
    return Recognition(
        f"TLS alert {alert.number}, {alert.text}, sent by the other side: {alert.meaning}",
        slugs=slugs,
        strength=strength if slugs else Strength.CONTEXT,
        other_cause=alert.other_cause or UNKNOWN_SIDE,
    )


def _of_programs(lowered: str) -> Recognition | None:
    """An HTTP status, an exit code of curl, or a reason of OpenSSL's library and nothing else."""
    status = error_pages.status(lowered)
    if status is not None:
        return status
    curl = _CURL_EXIT.search(lowered)
    row = load("texts.json")["curl"].get(curl[1] or curl[2]) if curl else None
    if row is not None:
        return from_row(row)
    python = _REASON_OF_PYTHON.search(lowered)
    if python is not None:
        return _of_reason(openssl.reason(python[1].replace("_", " ")), "")
    words = lowered.rpartition(": ")[2].strip(" .")
    bare = openssl.reason(words) if len(words) <= _LONGEST_REASON else None
    return _of_reason(bare, "") if bare is not None and bare.meaning else None


def _uncoded(lowered: str, entry: LogEntry) -> Recognition | None:
    """A message of httpd 2.2, which wrote no codes: the code that 2.4 gives it."""
    for needle, code in load("texts.json")["codes"].items():
        if needle in lowered:
            words = entry.errno_text or entry.message.partition(needle)[0]
            return of_entry(entry._replace(code=code, errno_text=words))
    return None


def _by_text(lowered: str, text: str) -> Recognition | None:
    said = by_words("texts", lowered)
    return said and said._replace(named=named.of_refusal(text))


def of_refusal(text: str) -> Recognition:
    """What the line after AH00526 says: why httpd refuses the configuration.

    Args:
        text: the line.
    """
    command = _UNKNOWN_COMMAND.search(text)
    if command is not None:
        return _unknown_directive(command[1])
    return _by_text(text.lower(), text) or Recognition(
        "This is why httpd refuses the configuration.",
        slugs=("configuration-refused",),
        strength=Strength.DECISIVE,
    )


def _unknown_directive(name: str) -> Recognition:
    """A directive that httpd does not know: of a missing module or another release, or misspelt."""
    from wizard.reference import directives, misspelt  # tables that only this needs
    from wizard.reference.config_releases import lifetime

    known = directives.lookup(name) or directives.lookup(f"<{name.strip('<>')}")
    slugs: tuple[str, ...] = ("unknown-directive",)
    missing: tuple[str, ...] = ()
    instead = ""
    if known is not None:
        span = lifetime("directive", known.name)
        if known.modules == ("core_module",):  # part of every httpd: no module is missing
            meaning = (
                f"{known.name} {span}: this httpd is another release."
                if span
                else f"{known.name} belongs to httpd 2.4 itself: a character beside it does not "
                "show, or this is another httpd."
            )
        else:
            modules = " or ".join(f"mod_{m.removesuffix('_module')}" for m in known.modules)
            older = f", or this httpd is another release: it {span}" if span else ""
            meaning = f"{known.name} belongs to {modules}, which is not loaded{older}."
            slugs = ("module-missing", *slugs)
            missing = tuple(m.removesuffix("_module") for m in known.modules[:1])
    else:
        near, others = misspelt.nearest(name), misspelt.name_of_others(name)
        none = "There is no such directive"
        meaning = others or (
            f"{none}. Most like it is {near}." if near else f"{none} in httpd 2.4."
        )
        first = f"Write {near}, if that is meant" if near else "Correct the spelling"
        instead = (
            others or f"{first}; or load the module that brings it (none of httpd's own does)."
        )
    return Recognition(
        meaning,
        slugs=slugs,
        strength=Strength.DECISIVE,
        named=Named(modules=missing, instead=instead),
    )


def _errno(lowered: str, entry: LogEntry) -> Recognition | None:
    """The system's error: with its number, beside the word connect, or standing alone."""
    # In httpd's own log errors of files have the same numbers.
    if entry.errno is not None and (not entry.level or "proxy" in lowered or "connect" in lowered):
        return errnos.explained(entry.errno, entry.errno_text)
    number = _ERRNO_OF_PROGRAMS.search(lowered) if "err" in lowered else None
    if number is not None and (known := errnos.explained(int(number[1]))) is not None:
        return known
    if "connect" in lowered or lowered.strip(" .\t") in load("texts.json")["errors"]:
        return errnos.explained(None, lowered)
    return None

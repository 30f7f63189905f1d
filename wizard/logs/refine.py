"""What a log code means in its line: the numbers, names and dates beside it decide.

tests/logs compares each function with the lines that httpd 2.4 writes for that fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wizard.findings.table import VERIFY_ERRORS
from wizard.logs import errnos, loading, named, side
from wizard.logs.log_line import LogEntry
from wizard.logs.named import Named
from wizard.logs.recognition import Recognition, Strength, from_row
from wizard.model.host_names import HIGHEST_PORT, is_address
from wizard.reference import backports, behaviours, openssl, release
from wizard.reference.tables import load

_VERIFY = re.compile(r'Certificate Verification: Error \((\d{1,3})\): ([^\["\n]{0,120})')
_DEPTH = re.compile(r"Certificate Verification, depth (\d{1,3})")
_NAMES = re.compile(r"\[subject: (.{0,600}?) / issuer: (.{0,600}?) / serial: ")
_LOOKUP = re.compile(r'DNS lookup failure for:? (\S{1,300})(?: returned by ([^\s"]{1,2000}))?')
# The last labels of names that no public one has.
_PRIVATE: Final = r"(?:localhost|localdomain|local(?!domain|host)|internal|intranet|example)"
# A host with more behind it: a port, an IPv4 address, or a name whose last label is no public one.
_HOST_AND_TEXT = re.compile(
    rf":\d{{1,5}}\D|^\d{{1,3}}(?:\.\d{{1,3}}){{3}}[^\d.:]|(?:^|\.){_PRIVATE}[a-z/]", re.IGNORECASE
)
_PORT_AND_TEXT = re.compile(r"//[^/\s]{0,300}:\d{1,5}[a-z]", re.IGNORECASE)
_PORT = re.compile(r"//[^/\s]{0,300}:(\d{5,9})(?![a-z\d])", re.IGNORECASE)
_NO_HOST = re.compile(r" URL (?:[a-z\d+.-]{1,20}:)?//(?:[:/?]|$)", re.IGNORECASE)
_BAD_URL: Final = (
    "AH00857", "AH00867", "AH01059", "AH01083", "AH02439", "AH03350", "AH10097",
)  # fmt: skip
# The host at its front: an IPv4 address, or a name up to the label that ends it.
_HOST_ALONE = re.compile(
    rf"\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?=[^\d.])|(?:[\w-]{{1,63}}\.){{0,8}}{_PRIVATE}(?=[a-z/])",
    re.IGNORECASE,
)
_SERVER = re.compile(r"\bApache/(\d\.\d\.\d{1,3})(?: \([^)\n]{0,80}\))?")
_OPENSSL = re.compile(r"\bOpenSSL/(\d\.\d{1,2}\.\d{1,3}[a-z]?)")

_FATAL_OF_PHP: Final = ("PHP Fatal", "PHP Parse", "Uncaught ")

#: Words of AH00898 that texts.json explains, as on httpd's own pages.
_REASONS: Final = (
    "corrupt status line returned by remote server",
    "unexpected upgrade",
    "interim responses from origin server",
    "uri cannot be parsed: ",
    "connect to remote machine blocked",
    "max-forwards has reached zero - proxy loop?",
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
    entry = errnos.numbered(entry)
    code = recognition.code or ""
    told = named.of_code(code, entry)
    sharper = _RULES.get(code, errnos.first)(recognition._replace(named=told), entry)
    return sharper._replace(named=told.joined(sharper.named))


def _verify(recognition: Recognition, entry: LogEntry) -> Recognition:
    found = _VERIFY.search(entry.message)
    known = verify_error(int(found[1]), found[2], entry.message) if found else None
    if known is None:
        return recognition
    meaning = f"OpenSSL refused a certificate of the backend, error {known.openssl}: "
    return known._replace(code=recognition.code, meaning=meaning + known.meaning)


def _name(recognition: Recognition, entry: LogEntry) -> Recognition:
    del entry  # the name is read already
    name = recognition.named.name
    if not name:
        return recognition
    slugs = tuple(slug for slug in recognition.slugs if slug != "ip-address-backend")
    if is_address(name.strip("[]")):
        slugs = ("ip-address-backend", *slugs)
    return recognition._replace(slugs=slugs, strength=Strength.DECISIVE)


def _returned(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00898, whose text before 'returned by' may be the cause itself."""
    message = entry.message
    name = _LOOKUP.search(message)
    if name is not None:
        return lookup(recognition, name[1], name[2] or "")
    if "SSL Handshake" in message:
        return recognition._replace(handshake=True,
            meaning="The TLS handshake with the backend failed, or a check after it did; the "
            "reason stands in other lines of the same request, of module ssl.",
        )  # fmt: skip
    if "Error reading from remote" in message:
        return recognition._replace(
            meaning="The backend's answer could not be read; the reason is in the line before.",
        )
    lowered = message.lower()
    rows = load("texts.json")["texts"]
    row = next((rows[words] for words in _REASONS if words in lowered), None)
    return from_row(row)._replace(code=recognition.code) if row else recognition


def lookup(recognition: Recognition, host: str, path: str) -> Recognition:
    """A name that could not be resolved: wrong, or with a path right behind it.

    Args:
        recognition: to be sharpened.
        host: that was looked up.
        path: that the client asked for; empty where it is not known.
    """
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
    whole = _HOST_ALONE.match(name)
    if whole is not None:
        name, first = whole[0], ()
    digits = re.match(r"\d{1,5}", rest)
    if colon and digits:
        return Named(name.lower(), int(digits[0]))
    return Named(name.removesuffix(first[0]).lower() if first else name.lower())


def _handler(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01144: which module is missing follows from the scheme."""
    del entry  # the scheme is read already
    scheme = recognition.named.scheme
    if not scheme:
        return recognition
    if scheme in ("ws", "wss"):
        recognition = recognition._replace(slugs=("module-missing",), strength=Strength.CLUE)
    elif scheme != "balancer":  # its name with the path right behind it is no balancer
        recognition = recognition._replace(slugs=("module-missing",), strength=Strength.DECISIVE)
    return recognition._replace(meaning=loading.meaning(scheme))


def _engine(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01961: of older releases mod_ssl itself writes it, so that it is loaded."""
    if "SSL Proxy requested for" not in entry.message:
        return recognition
    return recognition._replace(slugs=("engine-off",), strength=Strength.DECISIVE)


def _fastcgi_words(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01071: what a FastCGI program wrote to its error output, most often PHP."""
    words = entry.message
    if "Primary script unknown" in words:
        return recognition._replace(
            meaning="PHP-FPM does not find the script (404, 'File not found.'): the path that "
            "httpd sends as SCRIPT_FILENAME does not exist for it, in its own container or "
            "chroot, or its user may not read it. Compare the path in ProxyPassMatch or "
            "SetHandler with the one that PHP-FPM sees.",
            other_cause="",
        )
    if "PHP message: " in words and not any(fatal in words for fatal in _FATAL_OF_PHP):
        return recognition._replace(
            meaning="A message of the PHP program itself; it says nothing about the proxy.",
            slugs=(),
            strength=Strength.CONTEXT,
        )
    return recognition


def _without_sni(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH02032: the client may have sent no server name at all, as a proxy in front does."""
    if "no SNI was provided" not in entry.message:
        return recognition
    return recognition._replace(
        meaning="The client sent no SNI, and its Host header names another virtual host than the "
        "first one, with other TLS settings: 421. The front side, not the backend. When httpd is "
        "itself the backend of a proxy: nginx sends SNI with `proxy_ssl_server_name on`; httpd "
        "sends none where the URL has an IP address and ProxyPreserveHost is Off.",
    )


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
    """AH01083 and its like: text right behind the port is a path without its slash; no port is
    above 65535; and nothing between the slashes is no host."""
    if _NO_HOST.search(entry.message):
        return recognition._replace(
            meaning="The backend's URL has no host: what a RewriteRule, a RewriteMap or a variable "
            "puts there was empty for this request. Let the rule apply only where it is not empty "
            "(a RewriteCond before it).",
            slugs=("backend-url-invalid",),
            strength=Strength.DECISIVE,
        )
    glued = _PORT_AND_TEXT.search(entry.message)
    if glued:
        return recognition._replace(slugs=("missing-trailing-slash",), strength=Strength.DECISIVE)
    port = _PORT.search(entry.message)
    if port is not None and int(port[1]) > HIGHEST_PORT:
        return recognition._replace(slugs=("backend-url-invalid",), strength=Strength.DECISIVE)
    return recognition


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


_RULES: Final[Mapping[str, Callable[[Recognition, LogEntry], Recognition]]] = {
    "AH02275": _depth,
    "AH02276": _verify,
    "AH02039": _verify,
    "AH02411": _name,
    "AH02005": _name,
    "AH00898": _returned,
    "AH00957": errnos.connect,
    "AH00952": errnos.create_socket,
    "AH00958": errnos.tunnel,
    "AH00939": errnos.connect,
    "AH01114": errnos.connect,
    "AH02452": errnos.connect,
    "AH02454": errnos.unix_socket,
    "AH00072": errnos.bind,
    "AH03352": errnos.connect,
    "AH01071": _fastcgi_words,
    "AH01075": errnos.dispatch,
    "AH01102": errnos.status_line,
    "AH00489": _banner,
    "AH00163": _banner,
    "AH01084": errnos.body,
    "AH01097": errnos.body,
    "AH01144": _handler,
    "AH00534": _mpm,
    "AH02032": _without_sni,
    "AH01899": _of_directive,
    "AH01902": _of_directive,
    "AH02532": _of_directive,
    **dict.fromkeys(_BAD_URL, _bad_url),
    "AH01961": _engine,
}

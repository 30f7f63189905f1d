"""The sentences of a plan's remarks: on the command line, and where they differ, in the wizard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from wizard.model.remark import Point, Remark, Value
from wizard.text import fingerprint, printable
from wizard.wording.certificate import called

_LONGEST = 300
"""Characters that are shown of a parameter, if it is no text of its own."""

_BETWEEN: Final = (
    "the CA in {file} ({subject}) signed none of the certificates that the backend presents. It "
    "may be right all the same: between it and the backend's certificate '{issuer}' is missing. "
    "Add that one's certificate to the file, or have the backend send it; if it is self-signed, "
    "it is itself the root that is needed"
)

_TEXTS: Final[Mapping[Point, str]] = {
    Point.AS_TOLD: "{text}",
    Point.NAMED_BY_OPERATOR: "the operator named {file} (--ca), and it signed the backend's chain",
    Point.INTERMEDIATE_NAMED: "the operator named the intermediate in {file} (--ca); its root was "
    "found in {root}",
    Point.CONFIRMED_BY_OPERATOR: "the backend presents it, and the operator confirmed its SHA-256 "
    "(--accept-fingerprint)",
    Point.TRUSTED_ALREADY: "the configuration trusts it already",
    Point.ROOT_TRUSTED_ALREADY: "the configuration trusts its root already; the backend forgets to "
    "send the rest",
    Point.FOUND_HERE: "found {where} ({file}), and it signed the backend's chain",
    Point.CERTIFICATE_NOT_SEEN: "the backend's certificate was not seen",
    Point.NO_CA_FOUND: "no CA on this machine signed the backend's chain; its issuer is "
    "'{issuer}'. Looked in: {places} (certificate files: {files})",
    Point.SELF_SIGNED_UNKNOWN: "no CA on this machine signed the backend's chain; the certificate "
    "itself is '{issuer}'. Looked in: {places} (certificate files: {files})",
    Point.FILE_HOLDS_LEAF: "{file} holds the backend's own certificate; needed is the certificate "
    "of its issuer '{issuer}'",
    Point.FILE_HOLDS_NO_CA: "{file} holds no CA certificate (no basicConstraints CA:TRUE)",
    Point.FILE_HOLDS_INTERMEDIATE: "{file} holds only an intermediate; its root '{issuer}' is "
    "needed as well",
    Point.FILE_HOLDS_OTHER_KEY: "the CA in {file} has the right name but another key (SHA-256 "
    "{sha256}): it did not sign the backend's chain",
    Point.FILE_DID_NOT_SIGN: "the CA in {file} ({subject}) did not sign the chain that the backend "
    "presents, which ends with issuer '{issuer}'",
    Point.ISSUER_BETWEEN_MISSING: _BETWEEN,
    Point.ISSUER_BETWEEN_LIES_AT: _BETWEEN + ". The backend's certificate says that it lies at "
    "{url} (not fetched; compare its fingerprint before you trust it)",
    Point.ACCEPTED_IS_NO_ROOT: "the accepted certificate '{subject}' is not self-signed: httpd "
    "needs the root, which the backend does not present",
    Point.PRESENTED_BY_BACKEND: "The backend presents the self-signed '{subject}', SHA-256 "
    "{sha256}: compare it out of band before you accept it.",
    Point.ISSUER_LIES_AT: "The certificate says that its issuer's certificate lies at {url} (not "
    "fetched; compare its fingerprint before you trust it).",
    Point.FOUND_CA_UNNAMED: "'{subject}', which signed the backend's chain, was found {where} "
    "({file}), SHA-256 {sha256}, but nobody vouches for it: give --ca {file} to trust it",
    Point.PUBLIC_CA_UNNAMED: "the public CA '{subject}' signed the backend's chain, but this route "
    "trusts {pinned}: give --ca {file} to trust that one CA of it instead",
    Point.FOUND_CA_OFFERED: "'{subject}' was found {where} ({file}, owner root), and it signed the "
    "backend's chain. Nobody vouches for it: compare its SHA-256 with the CA's owner: {sha256}",
    Point.FOUND_OWN_OFFERED: "'{subject}', the backend's own certificate, was found {where} "
    "({file}, owner root). Nobody vouches for it: compare its SHA-256 with the backend's owner: "
    "{sha256}",
    Point.PUBLIC_CA_OFFERED: "'{subject}' is a public CA ({file}, owner root). This route trusts "
    "{pinned} so far; then it trusts whoever gets a certificate for the backend's name from the "
    "public CA. Its SHA-256: {sha256}",
    Point.PUBLIC_CA_NAMED: "{route}: '{subject}' is a public CA; so far the route trusts {pinned}.",
    Point.PUBLIC_CA_ALONE: "{route}: '{subject}' is a public CA, not a company's own. The file "
    "holds it alone; it signs for everybody, so what keeps others out is the check of the name.",
    Point.NOT_CONSIDERED: "not considered: {place} is writable by others ({who})",
    Point.NOT_CONSIDERED_BY_LINK: "not considered: {place} is writable by others ({who}); a link "
    "leads from {file} there",
    Point.NOT_CONSIDERED_EITHER: "not considered: {count} other places that are writable by others",
    Point.NO_FINGERPRINT: "'{given}' is no SHA-256 fingerprint. Give 64 hexadecimal digits, as "
    "`openssl x509 -noout -fingerprint -sha256` prints them.",
    Point.UNUSABLE_FILE: "{problem}. --ca takes a CA certificate.",
    Point.USELESS_FILE: "--ca does not help: {why}.",
    Point.NOT_PRESENTED: "no backend presents a certificate with SHA-256 {sha256}; presented: "
    "{presented}.",
    Point.TRUST_FILE_UNFIT: "--trust-file cannot be here: {why}. Name a file in a directory that "
    "only its owner can write and that no URL serves.",
    Point.NO_PLACE_FOR_BUNDLE: "there is no safe directory for the CA file: {why}. Name a file in "
    "one that only root can write and that no URL serves: --trust-file FILE.",
    Point.PLACE_IS_SHARED: "{directory} {why}",
    Point.PLACE_IS_SERVED: "{directory} lies in {served}, which URLs lead to",
    Point.PLACE_IS_INCLUDED: "an Include of {listed} would read what lies in {directory}",
    Point.PLACE_IS_A_STORE: "what lies in {directory}, every program of this system trusts",
    Point.PLACE_IS_NO_FILE: "{path} is there, and is no plain file",
    Point.DAY_WITHOUT_EXCEPTION: "--until is the last day of a temporary exception. Give --policy "
    "temporary with it.",
    Point.EXCEPTION_WITHOUT_DAY: "a temporary exception needs its last day. Give --until "
    "YYYY-MM-DD.",
    Point.DAY_IS_OVER: "--until {day} is over. Name a day to come.",
    Point.DAY_IS_TOO_FAR: "--until {day} is more than {days} days ahead: a check that is off "
    "for so long is not off for a while. Name a day up to {latest}; it can be put off again.",
    Point.STRICT_WOULD_FAIL: "strict verification would still fail: {finding}",
    Point.CHAIN_FAILS: "even with the right CA, verification fails: {openssl} (error {error})",
    Point.NO_ADDITION: "with TLS 1.2 and 1.3 and every cipher of the security level in force, the "
    "backend ends the handshake all the same; older versions and weaker ciphers are not added: "
    "{what}",
    Point.LIST_NEEDED: "a check that is on is not switched off: put the current revocation list of "
    "{issuers} (PEM) into a file of root's, name it with SSLProxyCARevocationFile, and renew it by "
    "a timer before it expires",
    Point.LIST_LIES_AT: "{first}; the certificates say that it lies at {urls} (not fetched)",
    Point.NAME_NOT_COVERED: "the backend's certificate covers {covered}, but httpd compares {name}",
    Point.OTHER_NAME_LEADS_THERE: "{first} ({names} leads to the same address: if that site is "
    "meant, use it in the URL)",
    Point.NAME_OFFERED: "ask the backend's owner whether {address} port {port} is {name}: only the "
    "certificate there (issuer '{issuer}') says so. Once the URL has this name, requests go "
    "wherever it leads",
    Point.NAME_SHOWN: "the certificate at {address} says that it is {name}: ask the backend's "
    "owner whether that is so",
    Point.NAME_UNKNOWN: "only the certificate at {address} (issuer '{issuer}') says that it is "
    "{name}, and whoever took the address could show one: put the name into the URL yourself if it "
    "is right, or run this without --yes, which asks; it is taken unasked if --ca or the "
    "configuration trusts the CA, and --resolve, another URL, /etc/hosts or the internal domain "
    "has the name",
    Point.NAME_FOR_ADDRESS: "{first}; let such a name lead there (DNS or /etc/hosts), and use it "
    "in the URL",
    Point.NO_WEAKNESS: "a temporary exception repairs no weakness: --policy production does",
    Point.ONLY_FAILING_ROUTES: "a temporary exception is made only for a route whose checks fail "
    "now",
    Point.NO_CHECK_FAILS: "no check of httpd's is what fails here: disabling one would not help",
    Point.NOT_IN_CONFIGURATION: "the configuration cannot repair this",
    Point.WAITS_FOR_BACKEND: "{findings} is left to the backend's side, and this waits for it: "
    "plan again when that is done",
    Point.LEFT_TO_BACKEND: "left to the backend's side, as asked for: {what}",
    Point.NOT_SENT: "the backend does not send {subjects}. {what}",
    Point.BOTH: "{first}: {second}",
    Point.AND: "{first}; {second}",
    Point.RELEASE_REFUSES: "httpd {release} refuses {directive}: {why}",
    Point.RELEASE_REFUSES_IN_SECTION: "httpd {release} refuses {directive} in a <Proxy> section "
    "(httpd 2.4.30 is the first that takes it there)",
    Point.NO_SECTION_FOR_IT: "{why}, and other routes of this virtual host need it otherwise: "
    "proxy this route in a virtual host of its own, or upgrade httpd",
    Point.NO_SECTION_COUNTS: "no <Proxy> section counts for {kind} at {place}, and other routes of "
    "this virtual host need it otherwise: proxy it by ProxyPass, or in a virtual host of its own",
    Point.URL_FROM_VARIABLES: "the URL {url} is put together from variables or a macro at {place}: "
    "change it there",
    Point.URL_IS_YOURS: "not patched, the URL is yours to change: {why}",
    Point.ORDER_IS_YOURS: "not patched, the order is yours to change: {why}",
    Point.NOT_SIDE_BY_SIDE: "{own} and {other} are not ProxyPass lines of one section that stands "
    "once in one file",
    Point.SAME_PATH_TWICE: "{own} and {other} have the same path, and only one of them can count",
    Point.EXCEPTED: "{other} keeps the path from being proxied (“!”): put {own} before it if its "
    "requests are to reach the backend",
    Point.EXCEPTION_BETWEEN: "between {other} and {own} a line excepts a part of the path (“!”), "
    "and would have to stay before it",
    Point.URL_IS_SHARED: "another route needs the URL at {place} otherwise",
    Point.OVERRIDDEN: "the repair would not count: another line overrides it",
    Point.CURE_BY_HAND: "other virtual hosts read {place}, or a macro writes it, so write it by "
    "hand: {line}",
    Point.CURE_NEEDS_MODULE: "{line} needs {module}, which is not loaded: {command}",
    Point.CURE_NOT_IN_FILES: "the line at {place} is not in these files as a directive of its "
    "own, so nothing can be written beside it",
    Point.CURE_NOT_A_LINE: "the line that would repair it is not one that can be written",
    Point.CURE_NO_PARAMETER: "the line at {place} takes no such parameter, or does not have this "
    "URL",
    Point.CURE_PLACE_CHANGES: "another repair changes the line at {place}: plan again once this "
    "plan is applied",
    Point.CURES_CONTRADICT: "routes that share the place need different lines there: {lines}",
    Point.CURE_WOULD_HARM: "the lines that should repair it were tried, and harm {route}",
    Point.CURE_WITHOUT_EFFECT: "asked again with it, the fault is still there",
    Point.WOULD_STILL_FAIL: "a repair was tried, but the route would still fail: {why}",
    Point.WOULD_BREAK: "the repair would break {route}, which works",
    Point.WOULD_CHANGE: "httpd has no place where this repair counts and nothing else does: it "
    "would change {directives} for {route} (to {backend})",
    Point.WOULD_WEAKEN: "the repair would weaken {directives}, and no policy but a temporary "
    "exception may",
    Point.MEMBERS_NEED_OTHER_CAS: "the members of balancer://{balancer} need different CAs, and "
    "httpd has one CA file for all of them: with a certificate of any of these CAs one could pose "
    "as each member. Give them certificates of one CA, or a balancer each",
    Point.SHARES_CONNECTIONS: "both have one worker, so httpd would use the connections of this "
    "route for {route} too, which demands more of the backend: repair them together, or put this "
    "route's ProxyPass above the other's",
    Point.REPAIRS_CONTRADICT: "the repairs of several routes contradict each other: repair one "
    "route at a time",
    Point.GET_ROOT: "Get the root certificate {called} from the CA's owner.",
    Point.GET_CERTIFICATE: "Get the backend's certificate {called} as a file from the backend's "
    "owner.",
    Point.COMPARE: "Compare the SHA-256 of the one that the backend shows with its owner, by "
    "telephone or in person:",
    Point.PLAN_WITH_CA: "Then have the patch made with it:",
    Point.PLAN_THE_REST: "Then have the patch made for the rest:",
    Point.BUNDLE_GOES_TO: "The CA file goes to {directory}: others cannot write there, and no URL "
    "leads there.",
    Point.NOT_WRITTEN_TO: "The CA file does not go elsewhere: {why}.",
    Point.HOST_CHANGES: "{route}: with ProxyPreserveHost Off the backend gets {host} as Host; the "
    "client's Host stays in X-Forwarded-Host. The application may notice it: absolute links, "
    "redirects and the domain of cookies are made from Host, CSRF checks compare it with Origin, "
    "and the backend may choose another virtual host by it. If it matters, keep the Host and have "
    "the backend's certificate reissued with the public name: --leave preserve-host-changes-name "
    "prints the commands.",
    Point.COMMENT_SAYS_OPPOSITE: "{places}: the comment “{quoted}” says the opposite of what is in "
    "force after this ({directives}). It stays as somebody wrote it: correct it there.",
    Point.COMMENT_SPEAKS_OF_IT: "{places}: the comment “{quoted}” speaks of what changes here "
    "({directives}). It stays as somebody wrote it: see whether it still holds.",
    Point.MORE_COMMENTS: "{count} more comments beside changed lines may not hold any more: fix "
    "--format json has each one with its place.",
    Point.NAME_CHOSEN: "{route}: several names of the certificate lead to {host}: {names}; "
    "{chosen} was chosen.",
    Point.EXPOSED_UNTIL: "{route}: until {day} anybody on the path to the backend can pose as it; "
    "check reports the exception, and an error once it is over.",
    Point.PROTOCOL_ADDED: "{route}: {version} is added to SSLProxyProtocol: the backend offers it.",
    Point.DHE_EXCLUDED: "{route}: ciphers with DHE are offered no more (:!DHE at the end of "
    "SSLProxyCipherSuite): the backend's parameters for them are too small, and it has others.",
    Point.CIPHER_ADDED: "{route}: {cipher} is added at the end of {directive}: the backend accepts "
    "nothing that stands there. Forward secrecy: {secret}; authenticated encryption (AEAD): "
    "{aead}.",
    Point.NO_HTTP2: "{route}: the backend does not offer HTTP/2 (ALPN h2), so the URL becomes "
    "https://.",
    Point.REPAIRED_BY_THE_WAY: "{route}: {finding} was to be left, but what repairs the others "
    "repairs it too.",
    Point.NOT_REPAIRED: "{route}: this patch alone does not repair the route: {why} What else it "
    "needs is in the other steps.",
    Point.BACKENDS_OWN_ANSWER: "{route}: {why} This is the backend's own affair.",
    Point.BECOMES_A_ROUTE: "{route}: {why} It becomes a route by this plan: run this again once it "
    "is applied.",
    Point.HARD_LINKS: "{file} has {links} names (hard links): `apply` and `patch` replace it under "
    "this name only; the others keep the old contents.",
}

_IN_THE_WIZARD: Final[Mapping[Point, str]] = {
    Point.PLAN_WITH_CA: "Name a file with its certificate (f), or compare a fingerprint with its "
    "owner, as the question offers it.",
    Point.COMPARE: "Or compare its SHA-256 with its owner, by telephone or in person.",
    Point.NAME_UNKNOWN: "only the certificate at {address} (issuer '{issuer}') says that it is "
    "{name}, and whoever took the address could show one: put the name into the URL yourself if it "
    "is right",
    Point.NAMED_BY_OPERATOR: "the operator named {file}, and it signed the backend's chain",
    Point.INTERMEDIATE_NAMED: "the operator named the intermediate in {file}; its root was found "
    "in {root}",
    Point.CONFIRMED_BY_OPERATOR: "the backend presents it, and the operator confirmed its SHA-256",
    Point.FOUND_CA_UNNAMED: "'{subject}', which signed the backend's chain, was found {where} "
    "({file}), but nobody vouches for it",
    Point.TRUST_FILE_UNFIT: "the CA file cannot be here: {why}.",
    Point.NO_PLACE_FOR_BUNDLE: "there is no safe directory for the CA file: {why}. Let only root "
    "write the configuration's directory.",
    Point.PUBLIC_CA_UNNAMED: "the public CA '{subject}' ({file}) signed the backend's chain, but "
    "this route trusts {pinned}",
    # A fingerprint that nobody vouches for would only be copied.
    Point.FILE_HOLDS_OTHER_KEY: "the CA in {file} has the right name but another key: it did not "
    "sign the backend's chain",
    Point.PRESENTED_BY_BACKEND: "The backend presents the self-signed '{subject}': ask the CA's "
    "owner for its SHA-256 before you accept it.",
    Point.NOT_PRESENTED: "no backend presents a certificate with SHA-256 {sha256}.",
    Point.UNUSABLE_FILE: "{problem}. Needed is a CA certificate.",
    Point.USELESS_FILE: "this CA's file does not help: {why}.",
    Point.DAY_WITHOUT_EXCEPTION: "a last day belongs to a temporary exception only.",
    Point.EXCEPTION_WITHOUT_DAY: "a temporary exception needs its last day: YYYY-MM-DD.",
    Point.EXPOSED_UNTIL: "{route}: until {day} anybody on the path to the backend can pose as it. "
    "The exception is named as long as it holds, and is an error once it is over.",
    Point.DAY_IS_OVER: "{day} is over. Name a day to come.",
    Point.DAY_IS_TOO_FAR: "{day} is more than {days} days ahead: a check that is off for so long "
    "is not off for a while. Name a day up to {latest}; it can be put off again.",
    Point.NO_WEAKNESS: "a temporary exception repairs no weakness: the row “production” does",
    Point.BECOMES_A_ROUTE: "{route}: {why} It becomes a route by this plan: plan again once it is "
    "applied.",
    Point.HOST_CHANGES: "{route}: with ProxyPreserveHost Off the backend gets {host} as Host; the "
    "client's Host stays in X-Forwarded-Host. The application may notice it: absolute links, "
    "redirects and the domain of cookies are made from Host, CSRF checks compare it with Origin, "
    "and the backend may choose another virtual host by it. If it matters, keep the Host and have "
    "the backend's certificate reissued with the public name: there is a way for that.",
    Point.MORE_COMMENTS: "{count} more comments beside changed lines may not hold any more.",
    Point.HARD_LINKS: "{file} has {links} names (hard links): step 5 replaces it under this name "
    "only; the others keep the old contents.",
}
"""Where what is an option on the command line is a field."""


def sentence(remark: Remark, *, wizard: bool = False) -> str:
    """A remark in words, safe to show.

    Args:
        remark: of the engine.
        wizard: for the wizard, which has fields where the command line has options.
    """
    text = (_IN_THE_WIZARD if wizard else {}).get(remark.point) or _TEXTS[remark.point]
    return text.format(**{name: _word(name, value, wizard) for name, value in remark.values})


def _word(name: str, value: Value, wizard: bool) -> str:
    match value:
        case Remark():
            return sentence(value, wizard=wizard)
        case date():
            return f"{value:%Y-%m-%d}"
        case tuple():
            return ", ".join(printable(one, 200) for one in value)
        case str():
            if name == "sha256":
                return fingerprint(value)
            if name == "called":
                return f'"{called(value)}"'
            return printable(value) if name == "text" else printable(value, _LONGEST)
        case _:
            return str(value)

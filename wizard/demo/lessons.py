"""The lessons: what a colleague reports, what is broken, what can be learned from it. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Repair = Literal["configuration", "backend"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One broken proxy.

    Args:
        name: as the command line takes it.
        title: one line.
        ticket: as a colleague would write it.
        look_at: what to look at first.
        hint: on demand.
        cause: the finding that explains it.
        site: lines of the virtual host. ``{url}`` is the backend, ``{port}`` its port, ``{dir}``
            the lesson's directory.
        backend: key of the lab's backends.
        repair: who can repair it.
        ca: file of the lesson's directory that the operator gets from the CA's owner; empty when
            none is needed.
        server: lines at server level.
        loglevel: of the server.
        path: that the imagined client asks for.
    """

    name: str
    title: str
    ticket: str
    look_at: str
    hint: str
    cause: str
    site: str
    backend: str
    repair: Repair = "configuration"
    ca: str = ""
    server: str = ""
    loglevel: str = "warn"
    path: str = "/"


_STRICT = "SSLProxyEngine on\nSSLProxyVerify require\n"
_TRUSTING = _STRICT + "SSLProxyCACertificateFile {dir}/corp-root.pem\n"
_PASS = "ProxyPass / {url}/\n"  # noqa: S105 # nosec B105 # no password: a directive

LESSONS: Final = (
    Lesson(
        "engine-off",
        "https:// in ProxyPass is not enough",
        "I only added an s to the backend's URL, now every page is 500. The backend works fine "
        "in my browser.",
        "SSLProxyEngine in the policy, and the line of the ProxyPass.",
        "httpd speaks TLS to a backend only where SSLProxyEngine is on. SSLEngine is the other "
        "side: the browser's.",
        "engine-off",
        _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "internal-ca",
        "The company's own CA",
        "Security told us to set SSLProxyVerify require. Since then: 500. The certificate is "
        "from our own CA and every laptop trusts it!",
        "Which CA file the policy names, and where its value comes from.",
        "httpd trusts no CA for backends, not even the public ones, unless "
        "SSLProxyCACertificateFile names it. Get the root from the CA's owner (corp-root.pem).",
        "ca-not-configured",
        _STRICT + _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "wrong-ca",
        "Somebody installed the wrong CA",
        "We did install the CA, I promise: /etc/ssl/… something. Still 500.",
        "The issuer at the top of the chain beside the subject in the CA file.",
        "The file holds another company's root. Names look alike; who signed whom is what counts.",
        "ca-not-trusted",
        _STRICT + "SSLProxyCACertificateFile {dir}/other-root.pem\n" + _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "depth",
        "Depth 1, and one intermediate",
        "The root is trusted, the chain is complete, openssl s_client says OK – and httpd says "
        "500. AH02040 means nothing to me.",
        "How many certificates stand above the backend's own, and SSLProxyVerifyDepth.",
        "SSLProxyVerifyDepth defaults to 1: one certificate above the backend's own. With one "
        "intermediate it has to be 2.",
        "chain-too-deep",
        _TRUSTING + _PASS,
        "intermediate",
    ),
    Lesson(
        "missing-intermediate",
        "The backend forgets its intermediate",
        "Works in my browser, fails in httpd. The backend team says nothing changed.",
        "What the backend sends: one certificate. Who signed it is missing.",
        "Browsers remember intermediates, httpd does not. The backend should send it; until it "
        "does, root and intermediate can stand in the CA file, with depth 2.",
        "missing-intermediate",
        _TRUSTING + _PASS,
        "forgetful",
        ca="corp-chain.pem",
    ),
    Lesson(
        "re-keyed",
        "Same CA, new key",
        "The CA was renewed last night. Same name, we compared it letter by letter.",
        "The SHA-256 of the CA in the file and of the one that really signed.",
        "A CA that was renewed with a new key is another CA: the name stays, the signature does "
        "not fit. The file needs the new one.",
        "ca-rekeyed",
        _STRICT + "SSLProxyCACertificateFile {dir}/old-root.pem\n" + _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "preserve-host",
        "ProxyPreserveHost changes the name",
        "I switched ProxyPreserveHost on for the application's links. Now the certificate is "
        "wrong?! It is the same certificate.",
        "SNI sent and name checked, before and after ProxyPreserveHost.",
        "With ProxyPreserveHost On httpd asks for, and checks, the name that the browser sent. "
        "The backend's certificate has its internal name only.",
        "preserve-host-changes-name",
        _TRUSTING + "ProxyPreserveHost On\n" + _PASS,
        "plain",
    ),
    Lesson(
        "ip-address",
        "An IP address in the URL",
        "We replaced the name by the address because DNS is slow. The certificate even has the "
        "address in it!",
        "No SNI is sent, and the name that is checked is an address.",
        "httpd sends no SNI for an address and does not honour addresses in the certificate. "
        "The URL needs a name that the certificate covers.",
        "ip-address-backend",
        _TRUSTING + "ProxyPass / https://127.0.0.1:{port}/\n",
        "plain",
    ),
    Lesson(
        "not-verified",
        "It works. That is the problem",
        "Nothing is broken, the auditors just want to know whether the backend is verified.",
        "SSLProxyVerify and its source.",
        "SSLProxyVerify is none by default: anybody between httpd and the backend can pose as the "
        "backend. The page works exactly as well for an attacker.",
        "verification-off",
        "SSLProxyEngine on\n" + _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "hidden-cause",
        "The log says almost nothing",
        "error.log: AH01084, AH00898, AH01097. That is all. I searched for two days.",
        "The log lines that LogLevel hides.",
        "The cause is at level info. `LogLevel warn ssl:info proxy:info` shows it, without a "
        "restart. Here it is a name that only the backend's owner can put right.",
        "name-mismatch",
        _TRUSTING + _PASS,
        "wrong-name",
        repair="backend",
    ),
    Lesson(
        "dead-at-start",
        "Syntax OK, and dead at start",
        "apachectl configtest says Syntax OK. I reloaded and the whole server was gone.",
        "The first bytes of the CA file.",
        "The file is DER, not PEM. -t only looks whether it exists; at start httpd ends with "
        "AH01895.",
        "ca-file-invalid",
        _STRICT + "SSLProxyCACertificateFile {dir}/corp-root.der\n" + _PASS,
        "plain",
    ),
    Lesson(
        "overdue-exception",
        "Temporary since last year",
        "Just a test, it said. The ticket for it was closed long ago.",
        "The comment beside SSLProxyVerify none.",
        "An exception that nobody ends is not temporary. It is over; the check belongs on again.",
        "temporary-exception-expired",
        "SSLProxyEngine on\n"
        "# proxy-wizard: temporary exception until 2025-12-31 (ca-not-trusted): "
        "SSLProxyVerify none\n"
        "SSLProxyVerify none\n" + _PASS,
        "plain",
        ca="corp-root.pem",
    ),
    Lesson(
        "wrong-section",
        "A directive in the wrong place",
        "I put the settings where they belong, beside the path. httpd does not even start.",
        "Where SSLProxy* may stand.",
        "SSLProxy* directives are not allowed in <Location>; in <Proxy> or the virtual host they "
        "are.",
        "directive-not-allowed-here",
        "SSLProxyEngine on\n<Location /app/>\n    SSLProxyVerify require\n"
        "    SSLProxyCACertificateFile {dir}/corp-root.pem\n    ProxyPass {url}/\n</Location>\n",
        "plain",
        path="/app/",
    ),
    Lesson(
        "final-slash",
        "One slash",
        "The start page works, everything else is a DNS error for a name nobody knows.",
        "The URL that httpd makes of /x.",
        "`ProxyPass / https://host:port` without the final slash: the rest of the path is glued "
        "to the port.",
        "missing-trailing-slash",
        _TRUSTING + "ProxyPass / {url}\n",
        "plain",
        path="/x",
    ),
    Lesson(
        "expired",
        "Expired on Sunday",
        "It worked on Friday.",
        "The dates of the backend's certificate.",
        "An expired certificate has to be renewed by the backend's owner. Nothing in Apache's "
        "configuration makes it valid, and switching the check off would stay.",
        "certificate-expired",
        _TRUSTING + _PASS,
        "expired",
        repair="backend",
    ),
    Lesson(
        "plain-http",
        "https:// to a port that speaks HTTP",
        "The backend's port did not change, only the load balancer in front of it was removed.",
        "What the backend answers to a TLS ClientHello.",
        "Behind this port there is no TLS any more. Either the backend gets it back, or the URL "
        "becomes http:// – on a network that you trust.",
        "backend-speaks-plain-http",
        _TRUSTING + _PASS,
        "http",
        repair="backend",
    ),
)

"""The lessons: what a colleague reports, what is broken, what can be learned from it. Data only."""

from __future__ import annotations

from typing import Final, Literal

from wizard.record import record
from wizard.reference import log_levels

Repair = Literal["configuration", "backend"]


@record
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
        front: what httpd speaks to that client.
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
    front: Literal["http", "https"] = "http"


_STRICT = "SSLProxyEngine on\nSSLProxyVerify require\n"
_TRUSTING = _STRICT + "SSLProxyCACertificateFile {dir}/corp-root.pem\n"
_PASS = "ProxyPass / {url}/\n"  # noqa: S105 # nosec B105 # no password: a directive

LESSONS: Final = (
    Lesson(
        name="engine-off",
        title="https:// in ProxyPass is not enough",
        ticket="I only added an s to the backend's URL, now every page is 500. The backend works "
        "fine in my browser.",
        look_at="SSLProxyEngine in the policy, and the line of the ProxyPass.",
        hint="httpd speaks TLS to a backend only where SSLProxyEngine is on. SSLEngine is the "
        "other side: the browser's.",
        cause="engine-off",
        site=_PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="internal-ca",
        title="The company's own CA",
        ticket="Security told us to set SSLProxyVerify require. Since then: 500. The certificate "
        "is from our own CA and every laptop trusts it!",
        look_at="Which CA file the policy names, and where its value comes from.",
        hint="httpd trusts no CA for backends, not even the public ones, unless "
        "SSLProxyCACertificateFile names it. Get the root from the CA's owner (corp-root.pem).",
        cause="ca-not-configured",
        site=_STRICT + _PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="wrong-ca",
        title="Somebody installed the wrong CA",
        ticket="We did install the CA, I promise: /etc/ssl/… something. Still 500.",
        look_at="The issuer at the top of the chain beside the subject in the CA file.",
        hint="The file holds another company's root. Names look alike; who signed whom is what "
        "counts.",
        cause="ca-not-trusted",
        site=_STRICT + "SSLProxyCACertificateFile {dir}/other-root.pem\n" + _PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="depth",
        title="Depth 1, and one intermediate",
        ticket="The root is trusted, the chain is complete, openssl s_client says OK – and httpd "
        "says 500. AH02040 means nothing to me.",
        look_at="How many certificates stand above the backend's own, and SSLProxyVerifyDepth.",
        hint="SSLProxyVerifyDepth defaults to 1: one certificate above the backend's own. With "
        "one intermediate it has to be 2.",
        cause="chain-too-deep",
        site=_TRUSTING + _PASS,
        backend="intermediate",
    ),
    Lesson(
        name="missing-intermediate",
        title="The backend forgets its intermediate",
        ticket="Works in my browser, fails in httpd. The backend team says nothing changed.",
        look_at="What the backend sends: one certificate. Who signed it is missing.",
        hint="Browsers remember intermediates, httpd does not. The backend should send it; until "
        "it does, root and intermediate can stand in the CA file, with depth 2.",
        cause="missing-intermediate",
        site=_TRUSTING + _PASS,
        backend="forgetful",
        ca="corp-chain.pem",
    ),
    Lesson(
        name="re-keyed",
        title="Same CA, new key",
        ticket="The CA was renewed last night. Same name, we compared it letter by letter.",
        look_at="The SHA-256 of the CA in the file and of the one that really signed.",
        hint="A CA that was renewed with a new key is another CA: the name stays, the signature "
        "does not fit. The file needs the new one.",
        cause="ca-rekeyed",
        site=_STRICT + "SSLProxyCACertificateFile {dir}/old-root.pem\n" + _PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="preserve-host",
        title="ProxyPreserveHost changes the name",
        ticket="I switched ProxyPreserveHost on for the application's links. Now the certificate "
        "is wrong?! It is the same certificate.",
        look_at="SNI sent and name checked, before and after ProxyPreserveHost.",
        hint="With ProxyPreserveHost On httpd asks for, and checks, the name that the browser "
        "sent. The backend's certificate has its internal name only.",
        cause="preserve-host-changes-name",
        site=_TRUSTING + "ProxyPreserveHost On\n" + _PASS,
        backend="plain",
    ),
    Lesson(
        name="ip-address",
        title="An IP address in the URL",
        ticket="We replaced the name by the address because DNS is slow. The certificate even has "
        "the address in it!",
        look_at="No SNI is sent, and the name that is checked is an address.",
        hint="httpd sends no SNI for an address and does not honour addresses in the certificate. "
        "The URL needs a name that the certificate covers.",
        cause="ip-address-backend",
        site=_TRUSTING + "ProxyPass / https://127.0.0.1:{port}/\n",
        backend="plain",
    ),
    Lesson(
        name="not-verified",
        title="It works. That is the problem",
        ticket="Nothing is broken, the auditors just want to know whether the backend is verified.",
        look_at="SSLProxyVerify and its source.",
        hint="SSLProxyVerify is none by default: anybody between httpd and the backend can pose "
        "as the backend. The page works exactly as well for an attacker.",
        cause="verification-off",
        site="SSLProxyEngine on\n" + _PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="hidden-cause",
        title="The log says almost nothing",
        ticket="error.log: AH01084, AH00898, AH01097. That is all. I searched for two days.",
        look_at="The log lines that LogLevel hides.",
        hint=f"The cause is at level info. `{log_levels.telling()}` shows it, without a "
        "restart. Here it is a name that only the backend's owner can put right.",
        cause="name-mismatch",
        site=_TRUSTING + _PASS,
        backend="wrong-name",
        repair="backend",
    ),
    Lesson(
        name="dead-at-start",
        title="Syntax OK, and dead at start",
        ticket="apachectl configtest says Syntax OK. I reloaded and the whole server was gone.",
        look_at="The first bytes of the CA file.",
        hint="The file is DER, not PEM. -t only looks whether it exists; at start httpd ends with "
        "AH01895.",
        cause="ca-file-invalid",
        site=_STRICT + "SSLProxyCACertificateFile {dir}/corp-root.der\n" + _PASS,
        backend="plain",
        ca="corp-root.der",
    ),
    Lesson(
        name="overdue-exception",
        title="Temporary since last year",
        ticket="Just a test, it said. The ticket for it was closed long ago.",
        look_at="The comment beside SSLProxyVerify none.",
        hint="An exception that nobody ends is not temporary. It is over; the check belongs on "
        "again.",
        cause="temporary-exception-expired",
        site="SSLProxyEngine on\n"
        "# proxy-wizard: temporary exception until 2025-12-31 (ca-not-trusted): "
        "SSLProxyVerify none\n"
        "SSLProxyVerify none\n" + _PASS,
        backend="plain",
        ca="corp-root.pem",
    ),
    Lesson(
        name="wrong-section",
        title="A directive in the wrong place",
        ticket="I put the settings where they belong, beside the path. httpd does not even start.",
        look_at="Where SSLProxy* may stand.",
        hint="SSLProxy* directives are not allowed in <Location>; in <Proxy> or the virtual host "
        "they are.",
        cause="directive-not-allowed-here",
        site="SSLProxyEngine on\n<Location /app/>\n    SSLProxyVerify require\n"
        "    SSLProxyCACertificateFile {dir}/corp-root.pem\n    ProxyPass {url}/\n</Location>\n",
        backend="plain",
        path="/app/",
    ),
    Lesson(
        name="final-slash",
        title="One slash",
        ticket="The start page works, everything else is a DNS error for a name nobody knows.",
        look_at="The URL that httpd makes of /x.",
        hint="`ProxyPass / https://host:port` without the final slash: the rest of the path is "
        "glued to the port.",
        cause="missing-trailing-slash",
        site=_TRUSTING + "ProxyPass / {url}\n",
        backend="plain",
        path="/x",
    ),
    Lesson(
        name="expired",
        title="Expired on Sunday",
        ticket="It worked on Friday.",
        look_at="The dates of the backend's certificate.",
        hint="An expired certificate has to be renewed by the backend's owner. Nothing in "
        "Apache's configuration makes it valid, and switching the check off would stay.",
        cause="certificate-expired",
        site=_TRUSTING + _PASS,
        backend="expired",
        repair="backend",
    ),
    Lesson(
        name="plain-http",
        title="https:// to a port that speaks HTTP",
        ticket="The backend's port did not change, only the load balancer in front of it was "
        "removed.",
        look_at="What the backend answers to a TLS ClientHello.",
        hint="Behind this port there is no TLS any more. Either the backend gets it back, or the "
        "URL becomes http:// – on a network that you trust.",
        cause="backend-speaks-plain-http",
        site=_TRUSTING + _PASS,
        backend="http",
        repair="backend",
    ),
    Lesson(
        name="reverse",
        title="A login page that is not found",
        ticket="The start page sends people on to the login. In the office that works; at home "
        "their browser cannot find a server called erp.backend.test.",
        look_at="Where the backend sends the client, and where the client then goes.",
        hint="ProxyPass is the way in. On the way back httpd changes a redirect's Location only "
        "where a ProxyPassReverse begins like it: scheme, name and port as the backend writes "
        "them.",
        cause="redirect-leaks-backend",
        site=_TRUSTING + _PASS,
        backend="login",
    ),
    Lesson(
        name="loop",
        title="Too many redirects",
        ticket="Since the application takes https only, every browser says "
        "ERR_TOO_MANY_REDIRECTS. But we do have https, I can see the padlock!",
        look_at="Where the redirect leads, and what the application is told of the client.",
        hint="The padlock is between browser and httpd, and httpd does not tell the application "
        "of it. The application believes the header X-Forwarded-Proto, which httpd has to set.",
        cause="redirect-loop",
        site=_TRUSTING + _PASS + "ProxyPassReverse / {url}/\n",
        backend="https-only",
        front="https",
    ),
    Lesson(
        name="host",
        title="It answers to one name",
        ticket="The new application says 400 Bad Request to everybody, and error.log says nothing. "
        "Its developers asked it for app.example.com themselves: it works.",
        look_at="The Host that the client sends, and the one that httpd sends.",
        hint="Many applications answer to a list of names only. httpd asks for the name in the "
        "URL; with ProxyPreserveHost On for the client's, in SNI and in the check of the "
        "certificate too. This one covers both names.",
        cause="host-refused",
        site=_TRUSTING + _PASS + "ProxyPassReverse / {url}/\n",
        backend="one-name",
    ),
)

"""Which release of httpd, or of OpenSSL, knows which word of the configuration: one table.

Directives, parameters, flags and values, each with the releases that know it; and the earlier forms
of directives. Every release of httpd 2.4 knows the words that are not in the table.

Source: the command tables of httpd 2.4.29, 2.4.37, 2.4.41, 2.4.58, 2.4.62, 2.4.68, 2.4.69 and
2.4.71 themselves, read from their modules; httpd's history for the release in which each change
came; after 2.4.62 its CHANGES, else the first release in which it was seen. Each row that decides
about a proxy was tried on real httpds (tests/config/oracle/releases).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from wizard.record import record
from wizard.reference.release import Release, Span, Version, dotted, parse
from wizard.reference.ssl_proxy_directives import SSL_PROXY_DIRECTIVES

Kind = Literal[
    "directive",
    "worker parameter",
    "RewriteRule flag",
    "RewriteOptions option",
    "hcmethod",
    "protocol",
    "FileETag keyword",
    "RequestReadTimeout stage",
    "status letter",
    "response status",
    "OpenSSL command",
    "check",
]


_SINCE: Final[Mapping[Kind, Mapping[str, str]]] = {
    "directive": {
        "2.4.2": "DefaultRuntimeDir",
        "2.4.3": "LuaAuthzProvider SSLCompression",
        "2.4.4": "BalancerPersist SSLSRPUnknownUserSeed SSLSRPVerifierFile",
        "2.4.5": """AuthBasicFake BalancerInherit CacheSocache CacheSocacheMaxSize
            CacheSocacheMaxTime CacheSocacheMinTime CacheSocacheReadSize CacheSocacheReadTime
            LuaCodeCache LuaInputFilter LuaMapHandler LuaOutputFilter ProxyPassInherit
            <Macro UndefMacro Use""",
        "2.4.7": "AuthBasicUseDigestAlgorithm LuaHookLog",
        "2.4.8": "DirectoryCheckHandler SSLOpenSSLConfCmd",
        "2.4.10": """AuthnzFcgiCheckAuthnProvider AuthnzFcgiDefineProvider CGIDScriptTimeout
            DeflateInflateLimitRequestBody DeflateInflateRatioBurst DeflateInflateRatioLimit
            SSLOCSPUseRequestNonce""",
        "2.4.11": "MergeTrailers SSLSessionTickets SubstituteMaxLineLength",
        "2.4.13": "CGIPassAuth LogIOTrackTTFB",
        "2.4.17": """H2AltSvc H2AltSvcMaxAge H2Direct H2MaxSessionStreams H2MaxWorkerIdleSeconds
            H2MaxWorkers H2MinWorkers H2SerializeHeaders H2SessionExtraFiles H2StreamMaxMemSize
            H2WindowSize ListenCoresBucketsRatio MemcacheConnTTL Protocols ProtocolsHonorOrder
            SubstituteInheritBefore""",
        "2.4.18": """H2ModernTLSOnly H2Push H2PushPriority H2TLSCoolDownSecs H2TLSWarmUpSize
            H2Upgrade QualifyRedirectURL""",
        "2.4.19": "GlobalLog H2PushDiarySize SSLOCSPProxyURL",
        "2.4.21": "CGIVar ProxyHCExpr ProxyHCTemplate ProxyHCTPsize",
        "2.4.24": """H2CopyFiles H2EarlyHints H2PushResource HttpProtocolOptions
            RegisterHttpMethod""",
        "2.4.26": """BrotliAlterETag BrotliCompressionMaxInputBlock BrotliCompressionQuality
            BrotliCompressionWindow BrotliFilterNote ProxyFCGIBackendType ProxyFCGISetEnvIf
            SSLOCSPNoVerify SSLOCSPResponderCertificateFile""",
        "2.4.30": """<ManagedDomain <MDomainSet ManagedDomain MDBaseServer MDCAChallenges
            MDCertificateAgreement MDCertificateAuthority MDCertificateProtocol MDDriveMode
            MDHttpProxy MDMember MDMembers MDMustStaple MDNotifyCmd MDomain MDPortMap
            MDPrivateKeys MDRenewWindow MDRequireHttps MDStoreDir RegexDefaultOptions
            RemoteIPProxyProtocol RemoteIPProxyProtocolExceptions""",
        "2.4.34": "<IfDirective <IfFile <IfSection",
        "2.4.39": "H2Padding MergeSlashes RedisConnPoolTTL RedisTimeout",
        "2.4.40": """<MDomain MDCertificateFile MDCertificateKeyFile MDCertificateStatus
            MDChallengeDns01 MDMessageCmd MDRenewMode MDServerStatus MDWarnWindow
            Proxy100Continue""",
        "2.4.41": "SessionExpiryUpdateInterval",
        "2.4.42": """CookieHttpOnly CookieSameSite CookieSecure MDActivationDelay
            MDCertificateCheck MDCertificateMonitor MDContactEmail MDStapleOthers MDStapling
            MDStaplingKeepResponse MDStaplingRenewWindow""",
        "2.4.47": "FlushMaxPipelined FlushMaxThreshold H2OutputBuffering ReadBufferSize",
        "2.4.48": "MDCACertificateFile ProxyWebsocketFallbackToProxyHttp",
        "2.4.49": "<LuaHookPreTranslateName LuaHookPreTranslateName StrictHostCheck",
        "2.4.50": "CheckBasenameMatch",
        "2.4.52": "MDExternalAccountBinding",
        "2.4.54": "MDRetryDelay MDRetryFailover",
        "2.4.55": "DAVLockDiscovery H2StreamTimeout MDStoreLocks",
        "2.4.58": """AliasPreservePath DAVBasePath DeflateAlterEtag H2EarlyHint
            H2MaxDataFrameLen H2ProxyRequests H2WebSockets MDChallengeDns01Version MDMatchNames
            RedirectRelative""",
        "2.4.59": "CGIScriptTimeout",
        "2.4.60": "MDCheckInterval UNCList",
        "2.4.64": """H2MaxHeaderBlockLen MacroIgnoreBadNesting MacroIgnoreEmptyArgs MDProfile
            MDProfileMandatory""",
        "2.4.66": """H2MaxStreamErrors ListenTCPDeferAccept MDInitialDelay MDRenewViaARI
            SSLVHostSNIPolicy""",
        "2.4.71": "MDHttpProxyCACertificateFile",
    },
    "worker parameter": {
        "2.4.26": "upgrade",
        "2.4.34": "responsefieldsize",
        "2.4.42": "secret",
        "2.4.49": "mapping",
        "2.4.59": "addressttl",
    },
    "RewriteRule flag": {
        "2.4.19": "QSL QSLAST",
        "2.4.26": "BNP BACKREFERNOPLUS",
        "2.4.57": "BCTLS BNE",
        "2.4.60": "UNSAFEALLOW3F UNSAFEPREFIXSTAT",
        "2.4.62": "UNC",
    },
    "RewriteOptions option": {
        "2.4.3": "AllowAnyURI",
        "2.4.4": "MergeBase",
        "2.4.8": "IgnoreInherit InheritDown InheritDownBefore",
        "2.4.13": "IgnoreContextInfo",
        "2.4.26": "LegacyPrefixDocRoot",
        "2.4.60": "UnsafePrefixStat",
    },
    "hcmethod": {"2.4.49": "CPING", "2.4.55": "GET11 HEAD11 OPTIONS11"},
    "protocol": {"2.4.36": "TLSv1.3"},
    "FileETag keyword": {"2.4.47": "Digest"},
    "RequestReadTimeout stage": {"2.4.39": "handshake"},
    "status letter": {"2.4.34": "R"},
    "response status": {"2.4.69": "103"},
    "check": {
        "2.4.30": "IncludeOptional-of-nothing section-is-named SSLCompression-is-tried",
        "2.4.34": "SSLOCSPEnable-leaf",
        "2.4.40": "Include-names-itself",
        "2.4.42": "key-in-a-token",
        "2.4.47": "AllowOverride-Nonfatal ProxyErrorOverride-codes ProxyPassMatch-port",
        "2.4.49": "negative-time-is-refused",
        "2.4.52": "unix-URL-without-scheme",
        "2.4.55": "cipher-protocol-is-spelt H2MaxWorkerIdleSeconds-as-time "
        "H2SerializeHeaders-is-ignored",
        "2.4.60": "Listen-scope",
        "2.4.64": "AllowOverride-Options SSLEngine-optional-is-gone",
        "2.4.66": "RequestHeader-note-is-refused",
        "2.4.68": "worker-without-host-is-refused",  # 2.4.62 accepts it; between: not tried
        "2.4.71": "AuthDigestQop-none-is-refused",  # 2.4.62 accepts it; between: not tried
    },
}
_UNTIL: Final[Mapping[Kind, Mapping[str, str]]] = {
    "directive": {
        "2.4.39": "<ManagedDomain ManagedDomain",
        "2.4.54": "H2AltSvc H2AltSvcMaxAge",
        "2.4.68": "AuthDigestNonceFormat",
    }
}
_OF_OPENSSL: Final[Mapping[Kind, Mapping[str, str]]] = {
    "protocol": {"1.1.1": "TLSv1.3"},
    "OpenSSL command": {"3.0.0": "ChainCAStore ClientCAStore RequestCAStore VerifyCAStore"},
    "check": {"3.0.0": "SSLFIPS-on", "3.2.0": "compresses"},
}
"""What OpenSSL must know as well, by the first release of OpenSSL that does."""


def _spans() -> Iterator[tuple[tuple[Kind, str], Span]]:
    for row in SSL_PROXY_DIRECTIVES:
        if row.since:
            yield ("directive", row.key), Span(since=parse(row.since))
    for key, release in _words(_SINCE):
        yield key, Span(since=release)
    for key, release in _words(_OF_OPENSSL):
        yield key, Span(since=release, of="openssl")
    for key, release in _words(_UNTIL):
        yield key, Span(until=release)


def _words(
    table: Mapping[Kind, Mapping[str, str]],
) -> Iterator[tuple[tuple[Kind, str], Version | None]]:
    for kind, releases in table.items():
        for release, words in releases.items():
            for word in words.split():
                yield (kind, word.lower()), parse(release)


def _collected() -> dict[tuple[Kind, str], tuple[Span, ...]]:
    found: dict[tuple[Kind, str], tuple[Span, ...]] = {}
    for key, span in _spans():
        found[key] = (*found.get(key, ()), span)
    return found


WORDS: Final[Mapping[tuple[Kind, str], tuple[Span, ...]]] = _collected()
"""By kind and word (in lower case) the spans that must all cover a release that knows the word."""


def lack(kind: Kind, word: str, release: Release) -> str | None:
    """Why a release does not know a word.

    Args:
        kind: of word.
        word: in any case; a section with its ``<``.
        release: to look in.

    Returns:
        A sentence without its subject, ``exists since httpd 2.4.47; this one is 2.4.37``; None if
        the release knows the word, or if none does.
    """
    for span in WORDS.get((kind, word.lower()), ()):
        if not span.covers(release):
            return _sentence(span, release)
    return None


def knows(kind: Kind, word: str, release: Release) -> bool:
    """Whether a release knows a word, or has the behaviour that it names."""
    return lack(kind, word, release) is None


def lifetime(kind: Kind, word: str) -> str | None:
    """Which releases know a word, for a reader who does not know which one refused it.

    Args:
        kind: of word.
        word: in any case; a section with its ``<``.

    Returns:
        ``exists since httpd 2.4.47``; None if every 2.4 knows it, or none.
    """
    spans = map(_exists, WORDS.get((kind, word.lower()), ()))
    return " and ".join(spans).replace(" and exists", " and") or None


def _sentence(span: Span, release: Release) -> str:
    this = release.httpd if span.of == "httpd" else release.openssl
    return f"{_exists(span)}; this one is {dotted(this)}"


def _exists(span: Span) -> str:
    name = "httpd" if span.of == "httpd" else "OpenSSL"
    if span.until is not None:
        return f"exists until {name} {dotted(span.until)}"
    assert span.since is not None  # noqa: S101 # nosec B101 # a span of the table has one end
    return f"exists since {name} {dotted(span.since)}"


@record
class Form:
    """An earlier form of a directive.

    Args:
        until: the last release of it.
        override: httpd's req_override bits; None: today's.
        kind: of arguments; None: as today.
        message: what httpd added to ``takes one argument`` and the like; None: as today.
    """

    until: Version
    override: int | None = None
    kind: str | None = None
    message: str | None = None


_RSRC_CONF, _FILEINFO = 128, 4
_BEFORE_SECTIONS: Final = (2, 4, 29)
"""The last release in which a ``<Proxy>`` section could not hold mod_ssl's directives."""
_CIPHERS = "SSL Proxy: colon-delimited list of permitted SSL ciphers "
_SEE = "('XXX:...:XXX' - see manual)"
_LIST = "Colon-delimited list of permitted SSL Ciphers"

FORMS: Final[Mapping[str, tuple[Form, ...]]] = {
    **{row.key: (Form(_BEFORE_SECTIONS, override=_RSRC_CONF),) for row in SSL_PROXY_DIRECTIVES},
    "sslproxyciphersuite": (
        Form(_BEFORE_SECTIONS, _RSRC_CONF, "TAKE1", _CIPHERS + _SEE),
        Form((2, 4, 35), kind="TAKE1", message=_CIPHERS + _SEE),
        Form((2, 4, 41), message=f"{_CIPHERS}, optionally preceeded by protocol specifier {_SEE}"),
    ),
    "sslciphersuite": (
        Form((2, 4, 35), kind="TAKE1", message=f"{_LIST} {_SEE}"),
        Form((2, 4, 41), message=f"{_LIST}, optional preceeded by protocol identifier {_SEE}"),
    ),
    "sslocspenable": (Form((2, 4, 33), kind="FLAG"),),
    "proxyremote": (Form((2, 4, 58), kind="TAKE2"),),
    "proxyremotematch": (Form((2, 4, 58), kind="TAKE2"),),
    "proxyerroroverride": (Form((2, 4, 46), kind="FLAG"),),
    "h2push": (Form((2, 4, 38), override=_RSRC_CONF),),
    "h2upgrade": (Form((2, 4, 38), override=_RSRC_CONF),),
    "h2pushresource": (Form((2, 4, 38), override=_FILEINFO),),
    "mdrequirehttps": (Form((2, 4, 41), override=_RSRC_CONF),),
    "mdcertificateauthority": (Form((2, 4, 53), kind="TAKE1"),),
    "<ifmodule": (Form((2, 4, 34), kind="TAKE1"),),
    "<ifdefine": (Form((2, 4, 34), kind="TAKE1"),),
    "<iffile": (Form((2, 4, 34), kind="TAKE1"),),
    "<ifdirective": (Form((2, 4, 34), kind="TAKE1"),),
    "<ifsection": (Form((2, 4, 34), kind="TAKE1"),),
}
"""Directive in lower case, a section with its ``<``, to its earlier forms, the earliest first."""


def form(name: str, release: Release) -> Form | None:
    """The form of a directive in a release; None: that of today."""
    forms = FORMS.get(name.lower(), ())
    return next((each for each in forms if release.httpd <= each.until), None)

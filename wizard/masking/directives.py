"""What of a directive's arguments may be shown, by its name.

Source: the manual of httpd 2.4. A directive that is not here is masked whole but for its name: a
module of others may keep a secret wherever it likes.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


SHOWN = _names("""
    <AuthnProviderAlias <Directory <DirectoryMatch <Else <Files <FilesMatch <IfDefine
    <IfDirective <IfFile <IfModule <IfSection <IfVersion <Limit <LimitExcept <Location
    <LocationMatch <Macro <MDomain <MDomainSet <Proxy <ProxyMatch <RequireAll <RequireAny
    <RequireNone <VirtualHost AcceptFilter AcceptPathInfo AccessFileName Action AddAlt
    AddCharset AddDefaultCharset AddEncoding AddHandler AddIcon AddIconByEncoding AddIconByType
    AddInputFilter AddLanguage AddOutputFilter AddOutputFilterByType AddType Alias AliasMatch
    Allow AllowCONNECT AllowEncodedSlashes AllowMethods AllowOverride AllowOverrideList
    Anonymous_LogEmail AsyncRequestWorkerFactor AuthBasicAuthoritative AuthBasicProvider
    AuthDBMGroupFile AuthDBMUserFile AuthDigestAlgorithm AuthDigestDomain AuthDigestQop
    AuthDigestProvider AuthFormAuthoritative AuthFormLoginRequiredLocation
    AuthFormLoginSuccessLocation AuthFormLogoutLocation AuthFormProvider AuthGroupFile
    AuthLDAPBindAuthoritative AuthLDAPBindDN AuthLDAPGroupAttribute AuthLDAPGroupAttributeIsDN
    AuthLDAPRemoteUserAttribute AuthLDAPURL AuthMerging AuthnCacheEnable AuthnCacheProvideFor
    AuthnCacheSOCache AuthnCacheTimeout AuthType AuthUserFile BalancerGrowth BalancerInherit
    BalancerPersist BrotliCompressionQuality BufferSize CacheDefaultExpire CacheDirLength
    CacheDirLevels CacheDisable CacheEnable CacheIgnoreHeaders CacheLock CacheMaxExpire
    CacheRoot CacheSocache CacheStoreNoStore CacheStorePrivate CGIPassAuth ChrootDir
    CookieDomain CookieExpires CookieName CookieTracking CoreDumpDirectory DAV DAVLockDB
    DBDExptime DBDKeep DBDMax DBDMin DBDPersist DBDriver DefaultRuntimeDir DefaultType
    DeflateCompressionLevel Deny DirectoryIndex DirectoryIndexRedirect DirectorySlash
    DocumentRoot EnableMMAP EnableSendfile Error ErrorLogFormat ExpiresActive ExpiresByType
    ExpiresDefault ExtendedStatus FallbackResource FancyIndexing FileETag FlushMaxPipelined
    FlushMaxThreshold ForceLanguagePriority FilterChain FilterDeclare ForceType
    GracefulShutdownTimeout Group H2Direct H2EarlyHints H2MaxSessionStreams H2ModernTLSOnly
    H2Push H2PushResource H2Upgrade H2WebSockets H2WindowSize HeaderName HostnameLookups
    HttpProtocolOptions Include IncludeOptional IndexIgnore IndexOptions KeepAlive
    KeepAliveTimeout LanguagePriority LDAPCacheEntries LDAPCacheTTL LDAPConnectionTimeout
    LDAPReferrals LDAPSharedCacheFile LDAPSharedCacheSize LDAPTimeout LDAPTrustedMode
    LDAPVerifyServerCert LimitInternalRecursion LimitRequestBody LimitRequestFields
    LimitRequestFieldSize LimitRequestLine LimitXMLRequestBody Listen ListenBacklog LoadFile
    LoadModule LogFormat LogIOTrackTTFB LogLevel MaxConnectionsPerChild MaxKeepAliveRequests
    MaxRequestWorkers MaxSpareServers MaxSpareThreads MDBaseServer MDCAChallenges
    MDCertificateAgreement MDCertificateAuthority MDCertificateFile MDCertificateKeyFile
    MDContactEmail MDDriveMode MDHttpProxy MDMember MDMembers MDMustStaple MDomain MDPortMap
    MDPrivateKeys MDRenewMode MDRenewWindow MDRequireHttps MDStapling MDStoreDir MDWarnWindow
    MemcacheConnTTL MergeSlashes MergeTrailers MinSpareServers MinSpareThreads MultiviewsMatch
    Mutex NameVirtualHost NoProxy Options Order PassEnv PidFile Protocol Protocols
    ProtocolsHonorOrder Proxy100Continue ProxyAddHeaders ProxyBadHeader ProxyBlock ProxyDomain
    ProxyErrorOverride ProxyExpressDBMFile ProxyExpressDBMType ProxyExpressEnable
    ProxyFCGIBackendType ProxyHCTPsize ProxyHTMLEnable ProxyHTMLExtended ProxyHTMLURLMap
    ProxyIOBufferSize ProxyMaxForwards ProxyPassInherit ProxyPassInterpolateEnv ProxyPassReverse
    ProxyPassReverseCookieDomain ProxyPassReverseCookiePath ProxyPreserveHost
    ProxyReceiveBufferSize ProxyRequests ProxySourceAddress ProxyStatus ProxyTimeout ProxyVia
    ProxyWebsocketFallbackToProxyHttp QualifyRedirectURL ReadBufferSize ReceiveBufferSize
    Redirect RedirectMatch RedirectPermanent RedirectRelative RedirectTemp RedisConnPoolTTL
    RedisTimeout RegexDefaultOptions RemoteIPHeader RemoteIPInternalProxy
    RemoteIPInternalProxyList RemoteIPProxiesHeader RemoteIPProxyProtocol
    RemoteIPProxyProtocolExceptions RemoteIPTrustedProxy RemoteIPTrustedProxyList RemoveHandler
    RemoveType RequestReadTimeout RewriteBase RewriteEngine RewriteOptions Satisfy
    ScoreBoardFile ScriptAlias ScriptAliasMatch ScriptSock SendBufferSize ServerAdmin
    ServerAlias ServerLimit ServerName ServerPath ServerRoot ServerSignature ServerTokens
    Session SessionCookieName SessionCookieName2 SessionCookieRemove SessionCryptoCipher
    SessionCryptoDriver SessionCryptoPassphraseFile SessionDBDCookieName SessionDBDPerUser
    SessionEnv SessionExclude SessionHeader SessionInclude SessionMaxAge SetHandler
    SetInputFilter SetOutputFilter SSLCACertificateFile SSLCACertificatePath SSLCADNRequestFile
    SSLCADNRequestPath SSLCARevocationCheck SSLCARevocationFile SSLCARevocationPath
    SSLCertificateChainFile SSLCertificateFile SSLCertificateKeyFile SSLCipherSuite
    SSLCompression SSLCryptoDevice SSLEngine SSLFIPS SSLHonorCipherOrder
    SSLInsecureRenegotiation SSLOpenSSLConfCmd SSLOCSPDefaultResponder SSLOCSPEnable
    SSLOCSPProxyURL SSLOCSPResponderCertificateFile SSLOCSPResponderTimeout SSLOptions
    SSLProtocol SSLProxyCACertificateFile SSLProxyCACertificatePath SSLProxyCARevocationCheck
    SSLProxyCARevocationFile SSLProxyCARevocationPath SSLProxyCheckPeerCN
    SSLProxyCheckPeerExpire SSLProxyCheckPeerName SSLProxyCipherSuite SSLProxyEngine
    SSLProxyMachineCertificateChainFile SSLProxyMachineCertificateFile
    SSLProxyMachineCertificatePath SSLProxyProtocol SSLProxyVerify SSLProxyVerifyDepth
    SSLRenegBufferSize SSLRequireSSL SSLSessionCache SSLSessionCacheTimeout
    SSLSessionTicketKeyFile SSLSessionTickets SSLSRPVerifierFile SSLStaplingCache
    SSLStaplingForceURL SSLStaplingResponderTimeout SSLStrictSNIVHostCheck SSLUserName
    SSLUseStapling SSLVHostSNIPolicy SSLVerifyClient SSLVerifyDepth StartServers ThreadLimit
    ThreadsPerChild Timeout TraceEnable TypesConfig UnDefine UnsetEnv UseCanonicalName
    UseCanonicalPhysicalPort User UserDir VirtualDocumentRoot VirtualScriptAlias DefaultIcon
    DefaultLanguage ForceLanguagePriority H2PushPriority MIMEMagicFile ProxyFtpDirCharset
    ProxyHTMLLinks ReadmeName
""")
"""Their arguments hold a secret only in a URL, in a parameter of that name, or in a condition."""

MISSPELT = "sslproxy"
"""Nobody else's names begin so: a name that is not above is a slip of the pen."""

FIRST = {
    name.casefold(): count
    for count, names in {
        1: "AuthBasicFake H2EarlyHint ExtFilterDefine "
        " php_value php_admin_value php_flag php_admin_flag PerlSetVar PerlAddVar PerlSetEnv",
        2: "LDAPTrustedClientCert LDAPTrustedGlobalCert ProxyRemote ProxyRemoteMatch FilterProvider"
        " <AuthzProviderAlias",
    }.items()
    for name in names.split()
}
"""How many arguments are shown; a secret may follow."""

PROGRAMS = _names("customlog errorlog globallog transferlog forensiclog sslrandomseed")
"""May start a program, whose arguments may hold a secret."""

CONDITIONS = _names("<if <elseif sslrequire rewritecond")
"""Their arguments are a condition."""

WORKERS = _names("proxypass proxypassmatch balancermember proxyset proxyhctemplate")
"""Take parameters of a worker or balancer, ``NAME=VALUE``."""

PARAMETERS = _names("""
    acquire addressttl connectiontimeout disablereuse enablereuse failonstatus failontimeout
    flusher flushpackets flushwait forcerecovery growth hcexpr hcfails hcinterval hcmethod
    hcpasses hctemplate hcuri iobuffersize keepalive lbmethod lbset loadfactor mapping max
    maxattempts min nofailover ping receivebuffersize redirect responsefieldsize retry route
    scolonpathdelim smax status stickysession stickysessionsep timeout ttl upgrade
""")
"""Those that hold no secret (mod_proxy.c, mod_proxy_hcheck.c)."""

HEADERS = _names("""
    accept accept-charset accept-encoding accept-language accept-ranges
    access-control-allow-credentials access-control-allow-headers access-control-allow-methods
    access-control-allow-origin access-control-expose-headers access-control-max-age age allow
    alt-svc cache-control connection content-disposition content-encoding content-language
    content-length content-security-policy content-type cross-origin-embedder-policy
    cross-origin-opener-policy cross-origin-resource-policy date early-data etag expect expires
    feature-policy forwarded front-end-https host last-modified max-forwards origin
    permissions-policy pragma range referrer-policy retry-after server strict-transport-security
    te trailer transfer-encoding upgrade vary via x-content-type-options x-forwarded-for
    x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto x-forwarded-protocol
    x-forwarded-scheme x-forwarded-server x-forwarded-ssl x-frame-options x-powered-by x-real-ip
    x-robots-tag x-xss-protection
""")
"""Header fields whose value is shown."""

VARIABLES = _names("""
    conn_remote_addr document_root http2 http_accept http_host http_upgrade https ipv6 path_info
    remote_addr remote_host remote_port request_filename request_method request_protocol
    request_scheme request_status request_uri script_filename script_name server_addr
    server_admin server_name server_port server_protocol server_software ssl_cipher ssl_protocol
    time time_day time_hour time_min time_mon time_sec time_wday time_year la-u:request_filename
    la-f:request_filename
""") | {f"{kind}:{name}" for kind in ("http", "req") for name in HEADERS}
"""What a condition may ask for beside which a value is shown; no query, no cookie, no user."""

NAMES = _names("""
    addr address alias backend base dir directory docroot domain domainname file folder fqdn
    host hostname ip listen log logdir logs path port root server servername site suffix vhost
""")
"""Words in the name of a variable (``Define``) whose value is shown."""

ACTIONS = _names("add append echo edit edit* merge note set setifempty unset")
"""Of ``Header`` and ``RequestHeader`` (mod_headers.c)."""

PROVIDERS = _names("""
    all dbm-file-group dbm-group env file-group file-owner forward-dns group host ip ldap-dn
    ldap-group ldap-user local method user valid-user
""")
"""Of ``Require``: what follows them is no secret."""

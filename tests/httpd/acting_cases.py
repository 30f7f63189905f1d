"""Configurations that act beyond their route. Modules, server level, virtual host, what is told.

@PORT is the witness's, @PLACE its directory, @RUN its program (`test_acting`).
"""

from __future__ import annotations

LOGIN = 'AuthType Basic\nAuthName "a"\n'
DATABASE = "DBDriver sqlite3\nDBDParams @PLACE/base.sqlite\n"
CASES = {
    "database of sessions": (
        "dbd session session_dbd",
        DATABASE + 'DBDPrepareSQL "select value from s where key = %s" selectsession\n',
        '<Location "/">\nSession On\nSessionDBDCookieName s path=/\n</Location>',
        "asks a database: DBDriver, DBDParams, DBDPrepareSQL, SessionDBDCookieName",
    ),
    "database of users": (
        "dbd authn_core authn_dbd auth_basic authz_user",
        DATABASE,
        f'<Location "/">\n{LOGIN}AuthBasicProvider dbd\n'
        'AuthDBDUserPWQuery "select p from u where n = %s"\nRequire valid-user\n</Location>',
        "asks a database: DBDriver, DBDParams, AuthBasicProvider dbd, AuthDBDUserPWQuery",
    ),
    "database of groups": (
        "dbd authn_core authn_file authz_dbd auth_basic",
        DATABASE,
        f'<Location "/">\n{LOGIN}AuthUserFile private/users\n<RequireAny>\n'
        'Require dbd-group a\n</RequireAny>\nAuthzDBDQuery "select g from u where n = %s"\n'
        "</Location>",
        "asks a database: DBDriver, DBDParams, Require dbd-group, AuthzDBDQuery",
    ),
    "map of a database": (
        "dbd",
        DATABASE,
        'RewriteEngine on\nRewriteMap m "dbd:select v from t where k = %s"\n'
        'RewriteMap n "fastdbd:select v from t where k = %s"\n'
        "RewriteRule ^ - [E=X:${m:a},E=Y:${n:a}]",
        "The RewriteMap m is empty here",
    ),
    "map of a program": (
        "",
        "",
        "RewriteEngine on\nRewriteMap m prg:@RUN\nRewriteRule ^ - [E=X:${m:a}]",
        "runs programs: RewriteMap",
    ),
    "piped logs": (
        "",
        'CustomLog "|@RUN" common\nGlobalLog "|@RUN" common\n',
        'TransferLog "||@RUN"\nErrorLog "|@RUN"',
        "runs programs: CustomLog, GlobalLog, TransferLog, ErrorLog",
    ),
    "CGI": (
        "cgid",
        "ScriptSock @PLACE/sock\n",
        'ProxyPass /cgi !\nScriptAlias /cgi @RUN\nErrorDocument 502 /cgi\n'
        "ErrorDocument 500 /cgi\nErrorDocument 404 /cgi",
        "runs programs: ScriptAlias",
    ),
    "filter of a program": (
        "ext_filter filter substitute",
        "ExtFilterDefine f mode=output cmd=@RUN\n",
        "SetOutputFilter f\nAddOutputFilterByType f;SUBSTITUTE text/html text/plain\n"
        "FilterDeclare g\nFilterProvider g f true\nFilterChain g",
        "runs programs: ExtFilterDefine, SetOutputFilter f, AddOutputFilterByType f, "
        "FilterProvider f",
    ),
    "cache on disk": (
        "cache cache_disk",
        "CacheRoot @PLACE\n",
        "CacheEnable disk /\nCacheIgnoreNoLastMod On\nCacheDefaultExpire 99\n"
        "CacheStorePrivate On\nCacheIgnoreCacheControl On",
        "uses a cache: CacheEnable",
    ),
    "caches at other servers": (
        "cache cache_socache socache_memcache socache_redis authn_core authn_socache authn_file "
        "auth_basic authz_user",
        "SSLSessionCache memcache:127.0.0.1:@PORT\nSSLStaplingCache redis:127.0.0.1:@PORT\n"
        "CacheSocache memcache:127.0.0.1:@PORT\nAuthnCacheSOCache redis:127.0.0.1:@PORT\n"
        "MemcacheConnTTL 5\nRedisTimeout 5\n",
        f'CacheEnable socache /\n<Location "/">\n{LOGIN}AuthBasicProvider socache file\n'
        "AuthUserFile private/users\nAuthnCacheProvideFor file\nRequire valid-user\n</Location>",
        "uses a cache: AuthnCacheSOCache, CacheEnable, AuthBasicProvider socache",
    ),
    "LDAP": (
        "ldap authn_core authnz_ldap auth_basic authz_user",
        "LDAPSharedCacheFile @PLACE/ldap\n<AuthnProviderAlias ldap directory>\n"
        'AuthLDAPURL "ldap://127.0.0.1:@PORT/o=a"\n</AuthnProviderAlias>\n'
        '<AuthzProviderAlias ldap-group staff "cn=a">\n'
        'AuthLDAPURL "ldap://127.0.0.1:@PORT/o=a"\n</AuthzProviderAlias>\n',
        f'<Location "/">\n{LOGIN}AuthBasicProvider directory ldap\n'
        'AuthLDAPURL "ldap://127.0.0.1:@PORT/o=a"\n<RequireAll>\n'
        "Require staff\nRequire ldap-user a\nRequire not ldap-group cn=b\n</RequireAll>\n"
        "</Location>",
        "asks an LDAP directory: LDAPSharedCacheFile, AuthnProviderAlias, ",
    ),
    "FastCGI authorizer": (
        "authnz_fcgi authn_core authz_user auth_basic",
        "AuthnzFcgiDefineProvider authnz asked fcgi://127.0.0.1:@PORT/\n",
        '<Location "/">\nAuthnzFcgiCheckAuthnProvider asked Authoritative On '
        "RequireBasicAuth Off UserExpr \"%{reqenv:REMOTE_USER}\"\nRequire valid-user\n"
        "Require asked\n</Location>",
        "asks a FastCGI authorizer: AuthnzFcgiDefineProvider, AuthnzFcgiCheckAuthnProvider, "
        "Require asked",
    ),
    "health checks": (
        "proxy_hcheck watchdog",
        "<Proxy balancer://b>\nBalancerMember http://127.0.0.1:@PORT hcmethod=TCP hcinterval=1\n"
        "</Proxy>\nProxyPass /never balancer://b\n",
        "",
        "asks backends whether they are well: BalancerMember",
    ),
    "identity of the client": (
        "ident", "", "IdentityCheck On", "asks the client's machine: IdentityCheck",
    ),
    "pages in pages": (
        "include",
        "",
        "SetOutputFilter INCLUDES",
        "fetches other pages: SetOutputFilter INCLUDES",
    ),
    "files of the real server": (
        "socache_dbm socache_shmcb dav dav_fs dav_lock log_forensic authn_core auth_digest "
        "authn_file authn_socache authz_user",
        "DefaultRuntimeDir @PLACE\nPidFile @PLACE/pid\nMutex file:@PLACE default\n"
        "Mutex flock:@PLACE rewrite-map\nScoreBoardFile @PLACE/board\n"
        "SSLSessionCache shmcb:@PLACE/session\nSSLStaplingCache dbm:@PLACE/stapling\n"
        "SSLRandomSeed startup exec:@RUN\nSSLPassPhraseDialog exec:@RUN\n"
        "AuthnCacheSOCache dbm:@PLACE/logins\nDAVLockDB @PLACE/locks\n"
        "ForensicLog @PLACE/forensic\nCustomLog @PLACE/access common\nBalancerPersist On\n"
        "<Proxy balancer://b>\nBalancerMember http://127.0.0.1:1\n</Proxy>\n",
        'ErrorLog @PLACE/error\n<Location "/">\nAuthType Digest\nAuthName a\n'
        "AuthDigestProvider socache file\nAuthnCacheProvideFor file\n"
        "AuthUserFile private/users\nRequire valid-user\n</Location>",
        "uses a cache: AuthnCacheSOCache, AuthDigestProvider socache",
    ),
    "scripts": (
        "lua",
        "LuaRoot @PLACE\n",
        "LuaHookTranslateName @PLACE/a.lua f\nLuaAuthzProvider who @PLACE/a.lua f\n"
        '<Location "/">\nRequire who\n</Location>',
        "runs scripts: lua_module, LuaRoot, LuaHookTranslateName, Require who",
    ),
}  # fmt: skip

"""What a rehearsed configuration would do beyond the route: for each module what is done about it.

A module that is in neither table is not httpd's own, or newer than this wizard: it is left out.
Source: the hooks of httpd 2.4's modules; each that acts is held by a test with a witness.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from wizard.config.checks.checker import word_set
from wizard.record import record


@record
class LeftOut:
    """A module that the throw-away httpd does not load.

    Args:
        does: why not, after "because it"; of a module that nothing shows of, ``""``.
        uses: its directives, in lower case, by which the configuration really uses it; None: each.
        names: by which directives of other modules use it, in lower case: providers of
            authentication and authorization, handlers, filters.
        defines: its directives that give further such names, in lower case, each with the position
            of the name among its words.
        any_name: whether its names are not known.
        unseen: whether it may act without a directive in the tree: none may be needed, or they take
            effect while httpd reads.
        begins: how the names of its directives begin, in lower case, if it is not httpd's own.
    """

    does: str
    uses: frozenset[str] | None = None
    names: frozenset[str] = frozenset()
    defines: tuple[tuple[str, int], ...] = ()
    any_name: bool = False
    unseen: bool = False
    begins: tuple[str, ...] = ()


_PROGRAMS, _SCRIPTS = "runs programs", "runs scripts"
_DATABASE, _LDAP = "asks a database", "asks an LDAP directory"
_CACHE, _ALONE = "uses a cache", "acts by itself"
_LOGIN = "asks others who the client is"
_NEVER: frozenset[str] = frozenset()


def _foreign(does: str, *begins: str) -> LeftOut:
    return LeftOut(does, any_name=True, begins=begins)


LEFT_OUT: Mapping[str, LeftOut] = {
    "authn_dbd_module": LeftOut(_DATABASE, names=frozenset({"dbd"})),
    "authn_socache_module": LeftOut(_CACHE, names=frozenset({"socache"})),
    "authnz_fcgi_module": LeftOut(
        "asks a FastCGI authorizer", defines=(("authnzfcgidefineprovider", 1),)
    ),
    "authnz_ldap_module": LeftOut(
        _LDAP,
        names=word_set(
            "ldap ldap-user ldap-dn ldap-group ldap-attribute ldap-filter ldap-search"
        ),
    ),
    "authz_dbd_module": LeftOut(
        _DATABASE, names=word_set("dbd-group dbd-login dbd-logout")
    ),
    "cache_module": LeftOut(
        _CACHE, uses=frozenset({"cacheenable"}), names=frozenset({"cache", "cache_save"})
    ),
    "cache_disk_module": LeftOut(_CACHE, uses=_NEVER),
    "cache_socache_module": LeftOut(_CACHE, uses=_NEVER),
    "cgi_module": LeftOut(_PROGRAMS, uses=_NEVER, names=frozenset({"cgi-script"})),
    "cgid_module": LeftOut(_PROGRAMS, uses=_NEVER, names=frozenset({"cgi-script"})),
    "dbd_module": LeftOut(_DATABASE),
    "ext_filter_module": LeftOut(_PROGRAMS, defines=(("extfilterdefine", 0),)),
    "heartbeat_module": LeftOut("sends multicasts"),
    "heartmonitor_module": LeftOut("waits for multicasts"),
    "ident_module": LeftOut("asks the client's machine"),
    "include_module": LeftOut(
        "fetches other pages", uses=_NEVER, names=frozenset({"includes"})
    ),
    "ldap_module": LeftOut(_LDAP),
    "lua_module": LeftOut(
        _SCRIPTS,
        names=frozenset({"lua-script"}),
        any_name=True,
        unseen=True,
    ),
    "md_module": LeftOut("fetches certificates"),
    "proxy_fdpass_module": LeftOut("hands connections to other programs", unseen=True),
    "proxy_hcheck_module": LeftOut("asks backends whether they are well"),
    "session_dbd_module": LeftOut(_DATABASE),
    "socache_dc_module": LeftOut(_CACHE, uses=_NEVER),
    "socache_memcache_module": LeftOut(_CACHE, uses=_NEVER),
    "socache_redis_module": LeftOut(_CACHE, uses=_NEVER),
    "systemd_module": LeftOut("", uses=_NEVER),
    # Of others: the widespread ones.
    "advertise_module": _foreign("sends multicasts", "serveradvertise", "advertise"),
    "auth_cas_module": _foreign(_LOGIN, "cas"),
    "auth_gssapi_module": _foreign(_LOGIN, "gssapi"),
    "auth_kerb_module": _foreign(_LOGIN, "krb", "kerberos"),
    "auth_mellon_module": _foreign(_LOGIN, "mellon"),
    "auth_openidc_module": _foreign(_LOGIN, "oidc", "oauth20"),
    "auth_radius_module": _foreign(_LOGIN, "authradius", "addradius"),
    "authnz_external_module": _foreign(_PROGRAMS, "authexternal", "addexternal", "defineexternal"),
    "authnz_pam_module": _foreign(_LOGIN, "authpam"),
    "dav_svn_module": _foreign("opens repositories", "svn"),
    "evasive20_module": _foreign(_ALONE, "dos"),
    "fcgid_module": LeftOut(
        _PROGRAMS, names=frozenset({"fcgid-script"}), any_name=True, begins=("fcgid",)
    ),
    "jk_module": _foreign("asks servers of its own", "jk"),
    "mod_shib": _foreign(_LOGIN, "shib"),
    "pagespeed_module": _foreign(_ALONE, "modpagespeed"),
    "passenger_module": _foreign(_PROGRAMS, "passenger"),
    "perl_module": _foreign(_SCRIPTS, "perl"),
    "php_module": _foreign(_SCRIPTS, "php"),
    "php5_module": _foreign(_SCRIPTS, "php"),
    "php7_module": _foreign(_SCRIPTS, "php"),
    "python_module": _foreign(_SCRIPTS, "python"),
    "qos_module": _foreign(_ALONE, "qs"),
    "security2_module": _foreign("shares logs and memory with the running server", "sec"),
    "security3_module": _foreign(
        "shares logs and memory with the running server", "modsecurity"
    ),
    "wsgi_module": _foreign(_PROGRAMS, "wsgi"),
}  # fmt: skip
"""Modules that act: at the start, by themselves, or at a request on others than its backend."""

UNKNOWN = LeftOut(
    "is, or belongs to, a module that this wizard does not know", any_name=True, unseen=True
)

KEPT = frozenset(f"{name}_module" for name in (
    # They see the request, the configuration and local files, which they read.
    "access_compat", "actions", "alias", "allowmethods", "asis", "auth_basic", "auth_digest",
    "auth_form", "authn_anon", "authn_core", "authn_dbm", "authn_file", "authz_core", "authz_dbm",
    "authz_groupfile", "authz_host", "authz_owner", "authz_user", "autoindex", "brotli",
    "bucketeer", "buffer", "case_filter", "case_filter_in", "cern_meta", "charset_lite", "core",
    "data", "deflate", "dialup", "dir", "dumpio", "echo", "env", "example_hooks", "expires",
    "file_cache", "filter", "headers", "http", "http2", "imagemap", "info", "log_debug", "logio",
    "macro", "mime", "mime_magic", "negotiation", "proxy_html", "ratelimit", "reflector",
    "remoteip", "reqtimeout", "request", "sed", "session", "session_cookie", "session_crypto",
    "setenvif", "so", "speling", "status", "substitute", "suexec", "unique_id", "userdir",
    "usertrack", "version", "vhost_alias", "xml2enc",
    # DAV writes at methods that the rehearsal does not use.
    "dav", "dav_fs", "dav_lock",
    # They ask the route's backend; a request to another does not leave the rehearsal.
    "lbmethod_bybusyness", "lbmethod_byrequests", "lbmethod_bytraffic", "lbmethod_heartbeat",
    "proxy", "proxy_ajp", "proxy_balancer", "proxy_connect", "proxy_express", "proxy_fcgi",
    "proxy_ftp", "proxy_http", "proxy_http2", "proxy_scgi", "proxy_uwsgi",
    "proxy_wstunnel",
    # Made neutral by REPLACED, or by what takes the place of its arguments.
    "log_config", "log_forensic", "mpm_event", "mpm_prefork", "mpm_worker", "rewrite",
    "slotmem_plain", "slotmem_shm", "socache_dbm", "socache_shmcb", "ssl", "unixd", "watchdog",
    # Of other systems.
    "isapi", "mpm_mpmt_os2", "mpm_netware", "mpm_winnt", "nwssl", "privileges",
))  # fmt: skip
"""Modules that do nothing beyond the route, or nothing any more."""

_LIBRARIES = (
    "libxml2", "libz", "libssl", "libcrypto", "libnghttp2", "libbrotlienc", "libbrotlicommon",
    "libpcre", "libexpat", "libapr", "libaprutil",
)  # fmt: skip
"""Beginnings of the names of libraries that the kept modules are linked with."""

REPLACED = frozenset({
    "listen", "listenbacklog", "listencoresbucketsratio", "remoteipproxyprotocol",
    "remoteipproxyprotocolexceptions",
    "pidfile", "defaultruntimedir", "serverroot", "scoreboardfile", "coredumpdirectory",
    "gprofdir", "chrootdir", "mutex",
    "errorlog", "errorlogformat", "loglevel", "logformat", "customlog", "transferlog", "globallog",
    "forensiclog", "cookielog", "bufferedlogs",
    "davlockdb", "davgenericlockdb", "balancerpersist", "hostnamelookups",
    "sslsessioncache", "sslstaplingcache", "sslusestapling", "sslrandomseed", "sslcryptodevice",
    "sslpassphrasedialog",
    "sslocspenable", "sslocspdefaultresponder", "sslocspoverrideresponder",
    "sslocsprespondercertificatefile",
    "startservers", "serverlimit", "threadlimit", "threadsperchild", "minspareservers",
    "maxspareservers",
    "minsparethreads", "maxsparethreads", "maxrequestworkers", "maxclients",
    "maxconnectionsperchild",
    "maxrequestsperchild", "asyncrequestworkerfactor",
})  # fmt: skip
"""Directives of kept modules, in lower case: the rehearsal has its own listener, run directory,
logs, mutexes and sizes, and no session cache, stapling, lookups of names or locks at all."""

PROVIDERS = word_set(
    """
    file dbm anon all env method expr ip host forward-dns local user valid-user group
    file-owner file-group dbm-group dbm-file-group ssl ssl-verify-client
    """
)
"""Providers of authentication and authorization that the kept modules have, in lower case."""

FILTERS = word_set(
    """
    brotli_compress bucketeer buffer byterange casefilter casefilterin chunk content_length
    data deflate http_header inflate proxy-html rate_limit sed substitute xlatein xlateout
    xml2enc
    """
)
"""Filters that the kept modules have, in lower case."""


def is_foreign(library: str) -> bool:
    """Whether a file of LoadFile is no library of a kept module's: loading it runs its code.

    Args:
        library: path or name of the file.
    """
    return re.split(r"[.-]", PurePath(library).name)[0] not in _LIBRARIES

"""Places that a directive's own function refuses, although its override bits allow them.

Source: httpd 2.4, server/core.c (ap_check_cmd_context); measured for every directive of httpd
2.4.71 in each kind of section.
"""

from __future__ import annotations

from wizard.config.checks.checker import word_set
from wizard.config.servers.levels import LOCATION_SECTIONS
from wizard.config.syntax.tree import Node
from wizard.reference import directives
from wizard.reference.directives import DirectiveInfo

_NOT_IN_VIRTUAL_HOST = word_set(
    """
    acceptfilter asyncrequestworkerfactor authncacheenable authncachesocache
    authnzfcgidefineprovider chrootdir coredumpdirectory extendedstatus globallog
    gracefulshutdowntimeout group heartbeataddress heartbeatlisten heartbeatmaxservers
    heartbeatstorage ldapcacheentries ldapcachettl ldapconnectiontimeout ldaplibrarydebug
    ldapopcacheentries ldapopcachettl ldapretries ldapretrydelay ldapsharedcachefile
    ldapsharedcachesize ldaptimeout ldaptrustedglobalcert ldapverifyservercert listen
    listenbacklog listencoresbucketsratio listentcpdeferaccept maxclients maxconnectionsperchild
    maxmemfree maxrequestsperchild maxrequestworkers maxsparethreads maxspareservers
    minsparethreads minspareservers mutex pidfile proxyhctpsize receivebuffersize
    regexdefaultoptions registerhttpmethod scoreboardfile scriptsock seerequesttail sendbuffersize
    serverlimit servertokens sessioncryptodriver sslcryptodevice sslfips sslpassphrasedialog
    sslrandomseed sslsessioncache sslstaplingcache sslvhostsnipolicy startservers suexec
    threadlimit threadsperchild threadstacksize user watchdoginterval xml2encalias
    virtualhost authnprovideralias authzprovideralias
    """
)
_NOT_IN_LIMIT = word_set(
    """
    if elseif else files filesmatch alias cachedisable cacheenable luahooktranslatename
    luainputfilter luamaphandler luaoutputfilter luaquickhandler proxypass proxypassmatch
    proxypassreverse scriptalias mdrequirehttps multiviewsmatch
    """
)
_NOT_IN_FILES = word_set(
    """
    cachedisable cacheenable luahooktranslatename luainputfilter luamaphandler
    luaoutputfilter luaquickhandler proxypass proxypassmatch proxypassreverse
    """
)
_NOT_IN_LOCATION = frozenset({"files", "filesmatch", "mdrequirehttps", "multiviewsmatch"})
FILE_SECTIONS = frozenset(
    {"directory", "directorymatch", "files", "filesmatch", "if", "elseif", "else"}
)
"""Within which NOT_IN_DIRECTORY and NOT_IN_FILES refuse a directive."""


def canonical(section: Node) -> str:
    """A section's name as httpd spells it."""
    info = directives.lookup("<" + section.key)
    return info.name if info is not None else section.name


def depends_on_place(key: str) -> bool:
    """Whether a directive's own function checks its place.

    Args:
        key: its name in lower case, without ``<``.
    """
    return key in _NOT_IN_VIRTUAL_HOST or key in _NOT_IN_LIMIT or key in _NOT_IN_LOCATION


def refused(key: str, info: DirectiveInfo, sections: tuple[Node, ...]) -> str | None:
    """httpd's message for a directive in a place that is not allowed; None if it is.

    Args:
        key: its name in lower case, without ``<``.
        info: the directive.
        sections: that it stands in, outermost first.
    """
    name = f"<{info.name}>" if info.section else info.name
    for section in reversed(sections):
        inside = section.key
        if inside == "virtualhost" and key in _NOT_IN_VIRTUAL_HOST:
            return f"{name} cannot occur within <VirtualHost> section"
        if inside in ("limit", "limitexcept") and key in _NOT_IN_LIMIT:
            return f"{name} cannot occur within <Limit> or <LimitExcept> section"
        if (inside in FILE_SECTIONS and key in _NOT_IN_FILES) or (
            inside in LOCATION_SECTIONS and key in _NOT_IN_LOCATION
        ):
            return f"{name} cannot occur within <{canonical(section)}> section"
    return None

"""Directives whose arguments are numbers, sizes or times.

Source: httpd 2.4, the set function of each directive; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, word_set
from wizard.config.checks.kinds import http2, patterns, times
from wizard.config.checks.kinds.kind import Kind, each, one_word, whole, word
from wizard.config.checks.kinds.numbers import (
    INT32,
    UINT32,
    at_least,
    between,
    digits,
    duration,
    factor,
    floating,
    long,
    number,
    offset,
    size,
    whole_number,
)
from wizard.config.syntax.numbers import integer
from wizard.config.syntax.words import atoi

_H2_SWITCHES = word_set(
    """
    h2direct h2push h2upgrade h2moderntlsonly h2earlyhints h2outputbuffering h2websockets
    h2proxyrequests h2copyfiles
    """
)
_BUFFER = f"parameter must be a number between 0 and ({UINT32}U)): {{word}}"


def _most_ranges(name: str) -> Kind:
    named = one_word("-", "none", "default", "unlimited")
    counted = at_least(1, f"{name} requires 'none', 'default', 'unlimited' or a positive integer")
    return lambda checker, text: named(checker, text) and counted(checker, text)


def _buffer(name: str) -> Kind:
    return number(
        lambda value: value == 0 or value >= 512,
        f"{name} must be >= 512 bytes, or 0 for system default.",
    )


def _long_buffer(name: str) -> Kind:
    """As `_buffer`, of a long."""
    message = f"{name} must be >= 512 bytes, or 0 for system default."
    return lambda _, text: message if (integer(text)[0] or 512) < 512 else None


def _wrong_format(name: str) -> Kind:
    return duration(f"{name} has wrong format")


def _cached_connection(name: str) -> Kind:
    late = f"{name} can only be 0 or up to one hour."
    return duration(f"{name} has wrong format", 0, 3600, late)


def _not_negative(name: str) -> Kind:
    return at_least(0, f"{name}: invalid argument")


def _cache_size(name: str, what: str) -> Kind:
    most = 2**63 - 1
    return offset(0, most, f"{name} argument must be a non-negative integer representing {what}")


_SIZES: Mapping[str, Check] = {
    "readbuffersize": word(whole_number(0, UINT32, _BUFFER)),
    "flushmaxthreshold": word(whole_number(0, UINT32, _BUFFER)),
    "flushmaxpipelined": word(
        whole_number(-1, INT32, f"parameter must be a number between -1 and ({INT32}): {{word}}")
    ),
    "limitxmlrequestbody": word(
        at_least(0, "LimitXMLRequestBody requires a non-negative integer.")
    ),
    "limitrequestbody": word(
        size(
            0,
            "LimitRequestBody requires a non-negative integer.",
            "LimitRequestBody argument is not parsable.",
        )
    ),
    "limitrequestfields": word(
        at_least(0, 'LimitRequestFields "{word}" must be a non-negative integer (0 = no limit)')
    ),
    "limitrequestfieldsize": word(
        at_least(0, 'LimitRequestFieldsize "{word}" must be a non-negative integer')
    ),
    "limitrequestline": word(
        at_least(0, 'LimitRequestLine "{word}" must be a non-negative integer')
    ),
    "limitinternalrecursion": each(at_least(1, "The recursion limit must be greater than zero.")),
    "maxranges": word(_most_ranges("MaxRanges")),
    "maxrangeoverlaps": word(_most_ranges("MaxRangeOverlaps")),
    "maxrangereversals": word(_most_ranges("MaxRangeReversals")),
    "sendbuffersize": word(_buffer("SendBufferSize")),
    "receivebuffersize": word(_buffer("ReceiveBufferSize")),
    "proxyiobuffersize": word(_long_buffer("ProxyIOBufferSize")),
    "proxyreceivebuffersize": word(_buffer("ProxyReceiveBufferSize")),
    "maxmemfree": word(long(0, "Invalid MaxMemFree value: {word}")),
    "threadstacksize": word(long(0, "Invalid ThreadStackSize value: {word}")),
    "listenbacklog": word(at_least(1, "ListenBacklog must be > 0")),
    "listencoresbucketsratio": word(at_least(1, "ListenCoresBucketsRatio must be > 0")),
    "buffersize": word(
        offset(1, 2**63 - 1, "BufferSize must be a size in bytes, and greater than zero")
    ),
    "keptbodysize": word(size(0, *["KeptBodySize must be a valid size in bytes, or zero."] * 2)),
    "authformsize": word(
        offset(0, 2**63 - 1, "AuthCookieFormSize must be a size in bytes, or zero.")
    ),
    "substitutemaxlinelength": word(patterns.line_length),
    "deflatebuffersize": word(at_least(1, "DeflateBufferSize should be positive")),
    "deflatecompressionlevel": word(between(1, 9, "Compression Level must be between 1 and 9")),
    "deflatememlevel": word(between(1, 9, "DeflateMemLevel must be between 1 and 9")),
    "deflatewindowsize": word(between(1, 15, "DeflateWindowSize must be between 1 and 15")),
    "deflateinflatelimitrequestbody": word(
        size(
            0,
            "DeflateInflateLimitRequestBody requires a non-negative integer.",
            "DeflateInflateLimitRequestBody is not parsable.",
        )
    ),
    "deflateinflateratiolimit": word(at_least(1, "DeflateInflateRatioLimit must be positive")),
    "deflateinflateratioburst": word(at_least(1, "DeflateInflateRatioBurst must be positive")),
    "brotlicompressionquality": word(
        between(0, 11, "BrotliCompressionQuality must be between 0 and 11")
    ),
    "brotlicompressionwindow": word(
        between(10, 24, "BrotliCompressionWindow must be between 10 and 24")
    ),
    "brotlicompressionmaxinputblock": word(
        between(16, 24, "BrotliCompressionMaxInputBlock must be between 16 and 24")
    ),
    "cachemaxfilesize": word(
        _cache_size("CacheMaxFileSize", "the max size of a file to cache in bytes.")
    ),
    "cacheminfilesize": word(
        _cache_size("CacheMinFileSize", "the min size of a file to cache in bytes.")
    ),
    "cachereadsize": word(_cache_size("CacheReadSize", "the max amount of data to cache in go.")),
    "cachesocachereadsize": word(
        _cache_size("CacheSocacheReadSize", "the max amount of data to cache in go.")
    ),
    "cachesocachemaxsize": word(
        offset(
            1024,
            UINT32,
            "CacheSocacheMaxSize argument must be a integer representing the max size of a cached "
            f"entry (headers and body), at least 1024 and at most ({UINT32}U)",
        )
    ),
    "cachelastmodifiedfactor": word(floating("CacheLastModifiedFactor value must be a float")),
    "cachedirlength": patterns.cache_tree("CacheDirLength"),
    "cachedirlevels": patterns.cache_tree("CacheDirLevels"),
    "proxyhtmlbufsize": word(
        whole_number(
            -(2**63),
            2**63 - 1,
            "Invalid value for directive ProxyHTMLBufSize, expected integer",
            clamped=True,
        )
    ),
    "balancergrowth": word(between(0, 1000, "BalancerGrowth must be between 0 and 1000")),
    "asyncrequestworkerfactor": word(factor),
    "ldapretries": word(at_least(0, "LDAPRetries must be >= 0")),
    "ldapreferralhoplimit": word(
        at_least(
            1,
            "LDAPReferralHopLimit must be greater than zero (Use 'LDAPReferrals Off' to disable "
            "referral chasing)",
        )
    ),
    **dict.fromkeys(
        ("dbdmin", "dbdkeep", "dbdmax", "dbdexptime"), word(digits("Argument must be numeric!"))
    ),
}

_POOL = _wrong_format("LDAPConnectionPoolTTL")

_TIMES: Mapping[str, Check] = {
    "keepalivetimeout": word(_wrong_format("KeepAliveTimeout")),
    "cgidscripttimeout": word(_wrong_format("CGIDScriptTimeout")),
    "cgiscripttimeout": word(_wrong_format("CGIScriptTimeout")),
    "ldapretrydelay": word(_wrong_format("LDAPRetryDelay")),
    "ldapconnectionpoolttl": word(
        lambda checker, text: None if atoi(text) == -1 else _POOL(checker, text)
    ),
    "ldaptimeout": word(
        size(0, "Timeout not numerical", "", negative="Timeout must be non-negative")
    ),
    "authdigestnoncelifetime": word(
        whole_number(
            -(2**63), 2**63 - 1, "Invalid time in AuthDigestNonceLifetime: {word}", clamped=True
        )
    ),
    "cachelockmaxage": word(
        at_least(1, "CacheLockMaxAge value must be a non-zero positive integer")
    ),
    "memcacheconnttl": word(_cached_connection("MemcacheConnTTL")),
    "redisconnpoolttl": word(_cached_connection("RedisConnPoolTTL")),
    "redistimeout": word(_cached_connection("RedisTimeout")),
    "watchdoginterval": word(
        duration(
            "Unparse-able WatchdogInterval setting",
            0.1,
            bound="Invalid WatchdogInterval: minimal value 100ms",
        )
    ),
    "sslocspresponsemaxage": word(_not_negative("SSLOCSPResponseMaxAge")),
    "sslocspresponsetimeskew": word(_not_negative("SSLOCSPResponseTimeSkew")),
    "sslstaplingerrorcachetimeout": word(_not_negative("SSLStaplingErrorCacheTimeout")),
    "sslstaplingresponsemaxage": word(_not_negative("SSLStaplingResponseMaxAge")),
    "sslstaplingresponsetimeskew": word(_not_negative("SSLStaplingResponseTimeSkew")),
    "sslstaplingstandardcachetimeout": word(_not_negative("SSLStaplingStandardCacheTimeout")),
    "sessionexpiryupdateinterval": word(
        at_least(0, "SessionExpiryUpdateInterval must be zero (disable) or a positive value")
    ),
    "davmintimeout": word(at_least(0, "DAVMinTimeout requires a non-negative integer.")),
    "cachesocachemaxtime": word(
        offset(
            0,
            2**63 - 1,
            "CacheSocacheMaxTime argument must be the maximum amount of time in seconds to cache "
            "an entry.",
        )
    ),
    "cachesocachemintime": word(
        offset(
            0,
            2**63 - 1,
            "CacheSocacheMinTime argument must be the minimum amount of time in seconds to cache "
            "an entry.",
        )
    ),
    "cachereadtime": word(
        _cache_size("CacheReadTime", "the max amount of time taken to cache in go.")
    ),
    "cachesocachereadtime": word(
        _cache_size("CacheSocacheReadTime", "the max amount of time taken to cache in go.")
    ),
    "expiresdefault": whole(times.expires_default),
    "expiresbytype": whole(times.expires_by_type),
    "cookieexpires": whole(times.cookie_expires),
    "requestreadtimeout": whole(times.request_read_timeout),
}

_HTTP2: Mapping[str, Check] = {
    **dict.fromkeys(_H2_SWITCHES, word(http2.switch)),
    "h2serializeheaders": word(http2.serialize),
    "h2padding": word(http2.padding),
    "h2pushdiarysize": word(http2.power_of_two),
    "h2streamtimeout": word(duration("Invalid timeout value")),
    "h2maxworkeridleseconds": word(http2.idle),
    **dict.fromkeys(
        ("h2maxsessionstreams", "h2minworkers", "h2maxworkers"),
        word(at_least(1, "value must be > 0")),
    ),
    **dict.fromkeys(
        ("h2windowsize", "h2streammaxmemsize"), word(at_least(1024, "value must be >= 1024"))
    ),
    **dict.fromkeys(
        ("h2maxdataframelen", "h2maxheaderblocklen", "h2maxstreamerrors"),
        word(at_least(0, "value must be 0 or larger")),
    ),
}

NUMBERS: Mapping[str, Check] = {**_SIZES, **_TIMES, **_HTTP2}
"""Directive in lower case to what its own function checks."""

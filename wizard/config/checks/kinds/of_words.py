"""Directives whose arguments are words: one of a few, names, addresses, patterns.

Source: httpd 2.4, the set function of each directive; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, word_set
from wizard.config.checks.kinds import authorization, keywords, log_formats, patterns, providers
from wizard.config.checks.kinds.addresses import exceptions, trusted_proxy
from wizard.config.checks.kinds.kind import Kind, each, one_word, whole, word, words

_ON_OFF = one_word("parameter must be 'on' or 'off'", "on", "off")
_MD_SWITCH = one_word(
    "unknown '{word}', supported parameter values are 'on' and 'off'", "on", "off"
)
_MD_SWITCHES = word_set(
    """
    mdbaseserver mdmuststaple mdstapling mdstapleothers mdserverstatus mdcertificatestatus
    mdrenewviaari mdprofilemandatory
    """
)


_ADDRESSES: Mapping[str, Check] = {
    "remoteipproxyprotocolexceptions": whole(exceptions),
    "remoteipinternalproxy": each(trusted_proxy("RemoteIPInternalProxy")),
    "remoteiptrustedproxy": each(trusted_proxy("RemoteIPTrustedProxy")),
    "allow": whole(authorization.from_where),
    "deny": whole(authorization.from_where),
    "<authzprovideralias": authorization.defined("authz provider", 1),
    "luaauthzprovider": authorization.defined("authz provider", 0),
    "authnzfcgidefineprovider": authorization.fcgi_provider,
    "registerhttpmethod": authorization.registered_method,
    "allowmethods": authorization.allow_methods,
    "allowconnect": each(patterns.ports),
}

_NAMES: Mapping[str, Check] = {
    "authbasicprovider": providers.authentication,
    "authdigestprovider": providers.authentication,
    "authformprovider": providers.authentication,
    "<authnprovideralias": authorization.defined("authn provider", 1),
    "addoutputfilterbytype": providers.output_filters,
    "filterprovider": providers.filter_provider,
    "dav": word(providers.repository),
    "customlog": whole(log_formats.custom_log),
    "globallog": whole(log_formats.custom_log),
    "logformat": word(log_formats.access_log),
    "substitute": word(patterns.substitution),
    **dict.fromkeys(
        (
            "virtualdocumentroot",
            "virtualdocumentrootip",
            "virtualscriptalias",
            "virtualscriptaliasip",
        ),
        word(patterns.virtual_path),
    ),
    **dict.fromkeys(patterns.COOKIE_NAMES, patterns.cookie_name),
    "cookiedomain": word(patterns.cookie_domain),
    **dict.fromkeys(("addicon", "addiconbytype", "addiconbyencoding"), word(patterns.icon)),
    "ssistarttag": word(patterns.without_blank("SSIStartTag may not contain any whitespaces")),
    "ssiendtag": word(patterns.without_blank("SSIEndTag may not contain any whitespaces")),
    "authldapurl": whole(patterns.ldap_url),
    "cacheenable": patterns.cache_enable,
    "cachedisable": patterns.cache_disable,
    "directoryindexredirect": word(patterns.redirect_of_index),
    "userdir": whole(lambda _, found: None if found else "UserDir requires an argument."),
}

_LISTS: Mapping[str, Check] = {
    "options": whole(keywords.options),
    "allowoverride": keywords.allow_override,
    "fileetag": keywords.file_etag,
    "regexdefaultoptions": whole(keywords.regex_options),
    "httpprotocoloptions": whole(keywords.http_options),
    "indexoptions": whole(keywords.index_options),
    "multiviewsmatch": whole(keywords.multiviews_match),
    "forcelanguagepriority": whole(keywords.language_priority),
    "allowoverridelist": whole(keywords.override_list),
    "fancyindexing": whole(
        lambda *_: (
            "The FancyIndexing directive is no longer supported. Use IndexOptions FancyIndexing."
        )
    ),
    "indexorderdefault": words(
        one_word("First keyword must be 'Ascending' or 'Descending'", "ascending", "descending"),
        one_word(
            "Second keyword must be 'Name', 'Date', 'Size', or 'Description'",
            "name",
            "date",
            "size",
            "description",
        ),
    ),
}

_WORDS: Mapping[str, Kind] = {
    **dict.fromkeys(("usecanonicalphysicalport", "enablemmap", "enablesendfile"), _ON_OFF),
    **dict.fromkeys(_MD_SWITCHES, _MD_SWITCH),
    "acceptpathinfo": one_word(
        "AcceptPathInfo must be set to on, off or default", "on", "off", "default"
    ),
    "allowencodedslashes": one_word(
        "AllowEncodedSlashes must be On, Off, or NoDecode", "on", "off", "nodecode"
    ),
    "authmerging": one_word("AuthMerging must be one of: Off | And | Or", "off", "and", "or"),
    "authbasicusedigestalgorithm": one_word(
        "Invalid algorithm in AuthBasicUseDigestAlgorithm: {word}", "off", "md5"
    ),
    "authdigestalgorithm": one_word("Unsupported algorithm in AuthDigestAlgorithm: {word}", "md5"),
    "brotlialteretag": one_word(
        "BrotliAlterETag accepts only 'AddSuffix', 'NoChange' and 'Remove'",
        "addsuffix",
        "nochange",
        "remove",
    ),
    "cookiesamesite": one_word(
        "CookieSameSite accepts 'Strict', 'Lax', or 'None'", "strict", "lax", "none"
    ),
    "cookiestyle": one_word(
        "Invalid CookieStyle keyword: '{word}'",
        "netscape",
        "cookie",
        "rfc2109",
        "cookie2",
        "rfc2965",
    ),
    "deflatealteretag": one_word(
        "DeflateAlterETAG accepts only 'NoChange', 'AddSuffix', and 'Remove'",
        "nochange",
        "addsuffix",
        "remove",
    ),
    "hostnamelookups": one_word(
        "parameter must be 'on', 'off', or 'double'", "on", "off", "double"
    ),
    "ldapreferrals": one_word(
        "LDAPReferrals must be 'on', 'off', or 'default'", "on", "off", "default"
    ),
    "ldaptrustedmode": one_word(
        "Invalid LDAPTrustedMode setting: must be one of NONE, SSL, or TLS/STARTTLS",
        "none",
        "ssl",
        "tls",
        "starttls",
    ),
    "luacodecache": one_word(
        "LuaCodeCache type of '{word}' not recognized, valid options are 'never', 'stat', and "
        "'forever'",
        "never",
        "stat",
        "forever",
    ),
    "luainherit": one_word(
        "LuaInherit type of '{word}' not recognized, valid options are 'none', 'parent-first', and "
        "'parent-last'",
        "none",
        "parent-first",
        "parent-last",
    ),
    "mddrivemode": one_word("unknown MDDriveMode {word}", "auto", "always", "manual"),
    "mdrenewmode": one_word("unknown MDDriveMode {word}", "auto", "always", "manual"),
    "mdmatchnames": one_word(
        "invalid argument, must be a 'all' or 'servernames'", "all", "servernames"
    ),
    "mdrequirehttps": one_word(
        "unknown '{word}', supported parameter values are 'temporary' and 'permanent'",
        "off",
        "temporary",
        "permanent",
    ),
    "order": one_word("unknown order", "allow,deny", "deny,allow", "mutual-failure"),
    "protocolshonororder": one_word("ProtocolsHonorOrder must be 'on' or 'off'", "on", "off"),
    "proxyfcgibackendtype": one_word(
        "ProxyFCGIBackendType requires one of the following arguments: 'GENERIC', 'FPM'",
        "generic",
        "fpm",
    ),
    "satisfy": one_word("Satisfy either 'any' or 'all'.", "any", "all"),
    "serversignature": one_word(
        "ServerSignature: use one of: off | on | email", "on", "off", "email"
    ),
    "servertokens": one_word(
        "ServerTokens takes 1 argument: 'Prod(uctOnly)', 'Major', 'Minor', 'Min(imal)', 'OS', or "
        "'Full'",
        "prod",
        "productonly",
        "major",
        "minor",
        "min",
        "minimal",
        "os",
        "full",
    ),
    "traceenable": one_word(
        "TraceEnable must be one of 'on', 'off', or 'extended'", "on", "off", "extended"
    ),
    "xbithack": one_word("XBitHack must be set to Off, On, or Full", "off", "on", "full"),
}

WORDS: Mapping[str, Check] = {
    **_ADDRESSES,
    **_NAMES,
    **_LISTS,
    **{key: word(kind) for key, kind in _WORDS.items()},
    "deflatefilternote": whole(patterns.note("Unknown note type {word}")),
    "brotlifilternote": whole(patterns.note("Unknown BrotliFilterNote type '{word}'")),
    "script": word(lambda _, text: "TRACE not allowed for Script" if text == "TRACE" else None),
    "action": word(one_word("unrecognized option '{word}'", "virtual"), 2),
    "authdigestqop": each(authorization.quality),
}
"""Directive in lower case (a section with its ``<``) to what its own function checks."""

"""Lists of keywords with rules of their own.

Source: httpd 2.4, server/core.c (set_options, set_override, set_etag_bits), modules/generators/
mod_autoindex.c (add_opts), modules/http/mod_mime.c, modules/mappers/mod_negotiation.c; each message
was read from httpd 2.4.71.
"""

from __future__ import annotations

from wizard.config.checks.checker import Checker, Refusal, word_set
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, split_words

_OVERRIDES = word_set("limit fileinfo authconfig indexes none all")
_PLAIN_OPTIONS = word_set(
    """
    indexes includes includesnoexec followsymlinks symlinksifownermatch execcgi multiviews
    runscripts
    """
)
_OPTIONS = _PLAIN_OPTIONS | {"none", "all"}
_MIXED = "Either all Options must start with + or -, or no Option may."


def options(_: Checker, words: list[str]) -> str | None:
    """``Options``."""
    merge = whole = False
    for first, word in enumerate(words):
        signed = word[:1] in ("+", "-")
        plain = word[1:] if signed else word
        name = plain.lower()
        if signed:
            if not merge and first and not whole:
                return _MIXED
            merge = True
        elif first and merge:
            return _MIXED
        if name in ("none", "all"):
            title, must = ("None", "First") if name == "none" else ("All", "first")
            if first:
                return f"'Options {title}' must be the {must.lower()} " + (
                    "Option given." if name == "none" else "option given."
                )
            if merge:
                return f"You may not use 'Options +{title}' or 'Options -{title}'."
            whole = True
        elif name not in _PLAIN_OPTIONS:
            return f"Illegal option {plain}"
    return None


def allow_override(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """``AllowOverride``."""
    for word in split_words(node.args):
        name, equals, value = word.partition("=")
        if name.lower() == "options":
            for option in value.split(",") if equals else ():
                if not option or option.lower() in _OPTIONS:
                    continue
                if checker.knows("check", "AllowOverride-Options"):
                    return Refusal(f"Illegal option {option}")
        elif name.lower() == "nonfatal":
            if equals:
                continue
            if not checker.knows("check", "AllowOverride-Nonfatal"):
                return Refusal("httpd crashes when it reads this line: Nonfatal wants =All")
            return Refusal(f"=Override, =Unknown or =All expected after {name}")
        elif name.lower() not in _OVERRIDES:
            return Refusal(f"Illegal override option {name}")
    return None


_ETAG = word_set("all none inode mtime lmtime lastmodified size digest")


def file_etag(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """``FileETag``."""
    for word in split_words(node.args):
        signed = word[:1] in ("+", "-")
        plain = word[1:] if signed else word
        if plain.lower() not in _ETAG or checker.lack("FileETag keyword", plain):
            return Refusal(f"Unknown keyword '{plain}' for FileETag directive")
        if signed and plain.lower() in ("none", "all"):
            return Refusal(f"FileETag keyword '{plain}' cannot be used with '+' or '-'")
    return None


_REGEX_OPTIONS = word_set("icase extended dotall dollar_endonly no_dollar_endonly none")


def regex_options(_: Checker, words: list[str]) -> str | None:
    """``RegexDefaultOptions``."""
    for word in words:
        if word.lstrip("+-").lower() not in _REGEX_OPTIONS:
            return f"RegexDefaultOptions: option '{word.lstrip('+-')}' unknown"
    return None


_HTTP_OPTIONS = word_set("allow0.9 require1.0 strict unsafe registeredmethods lenientmethods")
_EITHER = (
    ("Strict", "Unsafe"),
    ("Allow0.9", "Require1.0"),
    ("RegisteredMethods", "LenientMethods"),
)


def http_options(_: Checker, words: list[str]) -> str | None:
    """``HttpProtocolOptions``; what an earlier line says is not looked at."""
    given: set[str] = set()
    for word in words:
        if word.lower() not in _HTTP_OPTIONS:
            return (
                "HttpProtocolOptions accepts 'Unsafe' or 'Strict' (default), 'RegisteredMethods' "
                "or 'LenientMethods' (default), and 'Require1.0' or 'Allow0.9' (default)"
            )
        given.add(word.lower())
        for one, other in _EITHER:
            if {one.lower(), other.lower()} <= given:
                return f"HttpProtocolOptions '{one}' and '{other}' are mutually exclusive"
    return None


_INDEXING = word_set(
    """
    fancyindexing foldersfirst htmltable iconsarelinks ignorecase ignoreclient scanhtmltitles
    suppresscolumnsorting suppressdescription suppresshtmlpreamble suppressicon suppresslastmodified
    suppresssize suppressrules trackmodified versionsort xhtml showforbidden addaltclass
    useolddateformat iconwidth iconheight
    """
)
_WIDTHS = {"namewidth": ("NameWidth", 5), "descriptionwidth": ("DescriptionWidth", 12)}
_VALUED = {"iconwidth": "IconWidth", "iconheight": "IconHeight"}
_SILENT = word_set("useolddateformat iconwidth iconheight")
"""Those that the keyword None does not exclude."""


def index_options(_: Checker, words: list[str]) -> str | None:
    """``IndexOptions``."""
    given: set[bool] = set()
    for word in words:
        sign = word[:1] if word[:1] in ("+", "-") else ""
        plain = word[1:] if sign else word
        key, equals, value = plain.lower().partition("=")
        message = _index_option(key, equals, value, sign)
        if message is not None:
            return message
        if key == "none":
            given = {True}
        elif not sign and not equals and key not in _SILENT and key not in _WIDTHS:
            given.add(False)
    if len(given) > 1:
        return "Cannot combine other IndexOptions keywords with 'None'"
    return None


def _index_option(key: str, equals: str, value: str, sign: str) -> str | None:
    if key == "none" and not equals:
        return "Cannot combine '+' or '-' with 'None' keyword" if sign else None
    if equals and key in ("type", "charset"):
        return None
    if equals and key in _VALUED:
        return f"Cannot combine '-' with {_VALUED[key]}=n" if sign == "-" else None
    if key in _WIDTHS:
        return _width(*_WIDTHS[key], equals, value, sign)
    return None if key in _INDEXING and not equals else "Invalid directory indexing option"


def _width(name: str, least: int, equals: str, value: str, sign: str) -> str | None:
    if not equals:
        given = sign == "-"
        return None if given else f"{name} with no value may only appear as '-{name}'"
    if sign == "-":
        return f"Cannot combine '-' with {name}=n"
    width = 0 if value.startswith("*") else atoi(value)
    return f"{name} value must be greater than {least}" if width and width < least else None


_MULTIVIEWS = {
    "any": (word_set("any"), "Any is incompatible with NegotiatedOnly, Filters and Handlers"),
    "negotiatedonly": (
        word_set("negotiatedonly"),
        "NegotiatedOnly is incompatible with Any, Filters and Handlers",
    ),
    "filters": (
        word_set("filters handlers"),
        "Filters is incompatible with Any and NegotiatedOnly",
    ),
    "handlers": (
        word_set("filters handlers"),
        "Handlers is incompatible with Any and NegotiatedOnly",
    ),
}


def multiviews_match(_: Checker, words: list[str]) -> str | None:
    """``MultiviewsMatch``; what an earlier line of the section says is not looked at."""
    given: set[str] = set()
    for word in words:
        if word.lower() not in _MULTIVIEWS:
            return f"Unrecognized option '{word}'"
        beside, message = _MULTIVIEWS[word.lower()]
        if not given <= beside:
            return message
        given.add(word.lower())
    return None


def language_priority(_: Checker, words: list[str]) -> str | None:
    """``ForceLanguagePriority``; what an earlier line of the section says is not looked at."""
    given: set[str] = set()
    for word in words:
        name = word.lower()
        if name not in ("none", "prefer", "fallback"):
            return f"Invalid ForceLanguagePriority option {word}"
        if name == "none" and given - {"none"}:
            return "Cannot combine ForceLanguagePriority options with None"
        if name != "none" and "none" in given:
            other = name.capitalize()
            return f"Cannot combine ForceLanguagePriority options None and {other}"
        given.add(name)
    return None


def override_list(_: Checker, words: list[str]) -> str | None:
    """``AllowOverrideList``; names that are no directives are a warning."""
    if len(words) > 1 and any(word.lower() == "none" for word in words):
        return "'None' not allowed with other directives in AllowOverrideList"
    return None

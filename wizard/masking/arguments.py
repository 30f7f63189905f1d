"""Where in the arguments of a directive a secret stands, or may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from wizard.masking import directives
from wizard.masking.free_text import WORDS

Place = tuple[int, int]
"""Start and stop in the line."""

_BLANKS = " \t\n\v\f\r"
_WORD = re.compile(  # ap_getword_conf (httpd 2.4, server/util.c): only a quote in front counts
    rf"\"(?:\\[\\\"]|[^\"])*+\"?|'(?:\\[\\']|[^'])*+'?|[^{_BLANKS}]++"
)
_SCHEME = re.compile(r"[\"']?(?:(?:Basic|Bearer|Digest|Negotiate|Token)[ \t]+)?", re.IGNORECASE)
_HARMLESS = re.compile(
    r"[\"']?(?:%\{[\w:.-]{1,60}\}[a-z]?|\$\{[\w.-]{1,60}\}|[$%]\d|on|off|yes|no|true|false|none|[01]"
    r"|expr=.*)?[\"']?",
    re.IGNORECASE | re.DOTALL,
)
"""A value that is a variable, a switch, or nothing."""
_ASSIGNED = re.compile(
    rf"(?:{WORDS}|\w{{0,20}}(?:pass|pwd?)|\b(?:pin|psk|otp|key|auth|credentials?|salt|seed|nonce|sid))=",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(WORDS)
_QUERY = re.compile(r"[?&;#][\w.\[\]-]{1,60}=([^&]+)|(?<=\?)([\w%+~.-]{6,})(?=[&\"']|$)")
_VARIABLE = re.compile(r"%\{([^{}]*)\}")
_CALL = re.compile(r"\b(?!tolower|toupper)[A-Za-z]\w*\(")
_READABLE = re.compile(
    r"%\{(?:[A-Za-z_]\w*|(?:HTTP|LA-U|LA-F|SSL|ENV|req|http|resp|reqenv|osenv|env|note):[\w-]+)\}"
    r"|(?:(?<=[ \t})'\"])|^)(?:==|!=|=~|!~|&&|\|\||!|-\w{1,12}|(?:not[ \t]+)?in|eq|ne|and|or)"
    r"(?=[ \t'\"%/(]|$)"
    r"|\b(?:req|http|resp|reqenv|osenv|env|note)\([\"'][\w-]+[\"']\)"
)
"""Of a condition: names of variables, operators, what asks for a field by its name."""
_FLAG = re.compile(
    r"[\[,][\"' \t]*(?:(?:co|cookie)=;?[^:;,\]]*[:;]?|e(?:nv)?=[^:,\]]*:)", re.IGNORECASE
)
_LOGIN = re.compile(r"://([^/?#]+)@")
_ASSIGNMENT = re.compile(r"[\"']?!?[\w.-]+=?")
_PARAMETER = re.compile(r"[\"']?([A-Za-z]\w*)=")
_FLAGS = re.compile(
    r"[\"']?(?:nocanon|interpolate|noquery|!|\$.*|unix:/.*|[a-z0-9]+://.*)[\"']?",
    re.IGNORECASE,
)
"""Words of ``ProxyPass`` that are no parameters, and URLs."""
_PROGRAM = re.compile(r"[\"']?(\|[|$]?|prg:|exec:)?[ \t]*[^ \t\"']*")
_PLAIN = re.compile(r"[\"']?[\w./:*-]+[\"']?")
_MAP = re.compile(r"[\"']?(?:txt|rnd|dbm|int)\b")
_ADDRESS = re.compile(r"[\"']?(?:/|https?://)")


def known(name: str) -> bool:
    """Whether a directive of this name, in lower case, is one that this module knows."""
    return name in SPECIAL or any(name in names for names in _TABLES)


def hidden(name: str, line: str, start: int) -> Iterator[Place]:
    """Where the arguments of a directive hold what is not shown.

    Args:
        name: of the directive in lower case; of a section with its ``<``.
        line: the whole logical line.
        start: where the arguments begin in it.

    Returns:
        The places, in any order; they may overlap.
    """
    words = [found.span() for found in _WORD.finditer(line, start)]
    if not words:
        return
    special = SPECIAL.get(name)
    if special is not None:
        yield from special(line, words)
    elif name in directives.CONDITIONS:
        yield from _condition(line, words, 0)
    elif name in directives.PROGRAMS:
        yield from _program(line, words)
    elif not (
        name in directives.SHOWN
        or name in directives.WORKERS
        or name.startswith(directives.MISSPELT)
    ):
        yield from _after(line, words, directives.FIRST.get(name, 0))
    if name in directives.WORKERS:
        yield from _parameters(line, words, 2 if name.startswith("proxypass") else 1)
    yield from _anywhere(line, words)


def _after(line: str, words: list[Place], count: int) -> Iterator[Place]:
    """Everything behind so many words, but a lone switch."""
    if len(words) > count and not (
        len(words) == count + 1 and _HARMLESS.fullmatch(line, *words[count])
    ):
        scheme = _SCHEME.match(line, words[count][0])
        yield scheme.end() if scheme else words[count][0], words[-1][1]


def _anywhere(line: str, words: list[Place]) -> Iterator[Place]:
    """What any directive may hold: a parameter, a URL's query, a condition."""
    for login in _LOGIN.finditer(line, words[0][0]):  # where a blank is, httpd refuses the line
        yield login.span(1)
    for index, (start, stop) in enumerate(words):
        found = _ASSIGNED.search(line, start, stop)
        if found is not None:
            yield found.end(), stop
        if line[start] == "#":  # meant as a comment, which httpd does not know here
            yield start + 1, words[-1][1]
        for value in _QUERY.finditer(line, start, stop):
            if not _HARMLESS.fullmatch(value[value.lastindex or 0]):
                yield value.span(value.lastindex or 0)
        if line.startswith(("expr=", '"expr=', "'expr="), start):
            yield from _condition(line, words[index:], 0, skip=line.index("=", start) + 1)
            return


def _condition(line: str, words: list[Place], first: int, skip: int = 0) -> Iterator[Place]:
    """Everything but names and operators, unless it asks for what is no secret."""
    if len(words) <= first:
        return
    start, stop = max(words[first][0], skip), words[-1][1]
    asked = [name.casefold() for name in _VARIABLE.findall(line[start:stop])]
    plain = asked and all(name in directives.VARIABLES for name in asked)
    if plain and not _CALL.search(line, start, stop):
        return
    for kept in _READABLE.finditer(line, start, stop):
        yield from _trimmed(line, start, kept.start())
        start = kept.end()
    yield from _trimmed(line, start, stop)


def _trimmed(line: str, start: int, stop: int) -> Iterator[Place]:
    """A place without the blanks and the signs of punctuation around it."""
    while start < stop and line[start] in _BLANKS + "\"'()":
        start += 1
    while start < stop and line[stop - 1] in _BLANKS + "\"'()>":
        stop -= 1
    if start < stop:
        yield start, stop


def _header(line: str, words: list[Place]) -> Iterator[Place]:
    """``Header [always] set NAME VALUE``: the value, unless the field is known for none."""
    at = 1 if line[slice(*words[0])].strip("\"'").casefold() not in ("always", "onsuccess") else 2
    if len(words) <= at:
        return
    if line[slice(*words[at - 1])].strip("\"'").casefold() not in directives.ACTIONS:
        yield from _after(line, words, at)  # the field's name stands where the action is missing
        return
    name = line[slice(*words[at])].strip("\"'").rstrip(":").casefold()
    if name not in directives.HEADERS:
        known = re.fullmatch(r"[\w-]+", name)
        yield from _after(line, words, at + 1 if known else at)


def _variable(line: str, words: list[Place]) -> Iterator[Place]:
    """``SetEnv NAME VALUE``, ``Define NAME VALUE``: the value, unless the name says what it is."""
    name = line[slice(*words[0])].strip("\"'").casefold()
    named = name.replace(".", "_").split("_")[-1] in directives.NAMES
    plain = len(words) == 2 and _PLAIN.fullmatch(line, *words[1])
    if not named or not plain or _SECRET_NAME.search(name):
        yield from _after(line, words, 1)


def _set_env_if(line: str, words: list[Place]) -> Iterator[Place]:
    """``SetEnvIf ATTRIBUTE REGEX NAME[=VALUE]…``."""
    asked = line[slice(*words[0])].strip("\"'").casefold()
    if asked not in directives.VARIABLES | directives.HEADERS and len(words) > 1:
        yield words[1]
    yield from _assignments(line, words[2:])


def _browser(line: str, words: list[Place]) -> Iterator[Place]:
    yield words[0]
    yield from _assignments(line, words[1:])


def _set_env_if_expr(line: str, words: list[Place]) -> Iterator[Place]:
    yield from _condition(line, words[:1], 0)
    yield from _assignments(line, words[1:])


def _assignments(line: str, words: list[Place]) -> Iterator[Place]:
    for start, stop in words:
        found = _ASSIGNMENT.match(line, start, stop)
        at = found.end() if found else start
        if not _HARMLESS.fullmatch(line, at, stop):
            yield at, stop


def _require(line: str, words: list[Place]) -> Iterator[Place]:
    at = 1 if line[slice(*words[0])].casefold() == "not" else 0
    if len(words) <= at:
        return
    kind = line[slice(*words[at])].casefold()
    if kind == "expr":
        yield from _condition(line, words, at + 1)
    elif kind not in directives.PROVIDERS:
        yield from _after(line, words, at + 1)


def _rule(line: str, words: list[Place]) -> Iterator[Place]:
    """``RewriteRule PATTERN TARGET [FLAGS]``: values of cookies and variables."""
    if len(words) < 3:
        return
    start, stop = words[2][0], words[-1][1]
    while stop > start and line[stop - 1] in "]\"' \t":
        stop -= 1
    for flag in _FLAG.finditer(line, start, stop):
        end = line.find(",", flag.end(), stop)
        end = stop if end < 0 else end
        if not _HARMLESS.fullmatch(line, flag.end(), end):
            yield flag.end(), end


def _parameters(line: str, words: list[Place], count: int) -> Iterator[Place]:
    """Values of parameters, and words behind so many that are none, as after a stray blank."""
    for index, (start, stop) in enumerate(words):
        found = _PARAMETER.match(line, start, stop)
        if found is None and index >= count and not _FLAGS.fullmatch(line, start, stop):
            yield start, stop
        if found is not None and found[1].casefold() not in directives.PARAMETERS:
            yield found.end(), stop


def _program(line: str, words: list[Place]) -> Iterator[Place]:
    """What follows the path of a program, where one is started."""
    for word in words:
        found = _PROGRAM.match(line, *word)
        if found is not None and found[1]:
            yield from _trimmed(line, found.end(), _last(line, word, words))


def _map(line: str, words: list[Place]) -> Iterator[Place]:
    """``RewriteMap NAME TYPE:SOURCE``: a file; else a program, or what is asked of a database."""
    if len(words) > 1 and not _MAP.match(line, words[1][0]):
        yield from _command(line, words[1:])


def _dialog(line: str, words: list[Place]) -> Iterator[Place]:
    """``SSLPassPhraseDialog``."""
    written = line[slice(*words[0])].strip("\"'").casefold()
    if written.startswith(("exec:", "|")):
        yield from _command(line, words)
    elif written != "builtin":  # the pass phrase itself, which httpd refuses
        yield words[0][0], words[-1][1]


def _command(line: str, words: list[Place]) -> Iterator[Place]:
    """A program and its arguments."""
    found = _PROGRAM.match(line, *words[0])
    if found is not None:
        yield from _trimmed(line, found.end(), words[-1][1])


def _last(line: str, word: Place, words: list[Place]) -> int:
    """Where a program's arguments end: with its quoted word, else with the line."""
    return word[1] if line[word[0]] in "\"'" else words[-1][1]


def _document(line: str, words: list[Place]) -> Iterator[Place]:
    """``ErrorDocument STATUS TEXT``, unless it is a path or URL."""
    if len(words) > 1 and not _ADDRESS.match(line, words[1][0]):
        yield words[1][0], words[-1][1]


_TABLES = (
    directives.SHOWN,
    directives.FIRST,
    directives.CONDITIONS,
    directives.PROGRAMS,
    directives.WORKERS,
)
SPECIAL: dict[str, Callable[[str, list[Place]], Iterator[Place]]] = {
    "header": _header,
    "requestheader": _header,
    "define": _variable,
    "setenv": _variable,
    "setenvif": _set_env_if,
    "setenvifnocase": _set_env_if,
    "setenvifexpr": _set_env_if_expr,
    "browsermatch": _browser,
    "browsermatchnocase": _browser,
    "require": _require,
    "rewriterule": _rule,
    "mdmessagecmd": _command,
    "mdnotifycmd": _command,
    "mdchallengedns01": _command,
    "errordocument": _document,
    "rewritemap": _map,
    "sslpassphrasedialog": _dialog,
    "proxyhcexpr": lambda line, words: _condition(line, words, 1),
}

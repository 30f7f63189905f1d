"""Lines of a configuration, and of a diff of one, without what is secret in them.

httpd's logical lines are masked: a value may be continued on the next line (httpd 2.4,
server/util.c, ap_cfg_getline). Of a line whose beginning or end is not known, at the edge of a
diff's hunk, no more is shown than the name of a directive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from wizard.masking.arguments import Place, hidden
from wizard.masking.arguments import known as directive
from wizard.masking.free_text import MASK, WORDS, places

_SHORTEST = 4
"""Letters of what is looked for in a message: fewer stand in it by chance."""
_LONGEST = 20_000
"""Letters of a line that is looked through; of a longer one a message is kept short."""
NONE: Mapping[str, bytes] = MappingProxyType({})
_KNOWABLE = re.compile(r"<?/?[A-Za-z][\w.-]*")
_CONTINUED = re.compile(r"\\[ \t\r]*\Z")
"""Also where blanks follow, by mistake: what stands on the next line was meant to belong here."""
_NAME = re.compile(r"[ \t\v\f\r]*(<?/?[^ \t\v\f\r<>]*)")
_END = re.compile(r"[ \t\v\f\r]*</[A-Za-z]{1,40}>[ \t\v\f\r]*")
_COMMENT = re.compile(r"[ \t\v\f\r]*#[# \t]*")
_CAMEL = re.compile(r"[A-Z]+[a-z0-9]+[A-Z]\w*|(?!mod_)\w+_\w+")
_TOLD = re.compile(
    rf"(?:{WORDS}(?!s\b)| -u | -p(?=\S)"
    r"|\b(?:pw|pwd|pass|passcode|pin|psk|otp|credentials?|login|bearer|basic|auth)\b"
    r"|\b(?:api|shared|ssh|license) key\b|\b(?:key|code)\b[^:=]{0,30}[:=]"
    r"|(?<![\w./])(?:admin|root)[:/]"
    r"|\b(?:passwort|kennwort|geheim|zugangsdaten|schlüssel:|mot de passe|contraseña|contrasena"
    r"|clave|senha|wachtwoord|hasło|heslo|lösenord|parola|пароль)(?!\w)|密码|密碼|パスワード|暗証番号)"
    r"[\s:=]*",
    re.IGNORECASE,
)
"""After it a comment may tell a secret, also in other languages."""
_CODE = re.compile(
    r"(?<![^\s\"'`(=:,])(?=[^\s\"'`]{0,60}[a-z])(?=[^\s\"'`]{0,60}[A-Z])(?=[^\s\"'`]{0,60}\d)"
    r"(?![^\s\"'`]{0,60}[/.])(?![^\s\"'`]{0,60},(?:CN|OU?|L|ST|C|DC)=)[^\s\"'`]{8,60}"
)
"""A word of a comment that looks made up: small and capital letters and digits, no path, no name of
a host or version, no piece of a certificate's subject."""
_PEM = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{1,76}")
_HEAD = f"# Masked, to be shown: {MASK} stands for what is secret, or may be. Not to be applied."
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def configuration(lines: Sequence[str], *, whole: bool = True) -> list[str]:
    """Lines of a configuration as they may be shown.

    Args:
        lines: physical lines without their newline.
        whole: the first is known to begin a logical line.

    Returns:
        As many, with ``***`` where a secret stands or may stand: of a directive that httpd 2.4 has
        not, the name is left.
    """
    return [
        _shown(line, found) for line, found in zip(lines, _places(lines, whole=whole), strict=True)
    ]


def about(message: str, line: str) -> str:
    """A message about a line of a configuration, which may repeat what is not shown of it.

    Args:
        message: in httpd's words.
        line: a logical line.
    """
    if len(line) > _LONGEST:
        return re.split("['\":]", message)[0] + MASK
    secrets: set[str] = set()
    for start, stop in _merged(_of_line(line, known=True)):
        secrets |= {line[start:stop].strip("\"'"), *line[start:stop].replace('"', " ").split()}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            message = message.replace(secret, MASK)
    return message


def diff(lines: Sequence[str], sources: Mapping[str, bytes] = NONE) -> list[str]:
    """Lines of a unified diff of configurations as they may be shown.

    Args:
        lines: without their newline.
        sources: what stands in the files before the change, by the path that the diff names; of a
            file that is not here, the first line of a hunk may be the rest of a line above it.
    """
    result: list[str] = []
    source: Sequence[bytes] = ()
    position = 0
    while position < len(lines):
        head = _HUNK.match(lines[position])
        position += 1
        if head is None:
            if lines[position - 1].startswith("--- a/"):
                source = sources.get(lines[position - 1][5:].removesuffix("\t"), b"").split(b"\n")
            result.append(_shown(lines[position - 1], places(lines[position - 1])))
            continue
        result.append(lines[position - 1])
        body = _body(lines, position, int(head[2] or 1), int(head[4] or 1))
        result += _hunk(body, whole=_begins_a_line(int(head[1]), source))
        position += len(body)
    return result


def for_showing(patch: bytes, sources: Mapping[str, bytes]) -> tuple[bytes, int]:
    """A patch that says that it is not to be applied, and that patch and git refuse.

    Args:
        patch: a unified diff; empty: there is none.
        sources: as for ``diff``.

    Returns:
        The patch without what is secret and without the heads that those programs look for, and
        how many of its lines differ from the patch's.
    """
    lines = patch.decode("utf-8", "surrogateescape").split("\n")
    shown = diff(lines, sources)
    count = sum(one != other for one, other in zip(lines, shown, strict=True))
    kept = [
        line.replace("@@ -", "@@ masked -", 1) if _HUNK.match(line) else line
        for line in shown
        if not line.startswith(("diff --git ", "new file mode "))
    ]
    text = "\n".join([_HEAD, *kept]) if patch else ""
    return text.encode("utf-8", "surrogateescape"), count


def _begins_a_line(number: int, source: Sequence[bytes]) -> bool:
    """Whether a line of a file, from 1, is known not to continue the one before it."""
    if number <= 1:
        return True
    return number <= len(source) and not source[number - 2].rstrip(b" \t\r").endswith(b"\\")


def _body(lines: Sequence[str], start: int, old: int, new: int) -> Sequence[str]:
    """The lines of a hunk, by the counts of its head: a removed line may look like a head."""
    stop = start
    while stop < len(lines) and (old > 0 or new > 0 or lines[stop].startswith("\\")):
        old -= lines[stop][:1] in ("-", " ", "")
        new -= lines[stop][:1] in ("+", " ", "")
        stop += 1
    return lines[start:stop]


def _hunk(body: Sequence[str], *, whole: bool) -> list[str]:
    """A hunk: its lines before and after are two texts, and a common line is in both."""
    found: list[list[Place]] = [[] for _ in body]
    for signs in ("- ", "+ "):
        numbers = [at for at, line in enumerate(body) if (line[:1] or " ") in signs]
        texts = [body[at][1:] for at in numbers]
        for at, places_ in zip(numbers, _places(texts, whole=whole), strict=True):
            found[at] += ((start + 1, stop + 1) for start, stop in places_)
    return [_shown(line, found[at]) for at, line in enumerate(body)]


def _places(lines: Sequence[str], *, whole: bool) -> Iterator[list[Place]]:
    """Where each physical line holds what is not shown."""
    pem = ""
    position = 0
    while position < len(lines):
        mark = _PEM.fullmatch(lines[position].strip())
        if mark is not None:
            pem = mark[2] if mark[1] == "BEGIN" else ""
        if mark is not None or pem:
            secret = mark is None and (
                "PRIVATE" in pem or not _BASE64.fullmatch(lines[position].strip())
            )
            yield [(0, len(lines[position]))] if secret else []
            position += 1
            continue
        stop = position
        while stop + 1 < len(lines) and _CONTINUED.search(lines[stop]):
            stop += 1
        parts = lines[position : stop + 1]
        yield from _logical(parts, known=whole or position > 0)
        position = stop + 1


def _logical(parts: Sequence[str], *, known: bool) -> Iterator[list[Place]]:
    """The same for the physical lines of one logical line."""
    if len(parts) == 1:
        yield list(_of_line(parts[0], known=known))
        return
    bare = [*(_CONTINUED.sub("", part) for part in parts[:-1]), parts[-1]]
    found = _merged(_of_line("".join(bare), known=known))
    begin = 0
    at = 0
    for part in bare:
        end = begin + len(part)
        here: list[Place] = []
        while at < len(found) and found[at][0] < end:
            here.append((max(found[at][0], begin) - begin, min(found[at][1], end) - begin))
            if found[at][1] > end:
                break
            at += 1
        yield here
        begin = end


def _of_line(line: str, *, known: bool) -> Iterator[Place]:
    yield from places(line)
    name = _NAME.match(line)
    if name is None or not line.strip() or _END.fullmatch(line):
        return
    whole = _CONTINUED.search(line) is None
    comment = _COMMENT.match(line)
    if comment is not None:
        yield from _of_comment(line, comment.end(), known=known and whole)
        return
    folded = name[1].casefold()
    alone = name.end() == len(line.rstrip()) and not folded.startswith("<")
    sure = known and not alone  # a word alone may be the rest of a line that lost its backslash
    if not _KNOWABLE.fullmatch(name[1]) or not (sure or directive(folded)):
        yield name.start(1), len(line)
    elif known and whole:
        yield from hidden(folded, line, name.end())
    else:  # it may be the rest of a line, or its beginning
        yield name.end(), len(line)


def _of_comment(line: str, start: int, *, known: bool) -> Iterator[Place]:
    """A comment: a directive that was switched off, or prose."""
    if not known:
        yield start, len(line)
        return
    name = _NAME.match(line, start)
    if name is None:
        return
    folded = name[1].casefold()
    used = name[1] == "Use" and line[start - 1] == "#"  # "# Use …" is prose
    if used or directive(folded) or _CAMEL.fullmatch(name[1]):
        yield from hidden(folded, line, name.end())
    for code in _CODE.finditer(line, start):
        yield code.span()
    told = _TOLD.search(line, start)
    if told is not None and told.end() < len(line):
        yield told.end(), len(line)


def _shown(line: str, found: Iterable[Place]) -> str:
    """A line with the places masked."""
    pieces: list[str] = []
    position = 0
    for start, stop in _merged(found):
        pieces += (line[position:start], MASK)
        position = stop
    return "".join((*pieces, line[position:])) if pieces else line


def _merged(found: Iterable[Place]) -> list[Place]:
    """Places in order, those that touch made one."""
    merged: list[Place] = []
    for start, stop in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged

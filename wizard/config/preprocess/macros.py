"""mod_macro: ``<Macro>``, ``Use``, ``UndefMacro``.

Source: httpd 2.4, modules/core/mod_macro.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wizard.config.syntax.logical_lines import Lines, join
from wizard.config.syntax.words import BLANKS, ascii_lower, first_word, split_words
from wizard.errors import ConfigError
from wizard.record import record

MAX_BODY_LINE = 8192
"""Bytes of a body line, before and after its parameters are replaced (MAX_STRING_LEN)."""

MAX_PARAMETERS = 500
"""Parameters of one macro: each is compared with every other. httpd has no limit."""


@record
class BodyLine:
    """A logical line of a macro's body, with the physical lines that it stands on."""

    text: str
    first: int
    last: int
    file: str


@record
class Macro:
    """A macro as defined.

    Args:
        name: in lower case.
        parameters: as written, case-sensitive.
        body: its lines; comments are left out.
        location: ``defined on line N of "FILE"``.
    """

    name: str
    parameters: tuple[str, ...]
    body: tuple[BodyLine, ...]
    location: str

    @property
    def title(self) -> str:
        """How httpd names it in messages."""
        return f"macro '{self.name}' ({self.location})"


Warn = Callable[[str, str], None]
"""Called with an AH code and a message."""


def define(args: str, place: str, next_line: Callable[[], BodyLine | None], warn: Warn) -> Macro:
    """Read a ``<Macro name parameters…>`` up to its ``</Macro>``.

    Args:
        args: of the opening tag, with its ``>``.
        place: ``line N of "FILE"`` of the opening tag.
        next_line: gives the next logical line, None at the end of the file.
        warn: called with each warning of httpd's.

    Raises:
        ConfigError: with httpd's message, without file and line.
    """
    end = args.rfind(">")
    if end < 0:
        raise ConfigError("<Macro> directive missing closing '>'")
    if after := _after_tag(args):
        warn("AH02801", f"non blank chars found after <Macro closing '>': {after}")
    if not args[:end].strip(BLANKS):
        raise ConfigError("<Macro macro definition: empty name")
    name, rest = first_word(args[:end])
    if not name:
        raise ConfigError("<Macro macro definition: name not found")
    name = ascii_lower(name)
    location = f"defined on {place}"
    title = f"macro '{name}' ({location})"
    parameters = tuple(split_words(rest))
    _check_parameters(parameters, title, warn)
    body = _body(title, next_line, warn)
    if not body:
        warn("AH02799", f"{title}: empty contents!")
    elif parameters:
        pattern = _pattern(parameters)
        used = {match[0] for line in body for match in pattern.finditer(line.text)}
        for index, parameter in enumerate(parameters):
            if parameter not in used:
                warn("AH02800", f"{title}: argument '{parameter}' (#{index + 1}) never used")
    return Macro(name, parameters, tuple(body), location)


def _after_tag(text: str) -> str:
    """The text after the last ``>`` that is no comment."""
    after = text[text.rfind(">") + 1 :].strip(BLANKS)
    return "" if after.startswith("#") else after


def _body(title: str, next_line: Callable[[], BodyLine | None], warn: Warn) -> list[BodyLine]:
    """The lines up to the ``</Macro>`` that belongs here."""
    body: list[BodyLine] = []
    macro_nesting = 1
    any_nesting = 1
    while (line := next_line()) is not None and _size(line.text) < MAX_BODY_LINE - 1:
        if line.text.startswith("#"):
            continue
        word = first_word(line.text)[0]
        lowered = ascii_lower(word)
        if word.startswith("</"):
            any_nesting -= 1
            if any_nesting < 0:
                number = len(body) + 1
                warn("AH02793", f"bad (negative) nesting on line {number} of {title}")
        elif word.startswith("<"):
            any_nesting += 1
        macro_nesting += {"<macro": 1, "</macro>": -1}.get(lowered, 0)
        if lowered == "</macro>":
            if after := _after_tag(line.text):
                warn("AH02794", f"non blank chars found after directive closing: {after}")
            if not macro_nesting:
                if any_nesting:
                    warn("AH02795", f"bad cumulated nesting ({any_nesting:+d}) in {title}")
                return body
        body.append(line)
    raise ConfigError(
        f"{title}\n\tcontents error: expected token not found: </Macro>",
        hint="Close the macro with a line </Macro>, without blanks inside the tag"
        f"; no line may be longer than {MAX_BODY_LINE - 2} bytes.",
    )


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _check_parameters(parameters: tuple[str, ...], title: str, warn: Warn) -> None:
    if len(parameters) > MAX_PARAMETERS:
        raise ConfigError(f"{title}: more than {MAX_PARAMETERS} arguments")
    for index, parameter in enumerate(parameters, 1):
        if not parameter:
            raise ConfigError(f"{title}: empty argument #{index} name")
        if parameter[0] not in "$%@":
            warn(
                "AH02796",
                f"{title} argument name '{parameter}' (#{index}) without expected prefix, "
                "better prefix argument names with one of '$%@'.",
            )
        elif parameter.startswith("${"):
            warn(
                "AH02805",
                f"{title} argument name '{parameter}' (#{index}) clashes with 'Define' syntax "
                "'${...}', better use '$(...)'.",
            )
    for index, parameter in enumerate(parameters, 1):
        for other, later in enumerate(parameters[index:], index + 1):
            if parameter == later:
                raise ConfigError(
                    f"argument name conflict in {title}: argument '{parameter}': "
                    f"#{index} and #{other}, change argument names!"
                )
            if parameter.startswith(later) or later.startswith(parameter):
                warn(
                    "AH02797",
                    f"{title}: argument name prefix conflict ({parameter} #{index} and "
                    f"{later} #{other}), be careful about your macro definition!",
                )


def expand(macro: Macro, values: list[str], title: str) -> Lines:
    """The lines that a ``Use`` puts in its place.

    Args:
        macro: the macro.
        values: one for each parameter.
        title: how httpd names this use.

    Returns:
        Lines numbered as in the defining file.

    Raises:
        ConfigError: a line grows longer than httpd allows.
    """
    replaced = list(map(_substitution(macro.parameters, values), (b.text for b in macro.body)))
    for number, line in enumerate(replaced, 1):
        if _size(line) >= MAX_BODY_LINE:
            raise ConfigError(
                f"{title} error while substituting: while processing line {number} of "
                f"{macro.title} cannot substitute, buffer size too small",
                hint=f"A line may have {MAX_BODY_LINE - 1} bytes after its arguments are put in.",
            )
    if any(line.endswith("\\") or "\0" in line for line in replaced):
        # A value that ends in a backslash joins lines once more.
        indexes = range(len(replaced))
        again = join(replaced, indexes, complete=True)
        count = len(again.texts) - bool(again.carry)  # the carried text is no line of its own
        return Lines(
            again.texts[:count],
            [macro.body[i].first for i in again.first[:count]],
            [macro.body[i].last for i in again.last[:count]],
            carry=again.carry,
        )
    return Lines(replaced, [b.first for b in macro.body], [b.last for b in macro.body])


def _pattern(parameters: tuple[str, ...]) -> re.Pattern[str]:
    """Finds a parameter; at each place the longest name wins."""
    return re.compile("|".join(map(re.escape, sorted(parameters, key=len, reverse=True))))


def _substitution(parameters: tuple[str, ...], values: list[str]) -> Callable[[str], str]:
    if not parameters:
        return str
    by_name = dict(zip(parameters, values, strict=True))
    pattern = _pattern(parameters)

    def replace(text: str) -> str:
        position = 0
        while (match := pattern.search(text, position)) is not None:
            value = by_name[match[0]]
            # If the value is the name itself, httpd leaves it, without quotes.
            quoted = match[0][0] == "@" and value != match[0]
            inserted = f'"{value}"' if quoted else value
            text = text[: match.start()] + inserted + text[match.end() :]
            # httpd goes on after the value's length without the quotes that it put around it, so
            # that its last two characters are looked at again.
            position = match.start() + len(value)
            if len(text) > MAX_BODY_LINE:
                break
        return text

    return replace

"""mod_macro: ``<Macro>``, ``Use``, ``UndefMacro``.

Source: httpd 2.4, modules/core/mod_macro.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from wizard.config.lines import Lines, join
from wizard.config.words import ascii_lower, first_word, split_words
from wizard.errors import ConfigError

MAX_BODY_LINE = 8192
"""Bytes of a body line, before and after its parameters are replaced (MAX_STRING_LEN)."""


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A logical line of a macro's body, with the physical lines that it stands on."""

    text: str
    first: int
    last: int
    file: str


@dataclass(frozen=True, slots=True)
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
"""Told an AH code and a message."""


def define(
    args: str,
    place: str,
    next_line: Callable[[], BodyLine | None],
    warn: Warn,
) -> Macro:
    """Read a ``<Macro name parameters…>`` up to its ``</Macro>``.

    Args:
        args: of the opening tag, with its ``>``.
        place: ``line N of "FILE"`` of the opening tag.
        next_line: gives the next logical line, None at the end of the file.
        warn: told what httpd warns of.

    Raises:
        ConfigError: with httpd's message, without file and line.
    """
    end = args.rfind(">")
    if end < 0:
        raise ConfigError("<Macro> directive missing closing '>'")
    name, rest = first_word(args[:end])
    if not name:
        raise ConfigError("<Macro macro definition: name not specified")
    name = ascii_lower(name)
    location = f"defined on {place}"
    title = f"macro '{name}' ({location})"
    parameters = tuple(split_words(rest))
    _check_parameters(parameters, title, warn)
    body: list[BodyLine] = []
    macro_nesting = 1
    any_nesting = 1
    while (line := next_line()) is not None and len(line.text) < MAX_BODY_LINE - 1:
        if line.text.startswith("#"):
            continue
        word = first_word(line.text)[0]
        lowered = ascii_lower(word)
        if word.startswith("</"):
            any_nesting -= 1
            if any_nesting < 0:
                warn("AH02793", f"bad (negative) nesting on line {line.last} of {title}")
        elif word.startswith("<"):
            any_nesting += 1
        if lowered == "</macro>":
            macro_nesting -= 1
            if not macro_nesting:
                if any_nesting:
                    warn("AH02795", f"bad cumulated nesting ({any_nesting:+d}) in {title}")
                return Macro(name, parameters, tuple(body), location)
        elif lowered == "<macro":
            macro_nesting += 1
        body.append(line)
    raise ConfigError(
        "expected token not found: </Macro>",
        hint="Close the macro with a line </Macro>, without blanks inside the tag.",
    )


def _check_parameters(parameters: tuple[str, ...], title: str, warn: Warn) -> None:
    for index, parameter in enumerate(parameters):
        if not parameter:
            raise ConfigError(f"{title} argument #{index + 1} is empty")
        if parameter[0] not in "$%@":
            warn(
                "AH02796",
                f"{title} argument name '{parameter}' (#{index + 1}) without expected prefix, "
                "better prefix argument names with one of '$%@'.",
            )
        for other, earlier in enumerate(parameters[:index]):
            if earlier == parameter:
                raise ConfigError(
                    f"argument name conflict in {title} between argument "
                    f"'{parameter}': #{other + 1} and #{index + 1}, "
                    "change argument names!"
                )


def expand(macro: Macro, values: list[str]) -> Lines:
    """The lines that a ``Use`` puts in its place.

    Args:
        macro: the macro.
        values: as many as it has parameters.

    Returns:
        Lines numbered as in the defining file.

    Raises:
        ConfigError: a line grows longer than httpd allows.
    """
    replaced = list(map(_substitution(macro.parameters, values), (b.text for b in macro.body)))
    for line in replaced:
        if len(line) >= MAX_BODY_LINE:
            raise ConfigError(
                f"while processing {macro.title}: a line is longer than {MAX_BODY_LINE - 1} bytes"
            )
    if any(line.endswith("\\") or "\0" in line for line in replaced):
        # A value that ends in a backslash joins lines once more.
        indexes = range(len(replaced))
        again = join(replaced, indexes, complete=True)
        return Lines(
            again.texts,
            [macro.body[i].first for i in again.first],
            [macro.body[i].last for i in again.last],
            carry=again.carry,
        )
    return Lines(replaced, [b.first for b in macro.body], [b.last for b in macro.body])


def _substitution(parameters: tuple[str, ...], values: list[str]) -> Callable[[str], str]:
    if not parameters:
        return str
    by_name = dict(zip(parameters, values, strict=True))
    # At each place the longest name wins.
    pattern = re.compile("|".join(map(re.escape, sorted(parameters, key=len, reverse=True))))

    def replace(text: str) -> str:
        position = 0
        while (match := pattern.search(text, position)) is not None:
            value = by_name[match[0]]
            inserted = f'"{value}"' if match[0][0] == "@" else value
            text = text[: match.start()] + inserted + text[match.end() :]
            # httpd goes on after the value's own length: the quotes around it do not count, so
            # that its last two characters are looked at again.
            position = match.start() + len(value)
            if len(text) > MAX_BODY_LINE:
                break
        return text

    return replace

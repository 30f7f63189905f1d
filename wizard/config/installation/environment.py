"""The environment and the options that httpd is started with, read from files; no shell is run.

Source: Debian's /etc/apache2/envvars and upstream's bin/envvars (POSIX sh), SUSE's
/etc/sysconfig/apache2 (read by start_apache2), systemd units and their drop-ins (systemd.exec(5)).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_REFERENCE = re.compile(
    r"\$(?:(?P<bare>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-=+]|##?|%%?)(?P<word>[^{}]*))?\})"
)
_WORD = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*+"|\\.|[^\s;'"\\])++|;""")
_KEYWORDS = {"if", "then", "else", "elif", "fi"}


def parse_shell(text: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a file of assignments exports.

    Understood: ``NAME=value``, ``export NAME[=value]``, ``unset NAME``, quotes, ``$NAME``,
    ``${NAME:-word}``, ``${NAME##prefix}``, and ``if [ A = B ]`` / ``!=`` / ``-n`` / ``-z`` with
    ``else``. Lines with command substitution, and all other commands, are skipped.

    Args:
        text: of the file.
        environment: what the shell starts with.

    Returns:
        The environment afterwards: ``environment`` with what was exported and unset.
    """
    return _parse(text, environment)[0]


def shell_variables(text: str) -> dict[str, str]:
    """What a file of assignments sets for the script that reads it, exported or not.

    Args:
        text: of the file; understood as by :func:`parse_shell`.
    """
    return _parse(text, None)[1]


def _parse(
    text: str, environment: Mapping[str, str] | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What is exported, and all variables."""
    exported = dict(environment or {})
    variables = dict(exported)
    branches: list[bool] = []  # for each open if: whether its current branch is taken
    for line in text.replace("\\\n", "").split("\n"):
        for words in _commands(line):
            command = words[0]
            if command in _KEYWORDS:
                _branch(command, words, branches, variables)
                words = words[1:] if command in ("then", "else") else []
            if words and all(branches):
                _run(words, variables, exported)
    return exported, variables


def _commands(line: str) -> list[list[str]]:
    """The simple commands of a line, each a list of words as written.

    One with a quote that ends on a later line is left out.
    """
    commands: list[list[str]] = [[]]
    end = 0
    for match in _WORD.finditer(line):
        word = match[0]
        if word.startswith("#"):
            break
        if line[end : match.start()].strip():
            return [command for command in commands[:-1] if command]
        end = match.end()
        if word == ";":
            commands.append([])
        else:
            commands[-1].append(word)
    else:
        if line[end:].strip():
            commands.pop()
    return [command for command in commands if command]


def _branch(
    command: str, words: list[str], branches: list[bool], variables: Mapping[str, str]
) -> None:
    if command == "if":
        branches.append(_test(words[1:], variables))
    elif command == "else" and branches:
        branches[-1] = not branches[-1]
    elif command == "elif" and branches:
        branches[-1] = not branches[-1] and _test(words[1:], variables)
    elif command == "fi" and branches:
        branches.pop()


def _test(words: list[str], variables: Mapping[str, str]) -> bool:
    """``[ … ]`` with one comparison; what is not understood is false."""
    if len(words) < 3 or words[0] not in ("[", "test"):
        return False
    operands = [_value(word, variables) for word in words[1:] if word != "]"]
    match operands:
        case ["-n", left]:
            return bool(left)
        case ["-z", left]:
            return not left
        case [left, "=" | "==", right]:
            return left is not None and left == right
        case [left, "!=", right]:
            return left is not None and right is not None and left != right
    return False


def _run(words: list[str], variables: dict[str, str], exported: dict[str, str]) -> None:
    command = words[0]
    if command == "unset":
        for name in words[1:]:
            variables.pop(name, None)
            exported.pop(name, None)
        return
    export = command == "export"
    for word in words[1:] if export else words[:1]:
        match = _ASSIGNMENT.fullmatch(word)
        name = match[1] if match else word
        if match and (value := _value(match[2], variables)) is not None:
            variables[name] = value
        if name in variables and (export or name in exported):
            exported[name] = variables[name]


def _value(word: str, variables: Mapping[str, str]) -> str | None:
    """A word without its quotes, variables replaced; None if it needs a shell."""
    pieces = []
    for part in re.finditer(r"'([^']*)'|\"((?:\\.|[^\"\\])*)\"|((?:\\.|[^'\"\\])+)", word):
        if part[1] is not None:
            pieces.append(part[1])
            continue
        text = part[2] if part[2] is not None else part[3]
        if "`" in text or "$(" in text:
            return None
        text = _REFERENCE.sub(lambda m: _reference(m, variables), text)
        pieces.append(re.sub(r"\\(.)", r"\1", text))
    return "".join(pieces)


def _reference(match: re.Match[str], variables: Mapping[str, str]) -> str:
    value = variables.get(match["bare"] or match["name"])
    operator, word = match["operator"] or "", match["word"] or ""
    if operator.endswith(("-", "=")):
        return word if value is None or (operator[0] == ":" and not value) else value
    if operator.endswith("+"):
        return "" if value is None or (operator[0] == ":" and not value) else word
    if operator.startswith("#"):
        return (value or "").removeprefix(word)
    if operator.startswith("%"):
        return (value or "").removesuffix(word)
    return value or ""


def parse_unit(text: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """``Environment=`` lines of a systemd unit or drop-in.

    Args:
        text: of the file.
        environment: what earlier files set.

    Returns:
        The environment with this file's assignments; an empty ``Environment=`` clears it.
    """
    found = dict(environment or {})
    for line in text.replace("\\\n", " ").split("\n"):
        key, _, value = line.strip().partition("=")
        if key.strip() != "Environment":
            continue
        if not value.strip():
            found.clear()
            continue
        for word in _split(value):
            name, equals, content = word.partition("=")
            if equals:
                found[name] = content
    return found


def environment_files(text: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The files that ``EnvironmentFile=`` lines of a systemd unit or drop-in name.

    Args:
        text: of the unit.
        before: what earlier units name.

    Returns:
        Absolute paths, in order; an empty ``EnvironmentFile=`` drops those before it.
    """
    found = list(before)
    for line in text.replace("\\\n", " ").split("\n"):
        key, _, value = line.strip().partition("=")
        if key.strip() != "EnvironmentFile":
            continue
        path = value.strip().removeprefix("-")
        if not path:
            found.clear()
        elif path.startswith("/"):
            found.append(path)
    return tuple(found)


def parse_environment_file(
    text: str, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The lines ``NAME=value`` of a file that ``EnvironmentFile=`` names.

    All of them count, without ``export``; ``$NAME`` is not replaced.

    Args:
        text: of the file.
        environment: what was set before.
    """
    found = dict(environment or {})
    for line in text.replace("\\\n", "").split("\n"):
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match is None:
            continue
        value = match[2].strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[match[1]] = value
    return found


def options_defines(options: str) -> tuple[str, ...]:
    """The names that a command line's ``-D`` options define (``-D NAME`` and ``-DNAME``).

    Args:
        options: ``OPTIONS`` or ``APACHE_ARGUMENTS``.

    Returns:
        The names, in order.
    """
    words = _split(options)
    found = []
    for index, word in enumerate(words):
        if word == "-D" and index + 1 < len(words):
            found.append(words[index + 1])
        elif word.startswith("-D") and len(word) > 2:
            found.append(word[2:])
    return tuple(found)


def flags_defines(flags: str) -> tuple[str, ...]:
    """The names that SUSE's ``APACHE_SERVER_FLAGS`` defines: ``SSL STATUS``, with or without -D.

    Args:
        flags: the variable's value.
    """
    names = (word.removeprefix("-D") for word in flags.split())
    return tuple(name for name in names if name)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote is missing: systemd skips such a line too
        return []

"""Completions for bash, zsh and fish, as scripts that need nothing but the shell itself.

By hand: argcomplete starts Python at each press of Tab, and shtab has no fish.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from wizard.cli.describe.surface import Command, Parameter


def script(shell: str, program: Command, commands: Sequence[Command]) -> str:
    """The script for a shell.

    Args:
        shell: ``bash``, ``zsh`` or ``fish``.
        program: the command line without a command.
        commands: every command.
    """
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return "\n".join(make(program, commands)) + "\n"


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


# --- bash: a case for what stands before the cursor, a case for the command -----------------------

_BASH_HEAD = """\
# bash completion for proxy-wizard
_proxy_wizard_files() {
    compopt -o filenames 2>/dev/null  # there is none outside a completion
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$1")
}
_proxy_wizard_words() {
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$2" -- "$1")
}
_proxy_wizard() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' word
    COMPREPLY=()
    # bash takes --option=value for three words
    if [[ $cur == = ]]; then cur=''
    elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word != -* ]]; then command=$word; break; fi
    done"""


def _bash(program: Command, commands: Sequence[Command]) -> Iterable[str]:
    yield _BASH_HEAD
    yield f"    case $command in {'|'.join(c.name for c in commands)}) ;; *) command='' ;; esac"
    yield '    case "$command $prev" in'
    for values, cases in _bash_cases((program, *commands)).items():
        yield f"        {'|'.join(cases)}) {values}return ;;"
    yield "    esac"
    yield "    case $command in"
    for command in commands:
        yield f"        {command.name})"
        yield from _bash_place(command)
    yield "        *)"
    yield from _bash_place(program, " ".join(c.name for c in commands))
    yield "    esac"
    yield "}"
    yield "complete -F _proxy_wizard proxy-wizard"


def _bash_cases(commands: Iterable[Command]) -> dict[str, list[str]]:
    """What completes a value, and after which words it does."""
    found: dict[str, list[str]] = {}
    for command in commands:
        for option in command.options:
            if option.metavar:
                cases = found.setdefault(_bash_values(option), [])
                cases += [f"'{command.name} {flag}'" for flag in option.flags]
    return found


def _bash_place(command: Command, names: str = "") -> Iterable[str]:
    yield f'            if [[ $cur == -* ]]; then _proxy_wizard_words "$cur" "{_words(command)}"'
    values = "".join(_bash_values(argument) for argument in command.arguments)
    if names:
        values = f'_proxy_wizard_words "$cur" "{names}"; {values}'
    yield f"            else {values or ':; '}fi ;;"


def _words(command: Command) -> str:
    return " ".join(_flags(command))


def _bash_values(parameter: Parameter) -> str:
    text = ""
    if parameter.words:
        text += f'_proxy_wizard_words "$cur" "{" ".join(parameter.words)}"; '
    if parameter.is_file:
        text += '_proxy_wizard_files "$cur"; '
    return text


# --- zsh: one _arguments call a command -----------------------------------------------------------


def _zsh(program: Command, commands: Sequence[Command]) -> Iterable[str]:
    yield "#compdef proxy-wizard"
    yield "_proxy_wizard() {"
    yield "    local curcontext=$curcontext state line"
    yield "    typeset -A opt_args"
    yield "    local -a commands"
    yield "    commands=("
    for command in commands:
        yield f"        {shlex.quote(f'{command.name}:{command.summary}')}"
    yield "    )"
    yield "    _arguments -C \\"
    for option in program.options:
        yield f"        {_zsh_option(option)} \\"
    yield "        '1: :->first' '*:: :->rest'"
    yield "    case $state in"
    yield "        first) _describe -t commands command commands; _files ;;"
    yield "        rest)"
    yield "            case $line[1] in"
    for command in commands:
        specs = [_zsh_option(option) for option in command.options]
        specs += [_zsh_argument(argument) for argument in command.arguments]
        yield f"                {command.name}) _arguments {' '.join(specs)} ;;"
    yield "            esac ;;"
    yield "    esac"
    yield "}"
    # Sourced, it registers itself; put into a directory of $fpath, it is the function's body.
    yield 'if [[ $funcstack[1] == _proxy-wizard ]]; then _proxy_wizard "$@"'
    yield "else compdef _proxy_wizard proxy-wizard; fi"


def _zsh_option(option: Parameter) -> str:
    value = f":{_zsh_text(option.metavar)}:{_zsh_action(option)}" if option.metavar else ""
    text = shlex.quote(f"[{_zsh_text(option.help)}]{value}")
    if len(option.flags) == 1:
        return ("'*'" if option.repeats else "") + option.flags[0] + text
    return f"'({' '.join(option.flags)})'{{{','.join(option.flags)}}}{text}"


def _zsh_argument(argument: Parameter) -> str:
    place = "*" if argument.repeats else ":" if argument.optional else ""
    return shlex.quote(f"{place}:{_zsh_text(argument.metavar)}:{_zsh_action(argument)}")


def _zsh_action(parameter: Parameter) -> str:
    if parameter.words:
        return f"({' '.join(parameter.words)})"
    return "_files" if parameter.is_file else " "


def _zsh_text(text: str) -> str:
    """Text without what ``_arguments`` takes for its own signs."""
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text


# --- fish: one line an option ---------------------------------------------------------------------


def _fish(program: Command, commands: Sequence[Command]) -> Iterable[str]:
    yield "# fish completion for proxy-wizard"
    names = " ".join(command.name for command in commands)
    first = f"not __fish_seen_subcommand_from {names}"
    for command in commands:
        words = f"-a {command.name} -d {_fish_quote(command.summary)}"
        yield f"complete -c proxy-wizard -n __fish_use_subcommand {words}"
    for option in program.options:
        yield _fish_option(first, option)
    for command in commands:
        seen = f"__fish_seen_subcommand_from {command.name}"
        if not any(argument.is_file for argument in command.arguments):
            yield f"complete -c proxy-wizard -n {_fish_quote(seen)} -f"
        for argument in command.arguments:
            if argument.words:
                words = _fish_quote(" ".join(argument.words))
                yield f"complete -c proxy-wizard -n {_fish_quote(seen)} -a {words}"
        for option in command.options:
            yield _fish_option(seen, option)


def _fish_option(condition: str, option: Parameter) -> str:
    parts = ["complete -c proxy-wizard -n", _fish_quote(condition)]
    for flag in option.flags:
        parts += ["-l", flag[2:]] if flag.startswith("--") else ["-s", flag[1:]]
    if option.words:
        parts += ["-x -a", _fish_quote(" ".join(option.words))]
    elif option.metavar:
        parts.append("-r" if option.is_file else "-x")
    return " ".join([*parts, "-d", _fish_quote(option.help)])


def _fish_quote(text: str) -> str:
    """A word in fish's single quotes, where only the quote and the backslash mean something."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

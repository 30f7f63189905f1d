"""Directives that take effect while httpd reads (EXEC_ON_READ): they never reach the tree.

Source: httpd 2.4, server/core.c, modules/mappers/mod_so.c, modules/metadata/mod_version.c,
modules/core/mod_macro.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Callable

from wizard.config.installation.filesystem import exists, is_directory, merge_path
from wizard.config.preprocess import macros
from wizard.config.preprocess.if_version import VersionError, version_holds
from wizard.config.preprocess.includes import Included
from wizard.config.preprocess.state import Files, Line, LineSource, State
from wizard.config.syntax.section_parser import Token
from wizard.config.syntax.words import ascii_lower, first_word, split_words
from wizard.errors import ConfigError
from wizard.record import record
from wizard.reference import directives

MAX_INCLUDE_DEPTH = 128
"""Includes within Includes (AP_MAX_INCLUDE_DEPTH)."""
MAX_USE_DEPTH = 128
"""Uses within Uses that are followed; httpd has no limit of its own but forbids recursion."""


@record
class DirectiveHandler:
    """What reading does with a directive.

    Args:
        run: the action.
        module: the module that must be loaded for the directive to be known; None: the core.
        changes_language: whether it may change which directives are known.
    """

    run: Callable[[State, Line], Token | None]
    module: str | None = None
    changes_language: bool = False


def _usage(name: str, count: str = "takes one argument") -> ConfigError:
    """What httpd says to a wrong number of arguments."""
    info = directives.lookup(name)
    meaning = f", {info.message}" if info and info.message else ""
    return ConfigError(
        f"{name} {count}{meaning}",
        hint="Quote an argument with blanks; a comment needs a line of its own.",
    )


def _one(line: Line, name: str) -> str:
    word, rest = first_word(line.args)
    if not word or rest:
        raise _usage(name)
    return word


def _include(state: State, line: Line, *, optional: bool) -> None:
    name = "IncludeOptional" if optional else "Include"
    path = _one(line, name)
    depth = sum(isinstance(entry, Files) for entry in state.stack)
    if depth > MAX_INCLUDE_DEPTH:
        raise ConfigError(
            f"Exceeded maximum include depth of {MAX_INCLUDE_DEPTH}, "
            "There appears to be a recursion.",
            hint="A file includes itself, directly or by a pattern.",
        )
    source = line.source
    full = state.layout.relocate(merge_path(state.server_root, path))
    place = f"{source.file}:{line.last}"
    files = Included(state.account_directory, state.layout.release).files(full, optional=optional)
    state.stack.append(
        Files(files, source, line.last, via=(*source.via, place), depth=depth, place=place)
    )


def _do_include(state: State, line: Line) -> None:
    _include(state, line, optional=False)


def _include_optional(state: State, line: Line) -> None:
    _include(state, line, optional=True)


def _define(state: State, line: Line) -> None:
    name, rest = first_word(line.args)
    value, rest = first_word(rest)
    if not name or rest:
        raise _usage("Define", "takes 1-2 arguments")
    if ":" in name:
        raise ConfigError("Variable name must not contain ':'")
    state.variables.define(name, value or None)


def _undefine(state: State, line: Line) -> None:
    name = _one(line, "UnDefine")
    if ":" in name:
        raise ConfigError("Variable name must not contain ':'")
    state.variables.undefine(name)


def _server_root(state: State, line: Line) -> None:
    path = _one(line, "ServerRoot")
    root = merge_path("/", path).rstrip("/") or "/"
    if state.check_modules and not is_directory(root):
        raise ConfigError("ServerRoot must be a valid directory")
    state.server_root = state.layout.relocate(root)


def _runtime_dir(state: State, line: Line) -> None:
    path = _one(line, "DefaultRuntimeDir")
    # The directory must exist for httpd; Debian's apache2ctl makes it first, so its absence on
    # a machine where httpd does not run means nothing.
    state.runtime_dir = merge_path(state.server_root, path)


def _load_module(state: State, line: Line) -> None:
    words = split_words(line.args)
    if len(words) != 2 or not all(words):
        raise _usage("LoadModule", "takes two arguments")
    identifier, path = words
    if identifier in state.modules.built_in:
        raise ConfigError(f"module {identifier} is built-in and can't be loaded")
    if identifier in state.modules:
        state.warn("AH01574", f"module {identifier} is already loaded, skipping", line)
        return
    state.loads.append((identifier, _check_object(state, path)))
    state.modules.add(identifier)


def _load_file(state: State, line: Line) -> None:
    if not first_word(line.args)[0]:
        raise _usage("LoadFile", "requires at least one argument")
    for path in split_words(line.args):
        # a bare name is looked for by the dynamic linker
        state.loads.append(("", _check_object(state, path) if "/" in path else path))


def _check_object(state: State, path: str) -> str:
    """The object's absolute path; refused if the file must exist and does not."""
    full = state.layout.relocate(merge_path(state.server_root, path))
    if state.check_modules and not exists(full):
        raise ConfigError(
            f"Cannot load {path} into server: {full if '/' in path else path}: cannot open "
            "shared object file: No such file or directory",
            hint="Install the package that holds the module, or remove the line.",
        )
    return full


def _conditional(
    name: str, test: Callable[[State, str], bool]
) -> Callable[[State, Line], Token | None]:
    def run(state: State, line: Line) -> Token | None:
        args = line.args
        end = args.rfind(">")
        if end < 0:
            raise ConfigError(f"<{name}> directive missing closing '>'", hint="Add the '>'.")
        info = directives.lookup(f"<{name}", state.layout.release)
        if info is not None and info.kind == "TAKE1" and first_word(args)[1]:
            raise ConfigError(f"<{name} takes one argument, {info.message}")
        negated = args.startswith("!")
        word = first_word(args[negated:end])[0]
        if not word:
            raise ConfigError(f"<{name}> directive requires additional arguments")
        return _enter(state, line, name, taken=test(state, word) != negated)

    return run


def _version(state: State, line: Line) -> Token | None:
    try:
        taken = version_holds(line.args, state.layout.assumed_version)
    except VersionError as error:
        raise ConfigError(str(error)) from None
    return _enter(state, line, "IfVersion", taken=taken)


def _enter(state: State, line: Line, name: str, *, taken: bool) -> Token | None:
    if taken:
        state.conditions.append(f"{name.lower()}>")
        return Token("CONDITION", name, line.source.file, line.last)
    _skip(state, name)
    return None


def _skip(state: State, name: str) -> None:
    """Skip an untaken branch; only its sections count, they must be balanced."""
    names = [name]
    while names:
        found = state.next_line()
        if found is None:
            raise ConfigError(
                f"Expected </{names[-1]}> before end of configuration",
                hint=f"Add </{names[-1]}> in the same file.",
            )
        if not found.text.startswith(("<", '"', "'")):
            continue
        word = first_word(found.text)[0]
        if word.startswith("</"):
            expected = names.pop()
            if ascii_lower(word[2:-1]) != ascii_lower(expected):
                raise ConfigError(
                    f"Expected </{expected}> but saw {word[:-1]}>",
                    hint=f"See line {found.last} of {found.file}: sections must be "
                    "balanced even where the condition is false.",
                )
        elif word.startswith("<"):
            names.append(word[1:].removesuffix(">"))


def _raw_section(name: str) -> DirectiveHandler:
    """A section of mod_lua, whose body is another language."""

    def run(state: State, _: Line) -> None:
        while (found := state.next_line()) is not None:
            if ascii_lower(found.text) == f"</{name.lower()}>":
                return
        raise ConfigError(f"Expected token </{name}> not found")

    return DirectiveHandler(run, "lua_module")


def _if_file(state: State, word: str) -> bool:
    return exists(merge_path(state.server_root, word))


def _macro(state: State, line: Line) -> None:
    if line.source.macro is None:
        place = f'line {line.last} of "{line.source.file}"'
    else:
        place = f'line {line.source.position} of "{line.source.name}"'
    macro = macros.define(
        line.args, place, state.next_line, lambda code, text: state.warn(code, text, line)
    )
    earlier = state.macros.get(macro.name)
    if earlier is not None:
        state.warn("AH02802", f"{macro.title} already defined, {earlier.location}", line)
    state.macros[macro.name] = macro
    state.macro_seen = True


def _use(state: State, line: Line) -> None:
    name, rest = first_word(line.args)
    if not name:
        raise ConfigError("no macro name specified with Use")
    if not state.macro_seen:
        raise ConfigError("no macro defined before Use")
    key = ascii_lower(name)
    macro = state.macros.get(key)
    if macro is None:
        raise ConfigError(f"macro '{key}' undefined")
    source = line.source
    if f"macro '{key}'" in ascii_lower(source.name):
        raise ConfigError(f"recursive use of macro '{key}' is invalid")
    if source.name.count("macro '") >= MAX_USE_DEPTH:
        raise ConfigError(f"Macros are used within macros more than {MAX_USE_DEPTH} deep")
    values = split_words(rest)
    if len(values) != len(macro.parameters):
        raise ConfigError(
            f"{macro.title} used with {len(values)} arguments instead of {len(macro.parameters)}",
            hint=f"Its parameters: {' '.join(macro.parameters) or 'none'}.",
        )
    number = line.last if source.macro is None else source.position
    title = f'{macro.title} used on line {number} of "{source.name}"'
    for index, value in enumerate(values, 1):
        if not value:
            state.warn("AH02798", f"{title}: empty argument #{index}", line)
    lines = macros.expand(macro, values, title)
    state.account(len(lines.texts) + 1, sum(map(len, lines.texts)) + len(title))
    state.stack.append(
        LineSource(
            title,
            macro.body[0].file if macro.body else source.file,
            lines,
            via=(*source.via, f"{source.file}:{line.last}"),
            macro=title,
            conditions=source.conditions,
        )
    )


def _undef_macro(state: State, line: Line) -> None:
    name = _one(line, "UndefMacro")
    if not state.macro_seen:
        raise ConfigError("no macro defined before UndefMacro")
    key = ascii_lower(name)
    if key not in state.macros:
        raise ConfigError(f"cannot remove undefined macro '{key}'")
    del state.macros[key]


def _nothing(state: State, line: Line) -> None:
    """It has no effect on later lines."""
    del state, line


_LUA_SECTIONS = (
    "LuaHookPreTranslateName",
    "LuaHookTranslateName",
    "LuaHookFixups",
    "LuaHookMapToStorage",
    "LuaHookCheckUserID",
    "LuaHookTypeChecker",
    "LuaHookAccessChecker",
    "LuaHookAuthChecker",
    "LuaQuickHandler",
)

HANDLERS = {
    "include": DirectiveHandler(_do_include),
    "includeoptional": DirectiveHandler(_include_optional),
    "define": DirectiveHandler(_define),
    "undefine": DirectiveHandler(_undefine),
    "serverroot": DirectiveHandler(_server_root),
    "defaultruntimedir": DirectiveHandler(_runtime_dir),
    "loadmodule": DirectiveHandler(_load_module, changes_language=True),
    "loadfile": DirectiveHandler(_load_file),
    "<ifmodule": DirectiveHandler(_conditional("IfModule", lambda s, w: s.modules.is_loaded(w))),
    "<ifdefine": DirectiveHandler(_conditional("IfDefine", lambda s, w: s.variables.is_defined(w))),
    "<iffile": DirectiveHandler(_conditional("IfFile", _if_file)),
    "<ifdirective": DirectiveHandler(_conditional("IfDirective", lambda s, w: s.modules.knows(w))),
    "<ifsection": DirectiveHandler(
        _conditional("IfSection", lambda s, w: s.modules.knows("<" + w))
    ),
    "<ifversion": DirectiveHandler(_version, "version_module"),
    "<macro": DirectiveHandler(_macro, "macro_module"),
    "use": DirectiveHandler(_use, "macro_module"),
    "undefmacro": DirectiveHandler(_undef_macro, "macro_module"),
    "macroignoreemptyargs": DirectiveHandler(_nothing, "macro_module"),
    "macroignorebadnesting": DirectiveHandler(_nothing, "macro_module"),
    "luaauthzprovider": DirectiveHandler(_nothing, "lua_module"),
    **{f"<{name.lower()}": _raw_section(name) for name in _LUA_SECTIONS},
}
"""Every directive of httpd 2.4 with EXEC_ON_READ, in lower case."""

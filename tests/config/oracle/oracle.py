"""Ask the real httpd what it makes of a configuration, and put the reader's answer beside it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.config.oracle.case import Case
from tests.support.httpd import INSTALLED, Program
from wizard.config.configuration import configuration
from wizard.config.installation.layout import Layout
from wizard.config.preprocess.reader import read
from wizard.config.syntax.tree import Include, Node, Tree
from wizard.errors import ConfigError
from wizard.reference.directives import lookup

MODULES = [
    "mpm_event",
    "authz_core",
    "info",
    "macro",
    "env",
    "alias",
    "proxy",
    "proxy_http",
    "headers",
    "setenvif",
    "rewrite",
    "mime",
    "dir",
    "socache_shmcb",
    "ssl",
    "substitute",
    "filter",
]
READER_CODES = {"AH00111", "AH01574", *(f"AH0{number}" for number in range(2793, 2807))}


@dataclass(frozen=True)
class Entry:
    """A directive in the tree; ``line`` is 0 inside a macro, where httpd counts otherwise."""

    depth: int
    name: str
    args: str
    file: str
    line: int


@dataclass(frozen=True)
class Answer:
    """What one of the two said: entries, files and modules, or an error."""

    entries: tuple[Entry, ...] = ()
    includes: tuple[Include, ...] = ()
    modules: tuple[str, ...] = ()
    message: str = ""
    file: str = ""
    line: int = 0
    codes: tuple[str, ...] = ()
    reading: bool = False
    raw: str = ""


def head(root: Path, httpd: Program = INSTALLED) -> str:
    lines = [f'ServerRoot "{root}"', f'DefaultRuntimeDir "{root}"', "ErrorLog /dev/null", ""]
    return "\n".join(lines) + httpd.load(*MODULES) + "ServerName localhost\n"


def write(root: Path, case: Case, httpd: Program = INSTALLED) -> Path:
    """The case as ``t.conf`` beside its files, and a main file that includes it."""
    for name, content in {"t.conf": case.text, **case.files}.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else os.fsencode(content)
        if data.startswith(b"->"):
            path.symlink_to(os.fsdecode(data[2:]))
        else:
            path.write_bytes(data.replace(b"@ROOT@", os.fsencode(root)))
    main = root / "main.conf"
    main.write_text(head(root, httpd) + f'Include "{root}/t.conf"\n')
    return main


def run(
    main: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    httpd: Program = INSTALLED,
) -> str:
    done = subprocess.run(
        [httpd.path, "-t", "-f", str(main), *options],
        capture_output=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **(environment or {})},
    )
    return os.fsdecode(done.stdout) + os.fsdecode(done.stderr)


def ask_httpd(
    main: Path,
    defines: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    httpd: Program = INSTALLED,
) -> Answer:
    dumps = ("DUMP_CONFIG", "DUMP_INCLUDES", "DUMP_MODULES")
    options = [option for name in (*dumps, *defines) for option in ("-D", name)]
    output = run(main, *options, environment=environment, httpd=httpd)
    codes = tuple(sorted(READER_CODES.intersection(re.findall(r"\bAH\d{5}\b", output))))
    before, accepted, modules = output.partition("\nLoaded Modules:\n")
    if accepted:
        return Answer(
            tuple(parse_dump(before)),
            tuple(parse_includes(before)),
            tuple(re.findall(r"^ (\S+) \((?:static|shared)\)$", modules, re.MULTILINE)),
            codes=codes,
            raw=output,
        )
    places = list(re.finditer(r"Syntax error on line (\d+) of (.*?):(?=\s)", output))
    if not places:
        return Answer(message=output.strip() or "no output", codes=codes, raw=output)
    last = places[-1]
    return Answer(
        message=output[last.end() :].strip(),
        file=last[2],
        line=int(last[1]),
        codes=codes,
        reading="AH00526: Syntax error" not in output,
        raw=output,
    )


def parse_includes(output: str) -> Iterable[Include]:
    """What ``-D DUMP_INCLUDES`` lists."""
    for blanks, mark, path in re.findall(r"^( +)\((\*|\d+)\) (.*)$", output, re.MULTILINE):
        yield Include(path, None if mark == "*" else int(mark), len(blanks) // 2 - 1)


def parse_dump(output: str) -> Iterable[Entry]:
    """The entries of ``-D DUMP_CONFIG``."""
    file = ""
    line: int | None = None
    for text in output.split("\n"):
        if text.startswith("# In file: "):
            file = text.removeprefix("# In file: ")
        elif match := re.fullmatch(r" *# *(\d+):", text):
            line = int(match[1])
        elif line is not None and text.strip():
            body = text.lstrip(" ")
            depth = (len(text) - len(body)) // 2
            if body.startswith("</"):
                continue
            name, _, args = body.partition(" ")
            if name.startswith("<"):
                args = args[: args.rfind(">")] if ">" in args else args
                name = name.rstrip(">")
            macro = file.startswith("macro '")
            yield Entry(depth, name, args.rstrip(), file, 0 if macro else line)
            line = None


def layout_of(httpd: Program, layout: Layout) -> Layout:
    """A layout of this httpd."""
    return replace(
        layout,
        binary=httpd.path,
        version=httpd.version,
        openssl=httpd.openssl,
        static_modules=httpd.static,
    )


def layout(
    main: Path,
    defines: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    httpd: Program = INSTALLED,
) -> Layout:
    plain = Layout(
        kind="file",
        main_file=str(main),
        server_root="/etc/apache2",
        environment={"PATH": "/usr/bin:/bin", **(environment or {})},
        defines=("DUMP_CONFIG", "DUMP_INCLUDES", "DUMP_MODULES", *defines),
        files=(str(main),),
    )
    return layout_of(httpd, plain)


def ask_reader(
    main: Path,
    defines: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    httpd: Program = INSTALLED,
) -> Answer:
    where = layout(main, defines, environment, httpd)
    try:
        tree = read(where, check_modules=True)
    except ConfigError as error:
        return Answer(message=logged(error.message), file=error.file, line=error.line, reading=True)
    codes = tuple(sorted(READER_CODES.intersection(p.code or "" for p in tree.problems)))
    for problem in configuration(tree, where).problems:
        if problem.phase == "config":
            return Answer(
                message=logged(problem.message), file=problem.file, line=problem.line, codes=codes
            )
    return Answer(tuple(entries(tree)), tree.includes, tree.modules, codes=codes)


def logged(message: str) -> str:
    """A message as httpd's log shows it: backslashes and what is not printable are escaped."""
    shown = {8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 13: "\\r", 92: "\\\\"}
    return "".join(
        shown.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        for byte in os.fsencode(message)
    )


def entries(tree: Tree) -> Iterable[Entry]:
    """The reader's tree in the dump's words."""
    pending = [(0, node) for node in reversed(tree.root)]
    while pending:
        depth, node = pending.pop()
        yield Entry(
            depth,
            canonical(node),
            node.args.rstrip(),
            node.macro or node.file,
            0 if node.macro else node.line,
        )
        pending += [(depth + 1, child) for child in reversed(node.children or ())]


def canonical(node: Node) -> str:
    info = lookup(node.name if node.children is None else "<" + node.name)
    name = info.name if info else node.name
    return name if node.children is None else "<" + name

"""Constructs in pairs: each beside each other one, each inside each wrapper, wrapper in wrapper."""

from __future__ import annotations

from collections.abc import Callable

from tests.config.oracle.case import Case

FILES = {
    "i/one.conf": "UnsetEnv one ${P}\nDefine FROM_ONE 1\n",
    "i/two.conf": "<IfModule mod_ssl.c>\nUnsetEnv two\n",
    "i/three.conf": "Use known three\n",
}
"""What the atoms include."""

PRELUDE = "Define P 'p q'\n<Macro known $v>\nUnsetEnv $v\n</Macro>\n<Macro none>\n</Macro>\n"

ATOMS = {
    "plain": "UnsetEnv a b\n",
    "quotes": "UnsetEnv \"a b\" 'c \\' d' e\\\\f\n",
    "hash": "UnsetEnv a # b > c\n",
    "comment": "# comment with ${P} and <Location /x>\n",
    "comment-continued": "# comment \\\nUnsetEnv swallowed\n",
    "continued": "UnsetEnv a \\\n  b\\\nc \\\n\n",
    "variable": 'UnsetEnv ${P} "${P}" ${NOPE} ${p}\n',
    "variable-name": "Define U UnsetEnv\n${U} x\n",
    "define": "Define P 'r s'\nUnsetEnv ${P}\n",
    "undefine": "UnDefine P\nUnsetEnv ${P}\n",
    "if-module": "<IfModule mod_ssl.c>\nUnsetEnv m\n</IfModule>\n",
    "if-not-module": "<IfModule !mod_ssl.c>\nUnsetEnv m ${NO}\n<Odd>\n</Odd>\n</IfModule>\n",
    "if-define": "<IfDefine P>\nUnsetEnv d\n</IfDefine>\n",
    "if-from-include": "<IfDefine !FROM_ONE>\nUnsetEnv d\n</IfDefine>\n",
    "if-version": "<IfVersion >= 2.4.9>\nUnsetEnv v\n</IfVersion>\n",
    "if-file": "<IfFile i/one.conf>\nUnsetEnv f\n</IfFile>\n",
    "if-crossed": "<IfModule mod_ssl.c>\n<IfDefine X>\n</IfModule>\n</IfDefine>\n",
    "include": "Include i/one.conf\n",
    "include-open": "Include i/two.conf\n",
    "include-glob": "IncludeOptional i/*.conf\n",
    "include-use": "Include i/three.conf\n",
    "include-missing": "Include i/nope.conf\n",
    "include-none": "IncludeOptional i/nope*.conf\n",
    "use": "Use known 'x y'\n",
    "use-wrong": "Use known\n",
    "use-empty": "Use none\n",
    "macro": "<Macro own $a @b>\nUnsetEnv $a @b x$a\n# c\n</Macro>\nUse own 1 '2 3'\n",
    "macro-known": "<Macro KNOWN $v>\nUnsetEnv again $v\n</Macro>\n",
    "macro-opens": "<Macro opens>\n<IfModule mod_ssl.c>\n</Macro>\nUse opens\n",
    "if": '<If "%{REQUEST_URI} =~ m#^/a>b#">\nUnsetEnv i\n</If>\n<Else>\nUnsetEnv e\n</Else>\n',
    "files": '<Files ~ "\\.x$"> # c\nUnsetEnv f\n</Files>\n',
    "open": "<Files x>\nUnsetEnv f\n",
    "close": "</Files>\n",
    "close-conditional": "</IfModule>\n",
    "blanks": "\n \t\n\v\n",
    "module-twice": "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n",
}

Wrapper = Callable[[Case], Case]


def _around(before: str, after: str) -> Wrapper:
    return lambda case: Case(case.name, f"{before}{case.text!s}{after}", case.files)


def _included(name: str, directive: str) -> Wrapper:
    return lambda case: Case(
        case.name, f"{directive}\nUnsetEnv after\n", {**case.files, name: case.text}
    )


def _replaced(old: str, new: str) -> Wrapper:
    return lambda case: Case(case.name, str(case.text).replace(old, new), case.files)


WRAPPERS: dict[str, Wrapper] = {
    "vhost": _around("<VirtualHost *:81>\n", "</VirtualHost>\n"),
    "directory": _around('<Directory "/">\n', "</Directory>\n"),
    "directory-and-after": _around('<Directory "/">\n', "</Directory> x\nUnsetEnv after\n"),
    "taken": _around("<IfModule mod_proxy.c>\n", "</IfModule>\nUnsetEnv after\n"),
    "taken-open": _around("<IfModule mod_proxy.c>\nUnsetEnv before\n", ""),
    "untaken": _around("<IfDefine Nope>\n", "</IfDefine>\nUnsetEnv after ${P}\n"),
    "macro": _around("<Macro wrap $n>\nUnsetEnv $n\n", "</Macro>\nUse wrap 1\nUnsetEnv after\n"),
    "macro-in-directory": _around(
        "<Macro wrap>\n", "</Macro>\n<Directory />\nUse wrap\n</Directory>\nUse wrap\n"
    ),
    "macro-last": _around("<Macro wrap>\n", "</Macro>\nUse wrap"),
    "included": _included("w.conf", "Include w.conf"),
    "included-by-glob": _included("w/x.conf", "IncludeOptional w/*.conf"),
    "included-twice": _included("w.conf", "Include w.conf\n\nInclude w.conf"),
    "crlf": _replaced("\n", "\r\n"),
    "indented": _replaced("\n", "\n\t  "),
    "no-final-newline": lambda case: Case(case.name, str(case.text)[:-1], case.files),
    "one-word-a-line": _replaced(" ", " \\\n"),
    "upper-case-sections": lambda case: Case(
        case.name, str(case.text).replace("<If", "<IF").replace("</If", "</IF"), case.files
    ),
}


def beside(first: str) -> list[Case]:
    """One atom before each, itself included."""
    return [
        Case(f"{first}+{second}", PRELUDE + ATOMS[first] + ATOMS[second] + "UnsetEnv end\n", FILES)
        for second in ATOMS
    ]


def inside(wrapper: str) -> list[Case]:
    """Each atom in one wrapper, and in it in each other wrapper's rich mixture."""
    wrap = WRAPPERS[wrapper]
    cases = []
    for name, text in ATOMS.items():
        case = wrap(Case(f"{wrapper}({name})", text, FILES))
        cases.append(Case(case.name, PRELUDE + str(case.text), case.files))
    mixture = "".join(ATOMS[name] for name in ("plain", "variable", "if-module", "use", "files"))
    for other, inner in WRAPPERS.items():
        if other != wrapper:
            case = wrap(inner(Case(f"{wrapper}({other}(mixture))", mixture, FILES)))
            cases.append(Case(case.name, PRELUDE + str(case.text), case.files))
    return cases

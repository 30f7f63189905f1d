"""Random configurations, most of them valid, some slightly wrong: one httpd run each.

``python -m tests.config.oracle.test_random N SEED`` tries N more than CI does.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.config.oracle.case import Case
from tests.config.oracle.compare import disagreements

NAMES = ("A", "a", "Bc", "bC", "x-y", "NOPE")
VALUES = ("1", "v w", 'q"r', "it's", "b\\", "${A}", "#", ">", "<x", "", "UnsetEnv", "mod_ssl.c")
SPACES = (" ", " ", " ", " ", "  ", "\t", " \\\n", "\\\n  ")
ENDS = ("\n",) * 12 + ("\r\n", " \n", "\n\n", " # x\n", "\\\n", "\\ \n")
INDENTS = ("", "", "", "  ", "\t")
WORDS = (
    *("a", "b1", "c.d", "#", "=", "<<E", ">", "'", '"', "\\", "\\\\", "$", "${", "é", '"a b"'),
    *(f"${{{name}}}" for name in NAMES),
    *(f'"x ${{{name}}} "' for name in NAMES),
)
CONDITIONS = (
    *(f"IfModule {a}" for a in ("mod_ssl.c", "!mod_ssl.c", "no.c", '"ssl_module"', "! no.c", "")),
    *(f"IfDefine {prefix}{name}" for name in NAMES for prefix in ("", "!")),
    *(f"IfVersion {a}" for a in (">= 2.4", "< 2.4", "!~ ^2", "= /2/", "2.4.71", "x")),
    *(f"IfFile {a}" for a in ("i.conf", "!i.conf", "nope", "d", "${A}")),
    *(f"IfDirective {a}" for a in ("UnsetEnv", "<Files", "Nope")),
)
SECTIONS = (
    *('Files "x"', "FILES x", "FilesMatch x>y", "If true", "If \"-n '>'\"", 'Files "${A}"'),
    *("VirtualHost *:80", "Directory /", "Proxy *"),
)
MACROS = tuple(
    f"Macro {head}"
    for head in ("m0", "m1 $a", "m1 @a", "M1 a", "m2 $a $b", "m2 $a @ab", "m2 %a $aa", "m2 $b $a")
)
LINES = (
    *("Include i.conf", "IncludeOptional n.conf", "Include d/*.conf", "Include d", "Use m0"),
    *("Use m1 x", "Use m1 'x y'", 'Use M1 ""', "Use m2 a b", "Use m2 ${A} $a", "Use m1 'b\\\\'"),
    *("UndefMacro m0", "ProxyPreserveHost On # x", "SSLProxyEngine off", "Use m2 A @ab"),
)
WRONG = (
    *("</IfModule>", "</Files>", "<Files x>", "</Macro>", "Include nope", "Use m1", "Define"),
    *("<IfDefine A>", "<IfDefine !A>", "<Files", "Odd", "Listen 80 81 82", "<Macro>"),
)
CLOSINGS = ("</{}>",) * 16 + ("</{} >", "  </{}>", "", "</{}", "</{}>x", "</{}> x", '"</{}>"')
PRELUDE = (
    "<Macro m0>\nUnsetEnv zero\n</Macro>\n<Macro m1 $a>\nUnsetEnv $a @a\n</Macro>\n"
    "<Macro m2 $a $b>\n<IfDefine $a>\nUnsetEnv $b ${$a}\n</IfDefine>\n</Macro>\n"
)


class Writer:
    """Writes configuration text, drawing what to write."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, texts: Sequence[str]) -> str:
        return self._draw(st.sampled_from(texts))

    def upto(self, limit: int) -> int:
        return self._draw(st.integers(0, limit))

    def words(self) -> str:
        text = ""
        for _ in range(1 + self.upto(2)):
            odd = self.upto(5) == 5
            word = self._draw(st.text("ab \"'\\#<>/${}A@", max_size=5)) if odd else self.pick(WORDS)
            text += self.pick(SPACES) + word
        return text

    def directive(self) -> str:
        kind = self.upto(11)
        if kind <= 3:
            return "UnsetEnv" + self.words()
        if kind <= 5:
            value = self.pick(VALUES).replace("\\", "\\\\").replace('"', '\\"')
            return f'Define {self.pick(NAMES)} "{value}"'
        if kind <= 8:
            return self.pick(LINES)
        if kind == 9:
            return f"UnDefine {self.pick(NAMES)}"
        return "#" + self.words() if kind == 10 else self.pick(WRONG)

    def body(self, depth: int) -> str:
        text = ""
        for _ in range(self.upto(3)):
            kind = self.upto(5) if depth else 0
            if kind <= 2:
                text += self.pick(INDENTS) + self.directive() + self.pick(ENDS)
            else:
                head = self.pick((CONDITIONS, SECTIONS, MACROS)[kind - 3])
                text += f"{self.pick(INDENTS)}<{head}>{self.pick(ENDS)}{self.body(depth - 1)}"
                text += self.pick(CLOSINGS).format(head.split()[0]) + self.pick(ENDS)
        return text


@st.composite
def cases(draw: st.DrawFn) -> Case:
    writer = Writer(draw)
    text = PRELUDE + writer.body(3)
    if not writer.upto(9):
        text = text.removesuffix("\n")
    files = {"i.conf": writer.body(2), "d/1.conf": writer.body(1), "d/2.conf": "UnsetEnv two\n"}
    return Case("random", text, files, environment={"x-y": "env 'x"})


def check(case: Case) -> None:
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        found = disagreements(Path(folder), case)
    assert found == [], "\n".join(found)


@settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_random_configurations(case: Case) -> None:
    check(case)


if __name__ == "__main__":
    more = settings(
        max_examples=int(sys.argv[1]),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    seed(int(sys.argv[2]))(more(given(cases())(check)))()

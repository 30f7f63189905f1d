"""Expressions at random, the reader beside ``httpd -t``.

``python -m tests.config.checks.expressions [COUNT] [SEED]`` tries many. Those that the reader takes
stand in files of a hundred, of which httpd must take each; those that it refuses are asked one by
one, where the words must be httpd's.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support import httpd
from wizard.config.checks.expressions.grammar import refused
from wizard.config.checks.expressions.names import Names

_NAMES = ("HTTP_HOST", "REQUEST_URI", "https", "SSL_PROTOCOL", "NOPE", "TIME_HOUR", "REMOTE_ADDR")
_FUNCTIONS = ("req", "HTTP", "env", "tolower", "nope", "md5", "file", "unescape", "resp")
_OPERATORS = (
    "==", "=", "!=", "<", "<=", ">", ">=", "-eq", "-ne", "-lt", "-gt", "-ge", "-le", "eq", "ne",
    "lt", "gt", "-strmatch", "-fnmatch", "-strcmatch", "-nope",
)  # fmt: skip
_TEXTS = ("a", "", "a b", "on", "1", "/x", "10.0.0.0/8", "a\\\\b", "it is", "100%", "$1", "}", "{")
_REGEXES = ("/^a/", "m#^/a#", "m|x|i", "/(/", "/[a-z]+$/i", "m!a!", "/a\\/b/")
_BROKEN = ("'", "(", ")", "{", "}", "%{", "$", "#", "==", "and", "!", "-f", ";", "~", ",", "/", "m")


class Drawing:
    """Draws expressions; of ten, about three are broken on purpose."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def expression(self) -> str:
        """One of them, on one line, without double quotes."""
        found = self._condition(3)
        if self._random.random() < 0.3:
            place = self._random.randrange(len(found) + 1)
            taken = self._random.choice((0, 1, 2, 5))
            added = self._random.choice(("", f" {self._random.choice(_BROKEN)} ", "x"))
            found = found[:place] + added + found[place + taken :]
        return found

    def _condition(self, depth: int) -> str:
        pick = self._random.random()
        if depth and pick < 0.2:
            sign = self._random.choice((" && ", " || ", " and ", " or "))
            return self._condition(depth - 1) + sign + self._condition(depth - 1)
        if depth and pick < 0.3:
            return f"({self._condition(depth - 1)})"
        if depth and pick < 0.4:
            return self._random.choice(("!", "not ", "! ")) + self._condition(depth - 1)
        if pick < 0.45:
            return self._random.choice(("true", "false"))
        if pick < 0.55:
            return f"-{self._random.choice('nzRTdefsLhxFUAQ')} {self._word(1)}"
        if pick < 0.68:
            sign = self._random.choice(("=~", "!~"))
            return f"{self._word(2)} {sign} {self._random.choice(_REGEXES)}"
        if pick < 0.76:
            words = ", ".join(self._word(1) for _ in range(self._random.randint(1, 3)))
            return f"{self._word(1)} {self._random.choice(('in', '-in'))} {{{words}}}"
        if pick < 0.79:
            return (
                f"{self._word(1)} in {self._random.choice(('PeerExtList', 'x'))}({self._word(1)})"
            )
        if pick < 0.82:
            network = self._random.choice(("10.0.0.0/8", "::1", "x", "10.1", "fe80::/10"))
            return f"{self._word(1)} -ipmatch '{network}'"
        return f"{self._word(2)} {self._random.choice(_OPERATORS)} {self._word(2)}"

    def _word(self, depth: int) -> str:
        pick = self._random.random()
        if depth and pick < 0.1:
            return f"{self._word(depth - 1)} . {self._word(depth - 1)}"
        if depth and pick < 0.2:
            return f"{self._random.choice(_FUNCTIONS)}({self._word(depth - 1)})"
        if pick < 0.3:
            return self._random.choice(("5", "-1", "$1", "$0"))
        if pick < 0.6:
            return self._variable(depth)
        if pick < 0.7:
            return f"'{self._random.choice(_TEXTS)}{self._variable(depth)}'"
        return f"'{self._random.choice(_TEXTS)}'"

    def _variable(self, depth: int) -> str:
        if self._random.random() < 0.7 or not depth:
            return f"%{{{self._random.choice(_NAMES)}}}"
        inner = self._random.choice(("Host", "a b", "", "X-Y", self._variable(depth - 1)))
        return f"%{{{self._random.choice(_FUNCTIONS)}:{inner}}}"


def disagreements(count: int, seed: int, names: Names, singles: int) -> Iterator[str]:
    """What the two say differently.

    Args:
        count: of expressions.
        seed: of the generator.
        names: those that are known.
        singles: how many of the refused ones are asked.
    """
    drawing = Drawing(seed)
    every = list(dict.fromkeys(drawing.expression() for _ in range(count)))
    verdicts = {text: refused(text, names.look_up) for text in every}
    taken = [text for text in every if verdicts[text] is None]
    with tempfile.TemporaryDirectory() as root:
        for first in range(0, len(taken), 100):
            yield from _wrongly_taken(Path(root), taken[first : first + 100])
        for text in [text for text in every if verdicts[text] is not None][:singles]:
            said = _said(Path(root), [text])
            expected = f"Cannot parse condition clause: {verdicts[text]}"
            if said != expected:
                yield f"{text!r}: httpd says {said!r}, the reader {expected!r}"


def _wrongly_taken(root: Path, texts: Sequence[str]) -> Iterator[str]:
    left = list(texts)
    while left and (said := _said(root, left)) is not None:
        line = int(said.partition("\n")[0]) if said[:1].isdigit() else 0
        yield f"{left[line]!r}: httpd refuses it: {said}"
        del left[: line + 1]


def _said(root: Path, texts: Sequence[str]) -> str | None:
    """httpd's words; of several expressions the place of the one that it refuses comes first."""
    main = root / "main.conf"
    head = (
        f"ServerRoot {root}\nDefaultRuntimeDir {root}\nErrorLog /dev/null\nServerName x\n"
        f"Listen 127.0.0.1:1\n{httpd.load_modules()}"
    )
    body = "".join(f'<If "{text}">\n</If>\n' for text in texts)
    main.write_text(head + body)
    done = subprocess.run(
        [httpd.HTTPD, "-t", "-f", str(main)], capture_output=True, text=True, errors="replace",
        check=False, timeout=60,
    )  # fmt: skip
    if done.returncode == 0:
        return None
    said = done.stderr.strip().rpartition("\n")
    if len(texts) == 1:
        return said[2].strip()
    line = int(said[0].rpartition("error on line ")[2].partition(" ")[0])
    return f"{(line - head.count(chr(10)) - 1) // 2}\n{said[2]}"


def known(root: Path) -> Names:
    """The names that the installed httpd knows with the modules of these tests."""
    from wizard.config.checks.checker import Checker
    from wizard.config.installation.layout import locate
    from wizard.config.preprocess.reader import read
    from wizard.reference.release import NEWEST

    main = root / "names.conf"
    main.write_text(f"ServerRoot {root}\nListen 127.0.0.1:1\n{httpd.load_modules()}")
    layout = locate(str(main))
    return Names(Checker(read(layout, ()), layout, frozenset(), NEWEST))


def main(arguments: Sequence[str]) -> None:
    """Try COUNT expressions (2,000) of SEED (1), and print what the two say differently."""
    numbers = [int(one) for one in arguments]
    count, seed = [*numbers, *(2000, 1)[len(numbers) :]]
    with tempfile.TemporaryDirectory() as root:
        found = list(disagreements(count, seed, known(Path(root)), count))
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{count} expressions, {len(found)} disagreements\n")


if __name__ == "__main__":
    main(sys.argv[1:])

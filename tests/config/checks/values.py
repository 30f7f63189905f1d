"""Values of arguments, drawn and now and then changed by a letter: does httpd refuse the same ones?

``python -m tests.config.checks.values [COUNT] [SEED]`` draws so many and says what differed.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import httpd
from wizard import config
from wizard.config.checks.checker import word_set
from wizard.config.checks.kinds.table import VALUE_CHECKS
from wizard.masking.free_text import MASK
from wizard.model.scope import HttpdChoice
from wizard.reference import directives

_DATA = Path(__file__).parent / "data/values.txt"
_NOTHING = "(nothing)"
_AT_ONCE = 40
"""Lines of one configuration, each of another directive: what one says does not change another."""
_LETTERS = "0123456789abkmsx .,:/-+=%*'\""
_FIRST = ("ldap", "cache", "dav", "session", "dbd")
"""Modules that others need."""
_FEW = ("unixd", "log_config", "mpm_event", "authz_core")
_NEEDED = {
    "cache_disk": ("cache",),
    "cache_socache": ("cache",),
    "authnz_ldap": ("ldap",),
    "session_cookie": ("session",),
    "session_dbd": ("session", "dbd"),
    "proxy_balancer": ("proxy",),
    "proxy_connect": ("proxy",),
    "proxy_fcgi": ("proxy",),
    "authn_dbd": ("dbd",),
    "md": ("ssl", "watchdog"),
    "dav_fs": ("dav",),
}
_NEED_ALL = word_set(
    """
    require authbasicprovider authdigestprovider authformprovider addoutputfilterbytype
    filterprovider dav customlog globallog logformat
    """
)
"""Directives whose words are of other modules."""
_LEFT_OUT = ("mpm_worker", "mpm_prefork", "example_hooks", "dialup", "privileges", "data")
_UNREAD = re.compile(
    r"Name or service|failure in name|expression|unexpected|EGD|Mutex type|filter provider"
)
"""What says that httpd refused something that is not read here: a name, an expression."""


@dataclass(frozen=True)
class Case:
    """A line to ask about.

    Args:
        name: of the directive.
        text: the line.
        inside: whether it may stand only in a section.
    """

    name: str
    text: str
    inside: bool

    def written(self, number: int) -> str:
        """The lines of a configuration; all have three, of which the second is the case's."""
        opening, closing = f"<Location /of-{number}>", "</Location>"
        return "\n".join((opening, self.text, closing) if self.inside else ("", self.text, ""))


def table() -> dict[str, list[str]]:
    """Every directive of the data, with its values."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in _DATA.read_text().splitlines():
        if not line.startswith(" "):
            names = line.split()
            found.update((name, []) for name in names)
            continue
        values = [value.strip() for value in line.split(" ~ ") if value.strip()]
        for name in names:
            found[name] += ["" if value == _NOTHING else value for value in values]
    return found


def _changed(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    kept = text[at + chance.randrange(2) :]
    return text[:at] + chance.choice(["", chance.choice(_LETTERS)]) + kept


def draw(count: int, chance: random.Random) -> Iterator[list[Case]]:
    """Lines in groups, no directive twice in one of them."""
    values = table()
    while count > 0:
        names = chance.sample(sorted(values), min(_AT_ONCE, count))
        count -= len(names)
        group = []
        for name in names:
            value = chance.choice(values[name])
            if chance.random() < 0.4:
                value = _changed(value, chance)
            info = directives.lookup(name)
            assert info is not None
            inside = "directory" in info.contexts and name != "ServerSignature"
            group.append(Case(name, f"{name} {value}".rstrip(), inside))
        yield group


class Lab:
    """A directory with configurations, and an httpd that reads them.

    Args:
        root: the directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        own = {
            module.removesuffix("_module")
            for key in (*VALUE_CHECKS, "mutex", "addtype", "filterdeclare")
            for module in _modules(key)
        }
        names = [*httpd.STANDARD, *_FIRST, "dav_fs", *sorted(own)]
        names += [f"authn_{kind}" for kind in ("file", "dbm", "dbd", "anon", "socache")]
        names += ["authz_host", "authz_user", "authz_groupfile", "authz_owner", "authz_dbm"]
        names = [name for name in dict.fromkeys(names) if name not in _LEFT_OUT]
        loaded = httpd.INSTALLED.load(*(name for name in names if httpd.INSTALLED.has(name)))
        self._head = (
            f"ServerRoot {root}\nDefaultRuntimeDir {root}\nErrorLog /dev/null\nServerName x\n"
            "Listen 127.0.0.1:1\n"
        )
        (root / "all.conf").write_text(self._head + loaded)

    def _modules_for(self, case: Case) -> str:
        """Few modules: httpd takes most of its time to load them."""
        if VALUE_CHECKS.get(case.name.lower()) is None or case.name.lower() in _NEED_ALL:
            return "all.conf"
        file = self._root / f"{case.name.lower()}.conf"
        if not file.exists():
            own = [module.removesuffix("_module") for module in _modules(case.name)]
            names = dict.fromkeys((*_FEW, *_NEEDED.get(own[0], ()), *own))
            file.write_text(self._head + httpd.INSTALLED.load(*names))
        return file.name

    def _write(self, cases: Sequence[Case]) -> Path:
        text = "\n".join(case.written(number) for number, case in enumerate(cases))
        (self._root / "part.conf").write_text(text + "\n")
        main = self._root / "main.conf"
        head = self._modules_for(cases[0]) if len(cases) == 1 else "all.conf"
        main.write_text(f"Include {self._root}/{head}\nInclude {self._root}/part.conf\n")
        return main

    def predicted(self, cases: Sequence[Case]) -> dict[int, str]:
        """Numbers of the cases that the reader says httpd refuses, with its message."""
        main = self._write(cases)
        problems = config.load(str(main), httpd=HttpdChoice(ask=False)).problems
        here = str(self._root / "part.conf")
        found: dict[int, str] = {}
        for problem in problems:
            if problem.phase == "config" and problem.file == here:
                found.setdefault((problem.line - 1) // 3, problem.message)
        return found

    def refused(self, cases: Sequence[Case]) -> tuple[int, str] | None:
        """The first case that httpd refuses, with its message; None: it takes all."""
        main = self._write(cases)
        said = subprocess.run(
            [httpd.HTTPD, "-t", "-f", str(main)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        ).stderr.strip()
        if said.endswith("Syntax OK"):
            return None
        place = re.search(rf"line (\d+) of {re.escape(str(self._root))}/part\.conf:", said)
        return ((int(place[1]) - 1) // 3 if place else -1), said or "httpd ended without a word"


def compare(lab: Lab, group: Sequence[Case], counts: Counter[str]) -> Iterator[str]:
    """What differs in a group.

    Args:
        lab: with an httpd.
        group: lines, each of another directive.
        counts: how many lines came out in which way.
    """
    predicted = lab.predicted(group)
    for number, message in predicted.items():
        found = lab.refused([group[number]])
        said = re.escape(message.rstrip()).replace(re.escape(MASK), ".*")
        said = re.sub(r"part\\\.conf:\d+", r"part\.conf:2", said)  # there it is alone
        if found is not None and _UNREAD.search(found[1]) and not _UNREAD.search(message):
            counts["not read"] += 1
        elif found is None:
            counts["refused without reason"] += 1
            yield f"refused without reason: {group[number].text!r}: {message}"
        elif not re.search(said + r"[ \t]*$", found[1], re.MULTILINE):
            counts["other words"] += 1
            yield f"other words: {group[number].text!r}: {message!r} for {found[1]!r}"
        else:
            counts["refused by both"] += 1
    left = [case for number, case in enumerate(group) if number not in predicted]
    while left and (found := lab.refused(left)) is not None:
        number, said = found
        if _UNREAD.search(said):
            counts["not read"] += 1
        else:
            counts["not seen"] += 1
            yield f"not seen: {left[number].text if number >= 0 else left!r}: {said}"
        if number < 0:
            return
        del left[number]
    counts["accepted by both"] += len(left)


def _modules(key: str) -> tuple[str, ...]:
    info = directives.lookup(key)
    return info.modules[:1] if info is not None else ()


def main(count: int, seed: int) -> int:
    """Draw, compare, say what differed.

    Returns:
        How many lines differed.
    """
    counts: Counter[str] = Counter()
    differing = 0
    with tempfile.TemporaryDirectory() as directory:
        lab = Lab(Path(directory))
        for group in draw(count, random.Random(seed)):
            for line in compare(lab, group, counts):
                differing += 1
                sys.stdout.write(line + "\n")
    sys.stdout.write(", ".join(f"{n} {what}" for what, n in sorted(counts.items())) + "\n")
    return differing


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    sys.exit(bool(main(*(given + [2000, 1][len(given) :]))))

"""Configurations as people write them, in their own surroundings (data/FIELD.txt).

A case is rebuilt from what stands in public repositories and in the documentation of applications,
small and with neutral names. It begins with ``### NAME``, which says what is special in it, and

- ``routes=COUNT``: how many routes the reader shows; each is asked for by a request, unless it is
- ``shadowed=PATH``: never reached, because another line takes its requests;
- ``unknown=PATH``: its backend is known only when a request is there;
- ``conditional=PATH``: only some requests take it, which the imagined one is not;
- ``variable=PATH``: a variable of the request stands in the path that its backend is asked for;
- ``not=PATH``: a request for this path reaches no backend, ``not=HOST/PATH`` of another host;
- ``alone``: it has lines of the main server, so an httpd of its own reads it;
- ``refused``: httpd refuses it, and so does the reader, at the same place and in the same words.

The lines follow as they would stand in a file of their own. ``{host}`` is the name of the virtual
host (others are ``a.{host}``, ``b.{host}``), ``{http}`` and ``{https}`` are httpd's ports,
``{cert}`` and ``{key}`` its certificate, ``{www}`` an empty directory. Of backends there are the
ports of `tests.config.routing.lab` (``{plain}``, ``{good}`` and so on), under the names
``b.internal``, ``c.internal`` (both in the certificates), ``n.internal``, ``localhost`` and
``127.0.0.1``; ``{raw}`` takes connections and speaks no HTTP (AJP, FastCGI, uWSGI),
``{rawsocket}`` is a Unix socket of the same kind. ``{dir}`` holds ``ca.pem``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """One configuration; `words` are those after its name."""

    field: str
    name: str
    text: str
    words: tuple[str, ...]

    @property
    def host(self) -> str:
        """The name of its virtual host."""
        return f"{self.name}.{self.field}.test"

    @property
    def routes(self) -> int:
        """How many routes there are."""
        return int(self.values("routes")[0])

    @property
    def refused(self) -> bool:
        """Whether httpd refuses it."""
        return "refused" in self.words

    @property
    def alone(self) -> bool:
        """Whether it is read by an httpd of its own."""
        return "alone" in self.words

    def values(self, key: str) -> tuple[str, ...]:
        """The values of ``key=``."""
        parted = (word.partition("=") for word in self.words)
        return tuple(value for name, equals, value in parted if equals and name == key)


def cases() -> list[Case]:
    """Every case of every field."""
    return [
        _case(path.stem, block)
        for path in sorted(_DATA.glob("*.txt"))
        for block in f"\n{path.read_text(encoding='utf-8')}".split("\n### ")[1:]
    ]


def _case(field: str, block: str) -> Case:
    title, _, text = block.partition("\n")
    name, *words = title.split()
    return Case(field, name, text.strip("\n") + "\n", tuple(words))

"""``python -m tests.fuzz TARGET [LIBFUZZER OPTIONS]``: fuzz one target, guided by coverage.

Needs atheris, which is no dependency of the project: ``pip install atheris`` into a copy of the
environment. What it finds lies in the current directory as ``crash-…``; put it under
``tests/fuzz/corpus/TARGET``. Example, ten minutes, 1 GB::

    python -m tests.fuzz patch -max_total_time=600 -rss_limit_mb=1024 -timeout=20
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

atheris.enabled_hooks.add("str")  # not "RegEx": atheris 3.0 stumbles over bytes patterns
with atheris.instrument_imports(include=["wizard", "apacheconfig", "ply"]):
    import wizard

    for package in ("config", "fix", "logs", "x509", "findings", "verdict"):
        for module in pkgutil.iter_modules([str(Path(wizard.__path__[0], package))]):
            importlib.import_module(f"wizard.{package}.{module.name}")  # others import it later
    from tests.fuzz import seeds, targets


def main(argv: list[str]) -> None:
    """Run a target until libFuzzer ends."""
    warnings.simplefilter("error")  # as in the tests: they would come out on the terminal
    name, *options = argv
    with tempfile.TemporaryDirectory(prefix="fuzz-corpus-") as directory:
        for number, data in enumerate(seeds.of(name)):
            Path(directory, f"seed{number}").write_bytes(data)
        words = Path(directory, "dictionary")
        words.write_text("".join(f'"{_escaped(w)}"\n' for w in seeds.dictionary(name)))
        (Path(directory, "corpus")).mkdir()
        for path in Path(directory).glob("seed*"):
            path.rename(path.parent / "corpus" / path.name)
        atheris.Setup(
            [
                "fuzz",
                f"-dict={words}",
                f"-max_len={targets.LARGEST}",
                "-timeout=20",
                "-rss_limit_mb=1024",
                *options,
                f"{directory}/corpus",
            ],
            targets.TARGETS[name],
        )
        atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


main(sys.argv[1:])

"""Whatever a configuration holds, reading it ends soon, in bounded memory, with one clear error."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.oracle.oracle import layout
from tests.support.yardstick import bounded
from wizard.config.preprocess.reader import read
from wizard.config.syntax.tree import Tree
from wizard.errors import ConfigError

SECONDS = 20
"""Of processor time: more than any of these needs, far less than following them would take."""

LOADED = "LoadModule macro_module /usr/lib/apache2/modules/mod_macro.so\n"


def reading(root: Path, text: str | bytes) -> Tree:
    main = root / "main.conf"
    main.write_bytes(text if isinstance(text, bytes) else text.encode())
    with bounded(SECONDS):
        return read(layout(main))


def refusal(root: Path, text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        reading(root, text)
    assert caught.value.message
    assert len(caught.value.message) < 20_000
    return caught.value


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _link_to_zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_fifo, _socket, _link_to_zero])
def test_what_is_no_file_is_refused_at_once(root: Path, make: Callable[[Path], None]) -> None:
    make(root / "odd")
    error = refusal(root, f"UnsetEnv a\nInclude {root}/odd\n")
    assert str(root / "odd") in error.message
    assert (error.file, error.line) == (str(root / "main.conf"), 2)


def test_what_is_no_file_is_not_even_opened(root: Path) -> None:
    """A device may act on it (``/dev/watchdog``); who writes to a FIFO would have a reader."""
    os.mkfifo(root / "fifo")
    with subprocess.Popen(["/bin/sh", "-c", f"exec 3>{root}/fifo"]) as writer:
        time.sleep(0.3)
        refusal(root, f"Include {root}/fifo\n")
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(0.3)
        writer.kill()


@pytest.mark.parametrize("path", ["/proc/self/mem", "/dev/tty", "/proc/kmsg"])
def test_odd_files_of_the_system(root: Path, path: str) -> None:
    assert refusal(root, f"Include {path}\n").line == 1


def test_main_file_is_a_fifo(root: Path) -> None:
    os.mkfifo(root / "main.conf")
    with pytest.raises(ConfigError):
        read(layout(root / "main.conf"))


def test_include_loop(root: Path) -> None:
    assert "recursion" in refusal(root, f"Include {root}/main.conf\n").message


def test_include_loop_that_doubles(root: Path) -> None:
    assert "recursion" in refusal(root, f"Include {root}/*.conf\n" * 2).message


def test_include_bomb(root: Path) -> None:
    """Each file includes the next ten times: 10**9 files."""
    for number in range(9):
        (root / f"{number}").write_text(f"Include {root}/{number + 1}\n" * 10)
    (root / "9").write_text("UnsetEnv a\n")
    assert "multiply" in refusal(root, f"Include {root}/0\n").hint


def test_links_that_lead_back(root: Path) -> None:
    """2**40 directories for httpd, without one file."""
    (root / "d").mkdir()
    for name in "ab":
        (root / "d" / name).symlink_to(".")
    assert "symbolic links" in refusal(root, f"IncludeOptional {root}/d\n").hint


def test_macro_bomb(root: Path) -> None:
    """2**60 lines."""
    macros = "".join(f"<Macro m{n}>\n{f'Use m{n + 1}{chr(10)}' * 2}</Macro>\n" for n in range(60))
    text = f"{LOADED}{macros}<Macro m60>\nUnsetEnv a\n</Macro>\nUse m0\n"
    assert "multiply" in refusal(root, text).hint


def test_macros_within_macros(root: Path) -> None:
    """Each Use names its caller; a chain of 5,000 would be quadratic."""
    macros = "".join(f"<Macro m{n}>\nUse m{n + 1}\n</Macro>\n" for n in range(5000))
    assert "deep" in refusal(root, f"{LOADED}{macros}Use m0\n").message


def test_macro_with_many_parameters(root: Path) -> None:
    names = " ".join(f"$p{n}" for n in range(100_000))
    refusal(root, f"{LOADED}<Macro m {names}>\nUnsetEnv a\n</Macro>\n")


def test_macro_value_bomb(root: Path) -> None:
    """Arguments that grow by each other."""
    refusal(root, f"{LOADED}<Macro m $a>\nUse m2 $a$a$a$a\n</Macro>\nUse m {'x' * 8000}\n")


def test_variable_bomb(root: Path) -> None:
    """2**40 characters."""
    lines = "".join(f"Define v{n + 1} ${{v{n}}}${{v{n}}}\n" for n in range(40))
    refusal(root, f"Define v0 xxxxxxxxxx\n{lines}UnsetEnv ${{v40}}\n")


def test_variable_repeated(root: Path) -> None:
    """Many lines, each near the longest that httpd reads."""
    refusal(root, f"Define v {'x' * 1_000_000}\n" + f"UnsetEnv {'${v}' * 15}\n" * 1000)


def test_many_unclosed_references(root: Path) -> None:
    tree = reading(root, "UnsetEnv " + "${" * 200_000 + "\n")
    assert len(tree.root) == 1


def test_many_sections_within_sections(root: Path) -> None:
    assert "deep" in refusal(root, "<If true>\n" * 100_000).message


def test_many_conditions_within_conditions(root: Path) -> None:
    reading(root, "<IfDefine !X>\n" * 100_000)
    assert "Expected" in refusal(root, "<IfDefine X>\n" * 100_000).message


def test_many_lines(root: Path) -> None:
    tree = reading(root, "UnsetEnv a\n" * 100_000)
    assert len(tree.root) == 100_000


def test_too_many_lines(root: Path) -> None:
    assert "lines" in refusal(root, "#\n" * 3_100_000).message


def test_too_large_a_file(root: Path) -> None:
    with (root / "big").open("wb") as file:
        file.truncate(1 << 40)  # sparse
    assert "larger than" in refusal(root, f"Include {root}/big\n").message


def test_too_long_a_line(root: Path) -> None:
    error = refusal(root, b"UnsetEnv a\nUnsetEnv " + b"x" * (17 << 20) + b"\n")
    assert "too long" in error.message
    assert error.line == 2


def test_many_continuations(root: Path) -> None:
    tree = reading(root, "UnsetEnv a" + " \\\nb" * 300_000 + "\n")
    assert tree.root[0].line == 300_001


def test_the_same_file_many_times(root: Path) -> None:
    (root / "a").write_text("")
    tree = reading(root, f"Include {root}/a\n" * 50_000)
    assert len(tree.includes) == 50_001


def test_many_warnings(root: Path) -> None:
    assert len(reading(root, "UnsetEnv ${NOPE}\n" * 100_000).problems) <= 1000


def test_patterns_that_backtrack(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d" / ("a" * 200)).touch()
    reading(root, f"IncludeOptional {root}/d/{'*a' * 100}b\n")
    reading(root, "<IfVersion ~ (((2+)+)+)+$>\n</IfVersion>\n")


def test_random_bytes(root: Path) -> None:
    """Any bytes give a tree or an error."""
    for number in range(300):
        data = os.urandom(400) if number % 2 else os.urandom(100).hex().encode() + os.urandom(50)
        with contextlib.suppress(ConfigError):
            reading(root, data)

"""Endless, huge and odd input to whole commands: bounded memory, an end, one clear error."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import measuring
from tests.support.measuring import MOST_MEMORY, SECONDS
from wizard.demo import pki
from wizard.engine.engine import Engine
from wizard.errors import UsageError

SIZE = int(os.environ.get("LOG_MEGABYTES", "8")) << 20
"""Bytes of the long log; ``LOG_MEGABYTES=1024`` for the long run."""
LINE = (
    b"[Wed Nov 25 02:17:05.485049 2026] [ssl:info] [pid 1:tid %d] [remote 192.0.2.1:1] AH02276: "
    b"Certificate Verification: Error (20): unable to get local issuer certificate [subject: "
    b"CN=%d / issuer: CN=b / serial: 1]\n"
)


KEPT = 4 << 10
"""KiB that a long log may take more than one line: less than its lines would, were they kept."""


@pytest.fixture(scope="module")
def least() -> int:
    """KiB that explaining one line takes."""
    return measuring.run(["explain", "-"], iter([LINE % (1, 1)]))[2]


def _lines(size: int) -> Iterator[bytes]:
    written = number = 0
    while written < size:
        block = b"".join(LINE % (n, n) for n in range(number, number + 400))
        written += len(block)
        number += 400
        yield block * 20
        written += len(block) * 19


@pytest.mark.timeout(1200)
def test_a_long_log_through_a_pipe() -> None:
    done, seconds, memory = measuring.run(["explain", "-"], _lines(SIZE))
    assert b"AH02276" in done.stdout, done.stderr
    assert memory < MOST_MEMORY
    assert seconds < 60 + SIZE / (1 << 20)


@pytest.mark.parametrize(
    "block", [b"a", b"\n", b"\x00", b"[" * 64, b"AH02276 ", b"\xff\xfe", b"\x1f\x8b"]
)
def test_an_endless_line_is_not_kept(least: int, block: bytes) -> None:
    """Nor, of "\n", as many lines."""
    piece = block * (1 << 16)
    count = ((1 if block == b"\n" else 8) << 20) // len(piece)
    done, seconds, memory = measuring.run(["explain", "-"], (piece for _ in range(count)))
    assert done.returncode in (0, 1), done.stderr
    assert memory < least + KEPT
    assert seconds < SECONDS


@pytest.mark.parametrize(("inside", "size"), [(b"\0", 64 << 20), (b"AH02276 x\n", 1 << 18)])
def test_a_log_that_grows_when_it_is_unpacked(
    tmp_path: Path, least: int, inside: bytes, size: int
) -> None:
    """A thousand times its size; nothing but a line at a time is held."""
    file = tmp_path / "error.log.1.gz"
    with gzip.open(file, "wb") as stream:
        stream.write(inside * (size // len(inside)))
    assert file.stat().st_size < size >> 8
    done, seconds, memory = measuring.run(["explain", str(file)])
    assert done.returncode in (0, 1), done.stderr
    assert memory < least + KEPT
    assert seconds < SECONDS / 4


@pytest.mark.parametrize("data", [b"\x1f\x8b", b"\x1f\x8b\x07\0x", b"\x1f\x8b\x08\0" + b"x" * 99])
def test_a_damaged_gz_is_named(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "error.log.1.gz"
    file.write_bytes(data)
    done, _, _ = measuring.run(["explain", str(file)])
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
    assert b"error.log.1.gz: the compressed data are damaged" in done.stderr


def _odd(directory: Path, kind: str) -> str:
    path = directory / "odd"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(1 << 36)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(kind)
    return str(path)


ODD = [
    "fifo", "loop", "sparse", "directory", "/dev/zero", "/dev/tty", "/proc/self/mem", "/proc/kmsg",
]  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_file_as_configuration(tmp_path: Path, kind: str) -> None:
    done, seconds, memory = measuring.run(["check", "--no-probe", _odd(tmp_path, kind)])
    assert done.returncode == 3
    assert done.stderr.startswith(b"proxy-wizard: error: ")
    assert done.stderr.count(b"\n") <= 2
    assert seconds < SECONDS
    assert memory < MOST_MEMORY


SITE = """<VirtualHost *:8080>
    ServerName app.test
    SSLProxyEngine on
    SSLProxyVerify require
    {directive} {path}
    ProxyPass / https://127.0.0.1:1/
</VirtualHost>
"""


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("directive", ["SSLProxyCACertificateFile", "SSLProxyCACertificatePath"])
def test_an_odd_file_as_ca(tmp_path: Path, directive: str, kind: str) -> None:
    """In the configuration, and after --ca: reported or refused, never waited for."""
    odd = _odd(tmp_path, kind)
    site = tmp_path / "site.conf"
    site.write_text(SITE.format(directive=directive, path=odd))
    for words in (["check", "--no-probe"], ["fix", "--ca", odd, "--timeout", "1"]):
        done, seconds, memory = measuring.run([*words, str(site)])
        assert done.returncode in (0, 1, 2, 3)
        assert b"Traceback" not in done.stderr
        assert seconds < SECONDS
        assert memory < 2 * MOST_MEMORY


def test_many_certificates(tmp_path: Path) -> None:
    """20,000 copies and 2,000 broken ones in a CA file and a directory full of odd names."""
    root = pki.issue("Example Root", ca=True)
    broken = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    (tmp_path / "many.pem").write_bytes(root.pem * 20_000)
    (tmp_path / "broken.pem").write_bytes(root.pem + broken * 2000)
    hashed = tmp_path / "hashed"
    hashed.mkdir()
    for number in range(3000):
        (hashed / f"{number % 7:08x}.{number}").write_bytes(root.pem if number % 2 else broken)
    for number in range(200):
        (hashed / f"loop{number}").symlink_to(hashed)
    os.mkfifo(hashed / "0000000f.0")
    (hashed / "\udcff\x1b[31m").write_bytes(root.pem)
    for directive, name in (("File", "many.pem"), ("File", "broken.pem"), ("Path", "hashed")):
        site = tmp_path / "site.conf"
        path = tmp_path / name
        site.write_text(SITE.format(directive=f"SSLProxyCACertificate{directive}", path=path))
        done, seconds, memory = measuring.run(["check", "--no-probe", str(site)])
        assert done.returncode in (0, 1, 2)
        assert b"Traceback" not in done.stderr
        assert seconds < SECONDS
        assert memory < 4 * MOST_MEMORY


def test_a_hundred_thousand_lines(tmp_path: Path) -> None:
    site = tmp_path / "site.conf"
    hosts = "".join(
        f"<VirtualHost *:80>\n ServerName h{n}.test\n SSLProxyEngine on\n"
        f" ProxyPass / https://b{n}.internal/\n</VirtualHost>\n"
        for n in range(20_000)
    )
    site.write_text(hosts)
    done, seconds, memory = measuring.run(["check", "--no-probe", "--format", "json", str(site)])
    assert done.returncode in (0, 1, 2), done.stderr
    assert seconds < SECONDS
    assert memory < 10 * MOST_MEMORY


def test_reading_again_and_again_takes_no_more_memory() -> None:
    """As the wizard does, and ``fix`` after each plan: what was read before is let go."""
    script = (
        "from tests.fuzz import targets\n"
        # of this very program: ru_maxrss begins with the most that its parent had
        "usage = lambda: 4 * int(open('/proc/self/statm').read().split()[1])\n"
        "text = b'<VirtualHost *:80>\\nProxyPass / https://b.internal/\\n</VirtualHost>\\n' * 9\n"
        "for number in range(200):\n"
        "    targets.configuration(text)\n"
        "    first = usage() if number == 10 else first if number else 0\n"
        "print(usage() - first)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=100
    )
    assert int(done.stdout) < 4 << 10  # KiB; ten MB while nothing was let go


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_an_endless_device_is_not_explained(tmp_path: Path, device: str) -> None:
    link = tmp_path / "error.log"
    link.symlink_to(device)
    done, seconds, _ = measuring.run(["explain", str(link)])
    assert done.returncode == 3
    assert done.stderr.endswith(b"error.log: this is a device, not a log.\n")
    assert seconds < SECONDS
    with Path(device).open("rb") as stream:
        program = [sys.executable, "-m", "wizard", "explain", "-"]
        piped = subprocess.run(program, stdin=stream, capture_output=True, timeout=100)
    assert (piped.returncode, piped.stderr.count(b"\n")) == (3, 1)


def test_a_fifo_is_explained_until_its_writer_ends(tmp_path: Path) -> None:
    path = tmp_path / "log"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(LINE % (1, 1)))
    writer.start()
    done, _, _ = measuring.run(["explain", str(path)])
    writer.join()
    assert done.returncode == 0
    assert b"AH02276" in done.stdout


def test_the_wizard_waits_for_no_fifo(tmp_path: Path) -> None:
    path = tmp_path / "log"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="a pipe"):
        next(Engine().log(str(path), waiting=False))


@pytest.mark.parametrize("kind", ["fifo", "directory", "/dev/zero", "/dev/tty", "/proc/kmsg"])
def test_the_wizard_reads_no_odd_log(tmp_path: Path, kind: str) -> None:
    with pytest.raises((UsageError, OSError)):
        list(Engine().log(_odd(tmp_path, kind), waiting=False))


@pytest.mark.parametrize("file", ["/proc/kmsg", "/proc/self/environ"])
def test_a_file_that_the_kernel_makes_up_is_no_log(file: str) -> None:
    """Reading some of them waits, and takes what the system's own log then lacks."""
    done, seconds, _ = measuring.run(["explain", file])
    assert done.returncode == 3
    assert b"the kernel makes up. Name a log file." in done.stderr
    assert seconds < SECONDS


def test_a_hole_of_a_terabyte_in_a_log_is_skipped(tmp_path: Path) -> None:
    """As copytruncate of logrotate leaves it, if httpd has the log open without O_APPEND."""
    path = tmp_path / "error.log"
    with path.open("wb") as file:
        file.write(LINE % (1, 1))
        file.seek(1 << 40)
        file.write(b"\n" + LINE % (2, 2))
    done, seconds, memory = measuring.run(["explain", "--format", "json", str(path)])
    assert done.returncode == 0
    assert done.stdout.count(b'"AH02276"') >= 2
    assert seconds < SECONDS
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("packed", [False, True])
def test_reading_a_log_ends_when_it_is_told_to(tmp_path: Path, packed: bool) -> None:
    """Also where no line ends: between two pieces of it."""
    path = tmp_path / "error.log"
    with gzip.open(path, "wb") if packed else path.open("wb") as file:
        file.write(b"x" * (64 << 20))
    engine = Engine()
    found = engine.log(str(path), waiting=False)
    next(found)
    engine.stop.set()
    assert list(found) == []


def test_what_a_shell_substitutes_is_explained(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.write_bytes(LINE % (1, 1))
    command = f"{sys.executable} -m wizard explain <(cat {log})"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert b"AH02276" in done.stdout


@pytest.mark.parametrize("directive", ["PidFile", "SSLCARevocationFile", "SSLCertificateKeyFile"])
def test_a_file_of_the_kernel_for_httpd_itself(tmp_path: Path, directive: str) -> None:
    site = tmp_path / "site.conf"
    site.write_text(f"SSLEngine on\n{directive} /proc/kmsg\n" + SITE.format(directive="#", path=""))
    for words in (["check", "--no-probe"], ["fix", "--timeout", "1"]):
        done, seconds, _ = measuring.run([*words, str(site)])
        assert done.returncode in (0, 1, 2, 3)
        assert b"Traceback" not in done.stderr
        assert seconds < SECONDS

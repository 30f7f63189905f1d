"""What is fuzzed: bytes go in, and nothing but an answer or one clear error may come out.

``python -m tests.fuzz TARGET`` runs one with coverage for as long as it is told to;
``tests/fuzz/test_targets.py`` runs all of them for a moment, from the same seeds.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from zlib import crc32

from tests.findings import cases
from tests.support import httpd
from wizard import config, findings, verdict, x509
from wizard.config.syntax import words
from wizard.engine.engine import Engine
from wizard.errors import ConfigError, UsageError
from wizard.fix import plan
from wizard.fix.source import statements, unified_diff
from wizard.fix.source.edits import split_lines
from wizard.logs import explain
from wizard.logs.log_files import lines
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import BundlePlace, FixChoice, FixPlan, RouteTrust, TrustChoice, TrustFound
from wizard.model.remark import as_told
from wizard.model.scope import Scope
from wizard.text import printable

Target = Callable[[bytes], None]
LARGEST = 4096
"""Bytes of an input: long enough for every construct, short enough to be quick."""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}
_CHOICES = (
    FixChoice("production"),
    FixChoice("internal-ca"),
    FixChoice("temporary", until=date(2026, 12, 31)),
)


@functools.cache
def directory() -> Path:
    """A directory of this process, gone with it."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz-")
    directory.holder = holder  # type: ignore[attr-defined]  # lives as long as the process
    return Path(holder.name)


def head(root: Path) -> bytes:
    """What a main file begins with, so that the modules' directives are known."""
    return f"ServerRoot {root}\nListen 1\n{httpd.load_modules()}".encode()


def configuration(data: bytes) -> None:
    """Any configuration file is read, or refused with one ConfigError; and can be shown."""
    read(data)


def read(data: bytes) -> Configuration | None:
    """What the reader makes of a file; one that begins with NUL lacks the main file's lines."""
    file = directory() / "main.conf"
    file.write_bytes(data[1:] if data.startswith(b"\0") else head(directory()) + data)
    try:
        found = config.load(str(file))
    except ConfigError as error:
        refusal = error.message
    else:
        return _sane(found)
    assert 0 < len(refusal) < 20_000
    return None


def _sane(found: Configuration) -> Configuration:
    for route in found.routes:
        assert route.request_path.startswith("/")
        assert route.unknown is not None or route.backend.scheme
    for problem in found.problems:
        assert printable(problem.message).isprintable()
    return found


def log(data: bytes) -> None:
    """Any log file is explained, compressed or not."""
    file = directory() / "error.log"
    file.write_bytes(data)
    try:
        found = explain(lines(str(file), lambda: False))
    except UsageError:
        assert data.startswith(b"\x1f\x8b")  # a compressed one that is damaged
        return
    assert found.lines_recognised <= found.lines_read
    assert bool(found.lines) == bool(found.lines_recognised)
    assert all(cause.evidence and cause.explanation for cause in found.causes)


def certificates(data: bytes) -> None:
    """Any CA file or certificate is read; names in it stay data."""
    for one in (x509.parse_der(data), *_all(data)):
        assert isinstance(one, Certificate)
        for text in (one.subject, one.issuer, one.error, *one.dns_names):
            assert printable(text or "").isprintable(), text
        x509.issued(one, one)


def _all(data: bytes) -> tuple[Certificate, ...]:
    return x509.load_pem(data).certificates


def patch(data: bytes) -> None:
    """The repair of any configuration is a diff that patch and git apply take, or there is none.

    Its backends show a certificate of an unknown CA, so that there is something to repair.
    """
    found = read(data)
    if found is None or not found.routes:
        return
    report = _report(found)
    trust = RouteTrust(
        TrustChoice((cases.ROOT,), "system", as_told("for a test")), (cases.LEAF, cases.ROOT)
    )
    made = plan.make(
        report,
        _CHOICES[crc32(data) % len(_CHOICES)],
        TrustFound(dict.fromkeys(report.by_route, trust), BundlePlace("/etc/apache2/proxy-trust")),
    )
    if not made.is_empty:
        check_patch(made, found)


def _report(found: Configuration) -> Report:
    scope = Scope(found.root, probe=False)
    report = Engine(scope, now=cases.NOW).diagnose(found, found.routes)
    return replace(report, diagnoses=tuple(map(_probed, report.diagnoses)))


def _probed(diagnosis: Diagnosis) -> Diagnosis:
    if diagnosis.case.route.backend.scheme != "https":
        return diagnosis
    case = replace(diagnosis.case, probe=cases.PROBE)
    outcome = verdict.predict(case)
    return Diagnosis(case, outcome, findings.diagnose(case, outcome))


def check_patch(made: FixPlan, found: Configuration) -> None:
    """Both programs give the planned bytes; httpd's reader can still read them."""
    after = unified_diff.apply_to(made, found.files)
    assert after  # a plan changes something
    text = unified_diff.unified(made, found.files)
    originals = {file.real_path: file.data for file in found.files.values()}
    for number, program in enumerate(
        (["patch", "-p1", "-s", "-F0", "--no-backup-if-mismatch"], ["git", "apply"])
    ):
        root = directory() / f"applied{number}"
        for path in after:
            place = root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if path in originals:
                place.write_bytes(originals[path])
        done = subprocess.run(
            program,
            input=text,
            capture_output=True,
            cwd=root,
            env={**ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(root.parent)},
        )
        assert done.returncode == 0, (program, done.stderr, done.stdout, text)
        for path, data in after.items():
            assert (root / path.lstrip("/")).read_bytes() == data, (program, path, text)
        shutil.rmtree(root)
    config.load(found.root, overlay=after)


def file_of_statements(data: bytes) -> None:
    """The editor's view of any bytes: every statement within the file, every word within it."""
    all_lines = split_lines(data)
    assert b"".join(all_lines) == data
    for statement in statements.SourceText(data).statements:
        assert 1 <= statement.first <= statement.last <= len(all_lines)
        for word in statement.words:
            assert 0 <= word.start <= word.stop <= len(statement.flat)
        # each value once: a line of half a million equal words is to cost the editor's time alone
        for value in dict.fromkeys(word.value for word in statement.words):
            for quote in ("", '"', "'"):
                text = words.argument(value, quote)
                assert words.split_words(text) == [value], (value, text)


TARGETS: dict[str, Target] = {
    "configuration": configuration,
    "log": log,
    "certificates": certificates,
    "patch": patch,
    "statements": file_of_statements,
}

"""The installed httpd as a program: how it is called for a configuration, and ``configtest``."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess  # nosec B404 # argument lists only, no shell
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wizard import scratch
from wizard.config.installation import program
from wizard.config.installation.layout import Layout
from wizard.errors import Advice, WizardError
from wizard.httpd.budget import Budget
from wizard.model.change import SECONDS
from wizard.model.config import SourceFile
from wizard.record import record

MOST_OUTPUT = 1 << 20
"""Bytes of its output that are kept, the last: httpd ends with the error that ended it."""
_USUAL_PID_FILE = "logs/httpd.pid"
"""Compiled into what upstream's build makes."""
_OF_ONE = (
    *("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC"),
    "SSLKEYLOGFILE",
)
"""Variables not meant for a second httpd: by them a service talks to its manager, and mod_ssl
writes down the keys of its connections (modules/ssl/mod_ssl.c)."""
_FROM_OUTSIDE = frozenset(
    -number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
)
"""Return codes of a program that a signal for this one's whole group met, in the moment before it
had a session of its own: it is called once more, since such a signal does not end a change."""
_PASSED = re.compile(
    r"(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|TMPDIR|LANG|LANGUAGE|LC_.*|LD_.*|NSS_WRAPPER_.*"
    r"|OPENSSL_.*|SSL_CERT_.*|APACHE_.*|HTTPD|XDG_RUNTIME_DIR|DBUS_.*)\Z"
)
"""Variables of the caller that a call passes on: what programs need to run, to find names, and to
reach the service manager. Whatever else the operator's shell holds (tokens, passwords) stays there,
unless httpd is of the kind that inherits its environment (``Layout.environment``) and names it."""


@record
class CommandResult:
    """How a call ended.

    Args:
        ok: exit status 0.
        text: stderr and stdout, as httpd wrote them.
    """

    ok: bool
    text: str


def binary(layout: Layout) -> str:
    """The program.

    Raises:
        WizardError: there is none on this machine, or none that may be run.
    """
    if layout.binary is None:
        raise WizardError(
            layout.unasked or "httpd is not installed on this machine.",
            hint=Advice("httpd"),
        )
    return layout.binary


def environment(layout: Layout, files: Iterable[SourceFile] | None = None) -> dict[str, str]:
    """The environment for a call: little of the caller's, and what the layout's own start sets.

    Args:
        layout: of an httpd that is started by hand it has all of the caller's variables.
        files: of the configuration: of those variables only the ones that it names are passed on
            (``${NAME}``, ``PassEnv``, ``osenv('NAME')``); None: all.
    """
    passed = {k: v for k, v in os.environ.items() if _PASSED.match(k)}
    own = {k: v for k, v in layout.environment.items() if k not in _OF_ONE}
    if files is not None:
        text = b"\n".join(file.data for file in files)
        own = {k: v for k, v in own.items() if os.environ.get(k) != v or os.fsencode(k) in text}
    return {**passed, **own}


def command(layout: Layout, defines: Iterable[str] = ()) -> list[str]:
    """The command line that names this configuration, without an action."""
    words = [binary(layout), "-d", layout.server_root]
    if layout.pid_file:
        words += ["-C", f"PidFile {layout.pid_file}"]
    option = "-C"
    for path in layout.files:
        if path == layout.main_file:
            words += ["-f", path]
            option = "-c"
        else:
            words += [option, f'Include "{path}"']
    for name in dict.fromkeys((*layout.defines, *defines)):
        words += ["-D", name]
    return words


def default_pid_file(layout: Layout) -> str:
    """The PID file of a configuration that names none; relative to ServerRoot, if it is."""
    asked = program.ask(binary(layout))
    return (asked.pid_file if asked else "") or _USUAL_PID_FILE


def call(words: Iterable[str], env: Mapping[str, str], budget: Budget) -> CommandResult:
    """Run a program that ends by itself, and keep what it says.

    Args:
        words: the program and its arguments.
        env: its environment.
        budget: it takes at most what is left of it.

    Raises:
        TimeoutError: it did not end in time; it and what it started is killed.
        WizardError: it could not be run.
    """
    argv = list(words)
    code, text = _run(argv, env, budget)
    if code in _FROM_OUTSIDE:
        code, text = _run(argv, env, budget)
    said = text[-MOST_OUTPUT:].decode("utf-8", "surrogateescape")
    return CommandResult(code == 0, said.strip())


def _run(argv: list[str], env: Mapping[str, str], budget: Budget) -> tuple[int, bytes]:
    """One call: the return code as of ``subprocess.Popen``, and what was said."""
    try:
        process = subprocess.Popen(  # noqa: S603 # nosec B603 # an argument list, no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,  # a script's programs end with it
        )
    except OSError as error:
        raise WizardError(f"{argv[0]} could not be run: {error.strerror}.") from None
    with process:
        try:
            text = _output(process, budget)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, text


def _output(process: subprocess.Popen[bytes], budget: Budget) -> bytes:
    """What a program has said when it has ended."""
    while True:
        try:
            return process.communicate(timeout=budget.patience)[0]
        except subprocess.TimeoutExpired:
            if not budget.left:
                raise TimeoutError from None
            budget.tell()


def configtest(
    layout: Layout, defines: Iterable[str] = (), budget: Budget | None = None
) -> CommandResult:
    """``httpd -t`` of the real configuration; opens no port and asks no backend.

    A configuration that passes may still end the server at start-up or reload: rehearse it first.

    Args:
        layout: of the configuration.
        defines: names that it is read with, besides those of the layout.
        budget: it takes at most what is left of it; None: as in a change.

    Raises:
        WizardError: there is no httpd here, the layout is a lone virtual host file, or the call
            did not end.
    """
    if layout.partial:
        raise WizardError(
            "a lone virtual host file cannot be tested by httpd.",
            file=layout.main_file,
            hint="Name the server's main configuration file.",
        )
    words, variables = [*command(layout, defines), "-t"], environment(layout)
    run = variables.get("APACHE_RUN_DIR")
    if layout.kind != "debian" or not run or Path(run).is_dir():
        return _tested(words, variables, budget)
    # apache2ctl makes it before httpd reads a line, and nothing else does after a boot
    with scratch.directory("run") as place:
        return _tested(words, {**variables, "APACHE_RUN_DIR": str(place)}, budget)


def _tested(words: Sequence[str], env: Mapping[str, str], budget: Budget | None) -> CommandResult:
    budget = budget or Budget(SECONDS["test"])
    try:
        return call(words, env, budget)
    except TimeoutError:
        said = f"{' '.join(words)} did not end within {budget.seconds:.0f} s."
        raise WizardError(said) from None

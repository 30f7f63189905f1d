"""Files and programs that httpd opens when it starts: what it does not start without.

``-t`` sees a directory that is missing for a log; all else passes it.

Source: httpd 2.4, server/log.c, server/core.c, modules/loggers, modules/http/mod_mime.c,
modules/mappers/mod_rewrite.c, modules/aaa/mod_authnz_ldap.c, modules/md/mod_md.c,
modules/cache/mod_socache_dbm.c; each state of each file was run on httpd 2.4.71.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import stat
from collections.abc import Iterator, Sequence

from wizard import plain_file
from wizard.config.checks.checker import Checker, problem_at, word_set
from wizard.config.installation import processes
from wizard.config.installation.filesystem import exists, merge_path
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.config import Problem

_FILE = "Make the directory, or name another file: httpd makes the file, but not its directory."
_READER = "Start the program that reads from it, or name another file."
PROGRAM = "Install the program and let it be executed, or name another."
_NAME = "Put a file there that httpd can read, or name another."
_REMOVE = "Remove it if no httpd runs with it, or name another: it holds no process number."
_FACILITIES = word_set(
    "auth authpriv cron daemon ftp kern lpr mail news syslog user uucp local0 local1 local2 local3 "
    "local4 local5 local6 local7"
)
_TRANSFER_LOGS = ("customlog", "transferlog", "globallog")
_NUMBER = re.compile(rb"\s*[1-9][0-9]{0,9}(?![0-9])")


def objects(checker: Checker) -> Iterator[Problem]:
    """Modules and libraries that are missing, where others are there: so it is their machine.

    Args:
        checker: looks at files.
    """
    paths = [path for _, path in checker.loads if path.startswith("/")]
    there = {path for path in paths if checker.is_there(path)}
    if not there or checker.elsewhere:
        return
    for path in dict.fromkeys(paths):
        if path not in there:
            yield Problem(
                checker.main_file,
                0,
                f"Cannot load {path} into server: {path}: cannot open shared object file: No such "
                "file or directory",
                hint="Install the package that holds it, or remove the line.",
            )


def problems(
    checker: Checker, main: ServerLevel, levels: Sequence[ServerLevel]
) -> Iterator[Problem]:
    """What of the named files keeps httpd from starting, in its own order.

    Args:
        checker: looks at files.
        main: the main server.
        levels: every virtual host.
    """
    if checker.elsewhere:
        return
    servers = (main, *levels)
    yield from _runtime_directory(checker)
    for level in servers:
        yield from _directories(checker, level)
    yield from _pid_file(checker, main)
    for level in servers:
        yield from _error_log(checker, level)
        for key in _TRANSFER_LOGS:
            for node in level.all(key):
                yield from _log(checker, node, "AH00649", "could not open transfer log file")
        yield from _forensic_log(checker, level.last("forensiclog"))
    yield from _read_at_start(checker, main)
    yield from _caches(checker, main)
    for level in servers:
        yield from _map_programs(checker, level, main)


def _runtime_directory(checker: Checker) -> Iterator[Problem]:
    path = checker.runtime_dir
    if path is None or checker.is_of_the_boot(path):
        return
    if checker.state(path) not in ("directory", "unknown"):
        yield Problem(
            checker.main_file,
            0,
            "DefaultRuntimeDir must be a valid directory, absolute or relative to ServerRoot",
            directive=f"DefaultRuntimeDir {path}",
            hint=f"Make {path}, or name another directory.",
        )


def _directories(checker: Checker, level: ServerLevel) -> Iterator[Problem]:
    """Logs whose directory is missing: the one fault of logs that ``-t`` sees."""
    node = level.last("errorlog")
    path = _log_path(checker, node)
    if node is not None and path is not None and _lacks_directory(checker, path):
        of = "main error log"
        if level.node is not None:
            of = f"error log of vhost defined at {level.node.file}:{level.node.first_line}"
        message = f"Cannot access directory '{_parent(path)}' for {of}"
        yield problem_at(node, message, "AH02291", _FILE, "config")
    for node in (node for key in _TRANSFER_LOGS for node in level.all(key)):
        path = _log_path(checker, node)
        if path is not None and _lacks_directory(checker, path):
            place = f"log file '{first_word(node.args)[0]}' defined at {node.file}:{node.line}"
            message = f"Cannot access directory '{_parent(path)}' for {place}"
            yield problem_at(node, message, "AH02297", _FILE, "config")


def _error_log(checker: Checker, level: ServerLevel) -> Iterator[Problem]:
    node = level.last("errorlog")
    command = _command(node)
    if node is not None and command is not None:
        if cannot_run(checker, command):
            message = f"Couldn't start ErrorLog process '{program_of(command)}'"
            yield problem_at(node, message, "AH00089", PROGRAM)
        return
    path = _log_path(checker, node)
    if node is not None and path is not None:
        yield from _unopened(checker, node, path, "AH00091", "could not open error log file")
    elif node is not None:
        facility = first_word(node.args)[0].lower().partition(":")[2].partition(":")[0]
        if facility and facility not in _FACILITIES:
            hint = "Name a facility of syslog(3), such as local7."
            yield problem_at(node, f"could not open syslog error log {facility}", "AH10036", hint)


def _forensic_log(checker: Checker, node: Node | None) -> Iterator[Problem]:
    """mod_log_forensic takes all behind the first ``|`` for the program."""
    word = first_word(node.args)[0] if node is not None else ""
    if node is not None and word.startswith(("||", "|$")):
        said = f"unable to start piped log program '{word[1:].partition(' ')[0]}'"
        yield problem_at(node, said, "AH00104", "Write a single | before the program.")
    elif node is not None:
        yield from _log(checker, node, "AH00651", "could not open forensic log file")


def _log(checker: Checker, node: Node, code: str, message: str) -> Iterator[Problem]:
    command = _command(node)
    if command is not None:
        if cannot_run(checker, command):
            said = f"unable to start piped log program '{program_of(command)}'"
            yield problem_at(node, said, "AH00104", PROGRAM)
        return
    path = _log_path(checker, node)
    if path is not None:
        yield from _unopened(checker, node, path, code, message)


def _unopened(
    checker: Checker, node: Node, path: str, code: str, message: str
) -> Iterator[Problem]:
    if _cannot_open(checker, path):
        yield problem_at(node, f"{message} {path}", code, _FILE)
    elif checker.running and not _is_each_ones_own(path) and _is_unread_pipe(path):
        why = "nobody reads from this pipe, and httpd waits until somebody does"
        yield problem_at(node, f"{message} {path}: {why}", code, _READER, "reload")


def _is_unread_pipe(path: str) -> bool:
    try:
        pipe = stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 # str paths
    except (OSError, ValueError):
        return False
    return pipe and processes.nobody_reads(path)


def _pid_file(checker: Checker, main: ServerLevel) -> Iterator[Problem]:
    node = main.last("pidfile")
    if node is None:
        return
    path = checker.resolve(first_word(node.args)[0])
    if checker.is_of_the_boot(path):
        return
    if checker.running:  # it reads no number then, and writes another file in its place
        lost = checker.state(path) == "directory" or _lacks_directory(checker, path)
        if lost or (os.geteuid() == 0 and _is_kept_from_all(path)):
            yield problem_at(node, f"Failed creating pid file {path}", "AH10231", _FILE)
    elif _holds_no_number(path):
        yield problem_at(node, f"Error retrieving pid file {path}", "AH00058", _REMOVE)
    elif _lacks_directory(checker, path):
        yield problem_at(node, f"could not create {path}", "AH00099", _FILE)


def _is_kept_from_all(path: str) -> bool:
    """Whether not even root may put another file in the place of one."""
    places = (path, _parent(os.path.realpath(path)))
    return any(exists(place) and not os.access(place, os.W_OK) for place in places)


def _holds_no_number(path: str) -> bool:
    """Whether there is something that httpd finds no process number in (ap_read_pid)."""
    try:
        return _NUMBER.match(plain_file.read(path, 64)) is None
    except IsADirectoryError:
        return True
    except (OSError, ValueError):
        return False


def _read_at_start(checker: Checker, main: ServerLevel) -> Iterator[Problem]:
    for key, code, message in (
        ("typesconfig", "AH01597", "could not open mime types config file"),
        ("authldapcharsetconfig", "AH01751", "could not open charset conversion config file"),
    ):
        node = main.last(key)
        if node is not None:
            path = checker.resolve(first_word(node.args)[0])
            if checker.state(path) == "directory" or not checker.is_there(path):
                yield problem_at(node, f"{message} {path}", code, _NAME)


def _caches(checker: Checker, main: ServerLevel) -> Iterator[Problem]:
    caches = ["sslsessioncache", "sslstaplingcache", "cachesocache"]
    caches += ["authncachesocache"] if main.last("authncacheenable") else []
    for node in map(main.last, caches):
        kind, _, place = first_word(node.args)[0].partition(":") if node is not None else ("",) * 3
        if node is not None and kind.lower() == "dbm" and place:
            path = checker.resolve(place)
            if checker.state(path) == "directory" or _lacks_directory(checker, path):
                yield problem_at(node, f"Cannot create socache DBM file `{path}'", "AH00804", _FILE)
    node = main.last("mdstoredir")
    if node is not None:
        path = checker.resolve(first_word(node.args)[0])
        made = checker.state(path) in ("directory", "unknown")
        if not made and (checker.is_there(path) or os.path.islink(path)):  # noqa: PTH114 # str paths
            yield problem_at(node, f"setup store for {path}", "AH10046", _FILE)


def _map_programs(checker: Checker, level: ServerLevel, main: ServerLevel) -> Iterator[Problem]:
    engine = level.last("rewriteengine") or main.last("rewriteengine")
    if engine is None or first_word(engine.args)[0].lower() != "on":
        return
    for node in level.all("rewritemap"):
        target = next(iter(split_words(node.args)[1:]), "")
        kind, _, command = target.partition(":")
        program = checker.resolve(first_word(command)[0])
        if kind.lower() == "prg" and _not_executable(program):
            message = f"mod_rewrite: could not start RewriteMap program {program}"
            yield problem_at(node, message, "AH00654", PROGRAM)


def _log_path(checker: Checker, node: Node | None) -> str | None:
    """The file of a log; None: it has none."""
    word = first_word(node.args)[0] if node is not None else ""
    if not word or word.startswith("|") or word.lower().startswith("syslog"):
        return None
    return checker.resolve(word)


def _command(node: Node | None) -> str | None:
    """What a log is piped to; None: it is not."""
    word = first_word(node.args)[0] if node is not None else ""
    if not word.startswith("|"):
        return None
    return word[1:].removeprefix("|")


def cannot_run(checker: Checker, command: str) -> bool:
    """Whether httpd finds no program to execute. With a shell between (``|$``) it looks for a first
    word that is an absolute path all the same (apr_proc_create); else a name has no PATH: it is
    one in ``/``, where httpd works."""
    try:
        program = program_of(command)
    except ValueError:
        return False
    if command.startswith("$") and not program.startswith("/"):
        return False  # httpd starts the shell, which it has
    path = merge_path("/", program)
    return not checker.is_there(path) or _not_executable(path)


def program_of(command: str) -> str:
    """Path of the program; its arguments may be secrets.

    Raises:
        ValueError: a quote is not closed.
    """
    words = shlex.shlex(command.removeprefix("$"), posix=True)
    words.whitespace_split, words.commenters = True, ""
    return words.get_token() or ""  # what follows may be no words of a shell's


def _not_executable(path: str) -> bool:
    """Whether nobody may execute a regular file, so that root may not, or none of its mount."""
    try:
        status = os.stat(path)  # noqa: PTH116 # str paths, see wizard.config.installation.filesystem
        if not stat.S_ISREG(status.st_mode):
            return False
        return not status.st_mode & 0o111 or (os.geteuid() == 0 and not os.access(path, os.X_OK))
    except (OSError, ValueError):
        return False


def _parent(path: str) -> str:
    return path.rpartition("/")[0] + "/"


def _lacks_directory(checker: Checker, path: str) -> bool:
    if checker.is_of_the_boot(path):
        return False
    return checker.state(_parent(path)) not in ("directory", "unknown")


def _is_each_ones_own(path: str) -> bool:
    """Whether it is another file for each process, as ``/dev/stderr``, its like and links to them
    are: what stands there here says nothing of httpd's."""
    return os.path.realpath(path).startswith(f"/proc/{os.getpid()}/")


def _cannot_open(checker: Checker, path: str) -> bool:
    """Whether httpd, as root, could not write such a file, or make it."""
    if _is_each_ones_own(path) or checker.is_of_the_boot(path):
        return False
    if checker.state(path) == "directory" or _lacks_directory(checker, path):
        return True
    dangling = os.path.islink(path) and not exists(path)  # noqa: PTH114 # str paths
    if dangling and _lacks_directory(checker, os.path.realpath(path)):
        return True
    return _is_no_file(path) or (os.geteuid() == 0 and _is_write_protected(path))


def _is_no_file(path: str) -> bool:
    """Whether nobody can open it: a socket, or a link that leads to itself."""
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)  # noqa: PTH116 # str paths
    except OSError as error:
        return error.errno == errno.ELOOP
    except ValueError:
        return False


def _is_write_protected(path: str) -> bool:
    """Whether not even root may write a file, or make it: a file system that is read-only, an
    immutable file or directory."""
    place = path if exists(path) else _parent(os.path.realpath(path))
    return exists(place) and not os.access(place, os.W_OK)

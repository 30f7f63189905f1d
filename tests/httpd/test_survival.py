"""What a reload does beyond ``-t``, on a real server: each fault ends it, and is known before; each
close relative lets it live, and is not held against it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.waiting import until
from wizard.demo.pki import issue
from wizard.httpd import front_keys, survival
from wizard.httpd.running import alive, children
from wizard.model.scope import Scope

PROGRAM = "#!/bin/sh\nexec cat >/dev/null\n"
FRONT = "SSLEngine on\nSSLCertificateFile @cert.pem\nSSLCertificateKeyFile @key.pem\n"
ONE_CHILD = "ServerLimit 1\nMaxRequestWorkers 32\n"
"""A child more, with which httpd may answer a start that is slow, would pass for a reload."""
ME = issue("app.test", dns=["app.test"])


@dataclass
class Place:
    """A directory with a configuration: one virtual host, and a server that runs with it.

    Args:
        root: ServerRoot.
        port: of loopback, that it listens on.
        ports: others, free.
        pid: of the server's parent process.
        kept: what is closed at the end.
    """

    root: Path
    port: int
    ports: list[int]
    pid: int = 0
    kept: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def main(self) -> Path:
        return self.root / "httpd.conf"

    def write(self, server: str, host: str, modules: str) -> None:
        text = httpd.main_config(self.root, [f"{httpd.LISTEN}:{self.port}"])
        text += ONE_CHILD
        text += f'{httpd.INSTALLED.load(*modules.split())}LogFormat "%h" common\n{server}\n'
        text += f"<VirtualHost *:{self.port}>\nServerName app.test\n{host}\n</VirtualHost>\n"
        self.main.write_text(self.filled(text))

    def filled(self, text: str) -> str:
        first, second = self.ports
        return (
            text.replace("@", f"{self.root}/").replace("P1", str(first)).replace("P2", str(second))
        )

    def append(self, text: str) -> None:
        time.sleep(0.02)  # a later moment than that of the PID file
        with self.main.open("a") as file:
            file.write(self.filled(text) + "\n")

    def swap(self, old: str, new: str) -> None:
        time.sleep(0.02)
        text = self.main.read_text()
        assert self.filled(old) in text
        self.main.write_text(text.replace(self.filled(old), self.filled(new)))

    def program(self, name: str = "prog") -> Path:
        path = self.root / name
        path.write_text(PROGRAM)
        path.chmod(0o755)
        return path

    def taken(self, host: str, number: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.kept.enter_context(socket.create_server((host, self.ports[number]), family=family))

    def lock(self, name: str = "key.pem") -> None:
        """Put a pass phrase on a key."""
        key = self.root / name
        time.sleep(0.02)
        subprocess.run(
            ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", f"{key}.new"],
            check=True, capture_output=True,
        )  # fmt: skip
        Path(f"{key}.new").rename(key)

    def reload(self) -> bool:
        """Reload, and whether the server lives on."""
        parent = self.pid
        before = set(children(parent))
        os.kill(parent, signal.SIGUSR1)
        end = time.monotonic() + 20
        while alive(parent) and not set(children(parent)) - before:
            assert time.monotonic() < end
            time.sleep(0.01)
        time.sleep(0.3)
        return alive(parent)

    def faults(self) -> list[str]:
        found = survival.faults(Scope(str(self.main)))
        return [f"{one.file}:{one.line} {one.code} {one.message}" for one in found]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    root = tmp_path.resolve()
    (root / "hosts").touch()
    (root / "logs").mkdir()
    (root / "cert.pem").write_bytes(ME.pem)
    (root / "key.pem").write_bytes(ME.key_pem)
    made = Place(root, httpd.free_port(), httpd.free_ports(2))
    made.program()
    (root / "enabled").mkdir()
    (root / "current").symlink_to(root / "enabled")
    host = f"<VirtualHost *:P2>\n{FRONT}</VirtualHost>\n".replace("key", "locked")
    (root / "site.conf").write_text(made.filled(host))
    (root / "locked.pem").write_bytes(ME.key_pem)
    made.lock("locked.pem")
    yesterday(root / "site.conf")
    yesterday(root / "locked.pem")
    with made.kept:
        yield made


Break = Callable[[Place], object]


def gone(name: str) -> Break:
    def act(place: Place) -> None:
        path = place.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return act


def no_execution(place: Place) -> None:
    (place.root / "prog").chmod(0o644)


def became_directory(place: Place) -> None:
    (place.root / "x.log").unlink()
    (place.root / "x.log").mkdir()


def immutable(place: Place) -> None:
    (place.root / "logs/x.log").unlink()
    subprocess.run(["chattr", "+i", place.root / "logs"], check=True)

    def let_go() -> None:
        subprocess.run(["chattr", "-i", place.root / "logs"], check=True)

    place.kept.callback(let_go)


def added(text: str, host: str = "", number: int = 0) -> Break:
    def act(place: Place) -> None:
        if host:
            place.taken(host, number)
        place.append(text)

    return act


def swapped(old: str, new: str) -> Break:
    return lambda place: place.swap(old, new)


def became_socket(place: Place) -> None:
    (place.root / "x.log").unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place.root / "x.log"))


def leads_to_itself(place: Place) -> None:
    (place.root / "x.log").unlink()
    (place.root / "x.log").symlink_to(place.root / "x.log")


def locked(place: Place) -> None:
    place.lock()


def other_mpm(place: Place) -> None:
    place.swap("mpm_event", "mpm_prefork")
    threads = "ThreadsPerChild 32\nMinSpareThreads 32\nMaxSpareThreads 64\n"
    place.swap(threads, "")


def swapped_with_the_pid_file(old: str, new: str) -> Break:
    def act(place: Place) -> None:
        place.swap(old, new)
        place.swap("PidFile httpd.pid", "PidFile new.pid")

    return act


def locked_of_yesterday(place: Place) -> None:
    """A file that is moved there keeps the time of its contents."""
    place.lock()
    yesterday(place.root / "key.pem")


def enabled(place: Place) -> None:
    """As a2ensite does: a link to a file that has been there for long."""
    time.sleep(0.02)
    (place.root / "enabled/site.conf").symlink_to(place.root / "site.conf")


def other_release(place: Place) -> None:
    """As a link to the files of a release is turned."""
    time.sleep(0.02)
    (place.root / "current").unlink()
    (place.root / "current").symlink_to(place.root)


def yesterday(path: Path) -> None:
    moment = time.time() - 86400
    os.utime(path, (moment, moment))


def number_gone(place: Place) -> None:
    (place.root / "httpd.pid").write_text("")


def number_became_directory(place: Place) -> None:
    (place.root / "httpd.pid").unlink()
    (place.root / "httpd.pid").mkdir()


def number_immutable(name: str) -> Break:
    def act(place: Place) -> None:
        subprocess.run(["chattr", "+i", place.root / name], check=True)
        let_go = ["chattr", "-i", str(place.root / name)]
        place.kept.callback(lambda: subprocess.run(let_go, check=True))

    return act


def nothing(_: Place) -> None:
    pass


@dataclass(frozen=True)
class Case:
    """A configuration, and what happens to it while the server runs.

    Args:
        break_: what happens.
        code: of the fault that is found; None: the server lives.
        server, host: lines of the main server, and of the virtual host.
        modules: to load besides.
    """

    break_: Break
    code: str | None = None
    server: str = ""
    host: str = ""
    modules: str = ""


CASES = {
    # programs of piped logs
    "error-log": Case(gone("prog"), "AH00089", host='ErrorLog "|@prog"'),
    "error-log-two-bars": Case(gone("prog"), "AH00089", host='ErrorLog "||@prog -x"'),
    "error-log-by-shell": Case(gone("prog"), "AH00089", host='ErrorLog "|$@prog"'),
    "error-log-no-x": Case(no_execution, "AH00089", host='ErrorLog "|@prog"'),
    "custom-log": Case(gone("prog"), "AH00104", host='CustomLog "|@prog" common'),
    "custom-log-two-bars": Case(gone("prog"), "AH00104", host='CustomLog "||@prog" common'),
    "custom-log-by-shell": Case(gone("prog"), "AH00104", host='CustomLog "|$@prog -n" common'),
    "custom-log-quote": Case(gone("prog"), "AH00104", host="CustomLog \"|@prog 'x\" common"),
    "custom-log-no-x": Case(no_execution, "AH00104", host='CustomLog "|@prog" common'),
    "custom-log-never-written": Case(
        added('CustomLog "|@none" common env=never'), "AH00104"
    ),
    "custom-log-no-path": Case(added('CustomLog "|cat" common'), "AH00104"),
    "transfer-log": Case(gone("prog"), "AH00104", host='TransferLog "|@prog"'),
    "global-log": Case(gone("prog"), "AH00104", server='GlobalLog "|@prog" common'),
    "forensic-log": Case(gone("prog"), "AH00104", host='ForensicLog "|@prog"',
                         modules="log_forensic"),
    "forensic-log-two-bars": Case(added('ForensicLog "||@prog"'), "AH00104",
                                  modules="log_forensic"),
    "program-of-a-shell": Case(nothing, host='CustomLog "|$X=1 @none" common'),
    "interpreter": Case(lambda p: (p.root / "prog").write_text("#!/no/such\n"),
                        host='CustomLog "|@prog" common'),
    # files that the parent opens
    "forensic-file": Case(gone("logs"), "AH00651", host="ForensicLog @logs/x",
                          modules="log_forensic"),
    "error-log-directory": Case(became_directory, "AH00091", host="ErrorLog @x.log"),
    "custom-log-socket": Case(became_socket, "AH00649", host="CustomLog @x.log common"),
    "error-log-link": Case(leads_to_itself, "AH00091", host="ErrorLog @x.log"),
    "pid-file": Case(gone("logs"), "AH10231", server="PidFile @logs/pid"),
    "pid-file-empty": Case(number_gone),
    "pid-file-directory": Case(number_became_directory, "AH10231"),
    "pid-file-immutable": Case(number_immutable("httpd.pid"), "AH10231"),
    "pid-file-in-immutable": Case(number_immutable("logs"), "AH10231", server="PidFile @logs/pid"),
    "immutable": Case(immutable, "AH00649", host="CustomLog @logs/x.log common"),
    "immutable-error-log": Case(immutable, "AH00091", host="ErrorLog @logs/x.log"),
    "rotated": Case(lambda p: (p.root / "logs/x").rename(p.root / "logs/y"),
                    host="CustomLog @logs/x common"),
    "map-program": Case(no_execution, "AH00654",
                        host='RewriteEngine on\nRewriteMap m "prg:@prog"'),
    "session-cache": Case(gone("logs"), "AH00804", server="SSLSessionCache dbm:@logs/c",
                          modules="socache_dbm"),
    "stapling-cache": Case(gone("logs"), "AH00804", server="SSLStaplingCache dbm:@logs/c",
                           modules="socache_dbm"),
    "authn-cache": Case(gone("logs"), "AH00804", modules="socache_dbm authn_core authn_socache",
                        server="AuthnCacheSOCache dbm:@logs/c\nAuthnCacheEnable"),
    "authn-cache-of-none": Case(gone("logs"), modules="socache_dbm authn_core authn_socache",
                                server="AuthnCacheSOCache dbm:@logs/c"),
    "session-memory": Case(gone("logs"), server="SSLSessionCache shmcb:@logs/c(512000)"),
    "score-board": Case(gone("logs"), server="ScoreBoardFile @logs/s"),
    "types": Case(gone("types"), "AH01597", server="TypesConfig @types", modules="mime"),
    # sockets
    "listen-taken": Case(added("Listen 127.0.0.1:P1", "127.0.0.1"), "AH00072"),
    "listen-taken-elsewhere": Case(added("Listen 127.0.0.3:P1", "127.0.0.1")),
    "listen-all-taken-at-one": Case(added("Listen P1", "127.0.0.1"), "AH00072"),
    "listen-one-taken-at-all": Case(added("Listen 127.0.0.1:P1", "0.0.0.0"), "AH00072"),
    "listen-all-taken-by-ipv6": Case(added("Listen P1", "::1")),
    "listen-ipv4-taken-by-ipv6": Case(added("Listen 0.0.0.0:P1", "::1")),
    "listen-gone": Case(added("Listen 192.0.2.77:P1"), "AH00072"),
    "listen-gone-ipv6": Case(added("Listen [2001:db8::7]:P1"), "AH00072"),
    "listen-new": Case(added("Listen 127.0.0.1:P1\nListen [::1]:P1")),
    "listen-new-all": Case(added("Listen P1\nListen 127.0.0.1:P2 https")),
    "listen-twice": Case(added("Listen 127.0.0.1:P1\nListen P1"), "AH00072"),
    "listen-both-all": Case(added("Listen 0.0.0.0:P1\nListen [::]:P1")),
    "listen-both-all-ipv6-first": Case(added("Listen [::]:P1\nListen 0.0.0.0:P1")),
    "listen-all-and-ipv4": Case(added("Listen P1\nListen 0.0.0.0:P1")),
    "listen-all-and-ipv6": Case(added("Listen P1\nListen [::]:P1")),
    "listen-ipv6-and-all": Case(added("Listen [::]:P1\nListen P1")),
    "listen-ipv4-and-all": Case(added("Listen 0.0.0.0:P1\nListen P1"), "AH00072"),
    "listen-both-all-apart": Case(
        added("Listen 0.0.0.0:P1\nListen 127.0.0.1:P2\nListen [::]:P1"), "AH00072"
    ),
    "listen-all-ipv4-beside-all": Case(added("Listen 0.0.0.0:P1"), server="Listen P1"),
    "listen-wider": Case(swapped("Listen 127.0.0.1:P1", "Listen P1"), "AH00072",
                         server="Listen 127.0.0.1:P1"),
    "listen-narrower": Case(swapped("Listen P1", "Listen 127.0.0.1:P1"), "AH00072",
                            server="Listen P1"),
    "listen-as-it-was": Case(added("# a comment"), server="Listen P1\nListen [::1]:P2"),
    "listen-by-name": Case(nothing, server="Listen localhost:P1"),
    "listen-star": Case(swapped("Listen P1", "Listen *:P1"), server="Listen P1"),
    "listen-now-by-name": Case(swapped("Listen 127.0.0.1:P1", "Listen localhost:P1"), "AH00072",
                               server="Listen 127.0.0.1:P1"),
    "listen-ipv4-now-all": Case(swapped("Listen 0.0.0.0:P1", "Listen P1"), "AH00072",
                                server="Listen 0.0.0.0:P1"),
    "listen-all-now-ipv4": Case(swapped("Listen P1", "Listen 0.0.0.0:P1"), "AH00072",
                                server="Listen P1"),
    "listen-all-now-ipv6": Case(swapped("Listen P1", "Listen [::]:P1"), "AH00072",
                                server="Listen P1"),
    "listen-narrower-and-pid-file": Case(
        swapped_with_the_pid_file("Listen P1", "Listen [::]:P1"), "AH00072", server="Listen P1"
    ),
    "listen-left-out": Case(swapped("Listen 127.0.0.1:P1", ""), server="Listen 127.0.0.1:P1"),
    # keys
    "locked-key": Case(locked, "AH02564", host=FRONT),
    "locked-key-moved": Case(locked_of_yesterday, "AH02564", host=FRONT),
    "locked-key-enabled": Case(enabled, "AH02564", server="IncludeOptional @enabled/*.conf"),
    "locked-key-of-a-release": Case(
        other_release, "AH02564", server="IncludeOptional @current/site.con[f]"
    ),
    "locked-key-of-none": Case(locked, host=FRONT.replace("on", "off", 1)),
    "locked-key-and-a-program": Case(
        locked, server="SSLPassPhraseDialog exec:@phrase", host=FRONT
    ),
    "stapling": Case(added(f"<VirtualHost 127.0.0.2:P2>\n{FRONT}SSLUseStapling On\n</VirtualHost>"),
                     "AH01958"),
    "stapling-with-a-cache": Case(
        added(f"<VirtualHost 127.0.0.2:P2>\n{FRONT}SSLUseStapling On\n</VirtualHost>"),
        server="SSLStaplingCache shmcb:@st(32768)",
    ),
    "stapling-without-tls": Case(added("SSLUseStapling on")),
    # modules
    "other-mpm": Case(other_mpm, "AH00534"),
    "new-module": Case(added(httpd.INSTALLED.load("dav", "watchdog"))),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_as_a_real_server_does(place: Place, name: str) -> None:
    case = CASES[name]
    (place.root / "types").write_text("text/plain txt\n")
    (place.root / "phrase").write_text("#!/bin/sh\necho x\n")
    (place.root / "phrase").chmod(0o755)
    place.write(case.server, case.host, case.modules)
    with httpd.running(place.main, place.root / "hosts"):
        files = (place.root / "httpd.pid", place.root / "logs/pid")
        place.pid = next(int(file.read_text()) for file in files if file.exists())
        assert place.faults() == []
        case.break_(place)
        assert httpd.configtest(place.main, place.root / "hosts")[0], "-t sees it"
        found = place.faults()
        lives = place.reload()
    assert lives is (case.code is None)
    assert [one.split()[1] for one in found] == ([case.code] if case.code else []), found


@pytest.fixture
def only_pipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever waits for a pipe's writer may wait for any pipe's: one test of this run at a time."""
    with (tmp_path_factory.getbasetemp().parent / "pipe.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("only_pipe")
@pytest.mark.parametrize("line", ["CustomLog @pipe common", "ErrorLog @pipe"])
@pytest.mark.parametrize("reader", ["none", "waits", "reads"])
def test_a_pipe_that_nobody_reads(place: Place, line: str, reader: str) -> None:
    """httpd waits for a reader then, without children, and is ended by force."""
    os.mkfifo(place.root / "pipe")
    place.write("", "", "")
    if reader != "none":
        words = "exec cat pipe" if reader == "waits" else "exec 3<>pipe; touch open; exec cat <&3"
        process = subprocess.Popen(["sh", "-c", words], cwd=place.root, stdout=subprocess.DEVNULL)
        place.kept.callback(process.wait)
        place.kept.callback(process.kill)
        wchan = Path(f"/proc/{process.pid}/wchan")
        until(lambda: (place.root / "open").exists() or "partner" in wchan.read_text())
    with httpd.running(place.main, place.root / "hosts"):
        parent = int((place.root / "httpd.pid").read_text())
        place.append(f"<VirtualHost *:P1>\n{line}\n</VirtualHost>")
        found = survival.faults(Scope(str(place.main)))
        before = set(children(parent))
        os.kill(parent, signal.SIGUSR1)
        end = time.monotonic() + (2 if reader == "none" else 20)
        while time.monotonic() < end and not set(children(parent)) - before:
            time.sleep(0.01)
        renewed = bool(set(children(parent)) - before)
        if not renewed:
            os.kill(parent, signal.SIGKILL)
    assert renewed is (reader != "none")
    assert ["nobody reads from this pipe" in one.message for one in found] == [True] * (not renewed)


def test_httpds_standard_output_is_not_ours(place: Place) -> None:
    """Below systemd ours is a socket, which nobody can open by its name."""
    (place.root / "linked.log").symlink_to("/dev/stdout")
    host = "ErrorLog /proc/self/fd/1\nCustomLog /dev/stdout common\nTransferLog @linked.log"
    place.write("", host, "")
    ours, other = socket.socketpair()
    kept = os.dup(1)
    with httpd.running(place.main, place.root / "hosts"), ours, other:
        try:
            os.dup2(ours.fileno(), 1)
            assert place.faults() == []
        finally:
            os.dup2(kept, 1)
            os.close(kept)


@pytest.mark.parametrize("line", ["Listen [::]:P1", "Listen localhost:P1"])
def test_a_line_of_which_it_is_not_known_says_so(place: Place, line: str) -> None:
    """That it is as it was cannot be seen; by the reload that is advised it can."""
    place.write(line, "", "")
    with httpd.running(place.main, place.root / "hosts"):
        place.pid = int((place.root / "httpd.pid").read_text())
        place.append("# edited")
        found = survival.faults(Scope(str(place.main)))
        assert found
        assert all("unless this line is as httpd read it" in one.message for one in found)
        assert all("reload httpd yourself, and run this again" in one.hint for one in found)
        assert place.reload()
        assert place.faults() == []


def test_no_key_is_opened_that_nobody_touched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(front_keys, "is_locked", opened.append)
    place.write("", FRONT, "")
    with httpd.running(place.main, place.root / "hosts"):
        assert place.faults() == []
        assert opened == []
        place.append("# edited")
        place.faults()
    assert sorted(opened) == [f"{place.root}/cert.pem", f"{place.root}/key.pem"]


def test_a_key_that_was_unlocked_at_the_start(place: Place) -> None:
    """httpd keeps it for the next reload, as long as it is the same file of the same server."""
    place.write("", FRONT, "")
    place.lock()
    words = [httpd.HTTPD, "-d", str(place.root), "-f", str(place.main), "-DFOREGROUND"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(httpd.HTTPD, words)
    try:
        asked = b""
        while b"pass phrase:" not in asked:
            asked += os.read(terminal, 4096)
        os.write(terminal, b"x\n")
        until(lambda: httpd.READY in httpd.text_of(place.root / "error.log"))
        place.pid = pid
        assert place.faults() == []
        assert place.reload()
        assert place.faults() == []
        place.append("# edited")
        assert [one.split()[1] for one in place.faults()] == ["AH02564"]
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        os.close(terminal)

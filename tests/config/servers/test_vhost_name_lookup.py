"""Host names of ``<VirtualHost>``: side by side, with one deadline, and what was not answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard import config
from wizard.config.servers import vhost_name_lookup
from wizard.config.servers.vhost_name_lookup import Names, look_up


class Resolver:
    """Names that begin with ``gone`` have no address, ``slow`` ones are not answered."""

    def __init__(self) -> None:
        self.end = threading.Event()
        self.asked: list[str] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def getaddrinfo(self, host: str, *_: object, **__: object) -> list[object]:
        with self._lock:
            self.asked.append(host)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if host.startswith("slow"):
                self.end.wait(30)
            if host.startswith("gone"):
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            if host.startswith("again"):
                raise socket.gaierror(socket.EAI_AGAIN, "later")
            return []
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(vhost_name_lookup, "PATIENCE", 0.5)
    yield made
    made.end.set()


def test_a_name_without_answer_holds_up_no_other(resolver: Resolver) -> None:
    names = {f"slow{i}.test" for i in range(9)} | {"a.test", "gone.test", "z.test"}
    assert look_up(names) == Names(
        frozenset({"gone.test"}), frozenset(f"slow{i}.test" for i in range(9))
    )


def test_an_answer_that_says_nothing_is_not_waited_for(resolver: Resolver) -> None:
    began = time.monotonic()
    assert look_up(["again.test", "b.test"]) == Names(frozenset(), frozenset({"again.test"}))
    assert time.monotonic() - began < 0.4


def test_thousands_of_names_need_few_threads(resolver: Resolver) -> None:
    names = [f"gone{i}.test" for i in range(3000)]
    assert look_up(names).lost == frozenset(names)
    assert resolver.most <= 64


def test_what_hangs_leaves_no_name_out(resolver: Resolver) -> None:
    names = [f"slow{i}.test" for i in range(200)]
    assert look_up(names).unanswered == frozenset(names)
    assert len(resolver.asked) == 64


def test_a_name_that_cannot_be_asked_for_has_no_address() -> None:
    name = "x" * 64 + ".test"
    assert look_up([name]).lost == frozenset({name})


SITE = """\
<VirtualHost slow.test:80>
ServerName one.test
ProxyPass / http://127.0.0.1:81/
</VirtualHost>
<VirtualHost gone.test:80>
ServerName two.test
ProxyPass / http://127.0.0.1:82/
</VirtualHost>
<VirtualHost here.test:80>
ServerName three.test
ProxyPass / http://127.0.0.1:83/
</VirtualHost>
"""


@pytest.mark.parametrize("late", [False, True])
def test_what_was_not_answered_is_said_and_changes_no_other_route(
    late: bool, resolver: Resolver, tmp_path: Path
) -> None:
    if not late:
        resolver.end.set()  # the same answers, in time
    file = tmp_path / "site.conf"
    file.write_text(SITE)
    configuration = config.load(str(file))
    assert [host.addresses for host in configuration.virtual_hosts] == [
        ("slow.test:80",),
        (),
        ("here.test:80",),
    ]
    told = [(p.line, p.code) for p in configuration.problems if p.phase == "warning"]
    assert told == ([(1, None)] if late else []) + [(5, "AH00547")]

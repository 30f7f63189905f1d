"""The lessons about answers on a real httpd: the fault shows, and goes with the right line."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.demo.applications import Application, Seen, answer
from wizard.demo.lab import HOST, PUBLIC, Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.engine.engine import Engine
from wizard.model.plan import FixChoice

Got = tuple[int, str]
"""Status and Location."""
LESSON = {lesson.name: lesson for lesson in LESSONS}
PAGE = (200, "")
IN_A_CIRCLE = (301, f"https://{PUBLIC}/")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


def url(lab: Lab, lesson: Lesson) -> str:
    """The backend's."""
    text = (lab.directory / lesson.name / "sites" / "app.conf").read_text()
    return text.partition("ProxyPass / ")[2].partition("/\n")[0]


def got(lab: Lab, lesson: Lesson, directory: Path, line: str = "") -> Got:
    """What a client of the lesson's virtual host gets, with one more line in it."""
    port = httpd.free_port()
    site = (lab.directory / lesson.name / "sites" / "app.conf").read_text()
    site = site.replace(":8080>", f":{port}>").replace(":8443>", f":{port}>")
    site = site.replace("</VirtualHost>", f"{line}\n</VirtualHost>")
    hosts = directory / "hosts"
    hosts.write_text(f"127.0.0.1 {HOST}\n")
    main = directory / "httpd.conf"
    main.write_text(httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"]) + site)
    with httpd.running(main, hosts):
        connection = (
            http.client.HTTPSConnection(
                httpd.LISTEN, port, timeout=20, context=ssl._create_unverified_context()
            )
            if lesson.front == "https"
            else http.client.HTTPConnection(httpd.LISTEN, port, timeout=20)
        )
        connection.request("GET", "/", headers={"Host": PUBLIC})
        seen = connection.getresponse()
        location = seen.getheader("Location") or ""
        connection.close()
    return seen.status, location.replace(f"http://{PUBLIC}:{port}/", f"http://{PUBLIC}/")


@pytest.mark.parametrize(
    ("name", "line", "before", "after"),
    [
        (
            "reverse",
            "ProxyPassReverse / {url}/",
            (302, "{url}/login"),
            (302, f"http://{PUBLIC}/login"),
        ),
        ("loop", "RequestHeader set X-Forwarded-Proto https", IN_A_CIRCLE, PAGE),
        ("host", "ProxyPreserveHost On", (400, ""), PAGE),
    ],
)
def test_the_right_line_repairs_it(
    lab: Lab, tmp_path: Path, name: str, line: str, before: Got, after: Got
) -> None:
    lesson = LESSON[name]
    own = url(lab, lesson)
    assert got(lab, lesson, tmp_path) == (before[0], before[1].replace("{url}", own))
    right = line.replace("{url}", own)
    assert got(lab, lesson, tmp_path, right) == after
    engine = Engine(lab.scope(lesson), resolver=lab.resolver, state=lab.state)
    repair = engine.repair(FixChoice())
    added = [x[1:].strip() for x in engine.patch(repair).decode().splitlines() if x[:1] == "+"]
    assert [one for one in added if not one.startswith(("#", "++"))] == [right]


@pytest.mark.parametrize(
    ("name", "line", "left"),
    [
        ("reverse", "ProxyPassReverse / http://{host}/", (302, "{url}/login")),
        ("loop", "ProxyPreserveHost Off", IN_A_CIRCLE),
        ("loop", "RequestHeader set X-Forwarded-Proto http", IN_A_CIRCLE),
        ("host", "RequestHeader set Host app.example.com", (400, "")),
    ],
)
def test_another_line_does_not(lab: Lab, tmp_path: Path, name: str, line: str, left: Got) -> None:
    lesson = LESSON[name]
    own = url(lab, lesson)
    found = got(lab, lesson, tmp_path, line.replace("{host}", HOST))
    assert found == (left[0], left[1].replace("{url}", own))


@pytest.mark.parametrize(
    ("application", "seen", "expected"),
    [
        (Application(), Seen(path="/", host="h"), (200, "")),
        (Application("login"), Seen(path="/", host="h:1"), (302, "http://h:1/login")),
        (
            Application("login"),
            Seen(version="TLSv1.3", path="/", host="h"),
            (302, "https://h/login"),
        ),
        (Application("login"), Seen(path="/login", host="h"), (200, "")),
        (Application("https-only", "p"), Seen(path="/x?y", host="h"), (301, "https://p/x?y")),
        (Application("https-only", "p"), Seen(path="/", host="h", proto="https"), (200, "")),
        (Application("one-name", "p"), Seen(path="/", host="P:8080"), (200, "")),
        (Application("one-name", "p"), Seen(path="/", host="h"), (400, "")),
        (Application("one-name", "p"), Seen(path="/"), (400, "")),
    ],
)
def test_what_an_application_answers(application: Application, seen: Seen, expected: Got) -> None:
    assert answer(application, seen, 200) == expected

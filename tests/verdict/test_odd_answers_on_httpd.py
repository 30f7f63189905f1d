"""Odd answers of an HTTP/1 backend: real httpd and the product judge each of them."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.verdict.odd_answers import ODD, UNDER
from wizard.engine.engine import Engine
from wizard.model.diagnosis import Verdict
from wizard.model.scope import Scope

CASES = {("plain", name): answer for name, answer in ODD.items()} | {
    (setting, name): answer
    for setting, (_, answers) in UNDER.items()
    for name, answer in answers.items()
}
DIRECTIVES = {"plain": ""} | {setting: directive for setting, (directive, _) in UNDER.items()}
CUT = {"cl-maxint", "cl-short", "te-cut", "te-none"}
"""The body breaks off, which is not read: AH01110 when the status has been passed on."""
Case = tuple[str, str]


def _backend(connection: socket.socket) -> None:
    asked = b""
    while b"\r\n\r\n" not in asked:
        part = connection.recv(65536)
        if not part or part[:1] == b"\x16":  # the probe asks whether it speaks TLS
            return
        asked += part
    # the probe asks in HTTP/2, too, where the first answer was none: "PRI * HTTP/2.0"
    setting, _, name = asked.split(b" ")[1].decode()[1:].rstrip("/").partition("/")
    connection.sendall(CASES.get((setting, name), b""))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def _status(port: int, case: Case) -> int:
    """The status that httpd's client gets; 200 for HTTP/0.9's bytes."""
    path = "/".join(case)
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as client:
        client.sendall(
            f"GET /{path}/ HTTP/1.1\r\nHost: {case[0]}.test\r\nCase: {path}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b""
        while part := client.recv(65536):
            answer += part
    # what comes before the head of httpd's own answer are interim answers
    heads = re.findall(rb"^HTTP/1\.1 ([0-9]{3}) ", answer, re.MULTILINE)
    finals = [int(head) for head in heads if not head.startswith(b"1")]
    return finals[0] if finals else 200


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, tuple[int, str, Verdict]]:
    """Status and codes of httpd, and the verdict, for each answer."""
    directory = tmp_path_factory.mktemp("odd")
    hosts, config = directory / "hosts", directory / "httpd.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    (port,) = httpd.free_ports(1)
    with ExitStack() as stack:
        text = httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"]) + (
            'ErrorLog odd.log\nErrorLogFormat "%{Case}i| %M"\nLogLevel info\n'
        )
        for setting, directive in DIRECTIVES.items():
            own = stack.enter_context(servers.serving(_backend))  # its workers' parameters differ
            parameter = directive if "=" in directive else ""
            text += f"<VirtualHost *:{port}>\nServerName {setting}.test\n"
            text += directive + "\n" if directive and not parameter else ""
            for at, name in CASES:
                if at == setting:
                    path = f"/{setting}/{name}/"
                    url = f"http://127.0.0.1:{own}{path}"
                    text += f"ProxyPass {path} {url} disablereuse=on {parameter}\n"
            text += "</VirtualHost>\n"
        config.write_text(text)
        with httpd.running(config, hosts, log=directory / "odd.log"), ThreadPoolExecutor(4) as pool:
            statuses = pool.map(lambda case: _status(port, case), CASES)
            answers = dict(zip(CASES, statuses, strict=True))
        report = Engine(Scope(path=str(config))).check()
    codes = _codes(directory / "odd.log")
    found: dict[Case, tuple[int, str, Verdict]] = {}
    for diagnosis in report.diagnoses:
        setting, _, name = diagnosis.case.route.path.strip("/").partition("/")
        logged = " ".join(codes.get(f"{setting}/{name}", ()))
        found[setting, name] = answers[setting, name], logged, diagnosis.verdict
    return found


def _codes(log: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in httpd.text_of(log).splitlines():
        name, _, message = line.partition("| ")
        if match := re.match(r"AH\d{5}", message):
            found[name] = (*found.get(name, ()), match[0])
    return found


@pytest.mark.parametrize("case", sorted(CASES), ids="/".join)
def test_answer_is_judged_as_by_httpd(
    case: Case, both: dict[Case, tuple[int, str, Verdict]]
) -> None:
    status, codes, verdict = both[case]
    assert verdict.status == status, verdict
    assert " ".join(verdict.ah_codes) == codes.removesuffix("AH01110" * (case[1] in CUT)), verdict

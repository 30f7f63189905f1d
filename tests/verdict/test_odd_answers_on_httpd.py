"""Odd answers of an HTTP/1 backend: real httpd and the product judge each of them."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.verdict.odd_answers import ODD
from tests.verdict.samples import probed, route
from wizard import probe
from wizard.model.diagnosis import Verdict
from wizard.model.probe import ProbeRequest
from wizard.verdict import predict

BODY = {"te-broken", "te-neg", "te-ext-ctl", "cl-maxint", "cl-short", "te-cut", "te-none"}
"""What is wrong is in the body, which is not read."""
TOO_MUCH = {"big-200k"}
"""More than the probe reads."""


def _backend(connection: socket.socket) -> None:
    asked = b""
    while b"\r\n\r\n" not in asked:
        part = connection.recv(65536)
        if not part:
            return
        asked += part
    # the probe asks in HTTP/2, too, where the first answer was none: "PRI * HTTP/2.0"
    connection.sendall(ODD.get(asked.split(b" ")[1].decode()[1:], b""))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def _status(port: int, name: str) -> int:
    """The status that httpd's client gets; 200 for HTTP/0.9's bytes."""
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as client:
        client.sendall(
            f"GET /{name} HTTP/1.1\r\nHost: x\r\nCase: {name}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while part := client.recv(65536):
            answer += part
    # what comes before the head of httpd's own answer are interim answers
    heads = re.findall(rb"^HTTP/1\.1 ([0-9]{3}) ", answer, re.MULTILINE)
    finals = [int(head) for head in heads if not head.startswith(b"1")]
    return finals[0] if finals else 200


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[int, tuple[str, ...], Verdict]]:
    """Status and codes of httpd, and the verdict, for each answer."""
    directory = tmp_path_factory.mktemp("odd")
    hosts, config = directory / "hosts", directory / "httpd.conf"
    hosts.write_text("")
    (port,) = httpd.free_ports(1)
    with servers.serving(_backend) as own:
        config.write_text(
            httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"])
            + f'ErrorLog odd.log\nErrorLogFormat "%{{Case}}i| %M"\nLogLevel info\n'
            f"ProxyPass / http://127.0.0.1:{own}/ disablereuse=on\n"
        )
        with httpd.running(config, hosts, log=directory / "odd.log"), ThreadPoolExecutor(4) as pool:
            statuses = dict(zip(ODD, pool.map(lambda name: _status(port, name), ODD), strict=True))
        requests = {
            name: ProbeRequest("127.0.0.1", own, tls=False, host_header="x", path=f"/{name}")
            for name in ODD
        }
        reports = probe.probe_all(list(requests.values()))
    codes = _codes(directory / "odd.log")
    plain = route("http://backend.internal/")
    return {
        name: (
            statuses[name],
            codes.get(name, ()),
            predict(probed(plain, tls=None, http=reports[requests[name]].http)),
        )
        for name in ODD
    }


def _codes(log: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in httpd.text_of(log).splitlines():
        name, _, message = line.partition("| ")
        if match := re.match(r"AH\d{5}", message):
            found[name] = (*found.get(name, ()), match[0])
    return found


@pytest.mark.parametrize("name", sorted(ODD.keys() - BODY - TOO_MUCH))
def test_answer_is_judged_as_by_httpd(
    name: str, both: dict[str, tuple[int, tuple[str, ...], Verdict]]
) -> None:
    status, codes, verdict = both[name]
    assert verdict.status == status, verdict
    if name != "extra-status":  # AH01100: httpd says that it passes over such a line
        assert verdict.ah_codes == codes, verdict

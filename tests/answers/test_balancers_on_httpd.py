"""What clients get of a balancer: as the verdict says, and of httpd itself."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.answers.backend import RuleBackend
from tests.answers.client import ask
from tests.support import httpd, servers
from wizard.demo.pki import issue
from wizard.engine.engine import Engine
from wizard.model.balancer import BalancerVerdict
from wizard.model.scope import HttpdChoice, Scope

REQUESTS = 12
GOOD, OTHER = "http://127.0.0.1:@GOOD@", "http://localhost:@GOOD@"
DEAD, UNTRUSTED, BUSY = (
    "http://127.0.0.1:@DEAD@",
    "https://127.0.0.1:@TLS@",
    "http://127.0.0.1:@BUSY@",
)
CASES = {
    "good": ([GOOD, OTHER], ""),
    "dead": ([GOOD, DEAD], ""),
    "dead-first": ([DEAD, GOOD], ""),
    "untrusted": ([UNTRUSTED, GOOD], ""),
    "untrusted-ignored": ([f"{UNTRUSTED} status=+I", GOOD], ""),
    "two-dead": ([DEAD, DEAD.replace("127.0.0.1", "localhost")], ""),
    "busy": ([BUSY, GOOD], ""),
    "busy-put-aside": ([BUSY, GOOD], "ProxySet failonstatus=503"),
    "standby": ([f"{GOOD} status=+H", DEAD], ""),
    "standby-unused": ([GOOD, f"{BUSY} status=+H"], ""),
    "later-set": ([f"{BUSY} lbset=1", GOOD], ""),
    "drained": ([f"{BUSY} status=+D", GOOD], ""),
    "all-untrusted": ([UNTRUSTED, UNTRUSTED.replace("127.0.0.1", "localhost")], ""),
    "no-retry": ([f"{UNTRUSTED} retry=0", GOOD], ""),
}


def _site(name: str, port: int, values: dict[str, str]) -> str:
    members, more = CASES[name]
    lines = "".join(f"BalancerMember {member}\n" for member in members)
    text = (
        f"<VirtualHost *:{port}>\nServerName {name}.example.com\nSSLProxyEngine on\n"
        "SSLProxyVerify require\n"
        f"<Proxy balancer://{name}>\n{lines}{more}\n</Proxy>\nProxyPass / balancer://{name}/\n"
        "</VirtualHost>\n"
    )
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


@pytest.fixture(scope="module")
def measured() -> Iterator[tuple[dict[str, Counter[int]], dict[str, BalancerVerdict]]]:
    good = RuleBackend([{"when": {}, "status": 200}], None)
    busy = RuleBackend([{"when": {}, "status": 503}], None)
    tls = RuleBackend([{"when": {}, "status": 200}], servers.context(issue("x", dns=("x",))))
    with ExitStack() as stack:
        for backend in (good, busy, tls):
            stack.callback(backend.stop)
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        root.chmod(0o755)
        (root / "hosts").write_text("127.0.0.1 localhost\n")
        (root / "mime.types").touch()
        port, dead = httpd.free_ports(2)
        values = {"GOOD": good.port, "DEAD": dead, "TLS": tls.port, "BUSY": busy.port}
        text = httpd.main_config(root, [f"{httpd.LISTEN}:{port}"])
        text += "".join(_site(name, port, {k: str(v) for k, v in values.items()}) for name in CASES)
        file = root / "httpd.conf"
        file.write_text(text)
        report = Engine(Scope(str(file), timeout=5.0, httpd=HttpdChoice(httpd.HTTPD))).check()
        verdicts = {one.name: one for one in report.balancers}
        statuses = {}
        with httpd.running(file, root / "hosts"):
            for name in CASES:
                wanted = {"path": "/", "host": f"{name}.example.com"}
                answers = (ask(port, wanted, tls=False).status for _ in range(REQUESTS))
                statuses[name] = Counter(answers)
        yield statuses, verdicts


@pytest.mark.parametrize("name", CASES)
def test_clients_get_what_the_verdict_says(
    name: str, measured: tuple[dict[str, Counter[int]], dict[str, BalancerVerdict]]
) -> None:
    statuses, verdict = measured[0][name], measured[1][name]
    assert statuses[verdict.status or 0] == max(statuses.values()), statuses
    others = {one.status: one for one in verdict.faulty if one.share != "passed-over"}
    for status, count in statuses.items():
        if status == verdict.status:
            continue
        assert status in others, (statuses, verdict)
        once = others[status].share == "once-per-retry"
        assert count <= 1 if once else count > 1, (statuses, verdict)
    if verdict.outcome == "ok":
        wanted = {one.status for one in verdict.faulty if one.share != "passed-over"}
        assert wanted <= set(statuses), (statuses, verdict)

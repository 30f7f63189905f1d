"""Faults that stand together: ``fix`` ends with 0 only where httpd then starts and serves all.

Real httpd, real backends; the patches of all sites are applied, and one httpd serves those that
start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.fix.test_repairs_on_httpd import main_file, standing
from tests.support import guarded, httpd
from wizard.engine import gate
from wizard.engine.engine import Engine
from wizard.fix.source.unified_diff import apply_to
from wizard.model.plan import FixChoice, Repair
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

ON = "SSLProxyEngine on\nSSLProxyVerify require\n"
ROOT = "SSLProxyCACertificateFile {dir}/other/root.pem\n"
WRONG = "SSLProxyCACertificateFile {dir}/other/wrong.pem\n"
FRONT = "SSLEngine on\nSSLCertificateFile {dir}/nowhere.pem\n"


@dataclass(frozen=True)
class Together:
    """A virtual host with several faults.

    Args:
        name: of the site.
        body: lines of the virtual host; ``{self}``, ``{via1}`` … are the ports of the backends,
            ``{closed}`` is one where nobody listens.
        paths: to ask for.
        left: slugs that the plan leaves.
        before: lines before the virtual host.
        ca: what ``--ca`` names; empty: a temporary exception is asked for.
    """

    name: str
    body: str
    left: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ("/x",)
    before: str = ""
    ca: str = "other/root.pem"


TOGETHER = (
    Together("h2-self-signed", f"{ON}ProxyPass / h2://self.test:{{self}}/", ca="other/self.pem"),
    Together(
        "h2c-wrong-ca",
        f"{ON}{WRONG}ProxyPass /a/ https://direct.test:{{direct}}/\n"
        "ProxyPass / h2c://via1.test:{via1}/",
        paths=("/x", "/a/x"),
    ),
    Together(
        "shadowed-leaf-as-ca",
        f"{ON}SSLProxyCACertificateFile {{dir}}/other/leaf.pem\n"
        "ProxyPass / https://direct.test:{direct}/\nProxyPass /a/ https://direct.test:{direct}/\n"
        "ProxyPass /b/ https://via1.test:{via1}/",
        paths=("/x", "/a/x", "/b/x"),
    ),
    Together(
        "profile-wrong-ca",
        f"{ON}{WRONG}SSLProxyCipherSuite PROFILE=SYSTEM\nProxyPass / https://via1.test:{{via1}}/",
    ),
    Together(
        "no-ca-file-profile",
        f"{ON}SSLProxyCACertificateFile {{dir}}/nowhere.pem\nSSLProxyCipherSuite PROFILE=SYSTEM\n"
        "ProxyPass / https://direct.test:{direct}/",
    ),
    Together(
        "ca-in-der-no-version",
        f"{ON}SSLProxyCACertificateFile {{dir}}/other/root.der\nSSLProxyProtocol -all\n"
        "ProxyPass / https://via1.test:{via1}/",
    ),
    Together(
        "misspelt-in-macro-slash",
        "Use Tls\nProxyPass / https://direct.test:{direct}",
        before=f"<Macro Tls>\nSSLProxyEngine on\nSSLProxyVerfy require\n{ROOT}</Macro>\n",
    ),
    Together(
        "misspelt-in-macro-closed",
        "Use Other\nProxyPass / https://direct.test:{closed}/",
        frozenset({"connection-refused"}),
        before=f"<Macro Other>\nSSLProxyEngine on\nSSLProxyVerfy require\n{ROOT}</Macro>\n",
    ),
    Together(
        "path-in-location-no-ca",
        f"{ON}<Location />\nProxyPass / https://via1.test:{{via1}}/\n</Location>",
    ),
    Together(
        "path-in-location-closed",
        f"{ON}{ROOT}<Location />\nProxyPass / https://direct.test:{{closed}}/\n</Location>",
        frozenset({"connection-refused"}),
    ),
    Together(
        "no-file-for-two",
        f"{ON}SSLProxyCACertificateFile {{dir}}/nowhere.pem\n"
        "ProxyPass /a/ https://good.test:{good}/\nProxyPass / https://via1.test:{via1}/",
        frozenset({"ca-not-trusted", "missing-intermediate"}),
        paths=("/x", "/a/x"),
    ),
    Together(
        "misspelt-route-untrusted",
        f"{ON}{ROOT}ProxyPass /a/ https://direct.test:{{direct}}/\n"
        "ProxyPas / https://good.test:{good}/",
        paths=("/x", "/a/x"),
    ),
    Together(
        "exception-front-file",
        f"{ON}{WRONG}{FRONT}ProxyPass / https://direct.test:{{direct}}/",
        frozenset({"configuration-refused"}),
        ca="",
    ),
)


@dataclass
class Done:
    """What was planned for each site, and what httpd answers to it then; none: no start."""

    repairs: dict[str, Repair]
    answers: dict[str, list[int]]


def repaired(directory: Path, main: Path, ca: str) -> Repair:
    """The plan for a site, carried out."""
    until = date.today() + timedelta(days=5)
    choice = FixChoice(policy="temporary", until=until)
    if ca:
        choice = FixChoice(ca_files=(str(directory / ca),))
    names = ("direct", "via1", "self", "good")
    resolver = FixedResolver({f"{name}.test": ("127.0.0.1",) for name in names})
    repair = Engine(Scope(path=str(main)), resolver=resolver).repair(choice)
    files = repair.report.configuration.files
    for path, data in apply_to(repair.plan, files).items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_bytes(data)
    return repair


@pytest.fixture(scope="module")
def done() -> Iterator[Done]:
    with guarded.tree() as directory, standing(directory) as made:
        hosts, port = directory / "hosts", httpd.free_port()
        ports = {name: backend.port for name, backend in made.items()}
        repairs, starting = {}, []
        for one in TOGETHER:
            text = f"{one.before}<VirtualHost *:{port}>\nServerName {one.name}.test\n{one.body}\n"
            text = text.format(dir=directory, closed=httpd.free_port(), **ports)
            file = directory / "sites" / f"{one.name}.conf"
            file.write_text(f"{text}</VirtualHost>\n")
            main = main_file(directory, f"{one.name}.main", port, f"Include {file}")
            repairs[one.name] = repaired(directory, main, one.ca)
            if httpd.configtest(main, hosts)[0]:
                starting.append(one)
        answers = {}
        includes = "".join(f"Include sites/{one.name}.conf\n" for one in starting)
        with httpd.running(main_file(directory, "httpd.conf", port, includes), hosts):
            for one in starting:
                answers[one.name] = [
                    httpd.get(port, f"{one.name}.test", path).status for path in one.paths
                ]
        yield Done(repairs, answers)


@pytest.mark.parametrize("one", TOGETHER, ids=lambda one: one.name)
def test_what_a_plan_says_is_so(done: Done, one: Together) -> None:
    repair, answers = done.repairs[one.name], done.answers.get(one.name)
    works = answers is not None and set(answers) == {200}
    assert not repair.plan.is_empty
    assert repair.after is not None
    assert gate.is_half(repair) is not works
    assert {left.finding.slug for left in repair.plan.left} == one.left


def test_both_kinds_are_there(done: Done) -> None:
    assert {gate.is_half(repair) for repair in done.repairs.values()} == {True, False}
    assert done.answers.keys() < done.repairs.keys()

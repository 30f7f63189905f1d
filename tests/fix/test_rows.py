"""What each strict row of the best-practice table writes, and that it holds in a real httpd."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import command, guarded, httpd
from tests.support.site import Backend
from wizard.demo import pki
from wizard.engine.engine import Engine
from wizard.engine.gate import nothing_to_apply
from wizard.fix.decide import best_practice
from wizard.fix.place import written_out
from wizard.model.permission import Reason, Refused
from wizard.model.plan import Edit, FixChoice
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

BODIES = {
    "no-ca": ("SSLProxyEngine on", "SSLProxyVerify require"),
    "left": (
        "SSLProxyEngine on",
        "SSLProxyCheckPeerCN off",
        "SSLProxyVerify none",
        "SSLProxyCheckPeerName off",
        "SSLProxyVerify optional_no_ca",
        "SSLProxyCheckPeerName on",
    ),
    "cn-off": ("SSLProxyEngine on", "SSLProxyVerify require", "SSLProxyCheckPeerCN off"),
    "beside": ("SSLProxyEngine on", "SSLProxyVerify none", "SSLProxyCACertificateFile {both}"),
}
"""A virtual host's lines; at server level stands ``SSLProxyCheckPeerExpire on``."""
_FEWEST = {
    "no-ca": ("SSLProxyEngine on", "SSLProxyVerify require", "SSLProxyCACertificateFile {new}"),
    "left": (
        *BODIES["left"][:4],
        "SSLProxyVerify require",
        "SSLProxyCheckPeerName on",
        "SSLProxyCACertificateFile {new}",
    ),
    "cn-off": (
        "SSLProxyEngine on",
        "SSLProxyVerify require",
        "SSLProxyCheckPeerCN on",
        "SSLProxyCACertificateFile {new}",
    ),
    "beside": ("SSLProxyEngine on", "SSLProxyVerify require", "SSLProxyCACertificateFile {both}"),
}
ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "production": {
        "no-ca": (
            "SSLProxyEngine on",
            "SSLProxyVerify require",
            "SSLProxyVerifyDepth 1",
            "SSLProxyCACertificateFile {new}",
            "SSLProxyCheckPeerName on",
            "SSLProxyCheckPeerExpire on",
        ),
        "left": (
            "SSLProxyEngine on",
            "SSLProxyVerify require",
            "SSLProxyCheckPeerName on",
            "SSLProxyVerifyDepth 1",
            "SSLProxyCACertificateFile {new}",
            "SSLProxyCheckPeerExpire on",
        ),
        "cn-off": (
            "SSLProxyEngine on",
            "SSLProxyVerify require",
            "SSLProxyVerifyDepth 1",
            "SSLProxyCACertificateFile {new}",
            "SSLProxyCheckPeerName on",
            "SSLProxyCheckPeerExpire on",
        ),
        "beside": (
            "SSLProxyEngine on",
            "SSLProxyVerify require",
            "SSLProxyCACertificateFile {both}",
            "SSLProxyVerifyDepth 1",
            "SSLProxyCheckPeerName on",
            "SSLProxyCheckPeerExpire on",
        ),
    },
    "minimal": _FEWEST,
    "internal-ca": {
        **_FEWEST,
        "beside": (*_FEWEST["beside"][:2], "SSLProxyCACertificateFile {new}"),
    },
}
CHOICES = {
    "production": FixChoice(),
    "minimal": FixChoice(minimal=True),
    "internal-ca": FixChoice("internal-ca"),
}


@dataclass
class World:
    directory: Path
    backend: Backend
    port: int

    def engine(self) -> Engine:
        resolver = FixedResolver({"good.test": ("127.0.0.1",), "away.test": ("127.0.0.1",)})
        return Engine(Scope(path=str(self.directory / "httpd.conf")), resolver=resolver)

    def write(self, hosts: dict[str, tuple[str, ...]]) -> None:
        head = httpd.main_config(self.directory, [f"{httpd.LISTEN}:{self.port}"])
        text = "SSLProxyCheckPeerExpire on\n"
        for name, lines in hosts.items():
            body = "".join(f"    {line}\n" for line in lines)
            text += f"<VirtualHost *:{self.port}>\n    ServerName {name}.test\n{body}"
            text += f"    ProxyPass / https://good.test:{self.backend.port}/\n</VirtualHost>\n"
        text = text.replace("{both}", str(self.directory / "both.pem"))
        (self.directory / "httpd.conf").write_text(head + text)

    def lines(self, name: str) -> list[str]:
        """The TLS lines of a virtual host."""
        text = (self.directory / "httpd.conf").read_text()
        host = text.partition(f"ServerName {name}.test\n")[2].partition("</VirtualHost>")[0]
        return [line.strip() for line in host.splitlines() if "SSLProxy" in line]


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_row_writes_its_lines_and_they_hold(row: str) -> None:
    root, other = (pki.issue(name, ca=True) for name in ("Example Root", "Other Root"))
    backend = Backend(pki.issue("good.test", root, dns=["good.test"]))
    with guarded.tree() as directory:
        (directory / "both.pem").write_bytes(other.pem + root.pem)
        (directory / "hosts").write_text("127.0.0.1 good.test\n")
        world = World(directory, backend, httpd.free_port())
        world.write(BODIES)
        try:
            choice = CHOICES[row]
            engine = world.engine()
            command.patch(engine.patch(engine.repair(choice)))
            new = {name: world.lines(name) for name in BODIES}
            files = {
                name: line.split()[1]
                for name, lines in new.items()
                for line in lines
                if line.startswith("SSLProxyCACertificateFile")
            }
            for name, lines in ROWS[row].items():
                want = [line.format(new=files[name], both=directory / "both.pem") for line in lines]
                assert new[name] == want
            written = Path(files["no-ca"]).read_bytes()
            assert root.pem.strip() in written
            assert other.pem.strip() not in written
            with httpd.running(directory / "httpd.conf", directory / "hosts"):
                assert {httpd.get(world.port, f"{name}.test").status for name in BODIES} == {200}
                backend.impostor = True
                assert {httpd.get(world.port, f"{name}.test").status for name in BODIES} == {500}
            backend.impostor = False
            again = world.engine().repair(choice)
            assert nothing_to_apply(again) == Refused(Reason.NOTHING_WRONG)
        finally:
            backend.stop()


def test_no_line_is_written_without_its_reason() -> None:
    """Neither in a virtual host nor in a section, which stands where a neighbour needs others."""
    root = pki.issue("Example Root", ca=True)
    backend = Backend(pki.issue("good.test", root, dns=["good.test"]))
    with guarded.tree() as directory:
        (directory / "root.pem").write_bytes(root.pem)
        world = World(directory, backend, httpd.free_port())
        neighbour = ("SSLProxyEngine on", "ProxyPass /away https://away.test:1/")
        world.write({**BODIES, "section": neighbour})
        try:
            choice = FixChoice(ca_files=(str(directory / "root.pem"),))
            plan = world.engine().repair(choice).plan
        finally:
            backend.stop()
    edits = [edit for edit in plan.edits if edit.new_lines]
    written = [(name, edit.reason) for edit in edits for name in names(edit)]
    assert any("<Proxy> for https://good.test" in reason for _, reason in written)
    for name, reason in written:
        told = [best_practice.REASONS[name].partition("{")[0], f"{name}:", f"{name},"]
        told += ["the CA that signed"] if name == best_practice.CA_FILE else []
        assert any(text in reason for text in told), (name, reason)
    assert any(written_out.WHY in reason for _, reason in written)


def names(edit: Edit) -> list[str]:
    """The directives that an edit writes."""
    words = (line.decode().split() for line in edit.new_lines)
    return [first[0] for first in words if first[0].startswith("SSLProxy")]

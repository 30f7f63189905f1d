"""Several faults in one route: the plan is judged as a whole, and says what it does not repair."""

from __future__ import annotations

from pathlib import Path

from tests.support import httpd
from tests.support.site import Backend
from wizard.demo import pki
from wizard.engine import gate
from wizard.engine.engine import Engine
from wizard.model.plan import FixChoice, Repair
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver
from wizard.wording.remarks import sentence


def planned(directory: Path, backend: Backend, name: str, body: str, ca: bytes) -> Repair:
    trusted, file = directory / "ca.pem", directory / "httpd.conf"
    trusted.write_bytes(ca)
    body = body.format(port=backend.port, ca=trusted)
    host = f"<VirtualHost *:1>\nServerName {name}\n{body}\n</VirtualHost>\n"
    file.write_text(httpd.main_config(directory, ["127.0.0.1:1"]) + host)
    resolver = FixedResolver({"spring-app": ("127.0.0.1",), "app.internal": ()})
    engine = Engine(Scope(path=str(file)), resolver=resolver)
    return engine.repair(FixChoice(ca_files=(str(trusted),)))


def test_a_plan_is_whole_on_the_condition_that_its_name_leads_there(tmp_path: Path) -> None:
    leaf = pki.issue("app.internal", ip=["127.0.0.1"])
    backend = Backend(leaf)
    try:
        body = "ProxyPass / https://127.0.0.1:{port}\nProxyPassReverse / https://127.0.0.1:{port}"
        repair = planned(tmp_path, backend, "www.example.com", body, leaf.pem)
    finally:
        backend.stop()
    slugs = {"missing-trailing-slash", "engine-off", "ip-address-backend", "reverse-mapping-wrong"}
    assert {one.slug for one in repair.plan.resolved} == slugs
    assert [(one.name, one.address) for one in repair.plan.conditions] == [
        ("app.internal", "127.0.0.1")
    ]
    assert not gate.is_half(repair)
    assert repair.plan.left == ()


def test_half_a_plan_says_the_true_reason_and_that_it_is_half(tmp_path: Path) -> None:
    leaf = pki.issue("*.internal", ip=["127.0.0.1"])
    backend = Backend(leaf)
    try:
        body = "ProxyPass / https://127.0.0.1:{port}\nProxyPassReverse / https://127.0.0.1:{port}"
        repair = planned(tmp_path, backend, "www.example.com", body, leaf.pem)
    finally:
        backend.stop()
    assert {one.slug for one in repair.plan.resolved} == {"missing-trailing-slash"}
    assert repair.plan.conditions == ()
    assert gate.is_half(repair)
    assert any("does not repair the route" in sentence(note) for note in repair.plan.notes)
    reasons = {one.finding.slug: sentence(one.reason) for one in repair.plan.left}
    assert "*.internal, but httpd compares 127.0.0.1" in reasons["engine-off"]


def test_a_finding_that_another_repair_resolves_is_not_left(tmp_path: Path) -> None:
    root = pki.issue("Example Root", ca=True)
    backend = Backend(pki.issue("spring-app", root, dns=["spring-app", "localhost"]))
    try:
        body = (
            "ProxyPreserveHost On\nSSLProxyEngine on\nSSLProxyVerify require\n"
            "SSLProxyCACertificateFile {ca}\nSSLProxyCheckPeerCN on\nSSLProxyCheckPeerName off\n"
            "ProxyPass / https://spring-app:{port}/"
        )
        repair = planned(tmp_path, backend, "localhost", body, root.pem)
    finally:
        backend.stop()
    assert "preserve-host-changes-name" in {one.slug for one in repair.plan.resolved}
    assert repair.plan.left == ()
    assert not gate.is_half(repair)

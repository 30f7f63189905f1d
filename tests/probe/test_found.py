"""What each probe means is told as soon as it is done."""

from __future__ import annotations

import threading
from pathlib import Path

from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.engine.engine import Engine
from wizard.errors import StoppedError
from wizard.model.diagnosis import Diagnosis
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

NAME = "backend.internal"


def test_each_route_is_told_when_its_backend_was_probed(
    backends: Backends, identity: Identity, ca_file: str, tmp_path: Path
) -> None:
    quick = backends.start(Behaviour(identity)).port
    silent = backends.start(Behaviour(speaks="silent")).port
    site = tmp_path / "site.conf"
    site.write_text(
        "<VirtualHost *:443>\nSSLProxyEngine on\nSSLProxyVerify require\n"
        f"SSLProxyCACertificateFile {ca_file}\n"
        f"ProxyPass /slow/ https://{NAME}:{silent}/\n"
        f"ProxyPass /b/ https://{NAME}:{quick}/\nProxyPass /a/ https://{NAME}:{quick}/\n"
        "</VirtualHost>\n"
    )
    scope = Scope(path=str(site), timeout=60)
    told: dict[int, Diagnosis] = {}
    stop = threading.Event()

    def found(place: int, diagnosis: Diagnosis) -> None:
        told[place] = diagnosis
        if len(told) == 2:
            stop.set()  # long before the silent one is given up

    engine = Engine(scope, resolver=FixedResolver({NAME: ["127.0.0.1"]}), stop=stop)
    configuration = engine.load()
    try:
        engine.diagnose(configuration, found=found)
    except StoppedError:
        pass
    else:
        raise AssertionError("the silent backend was not waited for")
    paths = [configuration.routes[place].path for place in told]
    assert sorted(paths) == ["/a/", "/b/"]
    assert {d.verdict.outcome for d in told.values()} == {"ok"}


def test_no_diagnosis_is_made_twice(backends: Backends, identity: Identity, tmp_path: Path) -> None:
    port = backends.start(Behaviour(identity)).port
    site = tmp_path / "site.conf"
    site.write_text(
        "<VirtualHost *:443>\nSSLProxyEngine on\n"
        f"ProxyPass /b/ https://{NAME}:{port}/\nProxyPass /a/ https://{NAME}:{port}/\n"
        "</VirtualHost>\n"
    )
    scope = Scope(path=str(site))
    told: dict[int, Diagnosis] = {}
    engine = Engine(scope, resolver=FixedResolver({NAME: ["127.0.0.1"]}))
    report = engine.diagnose(engine.load(), found=told.__setitem__)
    assert len(told) == 2
    assert all(report.diagnoses[place] is diagnosis for place, diagnosis in told.items())

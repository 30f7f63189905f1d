"""The graceful reload: a server that does not run is not started by it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from wizard.config.layout import locate
from wizard.httpd import reload


def test_a_server_that_ended_meanwhile_is_not_started(tmp_path: Path) -> None:
    main = tmp_path.resolve() / "httpd.conf"
    main.write_text(f"ServerRoot {tmp_path.resolve()}\nListen 127.0.0.1:1\n")
    called = tmp_path / "called"
    program = tmp_path / "httpd"
    program.write_text(f"#!/bin/sh\ntouch {called}\n")
    program.chmod(0o755)
    with subprocess.Popen(["/bin/true"]) as ended:
        ended.wait()
    layout = replace(locate(str(main)), binary=str(program))
    done = reload.graceful(layout, reload.Running(ended.pid, None))
    assert (done.ok, done.alive) == (False, False)
    assert not called.exists()

"""``prove``, ``apply`` and ``rollback`` on a running httpd."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import disks, httpd
from tests.support.site import REQUIRE, Site
from wizard.change.journal import Store, Target


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


def command(
    site: Site, name: str, *options: str, config: bool = True
) -> subprocess.CompletedProcess[str]:
    words = [name, str(site.main)] if config else [name]
    return site.wizard(*words, *options)


def pid(site: Site) -> int:
    return int((site.directory / "httpd.pid").read_text())


# prove


def test_prove_shows_before_and_after(site: Site) -> None:
    done = command(site, "prove", *site.ca)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [
        "app.test /   500 from httpd  ->  200 from the backend",
        "    httpd verified: CN=good.test, up to CN=Example Root",
        "    an impostor: refused",
    ]


def test_prove_with_the_log(site: Site) -> None:
    done = command(site, "prove", "-v", *site.ca)
    assert done.returncode == 0, done.stderr
    before, _, after = done.stdout.partition("  after:")
    assert "before: 500" in before
    assert "AH02276: Certificate Verification: Error" in before
    assert "200 from the backend" in after
    assert "| CN=Example Root\n    | CN=good.test" in after
    assert "The rehearsal counts" not in done.stdout


def test_prove_current(site: Site) -> None:
    done = command(site, "prove", "--current")
    assert done.returncode == 2, done.stderr
    told = " ".join(done.stdout.split())
    assert "app.test / 500 from httpd httpd's log: AH02276: Certificate Verification: " in told
    assert "that means: " in told
    assert "->" not in told


def test_prove_without_a_plan_rehearses_what_is_there(site: Site) -> None:
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
    done = command(site, "prove")
    assert done.returncode == 0, done.stderr
    assert "there is no plan" in done.stderr


def test_where_rehearsal_and_verdict_differ_the_rehearsal_counts(site: Site) -> None:
    denied = "<Location />\n    RewriteEngine on\n    RewriteRule ^ - [F]\n    </Location>"
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n    {denied}")
    done = command(site, "prove")
    assert done.returncode == 2, done.stderr
    assert "app.test /   403 from httpd\n" in done.stdout
    assert "check predicts that it works (200)" in " ".join(done.stdout.split())
    assert "The rehearsal counts" in " ".join(done.stdout.split())


def test_prove_what_cannot_be_read(site: Site) -> None:
    site.vhost.unlink()
    done = command(site, "prove")
    assert (done.returncode, done.stdout) == (3, "")


# apply and rollback


def test_apply_and_rollback_on_the_running_server(site: Site) -> None:
    before = site.vhost.read_bytes()
    with site.running():
        server = pid(site)
        assert site.answer() == 500
        done = command(site, "apply", "--yes", *site.ca)
        assert done.returncode == 0, done.stderr
        identifier = done.stdout.strip()
        assert site.answer() == 200
        assert "answers app.test /: 200" in done.stderr

        listed = command(site, "rollback", "--list", config=False)
        assert identifier in listed.stdout
        assert "applied" in listed.stdout
        assert str(site.vhost) in listed.stdout

        done = command(site, "rollback", config=False)
        assert (done.returncode, done.stdout.strip()) == (0, identifier), done.stderr
        assert site.vhost.read_bytes() == before
        assert site.answer() == 500
        assert pid(site) == server  # reloaded twice, never restarted
    assert not (site.directory / "proxy-trust").exists()


def test_access_control_is_set_aside_and_told(site: Site) -> None:
    site.write(f"{REQUIRE}\n    <Location />\n    Require all denied\n    </Location>")
    with site.running():
        done = command(site, "apply", "--yes", *site.ca)
        assert done.returncode == 0, done.stderr
        said = " ".join(done.stderr.split())
        assert "-> 403 from httpd's access control; with that set aside 200" in said
        assert f"(Require in line 6 of {site.vhost})" in said
        assert "answers app.test /: 403" in said
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()


def test_what_cannot_be_set_aside_is_told(site: Site) -> None:
    """httpd says no before and after: what it can show is that it starts."""
    denied = "<Location />\n    RewriteEngine on\n    RewriteRule ^ - [F]\n    </Location>"
    site.write(f"{REQUIRE}\n    {denied}")
    done = command(site, "apply", "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    assert "httpd itself answers 403 before and after" in done.stderr
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()


NOT_FOUND = "<Location />\n    RewriteEngine on\n    RewriteRule ^ - [R=404]\n    </Location>"
"""httpd answers instead of the backend, for a reason that no verdict knows of."""


def test_what_the_rehearsal_speaks_against_is_not_written(site: Site) -> None:
    site.write(f"{REQUIRE}\n    {NOT_FOUND}")
    before = site.vhost.read_bytes()
    done = command(site, "apply", "--yes", "--override", "breaks-route", *site.ca)
    assert (done.returncode, done.stdout) == (2, "")
    assert "with the plan, app.test /: 404\n" in done.stderr
    assert "error: the rehearsal did not bring the backend's answer; nothing was" in done.stderr
    assert site.vhost.read_bytes() == before


def test_a_refusal_is_overridden_by_its_name(site: Site) -> None:
    site.write(f"{REQUIRE}\n    {NOT_FOUND}")
    done = command(site, "apply", "--yes", "--override", "no-answer", *site.ca)
    assert done.returncode == 0, done.stderr
    said = "You go on although the rehearsal did not bring the backend's answer.\n"
    assert said in done.stderr
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()


def test_without_an_httpd_nothing_is_written(site: Site) -> None:
    before = site.vhost.read_bytes()
    done = command(site, "apply", "--yes", "--no-httpd", *site.ca)
    assert (done.returncode, done.stdout) == (3, "")
    assert site.vhost.read_bytes() == before
    options = ("--yes", "--no-httpd", "--override", "not-rehearsed")
    done = command(site, "apply", *options, *site.ca)
    assert done.returncode == 0, done.stderr
    assert "You go on although the plan was not rehearsed.\n" in done.stderr
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()


def test_a_second_name_is_told_before(site: Site) -> None:
    other = site.directory / "other.conf"
    other.hardlink_to(site.vhost)
    before = other.read_bytes()
    done = command(site, "fix", *site.ca)
    assert f"{site.vhost} has 2 names (hard links)" in " ".join(done.stderr.split())
    assert command(site, "apply", "--yes", *site.ca).returncode == 0
    assert other.read_bytes() == before
    assert site.vhost.read_bytes() != before


def test_apply_without_a_running_server(site: Site) -> None:
    done = command(site, "apply", "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    assert "nothing to reload" in done.stderr
    assert site.status() == 200


def test_no_reload(site: Site) -> None:
    with site.running():
        done = command(site, "apply", "--yes", "--no-reload", *site.ca)
        assert done.returncode == 0, done.stderr
        assert site.answer() == 500
    assert site.status() == 200


def test_names_that_the_server_was_started_with_count(site: Site) -> None:
    """The virtual host is read only with -D SITE, which the running server has."""
    text = site.main.read_text().replace(
        "Include site.conf", "<IfDefine SITE>\nInclude site.conf\n</IfDefine>"
    )
    site.main.write_text(text)
    with site.running("-D", "SITE"):
        done = command(site, "apply", "--yes", "--define", "SITE", *site.ca)
        assert done.returncode == 0, done.stderr
        assert site.answer() == 200
        done = command(site, "rollback", config=False)
        assert (done.returncode, "httpd was reloaded." in done.stderr) == (0, True), done.stderr
        assert site.answer() == 500


def test_nobody_is_there_to_confirm(site: Site) -> None:
    before = site.vhost.read_bytes()
    done = command(site, "apply", *site.ca)
    assert (done.returncode, done.stdout) == (3, "")
    assert "--yes" in done.stderr
    assert site.vhost.read_bytes() == before


def test_nothing_to_fix(site: Site) -> None:
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
    assert command(site, "apply", "--yes").returncode == 1


def test_a_change_that_would_end_the_server_is_not_written(site: Site) -> None:
    """Another virtual host passes -t and would kill httpd at the reload."""
    (site.directory / "bad.pem").write_bytes(b"this is no certificate\n")
    with site.running():
        server = pid(site)
        before = site.vhost.read_bytes()
        with site.main.open("a") as file:
            file.write(
                f"<VirtualHost *:{site.port}>\nServerName other.test\nSSLProxyEngine on\n"
                f"SSLProxyCACertificateFile {site.directory}/bad.pem\n</VirtualHost>\n"
            )
        done = command(site, "apply", "--yes", "--vhost", "app.test", *site.ca)
        assert done.returncode in (2, 3), done.stderr
        assert site.vhost.read_bytes() == before
        assert pid(site) == server
        assert site.answer() == 500


def test_a_failing_configtest_takes_the_change_back(site: Site) -> None:
    """httpd -t fails once the change is there: an IfFile looks at what it creates."""
    with site.main.open("a") as file:
        file.write(f"<IfFile {site.directory}/proxy-trust>\nNoSuchDirective on\n</IfFile>\n")
    before = site.vhost.read_bytes()
    with site.running():
        done = command(site, "apply", "--yes", *site.ca)
        assert done.returncode == 3, done.stderr
        assert "rolled back" in done.stderr
        assert "NoSuchDirective" in done.stderr
        assert site.answer() == 500
    assert site.vhost.read_bytes() == before
    assert not (site.directory / "proxy-trust").exists()
    assert "undone" in command(site, "rollback", "--list", config=False).stdout


def test_a_server_that_would_die_at_the_reload(site: Site) -> None:
    """The reload adds a port that somebody else has, and only once the change is written."""
    before = site.vhost.read_bytes()
    with socket.create_server((httpd.LISTEN, 0)) as taken:
        with site.main.open("a") as file:
            file.write(
                f"<IfFile {site.directory}/proxy-trust>\n"
                f"Listen {httpd.LISTEN}:{taken.getsockname()[1]}\n</IfFile>\n"
            )
        with site.running():
            done = command(site, "apply", "--yes", *site.ca)
            assert done.returncode == 3, done.stderr
            assert "the running httpd would end at the reload" in done.stderr
            assert "could not bind to address" in done.stderr
            assert "rolled back" in done.stderr
            assert site.answer() == 500
    assert site.vhost.read_bytes() == before
    assert site.status() == 500


def test_an_edited_file_is_not_rolled_back(site: Site) -> None:
    done = command(site, "apply", "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    with site.vhost.open("a") as file:
        file.write("# mine\n")
    done = command(site, "rollback", config=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "+# mine" in done.stderr
    assert "# mine" in site.vhost.read_text()


def interrupted(site: Site) -> str:
    """A change that was killed before its first rename."""
    before = site.vhost.read_bytes()
    after = before.replace(b"require", b"require\n    SSLProxyCACertificateFile private/root.pem")
    store = Store(site.directory / "state")
    with store.locked("apply") as held:
        return held.prepare(str(site.main), ["test"], [Target(str(site.vhost), before, after)]).id


def test_an_interrupted_change_is_told_and_finished(site: Site) -> None:
    identifier = interrupted(site)
    done = command(site, "apply", "--yes", *site.ca)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"the change {identifier} was interrupted" in done.stderr
    assert "apply --finish" in done.stderr
    assert f"rollback {identifier}" in done.stderr
    done = command(site, "apply", "--finish", config=False)
    assert (done.returncode, done.stdout.strip()) == (0, identifier), done.stderr
    assert site.status() == 200
    assert command(site, "apply", "--finish", config=False).returncode == 3


def test_an_interrupted_change_is_undone(site: Site) -> None:
    before = site.vhost.read_bytes()
    identifier = interrupted(site)
    assert "prepared" in command(site, "rollback", "--list", config=False).stdout
    done = command(site, "rollback", config=False)
    assert (done.returncode, done.stdout.strip()) == (0, identifier), done.stderr
    assert site.vhost.read_bytes() == before
    assert command(site, "apply", "--yes", *site.ca).returncode == 0


def kill_apply(site: Site, step: str) -> None:
    """Begin to apply, and kill that without a warning as soon as it tells of a step."""
    with subprocess.Popen(
        [sys.executable, "-m", "wizard", "apply", str(site.main), "--yes", *site.ca],
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any(f"proxy-wizard: {step}" in line for line in process.stderr)
        process.kill()


@pytest.mark.parametrize("step", ["testing", "graceful reload", "asking"])
def test_what_was_killed_after_the_write_is_finished_with_a_reload(site: Site, step: str) -> None:
    with site.running():
        server = pid(site)
        kill_apply(site, step)
        if Store(site.directory / "state").unfinished() is not None:
            done = command(site, "apply", "--finish", config=False)
            assert done.returncode == 0, done.stderr
            assert "graceful reload" in done.stderr
            assert "asking" not in done.stderr  # no route is known any more
        assert Store(site.directory / "state").changes()[0].state == "applied"
        assert pid(site) == server
        assert site.answer() == 200


def test_a_change_that_httpd_refuses_is_not_finished(site: Site) -> None:
    before = site.vhost.read_bytes()
    store = Store(site.directory / "state")
    with store.locked("apply") as held:
        bad = Target(str(site.vhost), before, before + b"NoSuchDirective on\n")
        identifier = held.prepare(str(site.main), ["test"], [bad]).id
    done = command(site, "apply", "--finish", config=False)
    assert done.returncode == 3
    assert "NoSuchDirective" in done.stderr
    assert f"configuration. The change {identifier} was rolled back. All files" in done.stderr
    assert site.vhost.read_bytes() == before
    assert store.unfinished() is None


@pytest.mark.parametrize(
    "step", ["starting a throw-away", "writing", "testing", "graceful reload", "asking"]
)
def test_apply_is_killed(site: Site, step: str) -> None:
    before = site.vhost.read_bytes()
    with site.running():
        server = pid(site)
        kill_apply(site, step)
        if site.vhost.read_bytes() != before or Store(site.directory / "state").unfinished():
            done = command(site, "rollback", config=False)
            assert done.returncode == 0, done.stderr
        assert site.vhost.read_bytes() == before
        assert not (site.directory / "proxy-trust").exists()
        assert pid(site) == server
        assert site.answer() == 500


def test_two_applies_at_once(site: Site) -> None:
    with site.running():
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(command, site, "apply", "--yes", *site.ca) for _ in range(2)]
            codes = sorted(run.result().returncode for run in runs)
        assert codes in ([0, 1], [0, 3]), [run.result().stderr for run in runs]
        assert site.answer() == 200
        listed = command(site, "rollback", "--list", config=False).stdout
        assert listed.count("applied") == 1
        assert command(site, "rollback", config=False).returncode == 0
        assert site.answer() == 500


def test_ctrl_c_ends_a_rehearsal_at_once(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site.write(REQUIRE)
        port = silent.getsockname()[1]
        site.vhost.write_text(site.vhost.read_text().replace(f":{site.backend.port}/", f":{port}/"))
        process = subprocess.Popen(
            [sys.executable, "-m", "wizard", "prove", "--current", str(site.main)],
            env=httpd.environment(site.hosts),
            stderr=subprocess.PIPE,
        )
        silent.settimeout(30)
        with silent.accept()[0]:  # httpd has connected
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=8)
    assert process.returncode == 130
    assert b"Traceback" not in said


def test_nothing_to_roll_back(site: Site) -> None:
    assert command(site, "rollback", config=False).returncode == 3
    listed = command(site, "rollback", "--list", config=False)
    assert (listed.returncode, listed.stdout) == (0, "")


@pytest.fixture
def read_only(site: Site) -> Iterator[None]:
    """The virtual host's file lies where nobody may write."""
    place = site.directory / "sites"
    place.mkdir()
    with disks.small(place):
        site.vhost.rename(site.directory / "moved.conf")
        (place / "site.conf").write_bytes((site.directory / "moved.conf").read_bytes())
        text = site.main.read_text().replace("Include site.conf", "Include sites/site.conf")
        site.main.write_text(text)
        disks.read_only(place)
        yield


@pytest.mark.usefixtures("read_only")
def test_what_may_not_be_written_is_saved_as_a_patch(site: Site) -> None:
    done = command(site, "apply", "--yes", *site.ca)
    assert done.returncode == 3, done.stderr
    assert "Read-only file system" in done.stderr
    saved = next(line.split(" < ")[1] for line in done.stderr.splitlines() if " < /" in line)
    assert "+    SSLProxyCACertificateFile" in Path(saved).read_text()
    Path(saved).unlink()
    assert not (site.directory / "proxy-trust").exists()

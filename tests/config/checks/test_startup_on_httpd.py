"""What ``-t`` passes and start-up dies of, beside a real start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.support import httpd
from wizard import config

BALANCER = "<Proxy balancer://c>\nBalancerMember http://127.0.0.1:1\n</Proxy>\n"
HOST = "<VirtualHost *:{port}>\nServerName y.test\n@\n</VirtualHost>\n"
CERTIFICATE = "SSLCertificateFile {dir}/good.pem\n"
MACHINE = "SSLProxyMachineCertificateFile {dir}/good.pem"
SECTION = "<Proxy *>\nSSLProxyVerifyDepth 3\n</Proxy>\n"
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "plain": ("", ()),
    "no-slotmem": ("", ("slotmem_shm",)),
    "no-balancer-module": (BALANCER, ("slotmem_shm", "proxy_balancer", "lbmethod_byrequests")),
    "no-method-no-balancer": ("", ("lbmethod_byrequests",)),
    "no-method": (BALANCER, ("lbmethod_byrequests",)),
    "no-method-empty-balancer": ("ProxyPass / balancer://c/", ("lbmethod_byrequests",)),
    "no-method-in-host": (HOST.replace("@", BALANCER), ("lbmethod_byrequests",)),
    "no-certificate": (HOST.replace("@", "SSLEngine on"), ()),
    "certificate": (HOST.replace("@", f"SSLEngine on\n{CERTIFICATE}"), ()),
    "certificate-of-main": (CERTIFICATE + HOST.replace("@", "SSLEngine on"), ()),
    "no-certificate-never-served": (
        HOST.replace("@", "SSLEngine on").replace("{port}", "99"),
        (),
    ),
    "engine-of-main": (f"SSLEngine on\n{HOST.replace('@', '')}", ()),
    "engine-optional": (HOST.replace("@", "SSLEngine optional"), ()),
    "crash": (f"SSLProxyEngine on\n{SECTION}" + HOST.replace("@", MACHINE), ()),
    "no-crash-without-engine": (SECTION + HOST.replace("@", MACHINE), ()),
    "no-crash-without-section": ("SSLProxyEngine on\n" + HOST.replace("@", MACHINE), ()),
    "no-listen": ("@no-listen", ()),
    "no-mpm": ("", ("mpm_event",)),
    "no-session-cache": ("SSLSessionCache shmcb:{dir}/cache(512000)", ("socache_shmcb",)),
    "session-cache": ("SSLSessionCache shmcb:{dir}/cache(512000)", ()),
    **{
        f"front-{number}": (HOST.replace("@", f"SSLEngine on\n{CERTIFICATE}{line}"), ())
        for number, line in enumerate(
            (
                "SSLCipherSuite PROFILE=SYSTEM",
                "SSLCipherSuite NOSUCH",
                "SSLCipherSuite HIGH:!aNULL",
                "SSLCipherSuite SSL HIGH@SECLEVEL=1",
                "SSLCipherSuite @SECLEVEL=2",
                "SSLCipherSuite HIGH:@SECLEVEL=9",
                "SSLCipherSuite TLSv1.3 NOSUCH",
                "SSLCipherSuite TLSv1.3 TLS_AES_128_GCM_SHA256",
                'SSLCipherSuite TLSv1.3 ""',
                "SSLProtocol -all",
                "SSLProtocol all -TLSv1 -TLSv1.1 -TLSv1.2 -TLSv1.3",
            )
        )
    },
    "syslog-facility": ("ErrorLog syslog:nosuch", ()),
    "listen-all-beside-one": ("Listen 0.0.0.0:{port}", ()),
    "listen-all-beside-one-with-a-zero": ("Listen 0.0.0.0:0{port}", ()),
    "listen-another-address": ("Listen 127.0.0.3:{port}", ()),
    "session-cache-none": ("SSLSessionCache none", ("socache_shmcb",)),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    with lab.world(lab.directory(tmp_path_factory)) as made:
        yield made


@pytest.mark.parametrize("name", CASES)
def test_start_is_refused_with_httpds_words(name: str, world: lab.World) -> None:
    body, without = CASES[name]
    root: Path = world.directory / name
    root.mkdir()
    (port,) = httpd.free_ports(1)
    listens = [] if body == "@no-listen" else [f"{httpd.LISTEN}:{port}"]
    text = httpd.main_config(root, listens, without=without)
    text += world.fill(body.removeprefix("@no-listen")).replace("{port}", str(port))
    file = root / "httpd.conf"
    file.write_text(text)
    said = httpd.refused(file, world.hosts)
    problems = [p for p in config.load(str(file)).problems if p.phase != "warning"]
    assert bool(said) == bool(problems), said
    if said:
        assert problems[0].code is None or problems[0].code in said
        assert name == "crash" or problems[0].message.removeprefix("Configuration error") in said

"""``load`` as others use it: overlays, parts of a configuration, who shares what, growth."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import httpd
from wizard import config
from wizard.engine.engine import Engine
from wizard.errors import ConfigError
from wizard.model.config import Configuration, Route
from wizard.model.scope import HttpdChoice, Scope

MODULES = httpd.load_modules()


def load(directory: Path, text: str, **options: Any) -> Configuration:
    file = directory / "main.conf"
    file.write_text(f"ServerRoot {directory}\nListen 443\n{MODULES}{text}\n")
    return config.load(str(file), **options)


def host(body: str, name: str = "a.test") -> str:
    return f"<VirtualHost *:443>\nServerName {name}\n{body}\n</VirtualHost>\n"


def only(configuration: Configuration) -> Route:
    (route,) = configuration.routes
    return route


def test_every_value_has_its_source(tmp_path: Path) -> None:
    text = "SSLProxyVerifyDepth 3\n" + host(
        "SSLProxyEngine on\nProxyPass / https://b.internal/\nProxyPreserveHost on"
    )
    route = only(load(tmp_path, text))
    main = str(tmp_path / "main.conf")
    first = MODULES.count("\n") + 3
    assert str(route.tls.verify_depth.source) == f"{main}:{first}"
    assert str(route.tls.engine.source) == f"{main}:{first + 3}"
    assert str(route.source) == f"{main}:{first + 4}"
    assert str(route.preserve_host.source) == f"{main}:{first + 5}"
    assert route.vhost.source.line == first + 1
    assert route.vhost.end_line == first + 6
    assert route.tls.verify.is_default
    assert route.tls.verify.origin == "default"


@pytest.mark.parametrize(
    ("version", "scheme", "sni"),
    [
        ("2.4.39", "wss", None),
        ("2.4.40", "wss", "b.internal"),
        ("2.4.39", "https", "b.internal"),
    ],
)
def test_a_name_is_sent_to_websocket_backends_from_2440_on(
    version: str, scheme: str, sni: str | None, tmp_path: Path
) -> None:
    text = host(f"SSLProxyEngine on\nProxyPass / {scheme}://b.internal/")
    backend = only(load(tmp_path, text, httpd=HttpdChoice(version=version))).backend
    assert (backend.sni, backend.check_name) == (sni, "b.internal")


@pytest.mark.parametrize(
    ("main", "own", "expected"),
    [
        ("", "", None),
        ("SSLOCSPEnable On", "", "on"),
        ("SSLOCSPEnable on", "SSLOCSPEnable off", "off"),
        ("", "SSLOCSPEnable leaf no_ocsp_for_cert_ok", "leaf no_ocsp_for_cert_ok"),
    ],
)
def test_ocsp_of_a_virtual_host(main: str, own: str, expected: str | None, tmp_path: Path) -> None:
    text = host(f"{own}\nProxyPass / http://b.internal/")
    assert only(load(tmp_path, f"{main}\n{text}")).vhost.ocsp.value == expected


@pytest.mark.parametrize("name", ["https://a.test/", "a.test/app", "http://A.test:8080/"])
def test_the_client_sends_no_path_of_a_server_name(name: str, tmp_path: Path) -> None:
    text = host("ProxyPreserveHost on\nProxyPass / http://b.internal/").replace("a.test", name)
    own = only(load(tmp_path, text))
    assert (own.client_host, own.backend.host_header) == ("a.test",) * 2


def test_host_of_the_client_is_chosen(tmp_path: Path) -> None:
    text = host("SSLProxyEngine on\nProxyPreserveHost on\nProxyPass / https://b.internal/")
    own = only(load(tmp_path, text))
    assert (own.client_host, own.backend.sni, own.backend.host_header) == ("a.test",) * 3
    other = only(load(tmp_path, text, host="Other.Test:8443"))
    assert other.backend.host_header == "Other.Test:8443"
    assert other.backend.sni == other.backend.check_name == "other.test"
    address = only(load(tmp_path, text, host="10.0.0.1"))
    assert (address.backend.sni, address.backend.check_name) == (None, "10.0.0.1")
    six = only(load(tmp_path, text, host="[::1]:443"))
    assert (six.backend.sni, six.backend.check_name) == (None, "::1")


@pytest.mark.parametrize("name", ["main.conf", "part.conf", "linked.conf", "directory/part.conf"])
def test_overlay_counts_under_every_name_of_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "part.conf").write_text(host("ProxyPass / http://old.internal/"))
    (tmp_path / "linked.conf").symlink_to("part.conf")
    (tmp_path / "directory").symlink_to(".")
    main = tmp_path / "main.conf"
    main.write_text(f"ServerRoot {tmp_path}\nListen 443\n{MODULES}Include linked.conf\n")
    planned = host("ProxyPass / http://new.internal/").encode()
    if name == "main.conf":
        planned = main.read_bytes().replace(b"Include linked.conf", planned)
    configuration = config.load(str(main), overlay={str(tmp_path / name): planned})
    assert only(configuration).backend.host == "new.internal"
    read = {file.real_path: file.data for file in configuration.files.values()}
    assert read[str((tmp_path / name).resolve())] == planned
    assert only(config.load(str(main))).backend.host == "old.internal"


def test_planned_file_counts_as_existing(tmp_path: Path) -> None:
    text = host("SSLProxyCACertificateFile new/ca.pem\nProxyPass / https://b.internal/")
    refused = load(tmp_path, text)
    assert [p.slug for p in refused.problems] == ["ca-file-missing"]
    planned = load(tmp_path, text, overlay={str(tmp_path / "new/ca.pem"): b"x"})
    assert planned.problems == ()


def test_lone_virtual_host_file(tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(
        host(
            "SSLProxyEngine on\n<IfModule mod_proxy.c>\nProxyPass / https://b.internal/\n"
            "</IfModule>\nSomeDirectiveOfAnotherVendor x\nSSLProxyVerfy none"
        )
    )
    configuration = config.load(str(file))
    assert configuration.partial
    assert only(configuration).vhost.never_served is None
    (problem,) = configuration.problems
    assert (problem.slug, problem.line) == ("unknown-directive", 8)
    assert "SSLProxyVerify" in problem.hint


def test_directory_of_virtual_host_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        text = host(f"ProxyPass / http://{name}.internal/", f"{name}.test")
        (tmp_path / f"{name}.conf").write_text(text)
    configuration = config.load(str(tmp_path))
    assert configuration.partial
    assert [r.backend.host for r in configuration.routes] == ["a.internal", "b.internal"]


def test_defines(tmp_path: Path) -> None:
    text = host("<IfDefine X>\nProxyPass / http://b.internal/\n</IfDefine>")
    assert load(tmp_path, text).routes == ()
    assert len(load(tmp_path, text, defines=("X",)).routes) == 1


def test_policies_of_equal_origin_are_one_object(tmp_path: Path) -> None:
    text = (
        "SSLProxyEngine on\n<Proxy https://s>\nSSLProxyVerify require\n</Proxy>\n"
        + host("ProxyPass /a https://b.internal/\nProxyPass /b https://c.internal/", "a.test")
        + host("ProxyPass / https://d.internal/\nProxyPass /s https://s.internal/", "b.test")
        + host("SSLProxyVerify none\nProxyPass /a https://e.internal/\nProxyPass /b https://e/")
        + host("ProxyPass / https://s2.internal/", "d.test")
    )
    policies = [id(route.tls) for route in load(tmp_path, text).routes]
    assert len(policies) == 7
    assert len(set(policies)) == 3
    assert policies[0] == policies[1] == policies[2]
    assert policies[3] == policies[6]
    assert policies[4] == policies[5]


def test_section_that_governs_is_named(tmp_path: Path) -> None:
    text = "<Proxy *>\nSSLProxyEngine on\n</Proxy>\n" + host(
        "<Proxy https://b>\nSSLProxyEngine on\n</Proxy>\n"
        "ProxyPass /b https://b.internal/\nProxyPass /c https://c.internal/"
    )
    own, main = load(tmp_path, text).routes
    assert own.policy_section is not None
    assert not own.policy_in_main_section
    assert main.policy_section is not None
    assert main.policy_in_main_section
    assert main.policy_section.line < own.policy_section.line


@pytest.mark.parametrize(
    "body",
    [
        "<If \"%{HTTP_HOST} == 'x'\">\nProxyPreserveHost on\n</If>",
        "<Location />\n<If true>\nProxyPreserveHost on\n</If>\n</Location>",
        "ProxyPreserveHost on\n<If true>\nRequire all granted\n</If>\n<Else>\n"
        "ProxyPreserveHost off\n</Else>",
        "ProxyPreserveHost on\nRequestHeader set Host x env=Y",
        "ProxyPreserveHost on\nRequestHeader set Host %{X}e",
    ],
)
def test_what_a_request_decides_is_not_guessed(body: str, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nProxyPass / https://b.internal/\n{body}")
    assert "depends on the request" in str(only(load(tmp_path, text)).unknown)


@pytest.mark.parametrize(
    "body",
    [
        "ProxyPreserveHost on\n<If true>\nProxyPreserveHost on\n</If>",
        "<If true>\nRequestHeader set X-Y z\n</If>",
        "<Location /other>\n<If true>\nProxyPreserveHost on\n</If>\n</Location>",
    ],
)
def test_condition_that_changes_nothing_is_no_doubt(body: str, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nProxyPass / https://b.internal/\n{body}")
    assert only(load(tmp_path, text)).unknown is None


LOGIN = 'RequestHeader set Proxy-Authorization "Basic eDp5"'
REMOTE = "ProxyRemote * http://proxy.internal:3128\n"


@pytest.mark.parametrize(
    ("body", "login"),
    [
        (REMOTE + LOGIN, "Basic eDp5"),
        (f"{REMOTE}{LOGIN} early", "Basic eDp5"),
        (f"{REMOTE}<Proxy *>\n{LOGIN}\n</Proxy>", "Basic eDp5"),
        (f"{REMOTE}<Location /other>\n{LOGIN}\n</Location>", None),
        (f"{REMOTE}{LOGIN}\nRequestHeader unset Proxy-Authorization", None),
        (LOGIN, None),  # nobody is there to be given it
    ],
)
def test_the_login_for_a_forward_proxy(body: str, login: str | None, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\n{body}\nProxyPass / https://b.internal/")
    route = only(load(tmp_path, text))
    assert route.proxy_login.value == login
    assert route.unknown is None
    assert "eDp5" not in repr(route)


@pytest.mark.parametrize("remote", [REMOTE, ""])
@pytest.mark.parametrize("body", [f"{LOGIN} env=X", f"<If true>\n{LOGIN}\n</If>"])
def test_a_login_that_a_request_decides_is_not_guessed(
    remote: str, body: str, tmp_path: Path
) -> None:
    text = host(f"SSLProxyEngine on\n{remote}{body}\nProxyPass / https://b.internal/")
    unknown = only(load(tmp_path, text)).unknown
    assert unknown is None if not remote else "depends on the request" in str(unknown)
    assert "eDp5" not in str(unknown)


@pytest.mark.parametrize(
    "line",
    [
        "ProxyPassMatch ^/(.*)$ https://$1/",
        "ProxyPassMatch ^/([a-z]+)/(.*)$ https://$1.internal/$2",
        "ProxyPassMatch ^/x([0-9]) https://b$1.internal/",
        "RewriteRule ^/(.*) https://%{HTTP_HOST}/$1 [P]",
        "RewriteRule ^/(.*) https://${map:$1|b.internal}/ [P]",
        "RewriteRule ^/([^/]*)(.*) https://$1:8443$2 [P]",
    ],
)
def test_backend_of_the_request_is_unknown(line: str, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nRewriteEngine on\n{line}")
    assert "known only when a request is there" in str(only(load(tmp_path, text)).unknown)


def test_conditions_of_rules(tmp_path: Path) -> None:
    text = host(
        "RewriteEngine on\nRewriteCond %{HTTP:Upgrade} websocket [NC]\n"
        "RewriteRule ^/(.*) ws://b.internal/$1 [P]\n"
        "RewriteCond %{HTTPS} on\nRewriteRule ^/x(.*) http://b.internal/$1 [P]\n"
        "RewriteCond %{HTTPS} off\nRewriteRule ^/y(.*) http://b.internal/$1 [P]\n"
    )
    upgrade, never, always = load(tmp_path, text).routes
    assert upgrade.conditional is not None
    assert upgrade.unknown is None
    assert "never holds" in str(never.unknown)
    assert (always.conditional, always.unknown) == (None, None)


def test_empty_balancer_is_a_route_of_its_own(tmp_path: Path) -> None:
    route = only(load(tmp_path, host("ProxyPass / balancer://none/")))
    assert (route.balancer, route.backend.scheme, route.kind) == ("none", "balancer", "ProxyPass")


def test_module_that_is_not_loaded(tmp_path: Path) -> None:
    file = tmp_path / "main.conf"
    without = httpd.load_modules(without=("ssl",))
    file.write_text(f"ServerRoot {tmp_path}\nListen 443\n{without}" + host("SSLProxyEngine on"))
    (problem,) = config.load(str(file)).problems
    assert (problem.slug, problem.phase, problem.code) == ("module-missing", "config", "AH00526")
    assert "mod_ssl" in problem.hint


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SSLProxyEngin on", "SSLProxyEngine"),
        ("SSLProxyCheckPeername2 off", "SSLProxyCheckPeerName"),
        ("ProxyPas / http://b/", "ProxyPass"),
        ("SSLProxyCACertifcateFile /x", "SSLProxyCACertificateFile"),
    ],
)
def test_typo_names_the_nearest_directive(written: str, meant: str, tmp_path: Path) -> None:
    (problem,) = load(tmp_path, host(written)).problems
    assert problem.slug == "unknown-directive"
    assert meant in problem.hint


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(str(tmp_path / "none.conf"))
    assert caught.value.file.endswith("none.conf")


def test_debians_own_configuration_has_no_fault(tmp_path: Path) -> None:
    """/etc/apache2 as it is, with the modules of a proxy enabled: ``-t`` passes, so do we."""
    copy = tmp_path / "apache2"
    shutil.copytree("/etc/apache2", copy, symlinks=True)
    for name in ("ssl", "proxy", "proxy_http", "headers", "rewrite", "socache_shmcb"):
        for ending in ("load", "conf"):
            available = copy / "mods-available" / f"{name}.{ending}"
            enabled = copy / "mods-enabled" / f"{name}.{ending}"
            if available.exists() and not enabled.exists():
                enabled.symlink_to(f"../mods-available/{name}.{ending}")
    configuration = config.load(str(copy))
    assert [p for p in configuration.problems if p.phase == "config"] == []
    said = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f". {copy}/envvars && export APACHE_RUN_DIR={tmp_path} && "  # as apache2ctl makes it
            f"exec {httpd.HTTPD} -t -d {copy} -f apache2.conf",
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Syntax OK" in said.stderr


def test_cost_grows_linearly(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        text = "".join(
            host(
                f"SSLProxyEngine on\nProxyPreserveHost on\nProxyPass / https://b{n}.internal/\n"
                f"<Proxy https://b{n}.internal/>\nSSLProxyVerify none\n</Proxy>\n"
                f"<Location /x{n}>\nProxyPass https://c{n}.internal/\n</Location>",
                f"a{n}.test",
            )
            for n in range(count)
        ) + "".join(f"ProxyPass /m{n} http://m.internal/{n}\n" for n in range(count))
        best = 1e9
        for _ in range(2):
            before = time.process_time()
            configuration = load(tmp_path, text)
            best = min(best, time.process_time() - before)
        assert len(configuration.routes) >= 3 * count
        return best

    assert seconds(1600) < 10 * seconds(400)


@pytest.mark.parametrize(
    ("url", "header"),
    [  # as httpd 2.4.71 sent them to backends on ports 80 and 443
        ("http://b.internal:80/", "b.internal"),
        ("http://b.internal/", "b.internal"),
        ("https://b.internal:443/", "b.internal"),
        ("https://b.internal:80/", "b.internal"),
        ("http://b.internal:443/", "b.internal:443"),
        ("wss://b.internal:443/", "b.internal"),
        ("ws://b.internal:80/", "b.internal"),
        ("http://b.internal:080/", "b.internal"),
        ("http://user:word@b.internal/", "b.internal"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://B.Internal:8443/", "b.internal:8443"),
    ],
)
def test_port_in_the_host_header(url: str, header: str, tmp_path: Path) -> None:
    assert only(load(tmp_path, host(f"ProxyPass / {url}"))).backend.host_header == header


def test_url_without_a_usable_port_is_unknown(tmp_path: Path) -> None:
    route = only(load(tmp_path, host("ProxyPass / http://b.internal:-1/")))
    assert route.unknown is not None


def test_a_colon_without_a_port_is_part_of_the_name_that_httpd_looks_up(tmp_path: Path) -> None:
    route = only(load(tmp_path, host("ProxyPass / http://b.internal:/")))
    assert (route.unknown, route.backend.host, route.backend.port) == (None, "b.internal:", 80)


@pytest.mark.parametrize(
    "line",
    [
        "ProxyPassMatch ^/a(/.*)?$ https://b.internal:8443$1",
        "ProxyPassMatch ^(/.*)$ https://b.internal$1",
        "RewriteRule ^/a(/.*)?$ https://b.internal:8443$1 [P]",
        "RewriteRule ^ https://b.internal:8443%{REQUEST_URI} [P]",
    ],
)
def test_placeholder_for_the_path_is_no_missing_slash(line: str, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nRewriteEngine on\n{line}")
    load(tmp_path, text)
    scope = Scope(path=str(tmp_path / "main.conf"), probe=False, httpd=HttpdChoice(ask=False))
    (diagnosis,) = Engine(scope).check().diagnoses
    assert diagnosis.case.route.unknown is None
    assert diagnosis.verdict.outcome != "fail"


@pytest.mark.parametrize(
    "body",
    [
        "<ProxyMatch (a|aa)+$>\nSSLProxyVerify none\n</ProxyMatch>",
        "<LocationMatch (a|aa)+$>\nProxyPreserveHost on\n</LocationMatch>",
        "<ProxyMatch ^(.)\\1$>\nProxyPreserveHost on\n</ProxyMatch>",
    ],
)
def test_pattern_that_is_not_tried_is_said(body: str, tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nProxyPass / https://b.internal/\n{body}")
    assert "only httpd can say what the pattern" in str(only(load(tmp_path, text)).unknown)


def test_rule_in_a_condition_is_conditional(tmp_path: Path) -> None:
    text = host(
        "<If true>\nRewriteEngine on\nRewriteRule ^ http://b.internal/x [P]\n</If>\n"
        '<If true>\nSetHandler "proxy:http://c.internal/"\n</If>'
    )
    for route in load(tmp_path, text).routes:
        assert "<If true>" in str(route.conditional)


def test_file_that_loads_no_module_is_a_part(tmp_path: Path) -> None:
    """Upstream's extra/httpd-ssl.conf: a Listen line and a virtual host."""
    file = tmp_path / "httpd-ssl.conf"
    body = "SSLProxyEngine on\n<IfModule mod_proxy.c>\nProxyPass / https://b.internal/\n</IfModule>"
    file.write_text("Listen 443\n" + host(body))
    configuration = config.load(str(file))
    assert configuration.partial
    assert configuration.problems == ()
    assert only(configuration).tls.engine.value


def test_variable_of_another_file_leaves_the_backend_open(tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(host("SSLProxyEngine on\nProxyPass / https://${BACKEND}/"))
    route = only(config.load(str(file)))
    assert "${BACKEND}" in str(route.unknown)
    assert f"{file}:" in str(route.unknown)
    assert route.backend.host == ""


def test_variable_that_nobody_defines_is_what_httpd_looks_up(tmp_path: Path) -> None:
    route = only(load(tmp_path, host("SSLProxyEngine on\nProxyPass / https://${BACKEND}/")))
    assert route.unknown is None
    assert route.backend.host == "${backend}"


@pytest.mark.parametrize(
    ("name", "meant"), [("applb", "app-lb"), ("other", None), (f"{'app-lb' * 14}x", None)]
)
def test_the_balancer_that_a_name_without_members_is_most_like(
    tmp_path: Path, name: str, meant: str | None
) -> None:
    """httpd takes no name of more than 84 characters, and long ones take long to compare."""
    balancers = "".join(
        f"<Proxy balancer://{one}>\nBalancerMember http://127.0.0.1:1\n</Proxy>\n"
        for one in ("app-lb", "app-lb" * 14)
    )
    text = host(f"{balancers}ProxyPass / balancer://{name}/")
    assert load(tmp_path, text).routes[0].meant_balancer == meant


def test_routes_have_the_set_of_all_errors_in_common(tmp_path: Path) -> None:
    """Thousands of their own would need as much memory again as the configuration."""
    text = host("ProxyErrorOverride on\nProxyPass / http://b.test/")
    one, other = (route.answers.replaced for route in load(tmp_path, text + text).routes)
    assert 599 in one
    assert one is other

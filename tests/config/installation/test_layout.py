"""Which configuration a path is, and the environment that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from wizard import config
from wizard.config.installation import environment, launch, service
from wizard.config.installation.distributions import DEBIAN, RHEL, SUSE, UPSTREAM, Family
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess.reader import read
from wizard.errors import ConfigError
from wizard.httpd import command
from wizard.model.service import Service

VHOST = "<VirtualHost *:443>\nServerName a.example\n</VirtualHost>\n"


def made(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_installed_debian() -> None:
    found = locate(None)
    assert (found.kind, found.main_file) == ("debian", "/etc/apache2/apache2.conf")
    assert (found.binary, found.native) == ("/usr/sbin/apache2", True)
    assert found.environment["APACHE_RUN_USER"] == "www-data"
    assert "so_module" in found.static_modules
    assert locate("/etc/apache2") == locate("/etc/apache2/apache2.conf") == found


def test_copy_of_debian(root: Path) -> None:
    made(root, {"apache2.conf": "", "mods-enabled/a.load": "", "envvars": "export X=1\n"})
    for found in (locate(str(root)), locate(str(root / "apache2.conf"))):
        assert (found.kind, found.server_root) == ("debian", str(root))
        assert (found.native, found.copy_of) == (False, "/etc/apache2")
        assert found.environment["X"] == "1"
        assert found.relocate("/etc/apache2/ports.conf") == str(root / "ports.conf")
        assert found.relocate("/etc/apache2x") == "/etc/apache2x"


def test_copy_of_rhel_names_its_files_by_the_original_root(root: Path) -> None:
    main = 'ServerRoot "/etc/httpd"\nIncludeOptional conf.d/*.conf\nInclude /etc/httpd/x.conf\n'
    files = {"conf/httpd.conf": main, "conf.d/a.conf": VHOST, "x.conf": "Timeout 5\n"}
    made(root, files)
    found = locate(str(root))
    assert (found.kind, found.server_root) == ("rhel", str(root))
    tree = read(found)
    assert [node.key for node in tree.root] == ["virtualhost", "timeout"]
    assert str(root / "conf.d/a.conf") in tree.files


def test_upstream(root: Path) -> None:
    made(root, {"conf/httpd.conf": "", "bin/envvars": "LD_LIBRARY_PATH=/x\nexport LD_LIBRARY_PATH"})
    found = locate(str(root), environ={})
    assert (found.kind, found.server_root) == ("upstream", str(root))
    assert found.environment == {"LD_LIBRARY_PATH": "/x"}


def test_suse(root: Path) -> None:
    made(root, {"httpd.conf": "", "vhosts.d/a.conf": VHOST})
    found = locate(str(root))
    assert (found.kind, found.main_file) == ("upstream", str(root / "httpd.conf"))


def test_lone_virtual_host_file(root: Path) -> None:
    made(root, {"a.conf": "<IfModule mod_ssl.c>\n" + VHOST + "</IfModule>\n"})
    found = locate(str(root / "a.conf"))
    assert (found.kind, found.partial) == ("file", True)
    assert [node.key for node in read(found).root] == ["virtualhost"]


def test_main_file_anywhere(root: Path) -> None:
    made(root, {"my.conf": f"ServerRoot {root}\nListen 80\n" + VHOST})
    found = locate(str(root / "my.conf"), environ={"A": "b"})
    assert (found.kind, found.partial, found.environment) == ("file", False, {"A": "b"})


def test_virtual_host_file_within_a_layout_says_what_else_to_name(root: Path) -> None:
    made(root, {"apache2.conf": "", "sites-available/a.conf": VHOST, "mods-enabled/x": ""})
    found = locate(str(root / "sites-available/a.conf"))
    assert found.partial
    assert str(root / "apache2.conf") in found.hint


def test_directory_of_virtual_host_files(root: Path) -> None:
    made(root, {"b.conf": VHOST, "a.conf": VHOST, "a.conf.bak": VHOST, "é.conf": VHOST})
    found = locate(str(root))
    assert found.files == tuple(str(root / name) for name in ("a.conf", "b.conf", "é.conf"))
    assert len(read(found).root) == 3


def test_directory_that_holds_a_main_file(root: Path) -> None:
    made(root, {"httpd.conf": f"ServerRoot {root}\nListen 80\nInclude sites/*.conf\n"})
    made(root, {"sites/a.conf": VHOST, "old.conf": VHOST})
    found = locate(str(root))
    assert (found.main_file, found.partial) == (str(root / "httpd.conf"), False)
    assert found == locate(str(root / "httpd.conf"))


def test_conf_directory_of_a_full_layout(root: Path) -> None:
    made(root, {"conf/httpd.conf": "Listen 80\n", "conf.d/a.conf": VHOST})
    assert locate(str(root / "conf")) == locate(str(root))


def test_an_empty_path_is_no_directory() -> None:
    with pytest.raises(ConfigError, match="CONFIG is empty"):
        locate("")


@pytest.mark.parametrize("name", ["nope", "nope/nope", "empty", "a\0b"])
def test_nothing_to_read(root: Path, name: str) -> None:
    (root / "empty").mkdir()
    with pytest.raises(ConfigError):
        locate(str(root / name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("export A=1\nB=2\nexport B\nC=3\n", {"A": "1", "B": "2"}),
        ("export A='x y' B=\"$HOME/${A}\"\n", {"A": "x y", "B": "/x y"}),
        ("export A=${B:-c}\nexport D=${A##c}x\n", {"A": "c", "D": "x"}),
        ('if [ "${S##/etc/}" != "$S" ]; then\nexport A=1\nelse\nexport A=2\nfi\n', {"A": "2"}),
        ("export A=`id`\nexport B=$(id)\nexport C=1; export D=2 # x\n", {"C": "1", "D": "2"}),
        ("export A=1\nunset A\n", {}),
        ("A=1 \\\n; export A\n", {"A": "1"}),
        ("export B=1; export A=\"x\ny\n'", {"B": "1"}),
        ("export A=\"x y\nexport B=1 # it's\n", {"B": "1"}),
    ],
)
def test_shell_assignments(text: str, expected: dict[str, str]) -> None:
    assert environment.parse_shell(text, {}) == expected


def test_unit_environment() -> None:
    text = '[Service]\nEnvironment=A=1 "B=x y"\nEnvironment=LANG=C\n'
    assert environment.parse_unit(text) == {"A": "1", "B": "x y", "LANG": "C"}
    assert environment.parse_unit("Environment=\n", {"A": "1"}) == {}


def test_defines_of_a_command_line() -> None:
    assert environment.options_defines("-D A -DB -k start -D C=1") == ("A", "B", "C=1")
    assert environment.options_defines('-D "A') == ()


def test_nothing_is_missing_that_an_unknown_program_may_have_compiled_in(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf.d").mkdir()
    lines = ["Listen 80", "LoadModule proxy_module modules/mod_proxy.so", "User apache"]
    lines += ["Group apache", "SSLProxyEngine on"]
    (tmp_path / "conf" / "httpd.conf").write_text("\n".join(lines) + "\n")
    found = config.load(str(tmp_path))
    assert (found.layout, found.httpd.path) == ("rhel", None)
    assert [p.line for p in found.problems if p.slug == "module-missing"] == [5]
    assert [p.modules for p in found.problems if p.slug == "module-missing"] == [("ssl_module",)]


def test_a_unit_names_the_file_with_its_options(root: Path) -> None:
    """systemd.exec(5): without any export, and it wins over Environment=."""
    unit = f"[Service]\nEnvironmentFile=-{root}/options\nEnvironment=OPTIONS=-DUNIT LANG=C\n"
    made(root, {"httpd.service": unit, "options": "# x\n OPTIONS = no\nOPTIONS='-DA -DB'\nX=y z\n"})
    started = launch.of(replace(RHEL, unit_files=(f"{root}/httpd.service",)), "", {}, own=True)
    assert started.environment == {"OPTIONS": "-DA -DB", "LANG": "C", "X": "y z"}
    assert started.defines == ("A", "B")


def test_a_file_of_options_that_no_unit_names_does_not_count(root: Path) -> None:
    made(root, {
        "httpd.service": f"EnvironmentFile={root}/options\n",
        "httpd.service.d/a.conf": "[Service]\nEnvironmentFile=\nEnvironment=OPTIONS=-DC\n",
        "options": "OPTIONS=-DA\n",
    })  # fmt: skip
    units = (f"{root}/httpd.service", f"{root}/httpd.service.d")
    assert launch.of(replace(RHEL, unit_files=units), "", {}, own=True).defines == ("C",)


def test_the_file_of_openssls_settings_is_the_services(root: Path) -> None:
    """Debian's unit runs apachectl, which reads envvars; another instance has its own unit."""
    made(root, {
        "apache2.service.d/a.conf": "[Service]\nEnvironment=OPENSSL_CONF=/a.cnf A=1\n",
        "apache2@b.service.d/a.conf": "[Service]\nEnvironment=OPENSSL_CONF=/b.cnf\n",
        "apache2/envvars": "export B=2\n",
        "apache2-b/envvars": "",
        "apache2-c/envvars": "export OPENSSL_CONF=/c.cnf\n",
    })  # fmt: skip
    units = (f"{root}/apache2.service", f"{root}/apache2.service.d")
    family = replace(DEBIAN, server_root=f"{root}/apache2", unit_files=units)
    inherited = {"OPENSSL_CONF": "/0.cnf"}
    for name, expected in (
        ("apache2", {"OPENSSL_CONF": "/a.cnf", "A": "1", "B": "2"}),
        ("apache2-b", {"OPENSSL_CONF": "/b.cnf"}),
        ("apache2-c", {"OPENSSL_CONF": "/c.cnf"}),
    ):
        place = f"{root}/{name}"
        assert launch.of(family, place, inherited, own=True).environment == expected
    assert launch.of(family, f"{root}/apache2", {}, own=False).environment == {"B": "2"}


def suse(root: Path) -> Path:
    """A copy of SUSE's configuration, as start_apache2 leaves it."""
    return made(root, {
        "httpd.conf": "<IfDefine SYSCONFIG>\nListen 81\n</IfDefine>\n",
        "vhosts.d/a.conf": VHOST,
        "sysconfig.d/loadmodule.conf": "LoadModule ssl_module /usr/lib64/apache2/mod_ssl.so\n",
        "sysconfig.d/global.conf": "Timeout 7\n",
        "sysconfig.d/include.conf": "Timeout 8\n",
    })  # fmt: skip


def test_suse_reads_files_that_only_the_command_line_names(root: Path) -> None:
    found = locate(str(suse(root)))
    tree = read(found)
    seen = [f"{node.key} {node.args}" for node in tree.root]
    assert seen == ["timeout 7", "listen 81", "timeout 8"]
    assert "ssl_module" in tree.modules
    assert found.main_file == f"{root}/httpd.conf"
    words = command.command(replace(found, binary="/usr/sbin/httpd"))
    assert words == [
        "/usr/sbin/httpd", "-d", str(root), "-C", "PidFile /run/httpd.pid",
        "-C", f'Include "{root}/sysconfig.d/loadmodule.conf"',
        "-C", f'Include "{root}/sysconfig.d/global.conf"', "-f", f"{root}/httpd.conf",
        "-c", f'Include "{root}/sysconfig.d/include.conf"', "-D", "SYSCONFIG",
    ]  # fmt: skip


def test_suse_before_its_first_start(root: Path) -> None:
    made(root, {"httpd.conf": "", "vhosts.d/a.conf": VHOST, "sysconfig.d/global.conf": ""})
    found = locate(str(root))
    assert (found.files, found.defines, found.pid_file) == ((f"{root}/httpd.conf",), (), "")


def test_suse_flags(root: Path) -> None:
    """APACHE_SERVER_FLAGS are for the script that starts it: names, with or without -D."""
    made(suse(root), {"apache2": 'APACHE_SERVER_FLAGS="SSL -DSTATUS -D INFO"\nX=1\n'})
    started = launch.of(replace(SUSE, flags_file=f"{root}/apache2"), str(root), {}, own=True)
    assert started.defines == ("SYSCONFIG", "SSL", "STATUS", "INFO")
    assert started.environment == {}


def test_a_lone_file_knows_the_configuration_that_it_lies_in(root: Path) -> None:
    made(root, {"apache2.conf": "", "mods-enabled/x": "", "sites-available/a.conf": VHOST})
    assert locate(str(root / "sites-available/a.conf")).whole == f"{root}/apache2.conf"
    made(root / "elsewhere/far/from/it", {"a.conf": VHOST})
    assert locate(str(root / "elsewhere/far/from/it/a.conf")).whole == ""


@pytest.mark.parametrize(
    ("family", "root", "test", "reload", "enable"),
    [
        (DEBIAN, "/etc/apache2", "apache2ctl configtest", "systemctl reload apache2", "a2enmod"),
        (
            DEBIAN, "/etc/apache2-a b", "'apache2ctl-a b' configtest",
            "systemctl reload 'apache2@a b'", "'a2enmod-a b'",
        ),
        (RHEL, "/etc/httpd", "httpd -D A -t", "systemctl reload httpd", ""),
        (SUSE, "/etc/apache2", "start_apache2 -t", "systemctl reload apache2", "a2enmod"),
        (
            UPSTREAM, "/opt/httpd", "/opt/httpd/bin/apachectl configtest",
            "/opt/httpd/bin/apachectl graceful", "",
        ),
    ],
)  # fmt: skip
def test_commands_of_a_layout(
    family: Family, root: str, test: str, reload: str, enable: str
) -> None:
    """Of a copy from another machine: what is usual there."""
    layout = Layout(family.kind, f"{root}/{family.main_file}", root, defines=("A",))
    found = service.of(layout)
    assert (found.configtest, found.reload) == (test, f"{test} && {reload}")
    assert found.enable == enable


def test_commands_of_a_main_file_of_its_own(root: Path) -> None:
    """No control program tests it: those of the installed httpd test its own configuration."""
    main = f"{root}/my.conf"
    layout = Layout("file", main, str(root), binary="/usr/sbin/apache2", defines=("A",))
    call = f"/usr/sbin/apache2 -d {root} -f {main} -D A"
    found = service.of(layout)
    assert (found.configtest, found.reload) == (f"{call} -t", f"{call} -t && {call} -k graceful")
    assert service.unit(layout) == ""
    assert service.of(replace(layout, binary=None)) == Service()

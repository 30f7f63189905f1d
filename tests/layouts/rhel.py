"""RHEL's and Fedora's httpd: /etc/httpd, conf.d and conf.modules.d, /etc/pki, a systemd unit."""

from __future__ import annotations

from tests.layouts import installed
from tests.layouts.layout import Layout, run
from tests.layouts.machine import Machine

MODULES = "/usr/lib64/httpd/modules"
ROOT = "/etc/httpd"
UNIT = "/usr/lib/systemd/system/httpd.service"
DROP_IN = "/etc/systemd/system/httpd.service.d/app.conf"
SITE = f"{ROOT}/conf.d/app.conf"
_BASE = ("authz_core", "authz_host", "headers", "rewrite", "socache_shmcb", "slotmem_shm")
_PROXY = ("proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests")
_MAIN = """\
ServerRoot "/etc/httpd"
Include conf.modules.d/*.conf
User apache
Group apache
ServerName main.test
<Directory />
    AllowOverride none
    Require all denied
</Directory>
ErrorLog "logs/error_log"
LogLevel info
<IfModule log_config_module>
    LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
    CustomLog "logs/access_log" common
</IfModule>
IncludeOptional conf.d/*.conf
"""
_SSL = """\
SSLPassPhraseDialog exec:/usr/libexec/httpd-ssl-pass-dialog
SSLSessionCache         shmcb:/run/httpd/sslcache(512000)
SSLCryptoDevice builtin
"""
_UNIT = """\
[Unit]
Description=The Apache HTTP Server
[Service]
Type=notify
Environment=LANG=C
ExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND
ExecReload=/usr/sbin/httpd $OPTIONS -k graceful
"""


def build(machine: Machine, port: int, site: str, bundle: bytes) -> None:
    """Install httpd as RHEL does, and one site that only ``OPTIONS=-DAPP`` switches on."""
    installed.install(machine, "/usr/sbin/httpd", MODULES, b"run/httpd.pid")
    installed.user(machine, "apache", "apache", 48)
    machine.put("/etc/httpd/conf/httpd.conf", f"Listen 127.0.0.2:{port}\n{_MAIN}")
    machine.link("/etc/httpd/modules", "../../usr/lib64/httpd/modules")
    machine.link("/etc/httpd/logs", "../../var/log/httpd")
    machine.link("/etc/httpd/run", "/run/httpd")
    for name in ("/var/log/httpd", "/run/httpd", "/run/systemd/system"):
        machine.path(name).mkdir(parents=True)
    lines = {"00-base": _BASE, "00-mpm": ("mpm_event",), "00-proxy": _PROXY, "00-ssl": ("ssl",)}
    for name, modules in lines.items():
        machine.put(f"/etc/httpd/conf.modules.d/{name}.conf", installed.loads(modules, "modules"))
    machine.put("/etc/httpd/conf.d/ssl.conf", _SSL)
    machine.script("/usr/libexec/httpd-ssl-pass-dialog", "exit 1")
    machine.put(SITE, f"<IfDefine APP>\n{site}</IfDefine>\n")
    machine.put("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", bundle)
    machine.link(
        "/etc/pki/tls/certs/ca-bundle.crt", "../../ca-trust/extracted/pem/tls-ca-bundle.pem"
    )
    machine.put(UNIT, _UNIT)
    machine.put(DROP_IN, "[Service]\nEnvironment=OPTIONS=-DAPP\n")
    # compiled in there: -d /etc/httpd -f conf/httpd.conf
    call = "/usr/sbin/httpd -d /etc/httpd -f conf/httpd.conf"
    machine.script("/usr/local/sbin/httpd", f'exec {call} "$@"')
    machine.script(
        "/usr/bin/systemctl",
        f"""\
echo "$@" >>/run/systemctl
file=$(sed -n 's/^EnvironmentFile=-//p' {UNIT})
OPTIONS=$(sed -n 's/^Environment=OPTIONS=//p' {DROP_IN} 2>/dev/null)
test -z "$file" || . "$file"
case "$1" in
is-active) test -e /run/httpd/httpd.pid ;;
start) exec {call} $OPTIONS ;;
reload) exec {call} $OPTIONS -k graceful ;;
restart) exec {call} $OPTIONS -k restart ;;
esac""",
    )


RHEL = Layout(
    "rhel", ROOT, f"{ROOT}/conf/httpd.conf", SITE, "/var/log/httpd/error_log",
    "/run/httpd/httpd.pid", build, lambda machine: run(machine, "systemctl start httpd"),
)  # fmt: skip

"""The upstream build, as the official container image has it: /usr/local/apache2, process 1."""

from __future__ import annotations

from tests.layouts import installed
from tests.layouts.layout import Layout
from tests.layouts.machine import Machine

ROOT = "/usr/local/apache2"
SITE = f"{ROOT}/conf/extra/app.conf"
COMMAND = (f"{ROOT}/bin/httpd", "-d", ROOT, "-f", "conf/httpd.conf", "-DFOREGROUND")
"""What the image's httpd-foreground becomes; -d and -f are compiled in there."""
_LOADED = ("mpm_event", "authz_core", "authz_host", "headers", "proxy", "proxy_http")
_LEFT_OUT = ("rewrite", "ssl", "socache_shmcb")
_MAIN = """\
ServerRoot "/usr/local/apache2"
{loaded}{commented}LoadModule ssl_module modules/mod_ssl.so
<IfModule unixd_module>
User www-data
Group www-data
</IfModule>
ServerName main.test
<Directory />
    AllowOverride none
    Require all denied
</Directory>
ErrorLog logs/error_log
LogLevel info
Include conf/extra/app.conf
"""


def build(machine: Machine, port: int, site: str, bundle: bytes) -> None:
    """Install httpd as upstream's ``make install`` does, with one site."""
    installed.install(machine, f"{ROOT}/bin/httpd", f"{ROOT}/modules", b"logs/httpd.pid")
    loaded = installed.loads(_LOADED, "modules")
    commented = "".join(f"#{line}\n" for line in installed.loads(_LEFT_OUT, "modules").splitlines())
    main = _MAIN.format(loaded=loaded, commented=commented)
    machine.put(f"{ROOT}/conf/httpd.conf", f"Listen 127.0.0.2:{port}\n{main}")
    machine.put(SITE, site)
    machine.put("/etc/ssl/certs/ca-certificates.crt", bundle)
    machine.path(f"{ROOT}/logs").mkdir()
    machine.put(
        f"{ROOT}/bin/envvars", 'LD_LIBRARY_PATH="/usr/local/apache2/lib"\nexport LD_LIBRARY_PATH\n'
    )
    machine.script(
        f"{ROOT}/bin/apachectl",
        f"""\
. {ROOT}/bin/envvars
call="{" ".join(COMMAND[:-1])}"
case "$1" in
configtest) exec $call -t ;;
start|stop|restart|graceful|graceful-stop) exec $call -k "$1" ;;
*) exec $call "$@" ;;
esac""",
    )
    machine.environment["PATH"] = f"{ROOT}/bin:{machine.environment['PATH']}"


def start(machine: Machine) -> None:
    """The server is the container's process 1."""
    machine.become(*COMMAND)


CONTAINER = Layout(
    "container", ROOT, f"{ROOT}/conf/httpd.conf", SITE, f"{ROOT}/logs/error_log",
    f"{ROOT}/logs/httpd.pid", build, start,
)  # fmt: skip

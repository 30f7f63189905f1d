"""SUSE's httpd: /etc/apache2 with vhosts.d, modules and flags in /etc/sysconfig/apache2."""

from __future__ import annotations

from tests.layouts import installed
from tests.layouts.layout import Layout, run
from tests.layouts.machine import Machine

ROOT = "/etc/apache2"
MODULES = "/usr/lib64/apache2-prefork"
SITE = f"{ROOT}/vhosts.d/app.conf"
_LOADED = ("mpm_prefork", "authz_core", "authz_host", "headers", "log_config", "proxy",
           "proxy_http", "rewrite", "socache_shmcb", "ssl")  # fmt: skip
_MAIN = """\
Include /etc/apache2/uid.conf
ErrorLog /var/log/apache2/error_log
<IfDefine !SYSCONFIG>
  Include /etc/apache2/loadmodule.conf
</IfDefine>
Include /etc/apache2/listen.conf
<IfDefine !SYSCONFIG>
  Include /etc/apache2/global.conf
</IfDefine>
Include /etc/apache2/ssl-global.conf
<Directory />
    Options None
    AllowOverride None
    <IfModule !mod_access_compat.c>
        Require all denied
    </IfModule>
</Directory>
Include /etc/apache2/default-server.conf
IncludeOptional /etc/apache2/vhosts.d/*.conf
"""
_START = """\
. /etc/sysconfig/apache2
generated=/etc/apache2/sysconfig.d
mkdir -p $generated
for module in $APACHE_MODULES; do
    file=/usr/lib64/apache2-prefork/mod_$module.so
    test -e $file && echo "LoadModule ${module}_module $file"
done >$generated/loadmodule.conf
printf 'LogLevel %s\\nServerTokens %s\\n' "$APACHE_LOGLEVEL" "$APACHE_SERVERTOKENS" \
    >$generated/global.conf
for file in $APACHE_CONF_INCLUDE_FILES; do
    echo "Include $file"
done >$generated/include.conf
flags=
for flag in $APACHE_SERVER_FLAGS; do
    flags="$flags -D${flag#-D}"
done
exec /usr/sbin/httpd-prefork -DSYSCONFIG $flags -C 'PidFile /run/httpd.pid' \
    -C "Include $generated//loadmodule.conf" -C "Include $generated//global.conf" \
    -f /etc/apache2/httpd.conf -c "Include $generated//include.conf" "$@"
"""
_ENABLE = """sed -i "/^APACHE_MODULES=/s/\\"$/ $1&/" /etc/sysconfig/apache2"""
_UNIT = """\
[Unit]
Description=The Apache Webserver
[Service]
Type=notify
PrivateTmp=true
ExecStart=/usr/sbin/start_apache2 -DSYSTEMD -DFOREGROUND -k start
ExecReload=/usr/sbin/start_apache2 -DSYSTEMD -DFOREGROUND -k graceful
"""


def build(machine: Machine, port: int, site: str, bundle: bytes) -> None:
    """Install httpd as SUSE does, with one site that only the flag SSL switches on."""
    installed.install(machine, "/usr/sbin/httpd-prefork", MODULES, b"/run/httpd.pid")
    machine.link("/usr/sbin/httpd", "httpd-prefork")
    installed.user(machine, "wwwrun", "www", 466)
    machine.put(f"{ROOT}/httpd.conf", _MAIN)
    machine.put(f"{ROOT}/uid.conf", "User wwwrun\nGroup www\n")
    machine.put(
        f"{ROOT}/listen.conf",
        f"<IfDefine SSL>\n    <IfDefine !NOSSL>\n"
        f"        <IfModule mod_ssl.c>\n            Listen 127.0.0.2:{port}\n"
        "        </IfModule>\n    </IfDefine>\n</IfDefine>\n",
    )
    machine.put(
        f"{ROOT}/ssl-global.conf",
        "<IfModule mod_ssl.c>\n    SSLSessionCache shmcb:/run/ssl_scache(512000)\n</IfModule>\n",
    )
    machine.put(f"{ROOT}/default-server.conf", "ServerName main.test\n")
    machine.put(f"{ROOT}/loadmodule.conf", installed.loads(("mpm_prefork", "authz_core"), MODULES))
    machine.put(f"{ROOT}/global.conf", "LogLevel warn\n")
    machine.put(f"{ROOT}/more.conf", "Timeout 60\n")
    machine.put(SITE, f"<IfDefine SSL>\n{site}</IfDefine>\n")
    machine.put(
        "/etc/sysconfig/apache2",
        f'APACHE_MODULES="{" ".join(_LOADED)}"\n'
        'APACHE_SERVER_FLAGS="SSL"\nAPACHE_HTTPD_CONF=""\nAPACHE_LOGLEVEL="info"\n'
        'APACHE_SERVERTOKENS="ProductOnly"\n'
        'APACHE_CONF_INCLUDE_FILES="/etc/apache2/more.conf"\n',
    )
    machine.put("/var/lib/ca-certificates/ca-bundle.pem", bundle)
    machine.link("/etc/ssl/ca-bundle.pem", "../../var/lib/ca-certificates/ca-bundle.pem")
    for name in ("/var/log/apache2", "/run/systemd/system"):
        machine.path(name).mkdir(parents=True)
    machine.put("/usr/lib/systemd/system/apache2.service", _UNIT)
    machine.script("/usr/sbin/start_apache2", _START)
    machine.script("/usr/sbin/a2enmod", _ENABLE)
    machine.script(
        "/usr/bin/systemctl",
        """\
echo "$@" >>/run/systemctl
case "$1" in
is-active) test -e /run/httpd.pid ;;
start) exec start_apache2 -DSYSTEMD -k start ;;
reload) exec start_apache2 -DSYSTEMD -k graceful ;;
restart) exec start_apache2 -DSYSTEMD -k restart ;;
esac""",
    )


SUSE = Layout(
    "suse", ROOT, f"{ROOT}/httpd.conf", SITE, "/var/log/apache2/error_log", "/run/httpd.pid",
    build, lambda machine: run(machine, "systemctl start apache2"),
)  # fmt: skip

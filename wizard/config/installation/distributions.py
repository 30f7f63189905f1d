"""Where distributions put httpd: data, no decisions.

Source: Debian's apache2 package, Fedora's and RHEL's httpd package, SUSE's apache2 package, and
httpd's own config.layout (``Layout Apache``).
"""

from __future__ import annotations

from wizard.model.config import LayoutKind
from wizard.record import record


@record
class Family:
    """One way to install httpd.

    Args:
        kind: its name.
        server_root: compiled in.
        main_file: relative to ``server_root``.
        binaries: where its program is.
        marks: ``server_root`` holds one of these as well; other families' does not.
        site_directories: hold virtual host files, relative to ``server_root``.
        static_modules: compiled in, used when the program cannot be asked.
        environment_files: shell assignments that the program is started with, also by its unit;
            relative ones to ``server_root``.
        unit_files: systemd units and the directories of their drop-ins, later ones win; of another
            instance of Debian's httpd ``@INSTANCE`` stands before ``.service``.
        arguments: the variable that holds its command line options.
        flags_file: shell assignments for the script that starts it, which does not export them;
            there ``arguments`` holds names for ``-D``.
        first: files that its start script writes, and has it read before the main file;
            ``generated`` is defined then. Relative to ``server_root``.
        last: files that it has httpd read after the main file.
        generated: see ``first``.
        pid_file: what its start script gives as PidFile.
        inherits: whether it is started from an operator's shell, with that shell's environment.
    """

    kind: LayoutKind
    server_root: str
    main_file: str
    binaries: tuple[str, ...]
    marks: tuple[str, ...]
    site_directories: tuple[str, ...]
    static_modules: tuple[str, ...]
    environment_files: tuple[str, ...] = ()
    unit_files: tuple[str, ...] = ()
    arguments: str = "OPTIONS"
    flags_file: str = ""
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    generated: str = ""
    pid_file: str = ""
    inherits: bool = False


_APACHE2_UNITS = (
    "/usr/lib/systemd/system/apache2.service",
    "/etc/systemd/system/apache2.service",
    "/usr/lib/systemd/system/apache2.service.d",
    "/etc/systemd/system/apache2.service.d",
)
DEBIAN = Family(
    kind="debian",
    server_root="/etc/apache2",
    main_file="apache2.conf",
    binaries=("/usr/sbin/apache2",),
    marks=("mods-available", "mods-enabled", "sites-enabled", "apache2.conf"),
    site_directories=("sites-available", "sites-enabled", "conf-available", "conf-enabled"),
    static_modules=(
        "core_module",
        "so_module",
        "watchdog_module",
        "http_module",
        "log_config_module",
        "logio_module",
        "version_module",
        "unixd_module",
    ),
    environment_files=("envvars",),
    unit_files=_APACHE2_UNITS,
    arguments="APACHE_ARGUMENTS",
)
RHEL = Family(
    kind="rhel",
    server_root="/etc/httpd",
    main_file="conf/httpd.conf",
    binaries=("/usr/sbin/httpd",),
    marks=("conf.modules.d", "conf.d"),
    site_directories=("conf.d", "sites-available", "sites-enabled", "vhosts.d"),
    static_modules=("core_module", "so_module", "http_module"),
    unit_files=(
        "/usr/lib/systemd/system/httpd.service",
        "/etc/systemd/system/httpd.service",
        "/usr/lib/systemd/system/httpd.service.d",
        "/etc/systemd/system/httpd.service.d",
    ),
)
SUSE = Family(
    kind="upstream",
    server_root="/etc/apache2",
    main_file="httpd.conf",
    binaries=(
        *("/usr/sbin/httpd", "/usr/sbin/httpd-prefork"),
        *("/usr/sbin/httpd-worker", "/usr/sbin/httpd-event"),
    ),
    marks=("vhosts.d", "default-server.conf", "uid.conf"),
    site_directories=("vhosts.d", "conf.d"),
    static_modules=("core_module", "so_module", "http_module", "unixd_module", "systemd_module"),
    unit_files=_APACHE2_UNITS,
    arguments="APACHE_SERVER_FLAGS",
    flags_file="/etc/sysconfig/apache2",
    first=("sysconfig.d/loadmodule.conf", "sysconfig.d/global.conf"),
    last=("sysconfig.d/include.conf",),
    generated="SYSCONFIG",
    pid_file="/run/httpd.pid",
)
UPSTREAM = Family(
    kind="upstream",
    server_root="/usr/local/apache2",
    main_file="conf/httpd.conf",
    binaries=("/usr/local/apache2/bin/httpd",),
    marks=("bin", "modules", "conf"),
    site_directories=("conf/extra", "conf/vhosts", "conf.d"),
    static_modules=("core_module", "so_module", "http_module"),
    environment_files=("bin/envvars",),
    inherits=True,
)
FAMILIES = (DEBIAN, SUSE, RHEL, UPSTREAM)
"""In the order in which they are looked for; SUSE shares its directory with Debian."""

OFTEN_COMPILED_IN = frozenset(
    {
        *("mpm_event_module", "mpm_prefork_module", "mpm_worker_module", "http_module"),
        *("unixd_module", "log_config_module", "logio_module", "version_module"),
        *("watchdog_module", "systemd_module", "authz_core_module"),
    }
)
"""A program that cannot be asked may have these compiled in: they are never called missing."""

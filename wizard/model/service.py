"""How an administrator manages an httpd: each layout has commands of its own."""

from __future__ import annotations

from wizard.record import record

_CONFIGTEST = "apachectl configtest"


@record
class Service:
    """Commands for a shell of root, as this httpd's layout has them; by default upstream's.

    Args:
        configtest: tests the configuration that the server is started with.
        reload: tests it and has the running server read it, without dropping a connection.
        restart: tests it and restarts the server, which loads what only a start loads.
        enable: the program that enables an installed module; ``""`` where a LoadModule line does.
        enables_one: that program enables one module at a time.
        packages: modules that are not installed (``ssl_module``), each with the command that
            installs it.
        loads: the file for LoadModule lines; ``""``: not known.
        store: the file with the public authorities that the system trusts.
        user: whose name httpd's children have (User); None: not known.
        group: their group.
    """

    configtest: str = _CONFIGTEST
    reload: str = f"{_CONFIGTEST} && apachectl graceful"
    restart: str = f"{_CONFIGTEST} && apachectl restart"
    enable: str = ""
    enables_one: bool = False
    packages: tuple[tuple[str, str], ...] = ()
    loads: str = ""
    store: str = "/etc/ssl/certs/ca-certificates.crt"
    user: str | None = None
    group: str | None = None

"""How the httpd of a layout is managed: its unit, its control program, its way to load modules.

Source: Debian's apache2ctl, a2enmod, apache2@.service and setup-instance; Fedora's httpd.service
and the packages that bring its modules; SUSE's start_apache2, apache2.service and a2enmod; httpd's
own apachectl.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from wizard.config.installation.distributions import DEBIAN, FAMILIES, RHEL, SUSE, UPSTREAM, Family
from wizard.config.installation.filesystem import exists, is_directory, is_file, merge_path
from wizard.config.installation.layout import Layout
from wizard.model.service import Service

BOOTED = "/run/systemd/system"
"""It exists where systemd is the service manager (sd_booted(3))."""
_INSTANCE = f"{DEBIAN.server_root}-"
_STORE = "/etc/ssl/certs/ca-certificates.crt"
_STORES: Mapping[Family, tuple[str, ...]] = {
    RHEL: ("/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
    SUSE: ("/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem"),
}
_PACKAGES = {
    "ssl_module": "mod_ssl",
    "http2_module": "mod_http2",
    "proxy_http2_module": "mod_http2",
    "proxy_html_module": "mod_proxy_html",
    "xml2enc_module": "mod_proxy_html",
    "md_module": "mod_md",
    "session_module": "mod_session",
    "ldap_module": "mod_ldap",
    "authnz_ldap_module": "mod_ldap",
    "lua_module": "mod_lua",
}
"""Fedora's and RHEL's packages of modules that are not in httpd itself."""


def family(layout: Layout) -> Family | None:
    """The family of a layout; None for an httpd or a file of no distribution."""
    for known in FAMILIES:
        if layout.kind == known.kind and layout.main_file == merge_path(
            layout.server_root, known.main_file
        ):
            return known
    if not layout.partial:  # a main file of its own: started by hand, or by a unit of its own
        return None
    for known in FAMILIES:
        own = layout.server_root == known.server_root or instance(layout)
        if own and (layout.binary is None or layout.binary in known.binaries):
            return known
    return None


def instance(layout: Layout) -> str:
    """The name of a further instance of Debian's httpd, ``""`` of the first one."""
    root = layout.server_root
    return root.removeprefix(_INSTANCE) if root.startswith(_INSTANCE) else ""


def unit(layout: Layout) -> str:
    """The systemd unit that runs the server; ``""`` if its layout brings none."""
    known = family(layout)
    if known is DEBIAN and instance(layout):
        return f"apache2@{instance(layout)}"
    if known in (DEBIAN, SUSE):
        return "apache2"
    return "httpd" if known is RHEL else ""


def control(layout: Layout) -> tuple[str, ...]:
    """The layout's control program, which takes ``graceful``; empty if there is none here."""
    known = family(layout)
    if known is DEBIAN:
        return _debian_tool(layout, "apache2ctl")
    if known is UPSTREAM:
        return (merge_path(layout.server_root, "bin/apachectl"),)
    return ()


def of(layout: Layout) -> Service:
    """The commands for a layout; it looks for a few files and runs nothing.

    Args:
        layout: of this machine, or of a copy from another: then what is usual for its family.
    """
    known = family(layout)
    if known is None and (layout.binary is None or layout.partial):
        return Service()
    if known is None or known is RHEL:
        test, graceful, restart = _by_program(layout)
    elif known is SUSE:
        test, graceful, restart = _calls("start_apache2", "-t", "-k graceful", "-k restart")
    else:
        call = _words(control(layout))
        test, graceful, restart = _calls(call, "configtest", "graceful", "restart")
    if (name := unit(layout)) and (not layout.native or is_directory(BOOTED)):
        name = shlex.quote(name)
        graceful, restart = f"systemctl reload {name}", f"systemctl restart {name}"
    enable = ""
    if known is DEBIAN:
        enable = _words(_debian_tool(layout, "a2enmod"))
    elif known is SUSE:
        enable = "a2enmod"
    return Service(
        configtest=test,
        reload=f"{test} && {graceful}",
        restart=f"{test} && {restart}",
        enable=enable,
        enables_one=known is SUSE,
        packages=tuple(_packages(layout)) if known is RHEL else (),
        loads=_loads(layout, known),
        store=_store(layout, known),
    )


def _by_program(layout: Layout) -> tuple[str, str, str]:
    """Calls of the program itself, with the names that it is started with."""
    if family(layout) is RHEL:
        words = ["httpd"]
    else:
        words = [str(layout.binary), "-d", layout.server_root, "-f", layout.main_file]
    for name in layout.defines:
        words += ["-D", name]
    return _calls(shlex.join(words), "-t", "-k graceful", "-k restart")


def _calls(program: str, test: str, graceful: str, restart: str) -> tuple[str, str, str]:
    return f"{program} {test}", f"{program} {graceful}", f"{program} {restart}"


def _debian_tool(layout: Layout, name: str) -> tuple[str, ...]:
    """A tool of Debian's, for the instance: by the link of setup-instance, if there is one."""
    suffix = instance(layout)
    if not suffix:
        return (name,) if not layout.native else (f"/usr/sbin/{name}",)
    link = f"{name}-{suffix}"
    if not layout.native or shutil.which(link) or exists(f"/usr/local/sbin/{link}"):
        return (link,)
    return ("env", f"APACHE_CONFDIR={layout.server_root}", name)


def _words(words: tuple[str, ...]) -> str:
    """Words for a shell; a program in PATH is named without its directory."""
    first = Path(words[0])
    short = first.name if first.parent in (Path("/usr/sbin"), Path("/usr/bin")) else words[0]
    return shlex.join((short, *words[1:]))


def _packages(layout: Layout) -> Iterator[tuple[str, str]]:
    """What to install for modules whose files are not there."""
    directory = merge_path(layout.server_root, "modules")
    for module, package in _PACKAGES.items():
        file = f"{directory}/mod_{module.removesuffix('_module')}.so"
        if not layout.native or not is_file(file):
            yield module, f"dnf install {package}"


def _loads(layout: Layout, known: Family | None) -> str:
    if known is RHEL:
        return merge_path(layout.server_root, "conf.modules.d/00-proxy.conf")
    return layout.main_file if known in (UPSTREAM, None) and not layout.partial else ""


def _store(layout: Layout, known: Family | None) -> str:
    """The store of the layout's distribution; on this machine, one that exists."""
    usual = (*_STORES.get(known, ()), _STORE) if known is not None else (_STORE,)
    if not layout.native:
        return usual[0]
    everywhere = (*usual, *(path for paths in _STORES.values() for path in paths))
    return next((path for path in everywhere if is_file(path)), usual[0])

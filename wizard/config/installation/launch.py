"""How the httpd of a distribution is started: with which environment, names and further files.

Read from what starts it (envvars, a systemd unit with its drop-ins, SUSE's /etc/sysconfig/apache2),
and never run.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.installation import environment as envvars
from wizard.config.installation.distributions import Family
from wizard.config.installation.filesystem import (
    entries,
    is_directory,
    is_file,
    merge_path,
    read_file,
)
from wizard.config.syntax.logical_lines import decode
from wizard.errors import ConfigError
from wizard.record import record


@record
class Start:
    """What the start adds to the configuration.

    Args:
        environment: of the process.
        defines: names for ``-D``.
        first: files that are read before the main file (``-C "Include …"``).
        last: files that are read after it (``-c "Include …"``).
        pid_file: that the command line gives; ``""`` if none.
    """

    environment: dict[str, str]
    defines: tuple[str, ...]
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    pid_file: str = ""


def of(family: Family, root: str, environment: Mapping[str, str], *, own: bool) -> Start:
    """How a family starts its httpd.

    Args:
        family: of the layout.
        root: its ServerRoot.
        environment: that the process inherits.
        own: this is the family's own place on this machine, not a copy: files outside it count.
    """
    found: dict[str, str] = {}
    named: tuple[str, ...] = ()
    instance = root.removeprefix(family.server_root).replace("-", "@", 1) if root else ""
    units = [name.replace(".service", f"{instance}.service") for name in family.unit_files if own]
    for unit in [file for name in units for file in _units(name)]:
        text = _text(unit)
        found = envvars.parse_unit(text, found)
        named = envvars.environment_files(text, named)
    for name in named:  # they win over Environment=, in any order
        found = envvars.parse_environment_file(_text(name), found)
    found = {**environment, **found}
    for name in family.environment_files:
        if own or not name.startswith("/"):
            found = envvars.parse_shell(_text(merge_path(root, name)), found)
    first = tuple(merge_path(root, name) for name in family.first)
    if not first or not all(is_file(path) for path in first):
        return Start(found, _defines(family, found, own=own))
    return Start(
        found,
        (family.generated, *_defines(family, found, own=own)),
        first,
        tuple(path for name in family.last if is_file(path := merge_path(root, name))),
        family.pid_file,
    )


def _defines(family: Family, environment: Mapping[str, str], *, own: bool) -> tuple[str, ...]:
    if not family.flags_file:
        return envvars.options_defines(environment.get(family.arguments, ""))
    variables = envvars.shell_variables(_text(family.flags_file)) if own else {}
    return envvars.flags_defines(variables.get(family.arguments, ""))


def _units(path: str) -> list[str]:
    if not is_directory(path):
        return [path]
    try:
        names = entries(path)
    except OSError:
        return []
    return [merge_path(path, name) for name in names if name.endswith(".conf")]


def _text(path: str) -> str:
    try:
        return decode(read_file(path)).replace("\0", "")  # as a shell does
    except ConfigError:  # these files are optional
        return ""

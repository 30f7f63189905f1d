"""LogLevel: the level in force for each module.

Source: httpd 2.4, server/core.c (set_loglevel), server/config.c (ap_merge_log_config).
"""

from __future__ import annotations

from collections.abc import Iterable

from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import LogLevels, Setting
from wizard.reference.log_levels import LEVELS

_DEFAULT = LogLevels()


def module_name(text: str) -> str:
    """``ssl``, ``ssl_module`` and ``mod_ssl.c`` as ``ssl``."""
    return text.removesuffix("_module").removeprefix("mod_").removesuffix(".c").lower()


def levels_of(level: ServerLevel, base: LogLevels = _DEFAULT) -> LogLevels:
    """The levels of a server.

    Args:
        level: the server.
        base: of the main server; a level for all modules in ``level`` replaces it completely, a
            level for one module only that one's.
    """
    nodes = level.by_key.get("loglevel")
    return _apply(nodes, base) if nodes else base


def _apply(nodes: Iterable[Node], base: LogLevels) -> LogLevels:
    default, modules = base.default, dict(base.modules)
    for node in nodes:
        source = node.source
        for word in split_words(node.args):
            module, colon, name = word.rpartition(":")
            name = name.lower()
            if name not in LEVELS:
                continue
            if colon:
                modules[module_name(module)] = Setting(name, source)
            else:
                default = Setting(name, source)
                modules.clear()
    return LogLevels(default, modules)

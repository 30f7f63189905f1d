"""Files like ``.htaccess`` that proxy: httpd reads them per request, so they give no routes.

A request that ProxyPass or a rule at server level takes never comes to them. Of those that are
mapped to files, such a file may proxy some: by ``RewriteRule … [P]`` or ``SetHandler proxy:…``. It
may not set the TLS policy, since ``SSLProxy*`` is not allowed there. Which of these files httpd
reads is decided by ``AllowOverride`` and ``AllowOverrideList`` of the ``<Directory>`` sections.

Source: httpd 2.4, server/request.c (ap_directory_walk), server/core.c (merge_core_dir_configs,
set_override), server/config.c (ap_parse_htaccess); mod_rewrite and mod_mime: OR_FILEINFO.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from wizard.config.installation.filesystem import exists
from wizard.config.matching.patterns import is_glob, path_covers
from wizard.config.routing import rewrite_rules
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.request_sections import Place, RequestSections, SectionParts
from wizard.config.syntax import logical_lines
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.config import Problem
from wizard.plain_file import read

_MOST_BYTES = 256 * 1024
"""Of one file that are read."""
_MOST_DIRECTORIES = 5_000
"""Directories of one configuration that are looked into."""
_MOST_BELOW = 200
"""Of them directly below one DocumentRoot, and named by one kind of directive of one server."""
_DEFAULT_NAMES = (".htaccess",)
_OVERRIDES = ("allowoverride", "allowoverridelist")
_ADMITTING = frozenset({"all", "fileinfo"})
_NEEDED = {"rewriterule": frozenset({"rewriteengine", "rewriterule"})}
"""What a list must name for a directive to do something."""


def warnings(
    main: ServerLevel, levels: Sequence[ServerLevel], resolve: Callable[[str], str]
) -> Iterator[Problem]:
    """The lines of such files that proxy, in the order of the virtual hosts.

    Args:
        main: the main server's level.
        levels: the virtual hosts' levels.
        resolve: makes a path of the configuration absolute.

    Returns:
        A warning for each line, once, however many virtual hosts serve its directory.
    """
    if not any(level.by_key.keys() & {"directory"} for level in (main, *levels)):
        return  # httpd's default is None
    shared: SectionParts[Node] | None = None
    left = _MOST_DIRECTORIES
    seen: set[tuple[str, frozenset[str]]] = set()
    for level in levels or [main]:
        names = _names(level, main)
        for directory in _directories(level, main, resolve):
            left -= 1
            if left < 0:
                return
            files = [f"{directory.rstrip('/')}/{name}" for name in names]
            files = [file for file in files if exists(file)]
            if not files:
                continue
            shared = shared or _overrides(main)
            own = None if level is main else _overrides(level)
            sections = RequestSections(shared, own) if own else RequestSections(None, shared)
            admitted = _admitted(sections, directory)
            if admitted and (directory, admitted) not in seen:
                seen.add((directory, admitted))
                for file in files:
                    yield from _proxying(file, admitted)


def _overrides(level: ServerLevel) -> SectionParts[Node]:
    """What the ``<Directory>`` sections of a server say about these files."""
    return SectionParts(
        ((section,), node)
        for section in level.all("directory")
        for node in section.children or ()
        if node.key in _OVERRIDES
    )


def _names(level: ServerLevel, main: ServerLevel) -> Sequence[str]:
    """AccessFileName."""
    node = level.last("accessfilename") or main.last("accessfilename")
    return (split_words(node.args) if node is not None else ()) or _DEFAULT_NAMES


def _directories(
    level: ServerLevel, main: ServerLevel, resolve: Callable[[str], str]
) -> Iterator[str]:
    """Where its requests are mapped to, as far as the configuration names it; each once."""
    root = level.last("documentroot") or main.last("documentroot")
    words = split_words(root.args)[:1] if root is not None else []
    roots = [resolve(word) for word in words]
    servers = (level,) if level is main else (level, main)
    for server in servers:
        for key in ("alias", "scriptalias"):
            roots += [resolve(words[1]) for node in server.all(key)[:_MOST_BELOW]
                      if len(words := split_words(node.args)) == 2]  # fmt: skip
    named = [
        resolve(words[0])
        for server in servers
        for node in server.all("directory")[:_MOST_BELOW]
        if (words := split_words(node.args)) and words[0] != "~" and not is_glob(words[0])
    ]
    roots = [path.rstrip("/") or "/" for path in roots]
    named = [path.rstrip("/") or "/" for path in named]
    found = dict.fromkeys(roots)
    found.update((path, None) for path in named if any(path_covers(one, path) for one in roots))
    for path in tuple(found):
        if path in roots:
            found.update(dict.fromkeys(_below(path)))
    yield from found


def _below(path: str) -> list[str]:
    """The directories directly in one, without links, by name."""
    try:
        with os.scandir(path) as entries:
            found = [e.path for e, _ in zip(entries, range(20 * _MOST_BELOW), strict=False)
                     if e.is_dir(follow_symlinks=False)]  # fmt: skip
    except (OSError, ValueError):
        return []
    return sorted(found)[:_MOST_BELOW]


def _admitted(sections: RequestSections[Node], directory: str) -> frozenset[str]:
    """Of the directives that proxy, those that a file in a directory may hold."""
    override, listed = "none", frozenset[str]()
    for part in sections.passed(Place("/", directory)).stages[0]:
        words = [word.lower() for word in split_words(part.value.args)]
        if part.value.key == "allowoverride":
            override = "all" if _ADMITTING.intersection(words) else "none"
        else:
            listed = frozenset(words) - {"none"}
    return frozenset(
        key for key in ("rewriterule", "sethandler")
        if override == "all" or _NEEDED.get(key, frozenset({key})) <= listed
    )  # fmt: skip


def _proxying(path: str, admitted: frozenset[str]) -> Iterator[Problem]:
    """The lines of a file that proxy."""
    try:
        data = read(path, _MOST_BYTES)
    except (OSError, ValueError):
        return
    lines = logical_lines.split(data)
    parsed = [first_word(text) for text in lines.texts]
    engine = any(
        name.lower() == "rewriteengine" and first_word(args)[0].lower() == "on"
        for name, args in parsed
    )
    for (name, args), number in zip(parsed, lines.last, strict=True):
        key = name.lower()
        if key not in admitted or not _proxies(key, args, engine=engine):
            continue
        yield Problem(
            path,
            number,
            f"What this file proxies is not among the routes, and its backend is not asked: httpd "
            f"reads it per request. {name} {args}",
            "warning",
            directive=f"{name} {args}",
            per_request=True,
            hint="Move the line into the <Directory> of the virtual host to have it checked; the "
            "TLS policy for its backend stands in the virtual host as it is.",
        )


def _proxies(key: str, args: str, *, engine: bool) -> bool:
    if key == "sethandler":
        return first_word(args)[0].lower().startswith("proxy:")
    words = rewrite_rules.arguments(args)
    return engine and len(words) > 2 and "P" in rewrite_rules.flags(words[2]) and words[1] != "-"

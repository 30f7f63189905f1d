"""httpd's own OpenSSL, asked about files and commands of TLS servers in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from wizard.config.installation import linked, openssl_process, ownership
from wizard.config.installation.filesystem import exists, is_directory, stamp
from wizard.config.installation.layout import Layout

Steps = tuple[tuple[Any, ...], ...]
"""What is done to one server: of each step the name and its arguments, see ``server_contexts``."""
Failed = Sequence[tuple[int, str]]
"""The numbers of the steps that fail, each with OpenSSL's reason."""
_SECONDS = 5.0
"""Seconds for the answer: a server with a key of its own takes 1.4 ms."""
_NAMES = ("OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_ENGINES", "OPENSSL_MODULES")
"""Variables with files and directories of OpenSSL's (openssl-env(7))."""
_SONAMES = ("libssl.so.3", "libssl.so.1.1", "libssl.so.4")


def library(layout: Layout) -> str | None:
    """The libssl that counts for a configuration: httpd's, or this machine's where no httpd was
    asked; None: there is none here."""
    if layout.libssl is not None or layout.openssl is not None:
        return layout.libssl
    return next(filter(None, map(linked.standard, _SONAMES)), None)


def failures(layout: Layout, servers: Sequence[Steps]) -> Mapping[Steps, Failed]:
    """What fails of the steps of servers; equal ones count once.

    Args:
        layout: whose OpenSSL is asked, with the variables that it goes by.
        servers: the steps of each.

    Returns:
        An entry for each server that was looked at in time; none where OpenSSL cannot be asked, or
        others can have put it, or what its variables name, there.
    """
    path = library(layout)
    variables = _variables(layout)
    if path is None or not servers or _objection(path, variables):
        return {}
    distinct = tuple(dict.fromkeys(servers))
    named = {word for steps in distinct for step in steps for word in step if _is_path(word)}
    state = tuple((word, stamp(word)) for word in sorted(named | {path}))
    return dict(zip(distinct, _asked(path, variables, distinct, state), strict=False))


def _is_path(word: Any) -> bool:
    return isinstance(word, str) and word.startswith("/")


def _variables(layout: Layout) -> tuple[tuple[str, str], ...]:
    """OpenSSL's own that name files, links followed; a relative name from /, where systemd starts
    httpd. What is not there is nothing: nobody can put it there meanwhile."""
    environment = os.environ if layout.openssl_conf is None else layout.environment
    named = [(name, environment[name]) for name in _NAMES if environment.get(name)]
    real = [(name, os.path.realpath(f"/{value}")) for name, value in named]
    return tuple((name, place if exists(place) else os.devnull) for name, place in real)


def _objection(path: str, variables: Sequence[tuple[str, str]]) -> str:
    """Why the library, or what the variables name, is not to be used: it may be code, or name it.

    Into a directory of modules nobody else may put one either.
    """
    named = [place for _, place in variables if place != os.devnull]
    return ownership.objection_to_any((os.path.realpath(path), *named)) or next(
        filter(None, map(ownership.shared, filter(is_directory, named))), ""
    )


@lru_cache(maxsize=64)
def _asked(
    path: str, variables: tuple[tuple[str, str], ...], servers: tuple[Steps, ...], state: object
) -> tuple[Failed, ...]:
    from wizard.config.installation import server_contexts  # loads ctypes

    del state  # of the key only
    said = openssl_process.ask(
        server_contexts,
        path,
        dict(variables),
        seconds=_SECONDS,
        question=json.dumps(servers).encode(),
    )
    found: list[Failed] = []
    with contextlib.suppress(ValueError, TypeError):  # the last line may be half of one
        for line in said.splitlines():
            found.append([(int(number), str(reason)) for number, reason in json.loads(line)])  # noqa: PERF401 # those before a bad one stay
    return tuple(found)

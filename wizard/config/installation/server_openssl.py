"""httpd's own OpenSSL, asked about files and commands of TLS servers in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wizard.config.installation import linked, openssl_process, ownership
from wizard.config.installation.filesystem import exists, stamp
from wizard.config.installation.layout import Layout

Steps = tuple[tuple[Any, ...], ...]
"""What is done to one server: of each step the name and its arguments, see ``server_contexts``."""
Failed = Sequence[tuple[int, str]]
"""The numbers of the steps that fail, each with OpenSSL's reason."""
_SECONDS = 5.0
"""Seconds for the answer: a server with a key of its own takes 1.4 ms."""
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
    variables = _variables(layout.environment)
    if path is None or not servers or ownership.objection_to_any(_files(path, variables)):
        return {}
    distinct = tuple(dict.fromkeys(servers))
    named = {word for steps in distinct for step in steps for word in step if _is_path(word)}
    state = tuple((word, stamp(word)) for word in sorted(named | {path}))
    return dict(zip(distinct, _asked(path, variables, distinct, state), strict=False))


def _is_path(word: Any) -> bool:
    return isinstance(word, str) and word.startswith("/")


def _variables(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """OpenSSL's own (OPENSSL_CONF and its like)."""
    return tuple(sorted(one for one in environment.items() if one[0].startswith("OPENSSL_")))


def _files(path: str, variables: Iterable[tuple[str, str]]) -> list[str]:
    """The library, and what is there of the files and directories that the variables name."""
    named = (value for _, value in variables if _is_path(value) and exists(value))
    return [os.path.realpath(one) for one in (path, *named)]


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

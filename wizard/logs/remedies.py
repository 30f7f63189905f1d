"""What the catalogue of findings says about a cause without knowing the route."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.model.remedy import Remedy, Where

# A name from the log goes into commands that are there to be pasted: nothing else may pass.
_HOST_NAME = re.compile(r"(?=[^.]*[a-z])[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_PORTS = 65536
_EXAMPLE = re.compile(r"(?<![\w.-])backend\.internal(:8443)?(?![\w.:-])")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def explanation(slug: str) -> str:
    """What the cause is, in plain words; empty for a slug that the catalogue has not."""
    if slug not in TABLE:
        return ""
    return f"{TABLE[slug].title}. {_prose(pages.section(slug, 'What it is'))}"


def of(slug: str, backend: str = "", port: int = 0) -> tuple[Remedy, ...]:
    """What can be done about it, and how to verify that it helped.

    Args:
        slug: of the finding.
        backend: host for the commands, if it is a name; else they keep the page's example.
        port: of the backend.
    """
    if slug not in TABLE:
        return ()
    where = TABLE[slug].actor
    remedies = list(_steps(pages.section(slug, "Use instead"), where))
    remedies += _steps(pages.section(slug, "How to verify"), where, "To verify it:")
    if not _HOST_NAME.fullmatch(backend) or not 0 < port < _PORTS:
        return tuple(remedies)
    return tuple(_for_backend(remedy, backend, port) for remedy in remedies)


def _for_backend(remedy: Remedy, backend: str, port: int) -> Remedy:
    if remedy.command is None:
        return remedy
    command = _EXAMPLE.sub(lambda m: f"{backend}:{port}" if m[1] else backend, remedy.command)
    return remedy._replace(command=command)


def _steps(text: str, where: Where, default: str = "") -> Iterator[Remedy]:
    """A section's prose, each time with the command that follows it."""
    place = 0
    said = default
    for fence in _FENCE.finditer(text):
        said = _prose(text[place : fence.start()]) or said
        place = fence.end()
        side: Where = "config" if fence[1] == "apache" else where
        yield Remedy(side, said or "This helps:", fence[2].rstrip("\n"))
        said = default
    rest = _prose(text[place:])
    if rest:
        yield Remedy(where, rest)


def _prose(text: str) -> str:
    return " ".join(text.split())

"""An authority that was found on this machine: what it is good for, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from wizard.model.plan import Candidate, Lies
from wizard.text import printable

_WHERE: Final[Mapping[Lies, str]] = {
    "given": "given by the CA's owner",
    "trusted": "this route names it as its CA",
    "named": "named in this configuration",
    "site": "beside the site's other certificates",
    "added": "among the CAs added to this system",
    "system": "in this system's trust store",
    "machine": "on this machine",
}


def good_for(candidate: Candidate) -> str:
    """Whether httpd accepts the backend with it, in a few words."""
    if candidate.problem:
        return candidate.problem
    return "the backend's own certificate" if candidate.own else "signed this chain"


def where(candidate: Candidate) -> str:
    """Where it was found, in a few words, safe to show: ``beside httpd.conf``."""
    if candidate.lies != "beside":
        return _WHERE[candidate.lies]
    file, near = PurePath(candidate.file), PurePath(candidate.near)
    if file.is_relative_to(near):
        return "in ServerRoot" if file.parent == near else f"in {_below(file, near)} of ServerRoot"
    if file.parent == near.parent:
        return f"lies beside {printable(near.name, 60)}"
    return f"in {_below(file, near.parent)} beside {printable(near.name, 60)}"


def _below(file: PurePath, directory: PurePath) -> str:
    return printable(f"{file.parent.relative_to(directory)}/", 60)

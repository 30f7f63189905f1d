"""What a small configuration of the corpus is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One small configuration: ``text`` is ``t.conf``, which a main file includes.

    ``@ROOT@`` in texts stands for the directory that holds the files. A name that ends in ``/``
    is an empty directory; a content that starts with ``->`` is a symbolic link.
    """

    name: str
    text: str | bytes
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    defines: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

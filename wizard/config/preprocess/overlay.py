"""The files of a planned change, for a run before the change is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from wizard.config.syntax.logical_lines import encode
from wizard.config.syntax.words import argument
from wizard.model.config import SourceFile


def staged(
    after: Mapping[str, bytes], files: Mapping[str, SourceFile], directory: Path
) -> dict[str, bytes]:
    """The configuration after a change, with the new files that it names in a directory.

    OpenSSL opens the files that a configuration names, so they have to exist. The configuration
    that is returned names them where they are.

    Args:
        after: contents of each file that the change writes, by path; those of the configuration
            by their real path.
        files: that the configuration consists of (``Configuration.files``).
        directory: where the other files of ``after`` are written, readable for this user only; its
            name needs no quotes in a configuration.

    Returns:
        The configuration's own files among ``after``, by real path.
    """
    read = {file.real_path for file in files.values()}
    named = sorted(after.keys() - read)
    places = {path: directory / f"{number}.pem" for number, path in enumerate(named)}
    for path, place in places.items():
        place.touch(mode=0o600)
        place.write_bytes(after[path])
    return {path: _renamed(data, places) for path, data in after.items() if path not in places}


def _renamed(data: bytes, places: Mapping[str, Path]) -> bytes:
    """A file with paths replaced, however the arguments were quoted."""
    for old, new in places.items():
        forms = b"|".join(re.escape(encode(argument(old, quote))) for quote in ("", '"', "'"))
        whole = re.compile(rb"""(?<![^\s"'])(?:%s)(?![^\s"'>])""" % forms)
        name = bytes(new)
        data = whole.sub(lambda _: name, data)  # noqa: B023 # called at once
    return data

"""A libssl, asked in a process of its own: two in one process would disturb each other."""

from __future__ import annotations

import subprocess  # nosec B404 # argument lists only, no shell
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from wizard import executable


def ask(
    module: ModuleType,
    library: str,
    variables: Mapping[str, str],
    *,
    seconds: float,
    question: bytes = b"",
) -> bytes:
    """What a helper prints that loads a libssl, which runs the library's code.

    Args:
        module: the helper, see ``wizard.executable.helper``.
        library: path of the libssl; nobody else can have put it there.
        variables: that OpenSSL goes by (OPENSSL_CONF and its like); it has no others.
        seconds: for the answer.
        question: its standard input.

    Returns:
        Its standard output, as far as it came in time; empty where it could not be started.
    """
    own = {"LD_LIBRARY_PATH": str(Path(library).parent)}  # its libcrypto is there too
    try:
        return subprocess.run(  # noqa: S603 # nosec B603 # our own interpreter and file
            [*executable.helper(module), library],
            input=question,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd="/",  # nothing is looked for where this user stands
            env=executable.environment({**variables, **own}),
        ).stdout
    except subprocess.TimeoutExpired as slow:
        return slow.stdout or b""
    except OSError:
        return b""

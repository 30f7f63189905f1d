"""An openssl.cnf for whatever uses TLS (config(5), SSL_CONF_cmd(3))."""

from __future__ import annotations

from pathlib import Path


def text(*lines: str) -> str:
    """What it holds: ``lines`` are of its ssl_conf section."""
    head = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
    return head + "\n".join(lines) + "\n"


def write(directory: Path, *lines: str) -> str:
    """One in a directory; its path."""
    file = directory / "openssl.cnf"
    file.write_text(text(*lines))
    return str(file)

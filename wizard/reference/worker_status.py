"""What a worker's ``status`` says.

Source: httpd 2.4, modules/proxy/proxy_util.c, ap_proxy_set_wstatus.
"""

from __future__ import annotations


def status_flags(status: str) -> set[str]:
    """The letters that are set at the end; a letter after ``-`` is cleared."""
    flags: set[str] = set()
    keep = True
    for char in status.upper():
        if char in "+-":
            keep = char == "+"
        elif keep:
            flags.add(char)
        else:
            flags.discard(char)
    return flags


def disabled(status: str) -> bool:
    """Whether it takes the worker out of use."""
    return not status_flags(status).isdisjoint("DS")

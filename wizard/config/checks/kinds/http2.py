"""Values of mod_http2 that are more than a number.

Source: httpd 2.4, modules/http2/h2_config.c; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from wizard.config.checks.checker import Checker
from wizard.config.checks.kinds.kind import one_word
from wizard.config.checks.kinds.numbers import time
from wizard.config.syntax.words import atoi

switch = one_word("value must be On or Off", "on", "off")


def power_of_two(_: Checker, text: str) -> str | None:
    """``H2PushDiarySize``."""
    value = atoi(text)
    if value < 0:
        return "value must be >= 0"
    if value & (value - 1):
        return "value must a power of 2"
    return None if value <= 65536 else "value must <= 65536"


def padding(_: Checker, text: str) -> str | None:
    """``H2Padding``."""
    value = atoi(text)
    if value < 0:
        return "number of bits must be >= 0"
    return None if value <= 8 else "number of bits must be <= 8"


def idle(checker: Checker, text: str) -> str | None:
    """``H2MaxWorkerIdleSeconds``."""
    if not checker.knows("check", "H2MaxWorkerIdleSeconds-as-time"):
        return None if atoi(text) >= 1 else "value must be > 0"
    return "Invalid idle limit value" if time(checker, text) is None else None


def serialize(checker: Checker, text: str) -> str | None:
    """``H2SerializeHeaders``."""
    if checker.knows("check", "H2SerializeHeaders-is-ignored"):
        return None
    return switch(checker, text)

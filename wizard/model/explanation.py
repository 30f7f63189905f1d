"""What log lines, codes and other programs' output mean: named tuples, without imports."""

from __future__ import annotations

from typing import NamedTuple

from wizard.model.remedy import Remedy


class ExplainedLine(NamedTuple):
    """One line that was recognised.

    Args:
        text: the line as it was read; hostile, and cut when it is very long.
        code: ``AH…``, also for the same message of a release without codes.
        openssl: number of the X509_V_ERR_* that it names.
        meaning: in plain words.
        slugs: causes it points to, the most likely first; empty when it is no fault by itself.
    """

    text: str
    code: str | None
    openssl: int | None
    meaning: str
    slugs: tuple[str, ...] = ()


class Cause(NamedTuple):
    """One cause that the input points to.

    Args:
        slug: of the finding.
        explanation: what it is, and what the lines say about it.
        evidence: the lines that point to it, the most telling first.
        remedies: what can be done.
        explains: number of requests or starts of httpd; 0 when it is only a possibility.
        certain: whether a line names it, so that no other cause is possible for those.
        backends: that the requests were for, host and port, outside text; at most four.
    """

    slug: str
    explanation: str
    evidence: tuple[str, ...]
    remedies: tuple[Remedy, ...] = ()
    explains: int = 0
    certain: bool = False
    backends: tuple[str, ...] = ()


class Failures(NamedTuple):
    """What the lines of a log tell of the requests that failed.

    Args:
        requests: how many; 0: the lines are of none, or no log's.
        hidden: of how many of them the lines do not name the cause, which LogLevel hides.
        backends: that they were for, host and port, outside text; at most four.
        vhost: the virtual host that the lines name, outside text; empty: none or several.
        statuses: that their clients got, as far as lines tell.
        first, last: when the first and the last line of a fault was written, as the log has it.
    """

    requests: int = 0
    hidden: int = 0
    backends: tuple[str, ...] = ()
    vhost: str = ""
    statuses: tuple[str, ...] = ()
    first: str = ""
    last: str = ""


class Explanation(NamedTuple):
    """What a whole input means.

    Args:
        causes: the most likely first, over the whole input.
        lines: the lines recognised, in their order; of a long input the first of each kind.
        hidden: what the LogLevel hides, and how to see it; None: nothing.
        lines_read: number of lines in the input.
        lines_recognised: how many of them were recognised; ``lines`` may hold fewer.
        failures: the requests that failed.
        command: that decides, or shows what to do; empty: the lines tell of no fault.
    """

    causes: tuple[Cause, ...] = ()
    lines: tuple[ExplainedLine, ...] = ()
    hidden: str | None = None
    lines_read: int = 0
    lines_recognised: int = 0
    failures: Failures = Failures()
    command: str = ""

"""The five steps: their names and what Apache does there, in a sentence a beginner understands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk.

    Args:
        key: name of the mode and of the screen.
        number: from 1; also the key that leads there.
        title: as the step bar shows it.
        sentence: what Apache does here.
    """

    key: str
    number: int
    title: str
    sentence: str


CASE = Step("case", 0, "Case", "")

LOAD = Step(
    "load",
    1,
    "Load",
    "Apache reads its files from top to bottom; what a virtual host does not set it inherits, and "
    "what nobody sets is httpd's default.",
)
PROBE = Step(
    "probe",
    2,
    "Probe",
    "For each request Apache becomes a client: it looks the backend's name up, connects, and asks "
    "for a certificate.",
)
DIAGNOSE = Step(
    "diagnose",
    3,
    "Diagnose",
    "Apache compares what the backend showed with the policy in force, and answers the browser "
    "itself when they do not agree.",
)
FIX = Step(
    "fix",
    4,
    "Fix",
    "Apache trusts a backend when a CA in its own file signed the chain and the certificate bears "
    "the name it asked for.",
)
PROVE = Step(
    "prove",
    5,
    "Prove",
    "A second, private Apache on loopback tries the change first; the running one only re-reads "
    "its files when that worked.",
)

STEPS = (LOAD, PROBE, DIAGNOSE, FIX, PROVE)

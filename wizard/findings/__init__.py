"""The catalogue of findings: what is wrong with a route, why, and what can be done about it.

All that is known of a finding stands in its rule, a class in ``rules``, but for its page,
``texts/SLUG.md``. ``catalogue`` generates from the rules what is said without loading them
(``table``) and docs/rules/. The rules are loaded when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.findings.catalogue import CATALOGUE
    from wizard.findings.diagnosis import diagnose

__all__ = ["CATALOGUE", "diagnose"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wizard.findings import catalogue, diagnosis

    globals().update(CATALOGUE=catalogue.CATALOGUE, diagnose=diagnosis.diagnose)
    return globals()[name]

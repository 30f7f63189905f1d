"""The catalogue of findings: what is wrong with a route, why, and what can be done about it.

What is fixed about a finding stands in ``table``, how it is recognised in its rule, one class in
the module of its family; its page is ``texts/SLUG.md``, which ``proxy-wizard rules`` prints and
docs/rules/ is made of. The rules are loaded when they are first asked for.
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

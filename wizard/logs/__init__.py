"""What log lines, OpenSSL errors and other programs' output mean.

``explain`` is loaded when it is first asked for: the verdict needs the tables only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.logs.explainer import explain

__all__ = ["explain"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wizard.logs.explainer import explain

    globals()[name] = explain
    return explain

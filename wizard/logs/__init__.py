"""What log lines, OpenSSL errors and other programs' output mean."""

from wizard.logs.explainer import explain

__all__ = ["explain"]

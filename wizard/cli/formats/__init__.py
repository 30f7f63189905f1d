"""Output formats of ``check``: each module has ``write(report, *, verbose)``."""

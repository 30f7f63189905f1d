"""The engine: read httpd's configuration, probe backends, predict, explain and repair."""

__version__ = "0.1.0"

AGENT = f"proxy-wizard/{__version__}"
"""Who asks: the User-Agent of every request that is made here."""

"""The engine: read httpd's configuration, probe backends, predict, explain and repair."""

__version__ = "0.1.0"

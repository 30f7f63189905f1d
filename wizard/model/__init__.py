"""The vocabulary of the engine: frozen values that pass from one package to the next.

Nothing here does I/O or decides anything. See docs/architecture.md for the way data flows.
"""

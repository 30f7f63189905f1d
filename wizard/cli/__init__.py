"""The command line: one module a command, output formats beside them."""

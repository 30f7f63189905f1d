"""The command line described: manual page, reference, completions."""

"""Which paths a directive is about: prefixes, globs, regular expressions."""

"""Server levels and what each has in force: names, addresses, TLS policy, log levels."""

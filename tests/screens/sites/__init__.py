"""Broken proxies: each with a server that runs its configuration, and backends that answer."""

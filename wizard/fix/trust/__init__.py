"""Which authority may be trusted for a backend, and where it lies."""

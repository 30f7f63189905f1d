"""Who proxies what to where, with which parameters, and which directive a request takes."""

"""Read configuration as httpd reads it: tree, virtual hosts, proxied routes, TLS policy."""

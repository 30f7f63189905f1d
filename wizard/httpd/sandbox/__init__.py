"""The throw-away httpd on loopback: its directory, configuration, processes and logs."""

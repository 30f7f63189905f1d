"""What log lines, OpenSSL errors and other programs' output mean."""

"""What is known of httpd and OpenSSL: data, and how to look it up. No decisions, no I/O."""

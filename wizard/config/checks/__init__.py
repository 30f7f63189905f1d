"""What httpd refuses, in its words: while it reads, with ``-t``, and when it starts."""

"""What httpd accepts and refuses: random lines and known ones, hundreds to one ``httpd -t``."""

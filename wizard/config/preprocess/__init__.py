"""One pass over the lines, in httpd's order: Include, Define, IfModule, Macro."""

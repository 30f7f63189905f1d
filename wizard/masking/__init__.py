"""What stands for a secret in everything that is shown, except in a patch that is to be applied.

``free_text``: URLs, log lines, sentences. ``lines``: lines of a configuration and diffs of them,
read as httpd reads them. Masking more than needed is no fault here; less is.
"""

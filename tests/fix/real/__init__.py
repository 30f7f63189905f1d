"""Whole configurations as people write them, repaired, and judged by httpd."""

"""httpd's language: logical lines, words, sections, URLs, durations."""

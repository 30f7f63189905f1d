"""What the client really gets: each fault is found, repaired by `fix`, and httpd is asked again."""

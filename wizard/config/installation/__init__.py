"""Which httpd is meant by a configuration, and what it is: found, and asked where that is safe."""

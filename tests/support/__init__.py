"""Real httpd for tests: started with a configuration of its own, asked, and its log read."""

"""The oracle: what real httpd does with a scenario, and whether the product says the same."""

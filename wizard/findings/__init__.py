"""The catalogue of findings: what is wrong with a route, why, and what can be done about it."""

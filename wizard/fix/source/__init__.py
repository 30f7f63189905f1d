"""Configuration files as bytes: statements, edits, the unified diff."""

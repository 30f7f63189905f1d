"""Kinds of arguments, and the one table of which directive has which."""

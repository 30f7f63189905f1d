"""Sentences that the command line and the wizard share."""

"""Small questions and answers over a step: open, save, confirm, help."""

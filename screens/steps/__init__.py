"""The five steps, a screen each."""

"""Comments beside changed lines: which are pointed out."""

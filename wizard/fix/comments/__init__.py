"""What people wrote beside the lines that a plan changes, where it may not hold any more."""

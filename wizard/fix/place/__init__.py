"""Where a repair is written: which file, which section, which line."""

"""What the terminal can show, and what may reach it."""

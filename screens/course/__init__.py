"""What the program does by itself: read, probe, plan, rehearse; and write, once it was told to."""

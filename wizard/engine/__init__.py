"""The one door to the engine: what the command line and the screens call."""

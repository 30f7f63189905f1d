"""The Textual screens of the wizard."""

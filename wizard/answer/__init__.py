"""What a client gets of a backend's answer, whether that is what it needs, and what to ask further.

Pure: nothing here reads a file or asks a backend.
"""

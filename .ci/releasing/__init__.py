"""How a release is made: pins, wheels, the offline bundle, the executable, bills of materials."""

"""What .ci/release builds, and what an installation finds."""

import sys
from pathlib import Path

# The release's own programs are no part of the product, and stand where CI's do.
sys.path.insert(0, str(Path(__file__).parents[2] / ".ci"))

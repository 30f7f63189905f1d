"""Directories whose contents no boot outlives.

Source: file-hierarchy(7), ``/run``; FHS 3.0, 3.15 and 5.9: ``/var/run`` and ``/var/lock`` lead
there.
"""

from typing import Final

OF_THE_BOOT: Final = ("/run/", "/var/run/", "/var/lock/")
"""Whoever starts httpd makes its directories there first: one that is missing is no fault yet."""

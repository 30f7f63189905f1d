"""Whether the OpenSSL of this machine can restrict itself to FIPS's algorithms."""

from __future__ import annotations

from pathlib import Path

from wizard.config.installation.layout import Layout

_BESIDE_STANDARD = ("/usr/lib64", "/usr/lib", "/lib64", "/usr/local/lib64", "/usr/local/lib")


def may_have_provider(layout: Layout) -> bool:
    """Whether the FIPS provider may be installed; True where that is not known.

    OpenSSL 3 loads it from ``ossl-modules/fips.so`` beside its libraries.

    Args:
        layout: its httpd, and the libssl that it loads.
    """
    if layout.release.openssl < (3, 0, 0) or not layout.libssl:
        return True
    own = Path(layout.libssl).resolve().parent
    return any(
        (place / "ossl-modules" / "fips.so").exists()
        for place in (own, *map(Path, _BESIDE_STANDARD))
    )

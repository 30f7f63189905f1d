"""The table of all findings: what can be said of one without loading its rule. Data.

``explain`` and the lists of ``rules`` and ``fix --leave`` start without the rules. ``table.json``
is generated from them (``python -m wizard.findings.catalogue docs/rules``); a test fails while it
is stale. The order is the one in which findings are shown; a slug that was ever released is never
given another meaning.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from wizard.findings.entry import Entry, Trait

_DATA: Final[dict[str, Any]] = json.loads(pkgutil.get_data("wizard.findings", "table.json") or "{}")

TABLE: Final[Mapping[str, Entry]] = MappingProxyType(
    {slug: Entry(*row) for slug, row in _DATA["findings"].items()}
)
"""Slug to what is fixed about the finding."""

VERIFY_ERRORS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {int(code): tuple(slugs) for code, slugs in _DATA["verify_errors"].items()}
)
"""X509_V_ERR_* to the findings that it points to, the most likely first."""

LOG_CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {code: tuple(slugs) for code, slugs in _DATA["log_codes"].items()}
)
"""Log code (``AH02276``) to the findings that it points to, the most likely first."""

ALERTS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {int(number): tuple(slugs) for number, slugs in _DATA["alerts"].items()}
)
"""TLS alert of the backend to the findings that it points to, the most likely first."""


def _having(trait: Trait) -> frozenset[str]:
    return frozenset(slug for slug, entry in TABLE.items() if trait in entry.traits)


TRUST_SLUGS: Final = _having("trust")
"""Gone once the policy is strict, the CA is trusted and OpenSSL accepts the chain."""
WEAK_SLUGS: Final = _having("weak")
"""Of ``TRUST_SLUGS``, checks that are off: a temporary exception makes such, and repairs none."""
EXCEPTION_SLUGS: Final = frozenset({"temporary-exception", "temporary-exception-expired"})
"""Of ``WEAK_SLUGS``, those that a comment in the configuration makes."""
UNVERIFIED_SLUGS: Final = _having("unverified")
"""Of ``TRUST_SLUGS``, those that settings repair which have nothing to do with the chain."""
NAME_SLUGS: Final = _having("name")
"""Gone once httpd compares the certificate with a name that it covers."""
STRUCTURE_SLUGS: Final = _having("structure")
"""Repaired where the directive stands, whatever the backend is like."""
UNFIT_DHE: Final = "dh-parameters-too-small"
"""The list of ciphers lets the backend choose what httpd's OpenSSL then refuses."""
LIST_SLUGS: Final = frozenset({"protocol-mismatch", "cipher-mismatch", UNFIT_DHE})
"""The lists of versions and ciphers may not suit the backend."""
UNSENT: Final = "missing-intermediate"
UNSENT_SLUGS: Final = _having("unsent")
"""What an intermediate that the backend does not send is diagnosed as: as long as nobody has seen
it, another authority may have signed the chain just as well."""
STOPPING: Final = _having("stopping")
"""Faults of the other side that strict verification would fail on."""
CRL_SLUGS: Final = _having("crl")
"""Faults that have to do with revocation lists: an exception cannot switch them off."""
LEAVABLE: Final = frozenset(slug for slug, entry in TABLE.items() if entry.leavable)
"""Repaired by configuration, unless the operator would rather have the backend repaired."""
ANSWER_SLUGS: Final = frozenset(slug for slug, entry in TABLE.items() if entry.family == "answers")
"""What the client gets of a backend that is reached."""
SHOWN_BY_ANSWER: Final = frozenset(
    {
        "cookie-domain-of-backend",
        "cookie-path-outside-mount",
        "host-refused",
        "redirect-leaks-backend",
        "redirect-leaves-mount",
        "redirect-loop",
    }
)
"""Of these, what is gone only if status, Location or a cookie of the same request is another."""

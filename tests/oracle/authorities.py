"""The CAs of the oracle's world, by name. One set serves all scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.demo.pki import Issued, issue, new_key

# name → subject, issuer, what else `issue` takes; "key": name of the CA whose key is used again
_TABLE: Mapping[str, tuple[str, str | None, dict[str, Any]]] = {
    "root": ("Lab Root", None, {}),
    "int1": ("Lab Issuing 1", "root", {}),
    "int2": ("Lab Issuing 2", "int1", {}),
    "int3": ("Lab Issuing 3", "int2", {}),
    "int4": ("Lab Issuing 4", "int3", {}),
    "wrong": ("Other Root", None, {}),
    "wrong2": ("Third Root", None, {}),
    "rekeyed": ("Lab Root", None, {}),
    "rekeyed-int1": ("Lab Issuing 1", "root", {}),
    # a CA without key identifiers and keyUsage, and its namesake
    "plain": ("Plain Root", None, {"key_ids": False, "usage": ()}),
    "plain-rekeyed": ("Plain Root", None, {"key_ids": False, "usage": ()}),
    "expired-root": ("Expired Root", None, {"days": (-400, -2)}),
    "renewed-root": ("Expired Root", None, {"key": "expired-root"}),
    "future-root": ("Future Root", None, {"days": (2, 400)}),
    "expired-int": ("Expired Issuing", "root", {"days": (-400, -2)}),
    "renewed-int": ("Expired Issuing", "root", {"key": "expired-int"}),
    "soon-root": ("Soon Root", None, {"days": (-400, 6)}),
    "old-root": ("Old Root", None, {}),
    "cross": ("Lab Root", "old-root", {"key": "root"}),
    "pathlen-root": ("Path Root", None, {"path_length": 0}),
    "pathlen-int": ("Path Issuing", "pathlen-root", {}),
    "pathlen-ok": ("Path One Root", None, {"path_length": 1}),
    "pathlen-ok-int": ("Path One Issuing", "pathlen-ok", {"path_length": 0}),
    "constrained": ("Constrained Issuing", "root", {"permitted": ("other.internal",)}),
    "constrained-root": ("Constrained Root", None, {"permitted": ("other.internal",)}),
    "permitted": ("Permitting Issuing", "root", {"permitted": ("internal",)}),
    "excluded": ("Excluding Issuing", "root", {"excluded": ("backend.internal",)}),
    "not-ca": ("Not A CA", "root", {"ca": False}),
    "no-constraints": ("No Basic Constraints", "root", {"ca": None}),
    "no-sign": ("Cannot Sign", "root", {"usage": ("cRLSign",)}),
    "client-only": ("Clients Issuing", "root", {"purposes": ("clientAuth",)}),
    "server-only": ("Servers Issuing", "root", {"purposes": ("serverAuth",)}),
    "rsa-root": ("RSA Root", None, {"key": "rsa"}),
    "rsa-int": ("RSA Issuing", "rsa-root", {"key": "rsa"}),
    "weak-root": ("Weak Root", None, {"key": "rsa-1024"}),
    "weak-int": ("Weak Issuing", "rsa-root", {"key": "rsa-1024"}),
    "sha1-root": ("SHA-1 Root", None, {"key": "rsa", "sha1": True}),
    "sha1-int": ("SHA-1 Issuing", "rsa-root", {"key": "rsa", "sha1": True}),
    "ed-root": ("Ed25519 Root", None, {"key": "ed25519"}),
    "p384-root": ("P-384 Root", None, {"key": "ecdsa-p384"}),
    "client-ca": ("Clients Root", None, {}),
    "client-int": ("Clients Intermediate", "client-ca", {}),
    "client-ca2": ("Other Clients Root", None, {}),
    # the same name six times: what a file of several CAs of one name needs
    **{f"namesake{n}": ("Lab Root", None, {}) for n in range(1, 4)},
    # a root and its intermediate, as public ones are: their names share no word that tells
    "far-root": ("USERTrust RSA Certification Authority", None, {}),
    "far-int": ("Sectigo RSA Domain Validation Secure Server CA", "far-root", {}),
    "no-list-sign": ("Cannot Sign Lists", None, {"usage": ("keyCertSign",)}),
}
NAMES = tuple(_TABLE)


class Authorities:
    """Makes each CA when it is first asked for.

    Args:
        number: sets of another number have other keys.
    """

    def __init__(self, number: int = 0) -> None:
        self._made: dict[str, Issued] = {}
        self._number = number

    def __getitem__(self, name: str) -> Issued:
        if name not in self._made:
            subject, issuer, options = _TABLE[name]
            options = {"ca": True, **options}
            if options.get("key") in _TABLE:
                options["key"] = self[options["key"]].key
            elif str(options.get("key", "")).startswith("rsa"):
                options["key"] = new_key(
                    options["key"], shared=1000 * self._number + NAMES.index(name)
                )
            self._made[name] = issue(subject, self[issuer] if issuer else None, **options)
        return self._made[name]

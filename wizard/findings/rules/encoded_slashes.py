"""``%2F`` in a path: what AllowEncodedSlashes of the main server does not do for a virtual host."""

from __future__ import annotations

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.findings.rules.redirect_faults import lines
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding


class EncodedSlashesRefused(Rule):
    """AllowEncodedSlashes is written where it does not count."""

    slug = "encoded-slashes-refused"
    family = "answers"
    order = 140
    severity = "warning"
    title = "httpd refuses %2F in paths: AllowEncodedSlashes is not inherited"
    signs = Signs(log_codes="AH00026")

    def _check(self, facts: Facts) -> Finding | None:
        host = facts.route.vhost
        asked = "%2f" in facts.route.request_path.lower() and not host.encoded_slashes.value
        source = host.encoded_slashes_meant
        if source is None and not asked:
            return None
        cure = Cure("server", "AllowEncodedSlashes NoDecode", "paths with %2F reach the backend")
        shown = [f"{source}  AllowEncodedSlashes, for the main server"] if source else []
        shown.append(f"{host.source}  the virtual host has none of its own")
        return self.found(
            facts,
            "A virtual host does not inherit AllowEncodedSlashes from the main server. httpd "
            "itself answers 404 to a path with %2F, and the backend is not asked. NoDecode passes "
            "it on as it is.",
            [*shown, evidence.route(facts.route)],
            lines((cure,)),
            at=facts.route.source,
            proof=shown,
            why="A virtual host does not inherit it: httpd itself answers 404 to a path with %2F.",
            cures=(cure,),
        )

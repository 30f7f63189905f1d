"""The catalogue of findings: what is wrong with a route, why, and what can be done about it.

A rule is one class (``rule.Rule``): slug, title, severity, a pure predicate, the remedies. Its
page, ``texts/SLUG.md``, is printed by ``proxy-wizard rules`` and generated into docs/rules/.
"""

from wizard.findings.catalogue import CATALOGUE
from wizard.findings.diagnose import diagnose

__all__ = ["CATALOGUE", "diagnose"]

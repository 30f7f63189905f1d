"""What httpd refuses to read, and what its log does not say."""

from __future__ import annotations

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.masking import lines as masking
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference import log_levels


class _ProblemRule(Rule):
    """Found by the reader alone: ``diagnose`` makes the finding of the reader's problem."""

    family = "configuration"

    def _check(self, facts: Facts) -> Finding | None:
        del facts  # the configuration as a whole is wrong, not the route
        return None


class DirectiveNotAllowedHere(_ProblemRule):
    """SSLProxy* in <Location> …"""

    slug = "directive-not-allowed-here"
    order = 30
    title = "A directive stands where httpd does not allow it"
    signs = Signs(log_codes="AH00526/2")
    repair = Repairability(traits=("structure",))


class UnknownDirective(_ProblemRule):
    """A typo, or a module that is not loaded."""

    slug = "unknown-directive"
    order = 40
    title = "httpd does not know a directive"
    signs = Signs(log_codes="AH00526")
    repair = Repairability(traits=("structure",))


class ConfigurationRefused(_ProblemRule):
    """Any other reason why httpd does not read the configuration or start with it."""

    slug = "configuration-refused"
    order = 50
    title = "httpd does not accept the configuration"
    # with these a start ends over a file or setting of httpd, or its TLS towards clients
    signs = Signs(
        log_codes="AH00014 AH00015 AH00016 AH00018 AH00019 AH00020 AH00058 AH00072 AH00086 AH00089 "
        "AH00090 AH00091 AH00099 AH00100 AH00103 AH00104 AH00526/4 AH00543 AH00544 AH00649 "
        "AH00651 AH00654 AH00804 AH01597 AH01751 AH01872 AH01874 AH01885 AH01888 AH01889 "
        "AH01895/2 AH01896/3 AH01898/2 AH01901/2 AH01903 AH01958 AH01959 AH02210/3 AH02231/2 "
        "AH02286 AH02287 AH02291 AH02297 AH02309 AH02310 AH02311 AH02312 AH02407 AH02547 "
        "AH02561 AH02562 AH02564 AH02565 AH02569 AH02572 AH02573 AH02574 AH02578 AH02579 "
        "AH02580 AH02581 AH03378/2 AH10036 AH10046 AH10127/2 AH10130 AH10133 AH10136 AH10137 "
        "AH10149 AH10231 AH10492 AH10493 AH10494 AH10495",
    )


_MOST_SHOWN = 6
"""Faults that one finding shows."""


class ReloadWouldFail(Rule):
    """What ends the server that runs when it reads its configuration again."""

    slug = "reload-would-fail"
    family = "configuration"
    order = 55
    severity = "warning"
    title = "The running server would not survive a reload"

    def _check(self, facts: Facts) -> Finding | None:
        fatal = facts.case.fatal
        if not fatal:
            return None
        written = masking.configuration([one.directive for one in fatal])
        shown = list(zip(fatal, written, strict=True))[:_MOST_SHOWN]
        places = [one.place for one, _ in shown]
        more = f" {len(fatal) - 1} more would end it as well." * (len(fatal) > 1)
        said = tuple(
            f"{place}  {line or one.message}"
            for place, (one, line) in zip(places, shown, strict=True)
        )
        return Finding(
            self.slug,
            self.severity,
            self.title,
            evidence=said,
            explanation="This server would not survive a reload: "
            f"{fatal[0].message.rstrip('.')}.{more} It serves until somebody reloads it, as "
            "logrotate does by itself; httpd's own test (-t) passes.",
            remedies=tuple(
                Remedy("config", f"{place}: {(one.hint or 'Correct the line').rstrip('.')}.")
                for place, (one, _) in zip(places, shown, strict=True)
            ),
            place=places[0],
            proof=said[: evidence.MOST_PROOF],
            why="It serves until somebody reloads it, as logrotate does by itself. Then it ends: "
            f"{fatal[0].message.rstrip('.')}.",
        )


_REFUSALS = frozenset({"AH02276", "AH02039", "AH02040", "AH02004", "AH02005", "AH02411"})
"""The lines that say why a certificate was refused."""
_TELLING = frozenset({"AH02268", "AH10273", "AH10274"})
"""Others that name a cause where TLS is the matter; the rest only say that it failed."""
_HANDSHAKE = "AH02003"
"""Tells little itself, but OpenSSL's reason is the line after it, at the same level."""
_ROUTINE = frozenset({"AH01964", "AH01998"})
"""A connection begins, and ends: every request has these, and they name no cause."""


class LogLevelHidesCause(Rule):
    """The lines that name the cause are below LogLevel."""

    slug = "log-level-hides-cause"
    family = "configuration"
    order = 250
    severity = "info"
    title = "The error log does not show the cause: it is below LogLevel"

    def _check(self, facts: Facts) -> Finding | None:
        log = facts.verdict.log
        if not facts.failing or not log:
            return None
        hidden = [line for line in log if line.code in _REFUSALS]
        hidden = hidden or [line for line in log if line.code in _TELLING]
        hidden = hidden or [line for line in log if line.code == _HANDSHAKE]
        hidden = hidden or [line for line in log if line.code not in _ROUTINE]
        if not hidden or any(line.shown for line in hidden):
            return None
        levels = facts.route.log_levels
        modules = dict.fromkeys(line.module for line in hidden)
        settings = [(m, levels.of(m)) for m in modules]
        visible = [line.code for line in log if line.code and line.shown]
        remains = (
            f"What remains in the log, {', '.join(visible)}, does not tell why."
            if visible
            else "Nothing about it remains in the log."
        )
        counting = [f"{s.origin}  LogLevel {s.value} (counts for {m})" for m, s in settings]
        missing = [
            f"hidden: {line.code or 'no code'} [{line.module}:{line.level}] {line.text}"
            for line in hidden[:6]
        ]
        return self.found(
            facts,
            f"{remains} Raise the level for TLS and proxying only; it may stay so.",
            [*counting, *missing],
            [
                Remedy(
                    "config",
                    "Raise it for TLS and proxying alone, in the virtual host or the main server.",
                    log_levels.telling(levels.default.value),
                )
            ],
            proof=[*counting[:2], *missing[:1]],
            why=remains,
        )

"""The commands there are: where each lies, and what it does in a line."""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "check": ("wizard.cli.check", "load, probe and diagnose every proxied route"),
    "fix": ("wizard.cli.fix", "plan the fix and print it as a unified diff"),
    "prove": ("wizard.cli.prove", "rehearse in a throw-away httpd, before and after the plan"),
    "apply": ("wizard.cli.apply", "fix, prove, ask, write, httpd -t and graceful reload"),
    "rollback": ("wizard.cli.rollback", "undo the last, or that, change; list the changes"),
    "explain": ("wizard.cli.explain", "interpret log lines, error codes, s_client or curl output"),
    "rules": ("wizard.cli.rules", "the catalogue of findings, or one in full"),
    "demo": ("wizard.cli.demo", "a lab of broken proxies on loopback"),
    "completion": ("wizard.cli.completion", "the completion for bash, zsh or fish"),
}
"""Command → (module, one-line summary). A command's module has ``add_parser(subparsers)`` and
``run(args) -> int`` and is imported only when it is the one that was asked for."""

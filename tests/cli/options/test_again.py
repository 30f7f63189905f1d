"""The command that goes on has the words of the one before it."""

from __future__ import annotations

import argparse
import os

import pytest

from wizard.cli.options import again
from wizard.cli.parser import build_parser


def parsed(*words: str) -> argparse.Namespace:
    return build_parser("fix").parse_args(["fix", *words])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ""),
        (("/etc/my site.conf",), " '/etc/my site.conf'"),
        (("--ca", "a.pem", "--ca", "b c.pem"), " --ca a.pem --ca 'b c.pem'"),
        (("--timeout", "2.5", "--no-httpd"), " --timeout 2.5 --no-httpd"),
        (("--route=-x",), " --route=-x"),
        (("--", "-x.conf"), " ./-x.conf"),
        (("--", "--yes; reboot"), " './--yes; reboot'"),
        (("-o", "x.patch", "--mask", "-v"), ""),
        (
            ("--policy", "temporary", "--until", "2027-01-31"),
            " --policy temporary --until 2027-01-31",
        ),
    ],
)
def test_what_was_given_is_given_again(given: tuple[str, ...], expected: str) -> None:
    assert again.command(parsed(*given), "fix") == f"proxy-wizard fix{expected}"


def test_check_takes_no_options_of_a_plan() -> None:
    args = parsed("site.conf", "--ca", "a.pem", "--vhost", "a.test")
    assert again.command(args, "check") == "proxy-wizard check site.conf --vhost a.test"


def test_words_are_added_and_a_user_who_may_not_write_is_told_sudo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert again.command(parsed(), "fix", ["--ca", "FILE"]) == "proxy-wizard fix --ca FILE"
    assert again.command(parsed(), "apply") == "sudo proxy-wizard apply"
    monkeypatch.setattr("os.access", lambda path, mode: (path, mode) == ("mine.conf", os.W_OK))
    assert again.command(parsed("mine.conf"), "apply") == "proxy-wizard apply mine.conf"
    assert again.command(parsed("site.conf"), "apply") == "sudo proxy-wizard apply site.conf"

"""The options of the wizard itself: how much it does without being told to."""

from __future__ import annotations

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--step`` and ``--no-probe``."""
    add_step(parser)
    parser.add_argument(
        "--no-probe",
        action="store_true",
        help="ask no backend before you say so in the wizard",
    )


def add_step(parser: argparse.ArgumentParser) -> None:
    """Add ``--step``."""
    parser.add_argument(
        "--step",
        action="store_true",
        help="walk step by step: begin with step 1, and do nothing before its step is opened",
    )

"""A private key of TLS towards the browser that needs a pass phrase: who gives it at start.

Source: httpd 2.4, modules/ssl/ssl_engine_pphrase.c; each dialog was run on httpd 2.4.71.
"""

from __future__ import annotations

from wizard.config.checks import startup_files
from wizard.config.checks.checker import Checker, problem_at
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word
from wizard.model.config import Problem

_ASK = (
    "Take the pass phrase from the key (openssl pkey), with mode 0600, or have "
    "SSLPassPhraseDialog name a program that prints it (exec:)."
)


def problem(checker: Checker, key: Node, main: ServerLevel) -> Problem | None:
    """Why nobody gives it; None: a program may, or the server that runs has the key already.

    Args:
        checker: looks at programs.
        key: the directive that names the key.
        main: the main server, where the dialog is set.
    """
    node = main.last("sslpassphrasedialog")
    word = first_word(node.args)[0] if node is not None else "builtin"
    place = checker.resolve(first_word(key.args)[0])
    if node is None or word == "builtin":
        if checker.running:  # see wizard.httpd.survival
            return None
        message = (
            f"Init: Unable to read pass phrase: {place} needs one, and httpd asks for it at a "
            "terminal only, which it has none of as a service"
        )
        return problem_at(key, message, "AH02578", _ASK)
    piped = word.startswith("|")
    command = word.removeprefix("|") if piped else word.removeprefix("exec:")
    if not startup_files.cannot_run(checker, command):
        return None
    program = startup_files.program_of(command)
    message = f"Init: Pass phrase incorrect for key {place}: {program} cannot run"
    return problem_at(node, message, None if piped else "AH02580", startup_files.PROGRAM)

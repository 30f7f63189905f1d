"""The table of directives is the installed httpd's, read from its own binaries."""

from __future__ import annotations

import json

from tests.reference import directive_table, elf_commands
from wizard.reference import directives, misspelt


def test_every_command_of_the_installed_modules_is_in_the_table() -> None:
    missing = []
    for module in elf_commands.installed():
        assert directives.source_name(module.identifier) == module.source
        for command in module.commands:
            info = directives.lookup(command.name)
            if info is None or info.section != command.name.startswith("<"):
                missing.append(command.name)
                continue
            assert module.identifier in info.modules, command.name
            assert info.kind, command.name
    assert missing == []


def test_what_is_acted_on_while_reading_has_a_handler() -> None:
    from wizard.config.preprocess.exec_on_read import HANDLERS

    names = {
        command.name.lower()
        for module in elf_commands.installed()
        for command in module.commands
        if command.override & elf_commands.EXEC_ON_READ
    }
    assert names <= set(HANDLERS)


def test_the_file_is_as_written_by_its_program() -> None:
    text = directive_table.TABLE.read_text(encoding="utf-8")
    assert directive_table.text(json.loads(text)) == text


def test_nearest() -> None:
    assert misspelt.nearest("SSLProxyVerfy") == "SSLProxyVerify"
    assert misspelt.nearest("ProxyPas") == "ProxyPass"
    assert misspelt.nearest("<Locatoin") == "Location"
    assert misspelt.nearest("Proxy") == "<Proxy>"  # its < is missing
    assert misspelt.nearest("Frobnicate") is None
    assert misspelt.nearest("x" * 10_000) is None

"""Make wizard/reference/data/directives.json: names, modules and kinds from the installed httpd,
contexts (and modules that Debian does not build) from its manual.

Run as ``python -m tests.reference.directive_table`` when a new httpd comes out.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

from tests.reference import elf_commands
from wizard.reference.config_releases import lack
from wizard.reference.release import NEWEST

MANUAL = Path("/usr/share/doc/apache2-doc/manual/en/mod")
TABLE = Path(__file__).parents[2] / "wizard/reference/data/directives.json"
OVERRIDE_CONTEXTS = ((128, "server config"), (64, "directory"), (2048, "proxy section"))
HTACCESS = 31


def documented() -> tuple[dict[str, str], dict[str, list[tuple[str, list[str]]]]]:
    """Module identifiers to source files, and each directive's (identifier, contexts)."""
    sources: dict[str, str] = {}
    directives: dict[str, list[tuple[str, list[str]]]] = {}
    for page in sorted(MANUAL.glob("*.html")):
        text = page.read_text(encoding="utf-8", errors="replace")
        identifier = re.search(r"Identifier:</a></th><td>(\w+)</td>", text)
        source = re.search(r"File:</a></th><td>([\w.]+)</td>", text)
        module = identifier[1] if identifier else "core_module"
        if identifier and source:
            sources[module] = source[1]
        for name, body in re.findall(
            r'<h2 id="[^"]+"><span id="[^"]+">([^ ]+?)</span> Directive(.*?)</table>',
            text,
            re.DOTALL,
        ):
            context = re.search(r"Context:</a></th><td>(.*?)</td>", body, re.DOTALL)
            plain = re.sub(r"<[^>]+>|\s+", " ", context[1] if context else "")
            directives.setdefault(html.unescape(name).rstrip(">"), []).append(
                (module, [word.strip() for word in plain.split(",") if word.strip()])
            )
    return sources, directives


def contexts_of(override: int) -> list[str]:
    """What the binary's bits allow; it does not tell a virtual host from the main server."""
    found = [name for bit, name in OVERRIDE_CONTEXTS if override & bit]
    if override & 128:
        found.insert(1, "virtual host")
    if override & HTACCESS:
        found += [name for name in ("directory", ".htaccess") if name not in found]
    return found


def make() -> dict[str, object]:
    """The whole table."""
    sources, manual = documented()
    lowered = {name.lower(): entries for name, entries in manual.items()}
    table: dict[str, tuple[list[str], list[str], str, int, str]] = {}
    for module in elf_commands.installed():
        sources[module.identifier] = module.source
        for command in module.commands:
            entries = dict(lowered.get(command.name.lower(), ()))
            # The MPMs' common directives are documented once, on another MPM's page.
            contexts = (
                entries.get(module.identifier)
                or (next(iter(entries.values())) if len(entries) >= 1 else None)
                or contexts_of(command.override)
            )
            if command.override & 2048 and "proxy section" not in contexts:
                contexts = [*contexts, "proxy section"]
            known = table.get(command.name)
            if known is None:
                table[command.name] = (
                    [module.identifier],
                    contexts,
                    command.kind,
                    command.override,
                    command.message,
                )
            elif module.identifier not in known[0]:
                known[0].append(module.identifier)
    lower_table = {name.lower() for name in table}
    for name, described in manual.items():
        if name.lower() not in lower_table and re.fullmatch(r"<?\w+", name):
            table[name] = ([module for module, _ in described], described[0][1], "", 0, "")
    for name, entry in json.loads(TABLE.read_text(encoding="utf-8"))["directives"].items():
        if lack("directive", name, NEWEST) is not None:
            table.setdefault(name, entry)  # earlier releases had it
    version = (
        subprocess.run(["/usr/sbin/apache2", "-v"], capture_output=True, text=True, check=True)
        .stdout.split("Apache/")[1]
        .split()[0]
    )
    return {
        "version": version,
        "modules": dict(sorted(sources.items())),
        "directives": dict(sorted(table.items(), key=lambda item: item[0].lower())),
    }


def text(table: dict[str, object]) -> str:
    """One directive a line, so that a new httpd's changes can be read in a diff."""
    modules = json.dumps(table["modules"], indent=1)
    directives = table["directives"]
    assert isinstance(directives, dict)
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in directives.items()
    )
    return (
        f'{{"version": {json.dumps(table["version"])},\n"modules": {modules},\n'
        f'"directives": {{\n{lines}\n}}}}\n'
    )


if __name__ == "__main__":
    TABLE.write_text(text(make()), encoding="utf-8")

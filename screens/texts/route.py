"""Values of the engine as words on a screen: no widget, no decision, everything made harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from rich.text import Text

from screens.terminal.glyphs import Glyphs
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.text import printable
from wizard.wording import entries, installed

if TYPE_CHECKING:
    from wizard.model.config import Configuration, Problem, Route, Setting, Source
    from wizard.model.diagnosis import Diagnosis

#: Style of a route by its state; the word stands even without colour.
STYLES = {"OK": "green", "WARN": "yellow", "FAIL": "bold red", "UNKNOWN": "cyan", "SKIP": "cyan"}
SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def plain(text: object, limit: int = 2000, style: str = "") -> Text:
    """Text from outside as one harmless line: no markup, no control characters."""
    return Text(printable(str(text), limit), style)


def state(diagnosis: Diagnosis | None, glyphs: Glyphs) -> Text:
    """How a route is, in a word."""
    if diagnosis is None:
        return Text(glyphs.waiting, "dim")
    word = entries.state(diagnosis)
    return Text(word, STYLES[word])


def result_cells(diagnosis: Diagnosis | None) -> tuple[Text, Text]:
    """What the client of httpd gets, and the cause, for a table."""
    if diagnosis is None:
        return Text(""), Text("")
    first = diagnosis.findings[0] if diagnosis.findings else None
    cause = Text(first.slug, SEVERITY_STYLES[first.severity]) if first else Text("")
    return Text(_answer(diagnosis)), cause


def _answer(diagnosis: Diagnosis) -> str:
    """What the client gets, in a word."""
    verdict = diagnosis.verdict
    if verdict.stage in ("config", "start"):
        return "no start"
    return str(verdict.status or (verdict.stage or "" if verdict.outcome == "fail" else ""))


def vhost_name(route: Route) -> str:
    """The name of a route's virtual host."""
    return route.vhost.server_name or "main server"


def route_cells(route: Route) -> tuple[Text, Text, Text]:
    """Virtual host, path and backend of a route, for a table."""
    address = route.vhost.addresses[0].rpartition(":")[2] if route.vhost.addresses else ""
    port = f":{address}" if address.isdigit() else ""
    return (
        shortened(vhost_name(route) + port, 36),
        shortened(route.path, 24),
        plain(route.backend.url, 80),
    )


def shortened(text: str, limit: int) -> Text:
    """A text from outside in few cells, its beginning and end seen: a long name hides nothing."""
    whole = plain(text, 300)
    if whole.cell_len <= limit:
        return whole
    half = (limit - 1) // 2
    return Text(f"{set_cell_size(whole.plain, half).rstrip()}…{_last(whole.plain, half)}")


def _last(text: str, cells: int) -> str:
    return set_cell_size(text[::-1], cells)[::-1].lstrip()


def haystack(route: Route, diagnosis: Diagnosis | None = None) -> str:
    """What a search looks in, in lower case.

    Args:
        route: a row of a table.
        diagnosis: what that row shows of it besides.
    """
    parts = [vhost_name(route), *route.vhost.aliases, route.path, route.backend.url]
    if diagnosis is not None:
        parts += [entries.state(diagnosis), _answer(diagnosis)]
        parts += [finding.slug for finding in diagnosis.findings[:1]]
    return " ".join(parts).lower()


def configuration_line(configuration: Configuration) -> str:
    """What was read, in a line."""
    routes = len(configuration.routes)
    hosts = sum(not host.is_main for host in configuration.virtual_hosts)
    said = [
        installed.headline(configuration),
        f"{routes} route{'s' * (routes != 1)} in {hosts} virtual host{'s' * (hosts != 1)}",
    ]
    if configuration.partial:
        said.append("A lone file: the server level is unknown, httpd's defaults are assumed")
    bad = len(configuration.problems)
    if not routes and bad:
        said.append(f"httpd complains about {bad} line{'s' * (bad != 1)}: press v for the problems")
    if not routes:
        said.append("Nothing is proxied here: press o to open another configuration")
    return ". ".join(said)


def origin(setting: Setting[object], *, short: bool) -> str:
    """Where a value was set; short: by the file's name without its directory."""
    return _place(setting.source, short=short) if setting.source is not None else "default"


def _place(source: Source, *, short: bool) -> str:
    return printable(str(source).rpartition("/")[2] if short else str(source))


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that decides how httpd meets the backend.

    Args:
        name: of the directive, or of what follows from several.
        value: with its origin.
        source: where it was set; None: nowhere in a file.
    """

    name: Text
    value: Text
    source: Source | None = None


def route_rows(route: Route) -> list[Row]:
    """The route itself, as whole as a table of routes may not show it."""
    name, path, url = vhost_name(route), route.path, route.backend.url
    rows = (("Virtual host", name, route.vhost.source), (route.kind, f"{path} {url}", route.source))
    return [
        Row(
            plain(label, 36),
            Text.assemble(plain(value, 600), ("  ", ""), (_place(source, short=True), "dim")),
            source,
        )
        for label, value, source in rows
    ]


def policy_rows(route: Route, *, short: bool = True) -> list[Row]:
    """Everything that decides how httpd meets the backend; short: files without directories."""
    settings = [(name, getattr(route.tls, field)) for field, name in DIRECTIVES.items()]
    settings.append(("ProxyPreserveHost", route.preserve_host))
    rows = [Row(Text(name), _value(setting, short), setting.source) for name, setting in settings]
    told = (
        ("SNI sent", route.backend.sni or "none"),
        ("Name checked", route.backend.check_name),
        ("Host sent", route.backend.host_header),
    )
    return rows + [Row(Text(name), plain(value, 120)) for name, value in told]


def _value(setting: Setting[object], short: bool) -> Text:
    """A value in a column of its own, then where it was set."""
    value = printable(shown(setting.value), 120)
    return Text.assemble(
        (f"{value:<10} ", "" if setting.is_default else "bold"),
        (origin(setting, short=short), "dim"),
    )


def policy_text(route: Route) -> str:
    """The policy as plain text, for a file or the clipboard."""
    where = printable(f"{vhost_name(route)} {route.path} -> {route.backend.url}")
    lines = [where, f"{route.kind}, {printable(str(route.source))}", ""]
    lines += [f"{row.name.plain:<38} {row.value.plain}" for row in policy_rows(route, short=False)]
    return "\n".join(lines) + "\n"


def marks(route: Route) -> dict[str, list[int]]:
    """The lines that decide a route, by file; the route's own first."""
    found: dict[str, list[int]] = {route.source.file: [route.source.line]}
    settings = [getattr(route.tls, field) for field in DIRECTIVES]
    for setting in (*settings, route.preserve_host):
        if setting.source is not None:
            found.setdefault(setting.source.file, []).append(setting.source.line)
    return found


def problem_row(problem: Problem) -> tuple[Text, Text]:
    """Where and what, for a table."""
    code = f"{problem.code}: " if problem.code else ""
    style = "yellow" if problem.phase == "warning" else "bold red"
    return plain(problem.place, 100), plain(
        f"{code}{problem.message} {problem.hint}".strip(), 400, style
    )

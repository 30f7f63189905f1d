"""Workers: which one httpd picks for a backend URL, and whose parameters count.

A worker's name is a URL. While reading, a ProxyPass whose URL begins with the name of an earlier
worker shares that one, and its own parameters are lost. A request uses the worker with the
longest name that its URL begins with; the main server's come first.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_pass, set_proxy_param, proxysection),
proxy_util.c (ap_proxy_get_worker); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.syntax.backend_url import authority_length, worker_name
from wizard.config.syntax.durations import seconds
from wizard.model.config import Setting, Worker

Parameters = dict[str, Setting[str]]
_DOLLAR = re.compile(r"\$[0-9]")
_NONE: Setting[float | None] = Setting(None)
_DEFAULT = Worker()


@dataclass(slots=True, eq=False)
class _Defined:
    name: str
    parameters: Parameters = field(default_factory=dict)
    pieces: tuple[str, ...] = ()
    """The texts between the ``$1`` of a name."""
    worker: Worker | None = None


class Workers:
    """The workers of one server, defined in file order."""

    def __init__(self) -> None:
        self._index: PrefixIndex[_Defined] = PrefixIndex()
        self._patterns: PrefixIndex[_Defined] = PrefixIndex()

    def use(self, url: str, parameters: Parameters, *, regex: bool = False) -> None:
        """A ProxyPass: share an earlier worker, else define one."""
        name = worker_name(url)
        if self.find(name) is None:
            self._define(name, parameters, regex=regex)

    def set(self, url: str, parameters: Parameters) -> None:
        """A ProxySet or ``<Proxy URL key=value>``: change that worker, else define it."""
        name = worker_name(url)
        known = self.find(name)
        if known is None:
            self._define(name, parameters, regex=False)
        else:
            known.parameters.update(parameters)

    def _define(self, name: str, parameters: Parameters, *, regex: bool) -> None:
        defined = _Defined(name, dict(parameters))
        if regex and _DOLLAR.search(name):
            defined.pieces = tuple(_DOLLAR.split(name))
            self._patterns.add(defined.pieces[0], defined)
        else:
            self._index.add(name, defined)

    def find(self, name: str) -> _Defined | None:
        """The worker with the longest name that a URL's name begins with."""
        best = self._index.longest(name)
        if best is not None and len(best.name) < authority_length(name):
            best = None  # of another host, whose name this one's begins with
        if not self._patterns:
            return best
        for _, defined in sorted(self._patterns.of(name), key=lambda entry: entry[0]):
            longer = best is None or len(defined.name) > len(best.name)
            if longer and len(name) >= len(defined.name) and _spells(defined.pieces, name):
                best = defined
        return best


def _spells(pieces: tuple[str, ...], name: str) -> bool:
    """Whether a name begins with these texts in this order, anything between them."""
    position = len(pieces[0])
    for piece in pieces[1:]:
        found = name.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def pick(url: str, main: Workers | None, own: Workers | None) -> Worker:
    """The worker that serves a request to a backend URL.

    Args:
        url: the URL.
        main: of the main server; None: it hands nothing down.
        own: of the virtual host; None: the main server serves the request.
    """
    name = worker_name(url)
    chosen = shared = main.find(name) if main is not None else None
    if own is not None:
        mine = own.find(name)
        if mine is not None and (chosen is None or len(mine.name) > len(chosen.name)):
            chosen = mine
    if chosen is None:
        return _DEFAULT
    if chosen.worker is None:
        chosen.worker = model(
            chosen.name, chosen.parameters, of_main=shared is not None and chosen is shared
        )
    return chosen.worker


def model(url: str, parameters: Mapping[str, Setting[str]], *, of_main: bool) -> Worker:
    """The worker as a value of the model.

    Args:
        url: its name.
        parameters: key=value, keys in lower case.
        of_main: the main server defines it, or its balancer.
    """
    if not parameters:
        return Worker(url, of_main=of_main)
    return Worker(
        url,
        _time(parameters.get("timeout")),
        _time(parameters.get("connectiontimeout")),
        parameters,
        of_main,
    )


def _time(setting: Setting[str] | None) -> Setting[float | None]:
    if setting is None or (value := seconds(setting.value)) is None:
        return _NONE
    return Setting(value, setting.source)

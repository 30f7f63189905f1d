"""ProxyPass and ProxyPassMatch, as the list that httpd goes through.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_pass, ap_proxy_trans_match).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.config.matching.patterns import compile_glob, compile_regex, is_glob, literal_prefix
from wizard.config.matching.url_templates import groups_of, has_group, imagine_filled, substitute
from wizard.config.servers.levels import Section
from wizard.config.syntax.backend_url import with_host
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

KEYWORDS = frozenset({"nocanon", "interpolate", "noquery"})
_GLOB_SIGNS = re.compile(r"\\(.)|\*+|\?|(\[[!^]?\]?[^\]]*\])", re.DOTALL)
_ROOTLESS = "it has no leading slash."
_CANDIDATES = "x" + "".join(sorted(map(chr, range(33, 127)), key=lambda char: not char.isalnum()))


@dataclass(slots=True, eq=False)
class PathMapping:
    """One line that maps requests to a backend.

    Args:
        node: the directive.
        path: prefix or regular expression.
        url: of the backend; None for ``!``.
        regex: whether ``path`` is a regular expression.
        parameters: key=value, keys in lower case.
        section: the ``<Location>`` that it stands in.
        dead: why it never matches a request; None if it may.
        interpolate: ``${ENV}`` in it is expanded per request.
    """

    node: Node
    path: str
    url: str | None
    regex: bool
    parameters: dict[str, str]
    section: Section | None = None
    dead: str | None = None
    interpolate: bool = False

    @property
    def kind(self) -> str:
        """The directive, and whether it stands in a section."""
        name = "ProxyPassMatch" if self.node.key == "proxypassmatch" else "ProxyPass"
        return name if self.section is None else f"{name} in Location"


def mapping(node: Node, section: Section | None = None) -> PathMapping | None:
    """Read a ProxyPass or ProxyPassMatch.

    Args:
        node: the directive.
        section: the ``<Location>`` that it stands in.

    Returns:
        The mapping; None if httpd refuses the line (`wizard.config.checks.walk` says why).
    """
    words = split_words(node.args)
    regex = node.key == "proxypassmatch"
    while words[:1] == ["~"] and section is None:
        regex = True
        del words[0]
    if section is not None:
        words.insert(0, section.pattern)
    if len(words) < 2:
        return None
    path, url, *rest = words
    parted = [word.partition("=") for word in rest]
    keywords = {key.lower() for key, equals, _ in parted if not equals}
    if not keywords <= KEYWORDS:
        return None
    parameters = {key.lower(): value for key, equals, value in parted if equals}
    dead = None
    if section is not None and not regex:
        # add_pass looks at the text alone, not at whether the section is a LocationMatch
        regex = is_glob(path)
        literal = section.matching != "regex" or (
            literal_prefix(path) == path and path.startswith("/")
        )
        if not regex and not literal:
            dead = (
                f"httpd takes the pattern {path} for a literal path, because it holds no "
                "'*', '?' or '[': no request matches. ProxyPassMatch reads it as a pattern."
            )
    if dead is None and section is not None:
        dead = _unmatched(section)
    elif dead is None and not regex and not path.startswith("/"):
        dead = f"no request path begins with {path}: {_ROOTLESS}"
    return PathMapping(
        node=node,
        path=path,
        url=None if url == "!" else with_host(url),
        regex=regex,
        parameters=parameters,
        section=section,
        dead=dead,
        interpolate="interpolate" in keywords,
    )


def _unmatched(location: Section) -> str | None:
    """Why a ``<Location>`` matches no request; None if it may.

    A glob's ``*`` and ``?`` match no slash (apr_fnmatch with APR_FNM_PATHNAME); in a prefix a
    backslash is an ordinary character. Both are compared with the path with its slashes merged,
    whatever ``MergeSlashes`` says (request.c, ap_location_walk).
    """
    path = location.pattern
    if location.matching == "regex":
        return None
    if not path.startswith(("/", "\\/") if location.matching == "glob" else "/"):
        return f"no request path begins with {path}: {_ROOTLESS}"
    if "//" in path:
        return f"no request path matches {path}: httpd takes two slashes of a request for one."
    return None


def request_of(mapping: PathMapping) -> tuple[str, str] | None:
    """An imagined request to a mapping and the URL that httpd makes of it.

    A path that ends in a slash before a URL that does not gets a further segment, so that the
    missing slash shows (``ProxyPass / http://h`` makes ``http://hfoo`` of ``/foo``).

    Returns:
        Path and URL; None if no path that matches was found.
    """
    url = mapping.url or ""
    if not mapping.regex:
        if mapping.path.endswith("/") and not url.endswith("/"):
            return mapping.path + "foo", url + "foo"
        return mapping.path, url
    found = imagine_filled(mapping.path, url)
    if mapping.section is not None and mapping.section.matching == "glob":
        found = _both(mapping.path)
    if found is None:
        return None
    path, groups = found
    return path, substitute(url, groups) if has_group(url) else url + path


def _both(pattern: str) -> tuple[str, tuple[str, ...]] | None:
    """A path that matches a pattern both as a glob (``<Location>``) and as a regular expression."""
    regex, glob = compile_regex(pattern), compile_glob(pattern, crosses_slash=False)
    if regex is None or glob is None:  # it is too long, for example
        return None
    path = _GLOB_SIGNS.sub(_member, pattern)
    match = regex.search(path)
    if match is None or not glob.search(path):
        return None
    return path, groups_of(match)


def _member(sign: re.Match[str]) -> str:
    """A text for one sign of a glob that matches it as a glob and as a regular expression."""
    escaped, bracket = sign.groups()
    if bracket is None:
        return escaped or "x"
    regex, glob = compile_regex(bracket), compile_glob(bracket)
    if regex is None or glob is None:
        return "x"
    both = (char for char in _CANDIDATES if regex.search(char) and glob.search(char))
    return next(both, "x")

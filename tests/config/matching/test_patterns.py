"""Patterns: globs beside a plain reading, expressions that could run away, sample paths."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import httpd
from tests.support.yardstick import bounded
from wizard.config.installation import program
from wizard.config.matching.patterns import (
    compile_glob,
    compile_regex,
    literal_prefix,
    reading_as,
    refused_by_pcre,
)
from wizard.config.matching.sample_paths import sample
from wizard.config.preprocess.if_version import version_holds
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.shadowing import Shadowing
from wizard.config.syntax.tree import Node


@settings(deadline=None)
@given(st.text("ab*?.", max_size=8), st.text("ab.", max_size=8))
def test_globs_match_as_always(pattern: str, text: str) -> None:
    glob = compile_glob(pattern)
    assert glob is not None
    assert bool(glob.search(text)) == bool(re.fullmatch(translate(pattern), text))


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a/*", "/a/", True),
        ("/*/*", "/a", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/a/c", False),
        ("/[ab]", "/b", True),
        ("/[!ab]", "/c", True),
        ("/*a*/b", "/xaxa/b", True),
    ],
)
def test_globs_of_paths(pattern: str, text: str, matches: bool) -> None:
    glob = compile_glob(pattern, crosses_slash=False)
    assert glob is not None
    assert bool(glob.search(text)) == matches


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)+$",
        "((a|aa))+$",
        "(a*)*b",
        "((ab?c*)d)*$",
        "a*a*a*a*a*a*a*a*a*a{200}b$c",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x",
        r"(a*)\1\1\1\1\1b",
        "(?:(?:a|b)|c){1,}$",
        "x" * 5000,
        "(" * 900 + ")" * 900,
    ],
)
def test_no_expression_takes_long(pattern: str) -> None:
    with bounded(1):
        sample("^/" + pattern)
        regex = compile_regex(pattern)
        if regex is not None:
            regex.search("a" * 300 + "!")


@pytest.mark.parametrize("pattern", ["[[x]a", "[x[a]", "[+--]a", "[a&&b]", "[a||b]", "[x~~]a"])
def test_a_set_that_python_warns_of_is_read_without_a_word(pattern: str) -> None:
    """The warnings would come out on the operator's terminal; here they are errors."""
    assert compile_regex(f"^/{pattern}$") is not None
    assert not refused_by_pcre(pattern)
    assert compile_glob(f"/{pattern}") is not None
    assert sample(f"^/{pattern}") is not None
    assert not version_holds(f"~ z{pattern}>", "2.4.71")


@pytest.mark.parametrize("stars", [20, 400])
def test_no_glob_takes_long(stars: int) -> None:
    glob = compile_glob("*a" * stars + "b")
    with bounded(1):
        assert glob is not None
        assert not glob.search("a" * 2000)


@pytest.mark.parametrize(
    "pattern",
    [
        "^/a",
        "^/a/(.*)$",
        "^/(app|api)/",
        "^/v[0-9]+/x$",
        r"^/v\d+\.\d+/$",
        r"\.php$",
        "^/a(?:b|c)d{3}$",
        "^/(?i)Abc$",
        "(?i)^/AbC$",
        "^/[^/]+/x",
        r"^/\w+/[[:digit:]]{2,4}$",
        "^(/.*)?/end$",
        "^/a(?=b)b",
        "^/(?P<name>x|y)$",
        "^/a|^/b",
        "",
        "^",
        ".*",
        "^/x{2}y{0,3}$",
        "^/[]x]$",
        r"^/a\.b\-c$",
    ],
)
def test_sample_path_matches(pattern: str) -> None:
    path = sample(pattern)
    assert path is not None
    assert path.startswith("/")
    assert re.search(pattern.replace("[:digit:]", "0-9").replace("(?i)Abc", "Abc"), path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/lool/(.*)/ws$", "/lool/x/ws"),
        ("^/user/([^/]*)/api/?", "/user/x/api/"),
        ("^/app/(a?)/{0,2}x", "/app/x"),
        ("^/app(/.*)?$", "/app"),
        ("^/a//b", "/a//b"),
    ],
)
def test_sample_path_has_no_two_slashes_that_httpd_would_merge(pattern: str, path: str) -> None:
    assert sample(pattern) == path


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [("^/a.c", "/a"), (r"^/a\.c", "/a.c"), ("^/ab*", "/a"), ("/x|/y", ""), ("^/a$", "/a")],
)
def test_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


@pytest.mark.parametrize("pattern", ["(", "[a", "a)", "*a", "a{3,1}", "\\"])
def test_pcre_refuses(pattern: str) -> None:
    assert refused_by_pcre(pattern)


@pytest.mark.parametrize(
    "pattern", ["a{,2}", "(?<n>x)", "a++", r"\Qa(\E", "(?i)x", "x(?i)y", r"\K"]
)
def test_pcre_may_take(pattern: str) -> None:
    assert not refused_by_pcre(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["^/a{,2}$", "^/a{ 1,2}$", "^/a{1, 2}$", "^/a{2\t}$", "^/{ 2}", "^/a{ ,2}$", "^/a{,}$"],
)
def test_nothing_is_said_of_what_releases_of_pcre2_read_differently(pattern: str) -> None:
    assert compile_regex(pattern) is None
    assert sample(pattern) is None
    assert not refused_by_pcre(pattern)


@pytest.mark.parametrize("pattern", ["^/a{2}$", "^/a{1,2}$", "^/a{1,}$", "^/a{ x}$"])
def test_other_braces_mean_the_same_to_all(pattern: str) -> None:
    assert compile_regex(pattern) is not None


PATHS = st.lists(st.sampled_from(["/", "/a", "/a/", "/a/b", "/ab", "/a/b/"]), max_size=6)


def _mapping(path: str) -> PathMapping:
    return PathMapping(
        Node("ProxyPass", "proxypass", path, "f", 1, 1), path, "http://h/", False, {}
    )


def _takes(prefix: str, path: str) -> bool:
    return path.startswith(prefix) and (
        prefix.endswith("/") or path[len(prefix) :][:1] in ("", "/")
    )


@settings(deadline=None)
@given(PATHS)
def test_shadowing_is_that_of_the_list(paths: list[str]) -> None:
    """An entry is shadowed exactly if no request of its own reaches it."""
    takers = Shadowing()
    for path in paths:
        takers.add_mapping(_mapping(path))
    requests = [
        p + rest for p in ("/", "/a", "/a/", "/a/b", "/ab", "/a/b/") for rest in ("", "x", "/")
    ]
    for place, path in enumerate(paths):
        mine = [r for r in requests if _takes(path, r)]
        reached = any(not any(_takes(p, r) for p in paths[:place]) for r in mine)
        assert (takers.first(path, False, place) is None) == reached


@pytest.mark.parametrize(
    ("pattern", "before", "since"),
    [
        # what PCRE2 10.42 and 10.43 make of "aa" and of the pattern's own text (ChangeLog, 10.43)
        ("^/a{,2}$", "/a{,2}", "/aa"),
        ("^/a{ 1,2}$", "/a{ 1,2}", "/aa"),
        ("^/a{1, 2}$", "/a{1, 2}", "/aa"),
        ("^/a{2\t}$", "/a{2\t}", "/aa"),
        ("^/a{ ,2}$", "/a{ ,2}", "/aa"),
        ("^/a{,}$", "/a{,}", "/a{,}"),
        ("^/a{2 2}$", "/a{2 2}", "/a{2 2}"),
        ("^/[{ 1,2}]a{,2}$", "/ a{,2}", "/ aa"),
        (r"^/\{,2}a{,2}$", "/{,2}a{,2}", "/{,2}aa"),
    ],
)
def test_braces_are_read_as_the_pcre_that_httpd_loads(
    pattern: str, before: str, since: str
) -> None:
    for version, text in (((8, 45), before), ((10, 42), before), ((10, 43), since)):
        with reading_as(partial(_said, version)):
            regex = compile_regex(pattern)
            assert regex is not None
            assert regex.search(text)
            other = since if text is before else before
            assert (regex.search(other) is None) is (before != since)
    assert compile_regex(pattern) is None


def _said(version: tuple[int, int]) -> tuple[int, int]:
    return version


def test_httpd_says_which_pcre_it_loads() -> None:
    found = program.ask(httpd.HTTPD)
    assert found is not None
    assert found.pcre is not None
    assert found.pcre >= (8, 0)


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("^/(?<box>ap[0-9]+)/", "/ap7/x", ("ap7",)),
        ("^/(?'box'ap[0-9]+)/", "/ap7/x", ("ap7",)),
        ("^/(?P<box>ap)(?<rest>/.*)", "/ap/x", ("ap", "/x")),
        ("^/(?<=/)x", "/x", ()),
        ("^/(?<!y)x", "/x", ()),
        (r"^/\(?<a>", "/<a>", ()),
        ("^/[(?<b>]$", "/<", ()),
    ],
)
def test_named_groups_are_read_as_pcre_reads_them(
    pattern: str, text: str, groups: tuple[str, ...]
) -> None:
    regex = compile_regex(pattern)
    assert regex is not None
    match = regex.search(text)
    assert match is not None
    assert match.groups() == groups

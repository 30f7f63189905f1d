"""The editor of a file's bytes sees what the reader of the configuration sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.oracle.corpus import CASES
from tests.config.oracle.oracle import layout, write
from tests.fuzz.seeds import CORPUS
from wizard.config.preprocess.reader import read
from wizard.config.syntax.logical_lines import split
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import ascii_lower, first_word, split_words
from wizard.errors import ConfigError
from wizard.fix.source.statements import CONDITIONALS, SourceText, Statement

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\\\n", b"\\\r\n", b"\n\n", b"\\\n\n", b"\r\n\r\n"])
ODD = st.sampled_from(
    [b"\\", b'"', b"'", b" ", b"\t", b"#", b"<", b">", b"\r", b"\0", b"\xff", b"\xc3"]
)
NAMES = st.sampled_from([b"UnsetEnv", b'"UnsetEnv"', b"servername", b" ServerAlias", b"\tHeader>"])
TEXTS = st.lists(st.one_of(ODD, st.sampled_from([b"a", b"b.test", "ä".encode()])), max_size=8)


def lines_alike(data: bytes) -> None:
    """Lines, names and words, whether or not httpd would take the whole."""
    text = SourceText(data)
    lines = split(data)
    found = [
        (line, first, last)
        for line, first, last in zip(lines.texts, lines.first, lines.last, strict=True)
        if line and line[0] != "#"
    ]
    assert len(found) == len(text.statements)
    for (line, first, last), statement in zip(found, text.statements, strict=True):
        assert (first, min(last, len(text.lines))) == (statement.first, statement.last)
        assert text.at(last) is statement
        assert statement.flat.strip(" \t\n\v\f\r") == line
        name, args = first_word(line)
        if not statement.tag and not name.endswith(">"):
            assert statement.name == ascii_lower(name)
            assert [word.value for word in statement.words] == split_words(args)


def nodes_alike(nodes: list[Node], files: dict[str, SourceText], above: tuple[str, ...]) -> int:
    """The reader's nodes, each beside its statement; how many of them were held together."""
    count = 0
    for node in nodes:
        statement = files[node.file].at(node.line)
        assert statement is not None, node
        count += _alike(node, statement, above)
        if node.children is not None:
            count += nodes_alike(node.children, files, (*above, node.key))
    return count


def _alike(node: Node, statement: Statement, above: tuple[str, ...]) -> bool:
    if node.macro is not None or "${" in statement.flat:
        return False  # the reader has put values in their places
    assert (statement.name, statement.tag) == (node.key, "" if node.children is None else "<")
    assert statement.first == node.first_line
    assert [word.value for word in statement.words] == split_words(node.args)
    if not node.via:  # no macro and no other file closes a section
        sections = [s.name for s in statement.sections if s.name not in CONDITIONALS]
        assert tuple(sections) == above
        assert statement.end == node.end_line
    return True


def _texts() -> Iterator[tuple[str, bytes]]:
    for group, case in CASES:
        for name, content in {"t.conf": case.text, **case.files}.items():
            data = content if isinstance(content, bytes) else content.encode()
            yield f"{group}-{case.name}-{name}", data
    for file in sorted((CORPUS / "configuration").iterdir()):
        yield file.name, file.read_bytes()


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in _texts()])
def test_lines_of_every_sample(data: bytes) -> None:
    lines_alike(data)


def test_nodes_of_every_construct(tmp_path: Path) -> None:
    count = 0
    for number, (group, case) in enumerate(CASES):
        if group == "macros":
            continue  # the end of a macro's body may run on into a line of the file
        root = tmp_path / str(number)
        root.mkdir()
        main = write(root, case)
        try:
            tree = read(layout(main, case.defines, case.environment))
        except ConfigError:
            continue
        files = {path: SourceText(file.data) for path, file in tree.files.items()}
        count += nodes_alike(
            [node for node in tree.root if node.file == f"{root}/t.conf"], files, ()
        )
    assert count > 300


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(LINE_ENDS, ODD, NAMES, st.binary(max_size=6)), max_size=12).map(b"".join))
def test_lines_of_any_bytes(data: bytes) -> None:
    lines_alike(data)


@st.composite
def configurations(draw: st.DrawFn, depth: int = 0) -> bytes:
    """Directives and sections that the reader takes, whatever stands in their arguments."""
    found = b""
    for _ in range(draw(st.integers(0, 4))):
        text = b"".join(draw(TEXTS)).rstrip(b"\\\r\0")
        end = draw(LINE_ENDS) if depth == 0 else b"\n"
        kind = draw(st.sampled_from(["directive", "section", "comment"]))
        if kind == "section" and depth < 3:
            inner = draw(configurations(depth + 1))
            found += b"<Location /%b>\n%b</Location>\n" % (text.replace(b"\0", b""), inner)
        elif kind == "comment":
            found += b"#" + text + b"\n"
        else:
            found += draw(NAMES) + b" " + text + end
    return found


@settings(deadline=None, max_examples=300)
@given(configurations())
def test_nodes_of_any_configuration(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    main = tmp_path_factory.mktemp("read") / "httpd.conf"
    main.write_bytes(data)
    try:
        tree = read(layout(main))
    except ConfigError:
        return
    nodes_alike(tree.root, {str(main): SourceText(data)}, ())


def test_blanks_before_the_end_of_a_tag_belong_to_a_quote_that_is_open(tmp_path: Path) -> None:
    """httpd 2.4.71: ``/x`` and a blank is not in this section, ``/x`` and two blanks are."""
    main = tmp_path / "httpd.conf"
    main.write_text('<Location "/x  >\n</Location>\n<Location /y  >\n</Location>\n')
    tree = read(layout(main))
    assert [split_words(node.args) for node in tree.root] == [["/x  "], ["/y"]]

"""The changed lines with what stands around them, on patches as the planner writes them."""

from __future__ import annotations

from tests.wording.test_confirmation import BUNDLE, LINES, PEM, ROOT, SITE, STRICT, planned
from wizard.fix.source.unified_diff import unified
from wizard.model.config import SourceFile
from wizard.model.plan import Edit, FixPlan, NewFile
from wizard.wording.excerpt import Excerpt, Row, excerpts

KEY = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"


def shown(file: bytes, *edits: Edit, path: str = SITE, context: int = 1) -> tuple[Excerpt, ...]:
    files = {path: SourceFile(path, path, file)}
    return excerpts(unified(FixPlan("production", edits), files), {path: file}, context)


def test_a_replaced_line_stands_between_its_neighbours() -> None:
    (found,) = shown(LINES, Edit(SITE, 5, 5, (b"    ProxyPass / https://new.test/\n",), ""))
    assert (found.path, found.name, found.directory) == (
        SITE,
        "www.corp.test.conf",
        "/etc/apache2/sites-available",
    )
    assert found.hunks == (
        (
            Row(4, " ", "    SSLProxyEngine on"),
            Row(5, "-", "    ProxyPass / https://erp.corp.test/"),
            Row(5, "+", "    ProxyPass / https://new.test/"),
            Row(6, " ", "</VirtualHost>"),
        ),
    )


def test_lines_after_an_insertion_have_their_new_numbers() -> None:
    (found,) = shown(LINES, Edit(SITE, 5, 4, STRICT[:2], ""), Edit(SITE, 6, 6, (), ""))
    assert [(row.number, row.sign) for row in found.rows] == [
        (4, " "), (5, "+"), (6, "+"), (7, " "), (6, "-"),
    ]  # fmt: skip


def test_indentation_is_kept_as_far_as_it_tells_something() -> None:
    text = b"Listen 1\n  Listen 2\n\n\t<Location />\n\t    ProxyPass a\n\t</Location>\n"
    expected = ["<Location />", "    ProxyPass a", "    ProxyPass b", "</Location>"]
    (found,) = shown(text, Edit(SITE, 5, 5, (b"\t    ProxyPass b\n",), ""))
    assert [row.text for row in found.rows] == expected
    (wider,) = shown(text, Edit(SITE, 5, 5, (b"\t    ProxyPass b\n",), ""), context=2)
    assert [row.text for row in wider.rows] == expected  # no blank line


def test_changes_far_apart_are_hunks_of_their_own_and_in_order() -> None:
    many = b"".join(b"Define v%d 1\n" % number for number in range(1, 40))
    (found,) = shown(
        many,
        Edit(SITE, 3, 3, (b"Define a 1\n",), ""),
        Edit(SITE, 8, 8, (b"Define b 1\n",), ""),  # in the patch one hunk with the first
        Edit(SITE, 30, 30, (b"Define c 1\n",), ""),
    )
    assert [hunk[0].number for hunk in found.hunks] == [2, 7, 29]


def test_what_is_secret_is_masked_in_the_context_too() -> None:
    (found, _) = excerpts(planned(Edit(SITE, 5, 4, STRICT, ""))[1], {SITE: LINES}, 3)
    assert any("Authorization" in row.text for row in found.rows)
    assert "c2VjcmV0" not in "".join(row.text for row in found.rows)


def test_of_a_new_file_directives_are_shown_and_certificates_counted() -> None:
    text = b"# Written for you\nListen 444\n" + ROOT.pem + KEY
    patch = unified(FixPlan("production", new_files=(NewFile(BUNDLE, text, ""),)), {})
    (found,) = excerpts(patch, {})
    assert (found.new, found.certificates) == (True, 1)
    assert found.rows == (Row(2, "+", "Listen 444"),)


def test_of_a_certificate_that_takes_the_place_of_another_nothing_is_printed() -> None:
    other = b"-----BEGIN CERTIFICATE-----\n" + b"A" * 64 + b"\n-----END CERTIFICATE-----\n"
    lines = tuple(ROOT.pem.splitlines(keepends=True))
    (found,) = shown(b"# old\n" + other, Edit(BUNDLE, 2, 4, lines, ""), path=BUNDLE)
    assert [row.sign for row in found.rows] == [" ", "-", "+", " "]
    assert [row.text for row in found.rows[1:3]] == [
        "(1 line of PEM)",
        f"({PEM - 2} lines of PEM)",  # BEGIN and END stay
    ]
    assert "AAAA" not in str(found)
    assert ROOT.pem.decode().split("\n")[1] not in str(found)


def test_pem_whose_begin_the_patch_does_not_show_is_counted() -> None:
    (found,) = shown(ROOT.pem, Edit(BUNDLE, PEM + 1, PEM, (b"# more\n",), ""), path=BUNDLE)
    assert [row.text for row in found.rows] == ["(1 line of PEM)", "# more"]
    (wider,) = shown(
        ROOT.pem, Edit(BUNDLE, PEM + 1, PEM, (b"# more\n",), ""), context=3, path=BUNDLE
    )
    assert [row.text for row in wider.rows] == ["(3 lines of PEM)", "# more"]


def test_a_path_that_git_quotes_is_the_files() -> None:
    path = '/etc/höst "a"/site.conf'
    (found,) = shown(LINES, Edit(path, 5, 5, (b"Listen 1\n",), ""), path=path)
    assert found.path == path
    assert sum(row.is_change for row in found.rows) == 2


def test_an_added_certificate_is_counted() -> None:
    lines = tuple(ROOT.pem.splitlines(keepends=True))
    (found,) = shown(b"# old\n", Edit(BUNDLE, 2, 1, lines, ""), path=BUNDLE)
    assert [row.text for row in found.rows] == ["# old", f"({PEM} lines of PEM, 1 certificate)"]
    assert (found.added, found.removed, found.certificates) == (PEM, 0, 1)

"""The diff against real GNU patch and real git apply: both must give the same bytes as apply_to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.fix.source import unified_diff
from wizard.fix.source.edits import split_lines
from wizard.model.config import SourceFile
from wizard.model.plan import Edit, FixPlan, NewFile

ENVIRONMENT = {
    **os.environ,
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "HOME": "/nonexistent",
}


def source(path: str, data: bytes) -> SourceFile:
    return SourceFile(path, path, data)


def plan_of(*edits: Edit, new: tuple[NewFile, ...] = ()) -> FixPlan:
    return FixPlan("production", edits, new)


def on_disk(root: Path, path: str) -> Path:
    return root / os.fsdecode(path.encode("utf-8", "surrogateescape")).lstrip("/")


def write_tree(root: Path, files: dict[str, SourceFile]) -> None:
    root.mkdir()
    for file in files.values():
        target = on_disk(root, file.real_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)


def run_patch(root: Path, text: bytes, *options: str) -> None:
    done = subprocess.run(
        ["patch", "-p1", "-d", str(root), "--no-backup-if-mismatch", "-F0", *options],
        input=text,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=30,
    )
    assert done.returncode == 0, (done.stdout, done.stderr, text)
    assert b"fuzz" not in done.stdout
    assert b"offset" not in done.stdout


def run_git(root: Path, text: bytes, *options: str) -> None:
    done = subprocess.run(
        ["git", "apply", *options],
        input=text,
        capture_output=True,
        cwd=root,
        env={**ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(root.parent)},
        timeout=30,
    )
    assert done.returncode == 0, (done.stderr, text)


def check_both(tmp: Path, plan: FixPlan, files: dict[str, SourceFile]) -> bytes:
    """Applies the diff with both programs to a fresh tree each; returns the diff."""
    text = unified_diff.unified(plan, files)
    expected = unified_diff.apply_to(plan, files)
    for name, run in (("patch", run_patch), ("git", run_git)):
        root = tmp / name
        write_tree(root, files)
        if text:
            run(root, text, "--dry-run" if run is run_patch else "--check")
            for file in files.values():
                assert on_disk(root, file.real_path).read_bytes() == file.data, "dry run wrote"
            run(root, text)
        for path, data in expected.items():
            assert on_disk(root, path).read_bytes() == data, (name, path, text)
        for file in files.values():
            if file.real_path not in expected:
                assert on_disk(root, file.real_path).read_bytes() == file.data
    return text


SITE = b"<VirtualHost *:443>\n    ServerName a\n    SSLProxyVerify none\n</VirtualHost>\n"


def test_replaces_one_line_and_leaves_every_other_byte(tmp_path: Path) -> None:
    files = {"/etc/a.conf": source("/etc/a.conf", SITE)}
    edit = Edit("/etc/a.conf", 3, 3, (b"    SSLProxyVerify require\n",), "")
    text = check_both(tmp_path, plan_of(edit), files)
    assert text == (
        b"diff --git a/etc/a.conf b/etc/a.conf\n"
        b"--- a/etc/a.conf\n+++ b/etc/a.conf\n"
        b"@@ -1,4 +1,4 @@\n"
        b" <VirtualHost *:443>\n     ServerName a\n"
        b"-    SSLProxyVerify none\n+    SSLProxyVerify require\n </VirtualHost>\n"
    )


def test_a_crlf_file_keeps_crlf(tmp_path: Path) -> None:
    data = SITE.replace(b"\n", b"\r\n")
    files = {"/etc/a.conf": source("/etc/a.conf", data)}
    edits = (
        Edit("/etc/a.conf", 3, 3, (b"    SSLProxyVerify require\r\n",), ""),
        Edit("/etc/a.conf", 4, 3, (b"    SSLProxyVerifyDepth 2",), "no line end: takes the file's"),
    )
    check_both(tmp_path, plan_of(*edits), files)
    assert unified_diff.apply_to(plan_of(*edits), files)["/etc/a.conf"] == (
        data.replace(b"none", b"require\r\n    SSLProxyVerifyDepth 2")
    )


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (Edit("/f", 2, 2, (b"B",), ""), b"a\nB"),
        (Edit("/f", 2, 2, (b"B\n",), ""), b"a\nB\n"),
        (Edit("/f", 3, 2, (b"c\n",), ""), b"a\nb\nc\n"),
        (Edit("/f", 3, 2, (b"c",), ""), b"a\nb\nc"),
        (Edit("/f", 1, 1, (b"A",), ""), b"A\nb"),
        (Edit("/f", 2, 2, (), ""), b"a\n"),
        (Edit("/f", 1, 1, (), ""), b"b"),
    ],
)
def test_no_final_newline(tmp_path: Path, edit: Edit, after: bytes) -> None:
    files = {"/f": source("/f", b"a\nb")}
    check_both(tmp_path, plan_of(edit), files)
    assert unified_diff.apply_to(plan_of(edit), files) == {"/f": after}


@pytest.mark.parametrize(
    "path",
    [
        "/etc/apache2/my sites/site one.conf",
        '/etc/quote"s.conf',
        "/etc/back\\slash.conf",
        "/etc/tab\tin.conf",
        "/etc/tür.conf",
        "/etc/latin1-\udcf6.conf",
        "/etc/esc\x1b[31m.conf",
        "/etc/trailing .conf ",
        "/etc/-rf",
    ],
)
def test_odd_paths_are_quoted_as_git_does(tmp_path: Path, path: str) -> None:
    files = {path: source(path, SITE)}
    plan = plan_of(
        Edit(path, 3, 3, (b"    SSLProxyVerify require\n",), ""),
        new=(NewFile(path + ".new", b"x\n", ""),),
    )
    text = check_both(tmp_path, plan, files)
    assert b"\x1b" not in text


def test_a_line_end_in_a_path_is_quoted_as_git_does(tmp_path: Path) -> None:
    """git takes it; patch did until 2.7, and 2.8 writes no file of such a name."""
    path = "/etc/newline\nin.conf"
    files = {path: source(path, SITE)}
    plan = plan_of(Edit(path, 3, 3, (b"    SSLProxyVerify require\n",), ""))
    text = unified_diff.unified(plan, files)
    expected = unified_diff.apply_to(plan, files)[path]
    for name in ("git", "patch"):
        write_tree(tmp_path / name, files)
    run_git(tmp_path / "git", text)
    assert on_disk(tmp_path / "git", path).read_bytes() == expected
    done = subprocess.run(
        ["patch", "-p1", "-d", str(tmp_path / "patch")],
        input=text, capture_output=True, env=ENVIRONMENT, timeout=30,
    )  # fmt: skip
    refused = done.returncode != 0
    assert refused == (b"Invalid byte sequence" in done.stderr)
    assert on_disk(tmp_path / "patch", path).read_bytes() == (SITE if refused else expected)


def test_a_new_file_in_a_new_directory(tmp_path: Path) -> None:
    plan = plan_of(new=(NewFile("/etc/apache2/proxy-trust/b.pem", b"one\ntwo", ""),))
    text = check_both(tmp_path, plan, {})
    assert text == (
        b"diff --git a/etc/apache2/proxy-trust/b.pem b/etc/apache2/proxy-trust/b.pem\n"
        b"new file mode 100644\n--- /dev/null\n+++ b/etc/apache2/proxy-trust/b.pem\n"
        b"@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file\n"
    )


def test_a_link_is_patched_at_its_target(tmp_path: Path) -> None:
    link, target = "/etc/apache2/sites-enabled/a.conf", "/etc/apache2/sites-available/a.conf"
    files = {link: SourceFile(link, target, SITE)}
    plan = plan_of(Edit(link, 2, 2, (b"    ServerName b\n",), ""))
    text = check_both(tmp_path, plan, files)
    assert b"sites-available" in text
    assert b"sites-enabled" not in text


def test_two_names_of_one_file_make_one_change() -> None:
    files = {name: SourceFile(name, "/etc/real.conf", SITE) for name in ("/etc/x", "/etc/y")}
    edits = (
        Edit("/etc/x", 2, 2, (b"    ServerName b\n",), ""),
        Edit("/etc/y", 3, 3, (b"    SSLProxyVerify require\n",), ""),
    )
    after = unified_diff.apply_to(plan_of(*edits), files)
    assert after == {
        "/etc/real.conf": SITE.replace(b"Name a", b"Name b").replace(b"none", b"require")
    }


def test_the_same_replacement_twice_counts_once() -> None:
    files = {"/f": source("/f", SITE)}
    edits = (Edit("/f", 3, 3, (b"x\n",), "one"), Edit("/f", 3, 3, (b"x\n",), "other"))
    assert unified_diff.apply_to(plan_of(*edits), files)["/f"].count(b"x\n") == 1


@pytest.mark.parametrize(
    "edits",
    [
        (Edit("/f", 3, 3, (b"x\n",), ""), Edit("/f", 3, 3, (b"y\n",), "")),
        (Edit("/f", 2, 3, (b"x\n",), ""), Edit("/f", 3, 4, (b"y\n",), "")),
        (Edit("/f", 9, 9, (b"x\n",), ""),),
        (Edit("/f", 0, 0, (b"x\n",), ""),),
        (Edit("/other", 1, 1, (b"x\n",), ""),),
    ],
)
def test_contradictions_are_refused(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(ValueError):
        unified_diff.unified(plan_of(*edits), {"/f": source("/f", SITE)})


def test_a_change_to_the_same_is_no_change() -> None:
    files = {"/f": source("/f", SITE)}
    assert (
        unified_diff.unified(plan_of(Edit("/f", 2, 2, (b"    ServerName a\n",), "")), files) == b""
    )
    assert (
        unified_diff.apply_to(plan_of(Edit("/f", 2, 2, (b"    ServerName a\n",), "")), files) == {}
    )


LINE = st.one_of(
    st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"")),
    st.sampled_from(
        [b"", b"    SSLProxyVerify none", b"-- ", b"+++ b/x", b"@@ -1 +1 @@", b"\\", b"\r"]
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, tuple[Edit, ...]]:
    """A file of at least one line, and edits that do not overlap."""
    ends = draw(st.sampled_from([b"\n", b"\r\n"]))
    lines = draw(st.lists(LINE, min_size=1, max_size=30))
    data = ends.join(lines) + (ends if draw(st.booleans()) else b"")
    count = len(split_lines(data))
    edits: list[Edit] = []
    position = 1
    while position <= count + 1 and len(edits) < 6:
        position += draw(st.integers(0, 9))
        removed = draw(st.integers(0, 2))
        last = min(position - 1 + removed, count)
        if position > count + 1:
            break
        new = tuple(line + ends for line in draw(st.lists(LINE, max_size=3)))
        edits.append(Edit("/etc/f", position, last, new, ""))
        position = last + 1 + draw(st.integers(1, 3))
    return data, tuple(edits)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_both_programs_give_the_bytes_of_apply_to(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[bytes, tuple[Edit, ...]]
) -> None:
    data, edits = case
    files = {"/etc/f": source("/etc/f", data)}
    after = unified_diff.apply_to(plan_of(*edits), files).get("/etc/f", data)
    if not data or not after:
        return  # a file that becomes empty is removed by patch; no plan empties a file
    check_both(tmp_path_factory.mktemp("diff"), plan_of(*edits), files)


@settings(deadline=None)
@given(cases())
def test_lines_that_no_edit_names_stay(case: tuple[bytes, tuple[Edit, ...]]) -> None:
    data, edits = case
    lines = split_lines(data)
    kept = [
        line
        for number, line in enumerate(lines, 1)
        if not any(edit.first_line <= number <= edit.last_line for edit in edits)
    ]
    after = split_lines(
        unified_diff.apply_to(plan_of(*edits), {"/etc/f": source("/etc/f", data)}).get(
            "/etc/f", data
        )
    )
    remaining = iter(line.rstrip(b"\r\n") for line in after)
    assert all(any(line.rstrip(b"\r\n") == other for other in remaining) for line in kept)

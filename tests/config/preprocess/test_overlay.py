"""Files that a change creates, laid where a run before the change finds them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wizard.config.preprocess.overlay import staged
from wizard.model.config import SourceFile

FILES = {"/etc/httpd/site.conf": SourceFile("/etc/httpd/site.conf", "/srv/site.conf", b"old")}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("/etc/new.pem", b"/etc/new.pem"),
        ("/etc/new.pem", b'"/etc/new.pem"'),
        ("/etc/new.pem", b"'/etc/new.pem'"),
        ("/etc/my new.pem", b'"/etc/my new.pem"'),
        ("/etc/my new.pem", b"'/etc/my new.pem'"),
        ('/etc/"new".pem', rb'"/etc/\"new\".pem"'),
        (r"/etc/n\ew.pem", rb'"/etc/n\\ew.pem"'),
    ],
)
def test_whatever_names_a_new_file_names_its_place(
    tmp_path: Path, name: str, written: bytes
) -> None:
    line = b"SSLProxyCACertificateFile %s\nServerName x\n"
    found = staged({"/srv/site.conf": line % written, name: b"pem"}, FILES, tmp_path)
    (place,) = tmp_path.iterdir()
    assert (place.read_bytes(), stat.S_IMODE(place.stat().st_mode)) == (b"pem", 0o600)
    name_there = found["/srv/site.conf"].split(b"\n")[0].split()[-1].strip(b"\"'")
    assert name_there == bytes(place)
    assert found.keys() == {"/srv/site.conf"}


def test_other_names_that_begin_or_end_alike_stay(tmp_path: Path) -> None:
    text = b"A /etc/new.pem.old\nB /srv/etc/new.pem\nC x/etc/new.pem /etc/new.pem2\n"
    found = staged({"/srv/site.conf": text, "/etc/new.pem": b"pem"}, FILES, tmp_path)
    assert found == {"/srv/site.conf": text}


def test_a_section_may_end_behind_a_name(tmp_path: Path) -> None:
    after = {"/srv/site.conf": b"<IfFile /etc/new.pem>\n", "/etc/new.pem": b"pem"}
    assert staged(after, FILES, tmp_path)["/srv/site.conf"].startswith(
        b"<IfFile %s" % bytes(tmp_path)
    )

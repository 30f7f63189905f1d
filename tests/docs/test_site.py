"""The documentation is built strictly, needs no network, and shows what the application shows."""

from __future__ import annotations

import html
import os
import re
import runpy
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from screens.texts.steps import STEPS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
SITE = ("-f", ".mkdocs.yml", "-d")
_NOT_LOADED = {"canonical", "prev", "next"}


class Loaded(HTMLParser):
    """What a browser fetches by itself when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _LOADING and values.get("rel") not in _NOT_LOADED:
            self.found.append(values.get(_LOADING[tag]) or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q", "--strict", *SITE, str(directory)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


def test_every_page_is_there(site: Path) -> None:
    for page in ("index", "guide", "verification", "rules/chain-too-deep", "reference/commands"):
        assert (site / f"{page}.html").is_file()
    assert (site / "recipes/ansible/index.html").is_file()
    assert (site / "reference/check.schema.json").is_file()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(page.read_text("utf-8"))
        assert [url for url in loaded.found if "//" in url] == [], page
    for picture in (DOCS / "pictures").glob("*.svg"):
        assert "url(http" not in picture.read_text("utf-8")


#: What each picture is there to show.
SHOWN = {
    "lessons": ("internal-ca", "The company's own CA", "Look at:", "corp-root.pem"),
    "question": ("One question: which file holds Acme Root CA?", "signed this chain"),
    "case": ("The browser gets 500.", "SSLProxyCACertificateFile", "200 from the backend"),
    "write": ("Write this change?", "none weakened", "The whole patch"),
    "done": ("Written.", "backup", "app.conf, line"),
    "load": ("SSLProxyVerify", "require", "In force for", "500"),
    "probe": ("SNI erp.backend.test", "Acme Root CA", "asked without checking"),
    "diagnose": ("ca-not-configured", "500", "Seen in"),
    "fix": ("How shall it be repaired?", "recommended", "Change"),
    "prove": ("500 becomes 200",),
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    lab = Path(tempfile.mkdtemp(prefix="pw"))  # as short as that of the kept pictures
    return dict(runpy.run_path(str(DOCS / "pictures.py"))["pictures"](lab))


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_show_what_the_application_shows(name: str, drawn: dict[str, str]) -> None:
    kept = (DOCS / "pictures" / f"{name}.svg").read_text("utf-8")
    for words in SHOWN[name]:
        assert words in _text(drawn[f"{name}.svg"])
        assert words in _text(kept), "run `python docs/pictures.py`"
    assert f"(pictures/{name}.svg)" in (DOCS / "guide.md").read_text("utf-8")


def test_no_other_picture_is_drawn(drawn: dict[str, str]) -> None:
    assert drawn.keys() == {path.name for path in (DOCS / "pictures").glob("*.svg")}
    assert drawn.keys() == {f"{name}.svg" for name in SHOWN}


def _text(svg: str) -> str:
    return html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).replace(
        "\xa0", " "
    )


def test_the_guide_says_what_the_steps_say() -> None:
    guide = " ".join((DOCS / "guide.md").read_text("utf-8").split())
    for step in STEPS:
        assert step.sentence in guide

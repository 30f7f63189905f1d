"""Lines that httpd accepts or refuses: random ones, and every one that was once read wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.accepted.ask import Oracle
from tests.config.accepted.generate import Candidate, Generator

COUNT, SEED = 400, 21
_ALONE = ("Listen", "<VirtualHost")
_DATA = Path(__file__).parent / "data"


def known() -> list[Candidate]:
    """The candidates of ``data``, which ``---`` parts."""
    texts = [
        text
        for file in sorted(_DATA.glob("*.txt"))
        for text in file.read_text().strip("\n").split("\n---\n")
    ]
    return [Candidate(text, alone=text.startswith(_ALONE)) for text in texts]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return Oracle(tmp_path_factory.mktemp("accepted"))


def test_known_lines(oracle: Oracle) -> None:
    assert [str(each) for each in oracle.disagreements(known())] == []


def test_random_lines(oracle: Oracle) -> None:
    """What httpd alone refuses is of directives whose values are not all modelled."""
    found = list(oracle.disagreements(Generator(SEED).candidates(COUNT)))
    assert [str(each) for each in found if each.kind != "missed"] == []
    assert len(found) < COUNT // 10


def test_a_wrong_reader_is_found(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that accepts all, and one that refuses all, disagree with httpd."""
    lines = [Candidate("ProxyTimeout 0"), Candidate("ProxyTimeout 1")]
    place = "wizard.config.checks.mod_proxy.atoi"
    monkeypatch.setattr(place, lambda _: 1)
    assert [each.kind for each in oracle.disagreements(lines)] == ["missed"]
    monkeypatch.setattr(place, lambda _: 0)
    assert [each.kind for each in oracle.disagreements(lines)] == ["false"]

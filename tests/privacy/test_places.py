"""A secret in any place of a configuration is in nothing that is shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.privacy.places import PLACES, taken
from wizard.masking.lines import configuration, diff

NEIGHBOURS = ("    ServerName app.example.com", "    SSLProxyEngine on", "    # the shop")
EXAMPLES = 12  # of each place
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ \täß漢é\u00a0"


@st.composite
def written(draw: st.DrawFn, place: str) -> tuple[list[str], str]:
    """A place as an operator may write it: its physical lines, and the secret."""
    never = taken(place)
    signs = [sign for sign in LETTERS + SYMBOLS * 3 if sign not in never]
    inner = draw(st.text(st.sampled_from(signs), min_size=5, max_size=20))
    secret = f"{draw(st.sampled_from(LETTERS))}{inner}{draw(st.sampled_from(LETTERS))}"
    text = place.replace("§", secret)
    if text[0] not in "#<":
        name = re.match(r"\w+", text)
        assert name is not None
        names = (name[0], name[0].lower(), name[0].upper(), name[0].swapcase())
        text = draw(st.sampled_from(names)) + text[name.end() :]
    if draw(st.booleans()):
        text = text.replace(" ", "\t", 1)
    lines = [draw(st.sampled_from(("", "  ", "\t"))) + text]
    for _ in range(draw(st.integers(0, 2))):
        last = lines.pop()
        cut = draw(st.integers(0, len(last)))
        lines += (last[:cut] + "\\", last[cut:])
    return lines, secret


def pieces(lines: list[str], secret: str) -> list[str]:
    """The secret, and what of it stands on each line, where that is more than a few letters."""
    whole = "".join(line.removesuffix("\\") for line in lines)
    start = whole.index(secret)
    stop = start + len(secret)
    found = [secret]
    begin = 0
    for line in lines:
        text = line.removesuffix("\\")
        part = text[max(0, start - begin) : max(0, stop - begin)]
        if len(part) > 3:
            found.append(part)
        begin += len(text)
    return found


def hidden(shown: list[str], lines: list[str], secret: str) -> None:
    text = "\n".join(shown) + "".join(line.removesuffix("\\") for line in shown)
    for piece in pieces(lines, secret):
        assert piece not in text, (lines, shown)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_line(place: str, data: st.DataObject) -> None:
    lines, secret = data.draw(written(place))
    shown = configuration([NEIGHBOURS[0], *lines, *NEIGHBOURS[1:]])
    assert shown[0] == NEIGHBOURS[0]
    assert tuple(shown[-2:]) == NEIGHBOURS[1:]
    hidden(shown[1:-2], lines, secret)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_hunk(place: str, data: st.DataObject) -> None:
    """It may begin and end within the continued line, whose beginning is then not known."""
    lines, secret = data.draw(written(place))
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start + 1, len(lines)))
    common = data.draw(st.integers(start, stop))
    sign = data.draw(st.sampled_from("-+"))
    body = [f" {line}" for line in lines[start:common]]
    body += (sign + line for line in lines[common:stop])
    old, new = (sum(line[0] in kept for line in body) for kept in (" -", " +"))
    head = f"@@ -{2 + start},{old} +{2 + start},{new} @@"
    heads = ["--- a/etc/x.conf", "+++ b/etc/x.conf", head]
    source = "\n".join((NEIGHBOURS[0], *lines, *NEIGHBOURS[1:])).encode()
    known = data.draw(st.sampled_from(({}, {"/etc/x.conf": source})))
    shown = diff([*heads, *body, "--- a/etc/y.conf"], known)
    assert (shown[:3], shown[-1]) == (heads, "--- a/etc/y.conf")
    hidden([line[1:] for line in shown[3:-1]], lines, secret)


def test_there_are_as_many_places_as_promised() -> None:
    assert len(set(PLACES)) >= 150

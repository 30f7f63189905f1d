"""Answers of hostile backends: nothing in Location, cookies or a challenge breaks the diagnosis."""

from __future__ import annotations

import random
import string

from tests.findings.answer_pairs import BASE, INNER, SECURE, answered, mounted
from tests.findings.cases import OK, PUBLIC
from wizard.answer import questions
from wizard.findings import diagnose

_PIECES = (
    *(
        "http://",
        "https://",
        "//",
        "/",
        "\\",
        "[",
        "]",
        "@",
        ":",
        "%2F",
        "%",
        "?next=",
        "&",
        "#",
        ";",
    ),
    *(INNER, PUBLIC, "backend.internal", "127.0.0.1", "[::1]", "..", "\x1b[31m", "\x00", "\r\n"),
    *(
        "[bold]",
        "é",
        "\ud800",
        "Path=",
        "Domain=",
        "Secure",
        "=",
        '"',
        "$1",
        "^",
        "(?!",
        "javascript:",
    ),
)
_ROUNDS = 1500
_LONG = 8_000  # httpd passes on no longer line


def _text(chance: random.Random) -> str:
    pieces = [chance.choice(_PIECES) for _ in range(chance.randint(0, 8))]
    pieces += ["".join(chance.choices(string.printable, k=chance.randint(0, 6)))]
    chance.shuffle(pieces)
    return "".join(pieces)


def test_no_answer_breaks_the_diagnosis() -> None:
    chance = random.Random(7)
    for _ in range(_ROUNDS):
        case = chance.choice((BASE, SECURE, mounted("/app/"), mounted("/a b/")))
        fields = [("Location", _text(chance)), ("Set-Cookie", _text(chance))]
        case = answered(case, chance.choice((200, 201, 302, 404)), *fields)
        questions.wanted(case)
        for finding in diagnose(case, OK):
            for cure in finding.cures:
                assert "\r" not in cure.line
                assert all(one.isprintable() for one in cure.line.split("\n")), cure
                assert len(cure.line.split("\n")) in (1, 3)


def test_long_values_are_judged_too() -> None:
    for piece in ("a", "/", "a=1;", "?x=http://127.0.0.1/&", "%2F", "://", "[", "Path=/;"):
        long = piece * (_LONG // len(piece))
        fields = [("Location", f"http://{long}"), *[("Set-Cookie", long)] * 20]
        case = answered(SECURE, 302, *fields)
        questions.wanted(case)
        assert all(len(line) < 400 for one in diagnose(case, OK) for line in one.proof)

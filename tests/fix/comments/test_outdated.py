"""What a plan says of the comments beside its lines."""

from __future__ import annotations

from pathlib import Path

from wizard.config import load
from wizard.fix.comments import outdated
from wizard.fix.source.draft import Draft
from wizard.model.comment import OutdatedComment
from wizard.model.plan import Edit, FixPlan, Intended
from wizard.wording import plan as wording
from wizard.wording import remarks


def found(
    directory: Path, text: str, *changed: tuple[int, str], intended: dict[str, str] | None = None
) -> tuple[OutdatedComment, ...]:
    """The comments of a file whose lines are changed (``""``: deleted)."""
    file = directory / "site.conf"
    file.write_text(text)
    configuration = load(str(file))
    edits = [
        Edit(str(file), line, line, (f"{new}\n".encode(),) if new else (), "why")
        for line, new in changed
    ]
    meant = {route.id: Intended(intended) for route in configuration.routes} if intended else {}
    return outdated.found(Draft(configuration.files), edits, configuration.routes, meant)


def said(comments: tuple[OutdatedComment, ...]) -> list[str]:
    return [remarks.sentence(note) for note in outdated.notes(comments)]


BODY = "# no certificate checks\nSSLProxyEngine on\nSSLProxyVerify none\nProxyPass / https://b/\n"


def test_it_is_told_with_place_words_and_directive(tmp_path: Path) -> None:
    (sentence,) = said(found(tmp_path, BODY, (3, "SSLProxyVerify require")))
    assert sentence == (
        f"{tmp_path}/site.conf:1: the comment “no certificate checks” says the opposite of what is "
        "in force after this (SSLProxyVerify). It stays as somebody wrote it: correct it there."
    )


def test_a_line_that_comes_out_as_it_is_changes_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, BODY, (3, "SSLProxyVerify none")) == ()


def test_another_directive_has_no_comment_of_this_kind(tmp_path: Path) -> None:
    assert found(tmp_path, BODY, (4, "ProxyPass / https://b.lan/")) == ()


def test_what_comes_with_a_check_alone_contradicts_nothing(tmp_path: Path) -> None:
    text = BODY.replace("SSLProxyVerify none", "SSLProxyVerifyDepth 0")
    (one,) = found(tmp_path, text, (3, "SSLProxyVerifyDepth 2"))
    assert (one.directives, one.opposite) == (("SSLProxyVerifyDepth",), False)


def test_an_exception_contradicts_who_demands_the_check(tmp_path: Path) -> None:
    text = BODY.replace("none", "require")
    assert found(tmp_path, text, (3, "SSLProxyVerify none")) == ()
    text = text.replace("no certificate checks", "verify the certificate")
    assert found(tmp_path, text, (3, "SSLProxyVerify none"))[0].opposite


def test_a_comment_that_goes_is_not_told(tmp_path: Path) -> None:
    assert found(tmp_path, BODY, (1, ""), (3, "SSLProxyVerify require")) == ()


def test_one_sentence_at_many_places_is_told_once(tmp_path: Path) -> None:
    text = "".join(f"<VirtualHost *:80>\nServerName h{n}\n{BODY}</VirtualHost>\n" for n in range(7))
    changed = [(5 + 7 * n, "SSLProxyVerify require") for n in range(7)]
    comments = found(tmp_path, text, *changed)
    assert len(comments) == 7
    (sentence,) = said(comments)
    assert ":3, " in sentence
    assert ":24, 3 more places: the comment" in sentence


def test_many_sentences_are_counted(tmp_path: Path) -> None:
    text = "".join(f"<VirtualHost *:80>\n{BODY}</VirtualHost>\n" for _ in range(25))
    for n in range(25):
        text = text.replace("# no certificate checks\n", f"# h{n}: no certificate checks\n", 1)
    told = said(found(tmp_path, text, *((4 + 6 * n, "SSLProxyVerify require") for n in range(25))))
    assert len(told) == 21
    assert told[-1].startswith("5 more comments")


def test_a_secret_in_it_is_masked(tmp_path: Path) -> None:
    text = BODY.replace("checks", "checks, https://me:s3cret@b/")
    (sentence,) = said(found(tmp_path, text, (3, "SSLProxyVerify require")))
    assert "s3cret" not in sentence
    assert "no certificate checks" in sentence


def test_what_could_steer_a_terminal_is_escaped(tmp_path: Path) -> None:
    text = BODY.replace("checks", "checks\x1b[2J")
    (sentence,) = said(found(tmp_path, text, (3, "SSLProxyVerify require")))
    assert "\x1b" not in sentence


def test_a_line_that_stays_and_counts_for_nobody(tmp_path: Path) -> None:
    (one,) = found(tmp_path, BODY, intended={"SSLProxyVerify": "require"})
    assert (one.line, one.directives, one.opposite) == (1, ("SSLProxyVerify",), True)


def test_a_line_that_others_still_need(tmp_path: Path) -> None:
    assert found(tmp_path, BODY, intended={"SSLProxyCheckPeerExpire": "on"}) == ()


def test_above_the_use_of_a_macro(tmp_path: Path) -> None:
    text = (
        "<Macro Tls>\nSSLProxyEngine on\nSSLProxyVerify none\n</Macro>\n"
        "# certificates are not verified in here\nUse Tls\nProxyPass / https://b/\n"
    )
    (one,) = found(tmp_path, text, (3, "SSLProxyVerify require"))
    assert (one.line, one.opposite) == (5, True)


def test_below_the_change_in_the_wizard_and_in_the_question(tmp_path: Path) -> None:
    notes = tuple(outdated.notes(found(tmp_path, BODY, (3, "SSLProxyVerify require"))))
    (piece,) = wording.consequences(FixPlan("production", notes=notes), wizard=True)
    assert piece.role == "caution"
    assert "site.conf:1: the comment “no certificate checks”" in piece.text

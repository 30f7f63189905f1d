"""The question for a fingerprint: as the certificate's owner tells it, not as it is shown here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from screens.decisions import COPIED, fingerprint_problem, presented
from screens.dialogues.base import Dialogue
from screens.texts.pieces import styled
from screens.widgets.key_bar import KeyBar
from wizard.wording import certificate
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.session import Session

_HINT = (
    "Compare it with its owner, by telephone or on paper, and type what they tell you. A "
    "fingerprint copied from this screen confirms nothing."
)


class FingerprintDialogue(Dialogue):
    """Shows the certificates that the backend shows, and takes the fingerprint of one of them.

    Args:
        session: has the backend's chain.
        was_copied: whether a fingerprint was handed to the clipboard by this program.
    """

    AUTO_FOCUS = "#fingerprint"

    def __init__(self, session: Session, was_copied: Callable[[str], bool]) -> None:
        super().__init__()
        self._presented = presented(session.diagnosis)
        self._was_copied = was_copied

    def compose(self) -> ComposeResult:
        """The certificates, and the field."""
        with Vertical(classes="dialogue"):
            yield Label("Fingerprint of the CA, from its owner", classes="title")
            yield Static(_HINT, markup=False)
            yield Input("", placeholder="SHA-256 fingerprint, as its owner tells it",
                        id="fingerprint")  # fmt: skip
            yield Static("", id="fingerprint-state", markup=False)
            with VerticalScroll():
                yield Static(styled(self._shown(), dense=True), markup=False)
        yield KeyBar()

    def _shown(self) -> Iterator[Piece]:
        for one in self._presented:
            yield from certificate.identity(one, "the backend shows")
            yield from certificate.digest(one.sha256)

    @on(Input.Submitted, "#fingerprint")
    def _typed(self, event: Input.Submitted) -> None:
        problem = fingerprint_problem(event.value, self._presented)
        if not problem and self._was_copied(event.value):
            problem = COPIED
        if problem:
            self.query_one("#fingerprint-state", Static).update(problem)
        else:
            self.dismiss(event.value.strip())

"""The chain that ``openssl s_client`` shows under ``Certificate chain``."""

from __future__ import annotations

import re

from wizard.logs.recognition import Recognition, Strength

_SUBJECT = re.compile(r"^ {0,2}(\d{1,3}) s:(.{0,1000})$")
_ISSUER = re.compile(r"^ {2,4}i:(.{0,1000})$")
_MOST = 100  # certificates looked at


class PresentedChain:
    """Collects the lines; ``conclusion`` says what the chain as a whole means."""

    def __init__(self) -> None:
        self._subjects: list[str] = []
        self._issuers: list[str] = []
        self._text = ""

    def feed(self, text: str) -> Recognition | None:
        """Take a line in, if it is one of the chain.

        Args:
            text: the line, blanks at its front included.
        """
        subject = _SUBJECT.match(text)
        if subject is not None:
            if subject[1] == "0":
                self._subjects, self._issuers, self._text = [], [], text
            if len(self._subjects) < _MOST:
                self._subjects.append(subject[2])
            return Recognition(f"Subject of certificate {subject[1]} of the chain that was sent.")
        issuer = _ISSUER.match(text)
        if issuer is None or len(self._issuers) != len(self._subjects) - 1:
            return None
        self._issuers.append(issuer[1])
        if len(self._issuers) == 1 and issuer[1] == self._subjects[0]:
            return Recognition(
                "The server's certificate is signed by itself.",
                slugs=("self-signed-certificate",),
                strength=Strength.DECISIVE,
            )
        return Recognition("Its issuer.")

    def conclusion(self) -> tuple[Recognition, str] | None:
        """What the whole chain adds to a verify error about it, with the line that shows it."""
        if len(self._subjects) != 1 or self._subjects == self._issuers or not self._issuers:
            return None
        by_root = "root" in self._issuers[0].lower()
        return Recognition(
            "The server sent its own certificate only, and a root CA issued it: no intermediate is "
            "missing."
            if by_root
            else "The server sent its own certificate only. Unless a root CA issued it, it should "
            "have sent the intermediate along.",
            slugs=("ca-not-trusted",) if by_root else ("missing-intermediate",),
            strength=Strength.DECISIVE,
        ), self._text

"""The style sheets, each parsed once for a theme."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Keeps what it parsed as long as the theme's variables are the same.

    ``App.refresh_css`` sets the same variables and parses everything again whenever a screen is
    shown for the first time, twice, and that forgets what was parsed (Textual 8.2.8,
    ``Stylesheet.set_variables`` and ``reparse``): half of the time that it takes to open a step.

    Args:
        variables: of the theme.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._known = dict(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the variables of the theme, and forget what was parsed with others.

        Args:
            variables: by their names.
        """
        if variables != self._known:
            self._known = dict(variables)
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what was not yet parsed with these variables.

        Raises:
            StylesheetParseError: a style sheet is wrong.
        """
        self.parse()

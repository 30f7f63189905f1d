"""What became of a change, in words."""

from __future__ import annotations

from screens.texts.change import failure
from wizard.errors import EditedError

PATH = "/etc/apache2/app.conf"


DIFF = (
    f"--- expected {PATH}",
    f"+++ found {PATH}",
    "@@ -1,3 +1,3 @@",
    " <VirtualHost *:80>",
    "-ProxyTimeout 5",
    "+ProxyTimeout 9",
    " </VirtualHost>",
)


def test_what_somebody_edited_is_shown_without_the_head_of_the_diff() -> None:
    shown = failure(EditedError("this file was edited since.", file=PATH, diff=DIFF))
    assert "-ProxyTimeout 5\n+ProxyTimeout 9\n" in shown.plain
    assert "--- expected" not in shown.plain
    assert "+++ found" not in shown.plain
    styles = {shown.plain[span.start : span.end]: span.style for span in shown.spans}
    assert styles["-ProxyTimeout 5\n"] == "red"
    assert styles["+ProxyTimeout 9\n"] == "green"

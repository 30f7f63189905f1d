"""The field above a list of routes."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from screens.widgets.routes import RouteTable

_WHAT = "search: name, path, backend, answer, cause"


class SearchField(Input):
    """Narrows a list of routes while text is typed; Enter goes to what was found.

    Args:
        table: to narrow.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "table", "List", id="search.table",
                tooltip="From the field into the list")
    ]  # fmt: skip

    def __init__(self, table: RouteTable) -> None:
        super().__init__(placeholder=_WHAT, id="search", compact=True)
        self._table = table

    def key_label(self, binding_id: str) -> str | None:
        """What a key is called here and now: Enter, where there is something to go to."""
        to_list = "List" if self._table.here is not None else ""
        return {"enter": to_list, "search.table": ""}.get(binding_id)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the routes that hold each of the words."""
        event.stop()
        self._table.narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what was found; where nothing was, there is nothing to go to."""
        event.stop()
        self.action_table()

    def action_table(self) -> None:
        """Go to the list: its route under the cursor is the one that was meant."""
        here = self._table.here
        if here is not None:
            self._table.focus()
            self._table.post_message(RouteTable.Chosen(here))

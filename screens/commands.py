"""Every action that has a key, for the command palette: by groups, each with a sentence and its
key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from textual.app import App, SystemCommand
from textual.screen import Screen

from screens.texts.steps import STEPS
from screens.widgets import keys

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode

_GROUPS: Final = {
    "copy": ("export", "copy what is shown"),
    "save": ("export", "save what is shown to a file"),
    "theme": ("theme", "dark or light"),
    "help": ("view", "the keys of what is shown"),
    "quit": ("view", "quit"),
    "step.page-down": ("view", "scroll down"),
    "step.page-up": ("view", "scroll up"),
    "step.case": ("step", "0 the case"),
    **{f"step.{step.key}": ("step", f"{step.number} {step.title}") for step in STEPS},
}
"""Bindings that every step has: group and name."""
_SENTENCES: Final = {f"step.{step.key}": step.sentence for step in STEPS}
_SECOND: Final = {"help.f1"}
"""Second keys for what another one does."""
_OWN: Final = "this step"
_VIEWS: Final = frozenset({"v", "m", "pagedown", "pageup", "slash", "right"})
"""Keys that only show something else."""


def system_commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The commands of the palette over a screen.

    Args:
        app: whose they are.
        screen: below the palette.
    """
    active = keys.active_keys(screen)
    seen: set[str] = set()
    nodes: list[DOMNode] = [screen, app]
    if screen.focused is not None:
        nodes.insert(0, screen.focused)
    for node, bindings in keys.with_id(nodes):
        binding = bindings[0]
        state = keys.state_of(screen, node, binding)
        if state is False or binding.id in _SECOND or binding.action == "command_palette":
            continue
        group, name = _named(app, screen, node, binding)
        sentence = _SENTENCES.get(binding.id or "") or binding.tooltip or binding.description
        if state is None and binding.key in active:
            sentence = f"Not now: {keys.why_not(screen, binding.key)}"
        key = ", ".join(dict.fromkeys(keys.name_of(app, one) for one in bindings))
        title = f"{group}: {name}"
        title += f" ({key})" if title in seen else ""  # two keys with one name
        seen.add(title)
        yield SystemCommand(
            title,
            f"{sentence.rstrip('.')}. Key: {key}",
            _run(app, node, binding),
        )


def _named(app: App[Any], screen: Screen[Any], node: DOMNode, binding: Binding) -> tuple[str, str]:
    if binding.id in _GROUPS:
        return _GROUPS[binding.id]
    group = "view" if binding.key in _VIEWS or node is app else _OWN
    label = keys.label_of(screen, node, binding) or binding.description
    return group, label.removesuffix("…")


def _run(app: App[Any], node: DOMNode, binding: Binding) -> Callable[[], None]:
    def run() -> None:
        app.call_later(app.run_action, binding.action, node)

    return run

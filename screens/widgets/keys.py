"""The keys of the screen in view: how each is called, what it does just now, how much it matters.

A screen says more about its keys than a ``Binding`` can, by two methods that it may have:
``key_label`` (``NamesKeys``) and ``why_not`` (``GivesReasons``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from screens.terminal import glyphs

if TYPE_CHECKING:
    from textual.dom import DOMNode

NO_REASON: Final = "That key can do nothing here just now."

_NAMES: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "f1": "F1",
    "question_mark": "?",
    "slash": "/",
}
_CHARACTERS: Final = {"slash": "/"}
"""Of keys whose name says it to nobody else."""
_WITHOUT_ARROWS: Final = {"down": "Down", "up": "Up", "left": "Left", "right": "Right"}
"""For a terminal whose arrow would be the letter of another key."""
_PAIRS: Final = (("down", "up"), ("pagedown", "pageup"), ("left", "right"))
"""Keys that stand together where they do the same in two directions."""
_WAY: Final = re.compile(r"_(?:up|down|left|right)$|\(.*\)$")
"""Of an action: in which direction it goes."""
_STEPS: Final = "12345"
_STEP_IN_FULL: Final = "Step in full"
_HELP_IN_A_FIELD: Final = "help.f1"
_PALETTE: Final = "Commands"
"""Textual's own binding, which it does not show."""

_ORDER: Final = (
    *("y", "n", "a", "4", "enter", "space", "r", "f", "w", "h", "p", "i", "A", "l", "e", "u", "t"),
    *("o", "slash", "x", "m", "down", "up", "right", "left", "v"),
    *("pagedown", "pageup"),
    "",  # a key that is not in this list
    *("s", "c", "1", "d"),
)
"""Keys as they stand from left to right: what leads onward first."""
_LAST: Final = ("escape", "ctrl+p", "question_mark", "f1", "q")
"""Keys that stand behind all others: the way out."""
_BY_ID: Final = {"confirm.no": "n", "interrupted.later": "n"}
"""Bindings whose place is that of another key."""
_GENERAL: Final = 100
"""How far behind those of the screen itself the keys stand that every step has."""
_ALWAYS: Final = frozenset({"question_mark", "f1", "q"})
"""Keys that lead to all others, and out."""
_ONWARD: Final = frozenset({"a", "enter"})
_FIRST: Final = _ONWARD | {"y", "n"}


@runtime_checkable
class NamesKeys(Protocol):
    """A screen or widget that says what a key does just now."""

    def key_label(self, binding_id: str) -> str | None:
        """What the footer is to say for a key.

        Args:
            binding_id: of the binding; of a widget's own key without id, the key's name
                (``enter``, ``down``).

        Returns:
            A few words; None: the binding's own description, if it is to be shown at all.
        """


@runtime_checkable
class GivesReasons(Protocol):
    """A screen or widget that says why a dim key does nothing."""

    def why_not(self, binding_id: str) -> str:
        """The sentence for a key that was pressed although it is dim.

        Args:
            binding_id: as for ``NamesKeys.key_label``.
        """


@dataclass(frozen=True)
class ShownKey:
    """A key, or a pair of keys, of the footer.

    Args:
        key: that a click presses; empty: none.
        name: of the key, as it is written.
        label: what it does.
        enabled: whether it can do it just now.
        is_general: what every step can do: shown only where there is room to spare.
        place: from left to right.
        importance: the least is dropped last.
    """

    key: str
    name: str
    label: str
    enabled: bool
    is_general: bool
    place: int
    importance: int


def name_of(app: App[Any], binding: Binding) -> str:
    """A key as it is written everywhere.

    Args:
        app: whose terminal it is for.
        binding: the key; its own ``key_display`` counts.
    """
    if binding.key_display:
        return binding.key_display
    if getattr(app, "glyphs", glyphs.UNICODE) is glyphs.ASCII and binding.key in _WITHOUT_ARROWS:
        return _WITHOUT_ARROWS[binding.key]
    return _NAMES.get(binding.key) or app.get_key_display(binding)


def label_of(screen: Screen[Any], node: DOMNode, binding: Binding) -> str:
    """What a key does just now, in a few words; empty: the footer does not show it."""
    for name in (binding.id or binding.key, *_same_key(screen, node, binding)):
        for one in (screen, node):
            if isinstance(one, NamesKeys):
                label = one.key_label(name)
                if label is not None:
                    return label
    if binding.action == "command_palette":
        return _PALETTE
    return binding.description if binding.show or binding.id == _HELP_IN_A_FIELD else ""


def _same_key(screen: Screen[Any], node: DOMNode, binding: Binding) -> list[str]:
    """The screen's own bindings of a key that a widget has taken: a list with the focus does on
    Enter what the screen says of Enter."""
    if binding.id or node is screen:
        return []
    return [
        own.id
        for own in screen._bindings.key_to_bindings.get(binding.key, ())
        if own.id and screen.app._check_action_state(own.action, screen) is not False
    ]


def why_not(screen: Screen[Any], key: str) -> str:
    """Why a dim key does nothing; empty: it is not dim.

    Args:
        screen: in view.
        key: that was pressed.
    """
    active = active_keys(screen).get(key)
    if active is None or active.enabled or is_text(screen, key):
        return ""
    for one in (screen, active.node):
        if isinstance(one, GivesReasons):
            reason = one.why_not(active.binding.id or key)
            if reason:
                return reason
    return NO_REASON


def active_keys(screen: Screen[Any]) -> dict[str, ActiveBinding]:
    """What each key does: ``active_bindings``, but a widget that is not scrolled just now leaves
    its arrows to the screen."""
    found = screen.active_bindings
    for key, active in tuple(found.items()):
        if _is_passed_on(active):
            del found[key]
            for node in active.node.ancestors:
                for binding in node._bindings.key_to_bindings.get(key, ()):
                    state = screen.app._check_action_state(binding.action, node)
                    if state is not False and key not in found:
                        found[key] = ActiveBinding(node, binding, bool(state), binding.tooltip)
    return found


def _is_passed_on(active: ActiveBinding) -> bool:
    node, action = active.node, active.binding.action
    if not isinstance(node, Widget) or not action.startswith(("scroll_", "page_")):
        return False
    is_sideways = action.endswith(("_left", "_right"))
    return not (node.allow_horizontal_scroll if is_sideways else node.allow_vertical_scroll)


def shown(screen: Screen[Any]) -> list[ShownKey]:
    """The keys that the footer shows where there is room, from left to right."""
    actions: dict[str, list[tuple[str, ActiveBinding]]] = {}
    steps: list[str] = []
    bindings = {
        key: active for key, active in active_keys(screen).items() if not is_text(screen, key)
    }
    if "question_mark" in bindings:  # where it is text, F1 says the same
        bindings.pop("f1", None)
    for key, active in bindings.items():
        if key in _STEPS and active.binding.id and active.binding.id.startswith("step."):
            steps.append(key)
            continue
        label = label_of(screen, active.node, active.binding)
        if label:
            actions.setdefault(_group(bindings, key), []).append((label, active))
    found = [_key(screen, group) for group in actions.values()]
    if len(steps) == len(_STEPS):
        name = f"{_STEPS[0]}-{_STEPS[-1]}"
        place = _GENERAL + _ORDER.index(_STEPS[0])
        found.append(ShownKey("", name, _STEP_IN_FULL, True, True, place, place))
    return sorted(found, key=lambda one: one.place)


def _group(bindings: dict[str, ActiveBinding], key: str) -> str:
    """What keys have in common that stand together: an action, or one that goes both ways."""
    action = bindings[key].binding.action
    for pair in _PAIRS:
        if key in pair and all(way in bindings for way in pair):
            ways = {_WAY.sub("", bindings[way].binding.action) for way in pair}
            if len(ways) == 1:
                return "/".join(pair)
    return action


def _key(screen: Screen[Any], group: list[tuple[str, ActiveBinding]]) -> ShownKey:
    label, first = group[0]
    binding, key = first.binding, first.binding.key
    names = {active.binding.key: name_of(screen.app, active.binding) for _, active in group}
    name = names[key]
    for pair in _PAIRS:
        if key in pair and len(names) == len(pair):
            between = "" if all(len(one) == 1 for one in names.values()) else "/"
            key, name = pair[0], between.join(names[one] for one in pair)
    is_general = first.node is screen.app and key not in _ONWARD | _ALWAYS
    enabled = any(active.enabled for _, active in group)
    place = place_of(binding) + (_GENERAL if is_general and key not in _LAST else 0)
    return ShownKey(
        key, name, label, enabled, is_general, place, _importance(key, place, is_general, enabled)
    )


def place_of(binding: Binding) -> int:
    """Where a key stands among others: what leads onward first, the way out last."""
    named = _BY_ID.get(binding.id or "", binding.key)
    if named in _LAST:
        return 2 * _GENERAL + _LAST.index(named)
    return _ORDER.index(named if named in _ORDER else "")


def _importance(key: str, place: int, is_general: bool, enabled: bool) -> int:
    """Always those that lead to all others; then what leads onward, back, what else this step can
    do, what it cannot do just now, and last what every step can do."""
    if key in _ALWAYS:
        return -1
    if is_general:
        return place
    if key in _FIRST and enabled:
        return place
    if key == "escape":
        return len(_FIRST)
    return len(_FIRST) + place + (0 if enabled else _GENERAL // 2)


def is_text(screen: Screen[Any], key: str) -> bool:
    """Whether a key is text just now, for the field that has the focus."""
    field = screen.focused
    character = key_to_character(key) or _CHARACTERS.get(key)
    return field is not None and field.check_consume_key(key, character)


def with_id(nodes: Iterable[DOMNode]) -> list[tuple[DOMNode, list[Binding]]]:
    """Every binding with an id of some widgets and screens, whatever can be done just now; more
    than one of an id, where several keys do the same.

    Args:
        nodes: those that come first count first.
    """
    found: dict[str, tuple[DOMNode, list[Binding]]] = {}
    for node in nodes:
        for bindings in node._bindings.key_to_bindings.values():
            for binding in bindings:
                if binding.id and binding.description:
                    owner, known = found.setdefault(binding.id, (node, []))
                    if owner is node:
                        known.append(binding)
    return list(found.values())


def state_of(screen: Screen[Any], node: DOMNode, binding: Binding) -> bool | None:
    """Whether a key can do something just now; None: no, and it says why when it is pressed."""
    return screen.app._check_action_state(binding.action, node)

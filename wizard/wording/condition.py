"""What has to be so on this machine before a plan works: a name that leads to its backend."""

from __future__ import annotations

import shlex

from wizard.model.plan import Condition
from wizard.text import printable


def sentence(condition: Condition) -> str:
    """What has to be so, and what is so now; safe to show."""
    name, address = printable(condition.name), printable(condition.address)
    text = f"Let {name} lead to {address} on this machine, by DNS or by this line in /etc/hosts. "
    if condition.now:
        text += f"Now it leads to {printable(', '.join(condition.now))}, for every program here."
    else:
        text += "It leads nowhere yet."
    if condition.others:
        others = printable(", ".join(condition.others[:5]))
        text += f" In the certificate also: {others}."
    return text


def command(condition: Condition) -> str:
    """The line for this machine's own file of names (hosts(5)), as a command."""
    line = shlex.quote(f"{condition.address} {condition.name}")
    return printable(f"echo {line} >> /etc/hosts")

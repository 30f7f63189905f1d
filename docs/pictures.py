"""Make the guide's pictures from the application itself, at work on a lesson of the demo's lab.

``python docs/pictures.py`` writes docs/pictures/*.svg. It needs apache2 and libnss-wrapper, as the
tests do. Ports are drawn as 18443 and the lab lies in one place, so that a picture changes only
where a screen does (and in its dates).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from textual.pilot import Pilot

from screens.demo import DemoApp
from wizard.demo.lab import Lab

DIRECTORY = Path(__file__).parent / "pictures"
LAB = Path("/tmp/proxy-wizard-lab")  # noqa: S108  # a short path suits an 80 column picture
SIZE = (100, 30)
LESSON = "internal-ca"
WALK = {
    "question": ("escape",),
    "case": ("enter",),
    "load": ("1",),
    "probe": ("2",),
    "diagnose": ("3",),
    "fix": ("4",),
    "prove": ("5",),
    "write": ("0", "a"),
    "done": ("y",),
}
"""The keys that lead from one picture to the next."""
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_ID = re.compile(r"20\d{6}-\d{6}-[0-9a-f]{4}")
_CLOCK = re.compile(r"(today(?:&#160;| ))\d\d:\d\d(:\d\d)?(?:&#160;| )\w+")
_PORT = re.compile(r"((?:erp\.backend\.test|127\.0\.0\.1)(?::|(?:&#160;| )port(?:&#160;| )))\d{5}")


async def _settle(pilot: Pilot[None]) -> None:
    """Until every worker is done and what it found is shown."""
    for _ in range(3):  # what one worker found may begin another
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def _screenshot(pilot: Pilot[None], title: str) -> str:
    """What the screen shows once it changes no more: tables widen when nothing else is to do."""
    before, shown = "", pilot.app.export_screenshot(title=title)
    while shown != before:
        await asyncio.sleep(0.2)
        await _settle(pilot)
        before, shown = shown, pilot.app.export_screenshot(title=title)
    return shown


async def _draw(lab: Lab) -> dict[str, str]:
    drawn = {}
    lessons = DemoApp(lab, encoding="utf-8")
    async with lessons.run_test(size=SIZE) as pilot:
        await _settle(pilot)
        await pilot.press("down")
        await _settle(pilot)
        drawn["lessons"] = await _screenshot(pilot, "proxy-wizard demo")
    app = DemoApp(lab, LESSON, encoding="utf-8")
    async with app.run_test(size=SIZE) as pilot:
        await _settle(pilot)
        for name, keys in WALK.items():
            for key in keys:
                await pilot.press(key)
                await _settle(pilot)
            app.clear_notifications()
            drawn[name] = await _screenshot(pilot, "proxy-wizard")
    return drawn


def _tidy(svg: str) -> str:
    """Without fonts from the network, and with a port and a moment that are always the same."""
    svg = _CLOCK.sub(r"\g<1>06:42 UTC", _ID.sub("20261129-064220-0d95", svg))
    lines = _PORT.sub(r"\g<1>18443", _FONT_FACE.sub("", svg)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip()) + "\n"


@contextlib.contextmanager
def _own_theme(lab: Lab) -> Iterator[None]:
    """Not the theme that the developer's own wizard keeps."""
    before = os.environ.get("PROXY_WIZARD_STATE")
    os.environ["PROXY_WIZARD_STATE"] = str(lab.directory / "own")
    try:
        yield
    finally:
        os.environ.pop("PROXY_WIZARD_STATE")
        if before is not None:
            os.environ["PROXY_WIZARD_STATE"] = before


def pictures(directory: Path) -> Iterator[tuple[str, str]]:
    """The name and the SVG of each picture.

    Args:
        directory: of the lab; what is in it is lost.
    """
    shutil.rmtree(directory, ignore_errors=True)
    try:
        with Lab(directory) as lab, lab.names(), _own_theme(lab):
            drawn = asyncio.run(_draw(lab))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for name, svg in drawn.items():
        yield f"{name}.svg", _tidy(svg)


def main() -> None:
    """Write every picture."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, svg in pictures(LAB):
        (DIRECTORY / name).write_text(svg, "utf-8")


if __name__ == "__main__":
    main()

"""What rules and redirects answer before a route, as the reader says and as httpd does it."""

from __future__ import annotations

import random

import pytest

from tests.answers import rewrite_generator
from tests.answers.client import Answer, ask
from tests.answers.test_access_on_httpd import CLIENT, World, world
from tests.support import httpd
from wizard import config
from wizard.model.config import Route
from wizard.model.imagined import Imagined
from wizard.model.scope import HttpdChoice


def unlike(route: Route, answer: Answer) -> bool | None:
    """Whether httpd answers otherwise than is said; None: nothing is said for certain."""
    first = route.barriers[0] if route.barriers else None
    if first is None:
        return answer.status != 200
    if not first.everyone:
        return None
    if answer.status != first.status:
        return True
    location = next(iter(answer.all("Location")), None)
    return first.location is not None and location != first.location


def compared(seed: int, count: int) -> tuple[int, int, int, list[str]]:
    """Configurations asked, those with a certain answer, with one of httpd's own, and the wrong."""
    chance = random.Random(seed)
    wrong: list[str] = []
    certain = answered = 0
    with world() as lab:
        bodies = lab.accepted("", [rewrite_generator.rules(chance) for _ in range(count)])
        file = lab.configuration("", bodies)
        read = config.load(str(file), httpd=HttpdChoice(httpd.HTTPD), imagined=Imagined(CLIENT))
        routes = {route.vhost.server_name: route for route in read.routes}
        with httpd.running(file, lab.directory / "hosts"):
            for number, body in enumerate(bodies):
                route = routes[f"h{number}.example.com"]
                answer = _ask(lab, route)
                said = unlike(route, answer)
                certain += said is not None
                answered += said is not None and bool(route.barriers)
                if said:
                    got = f"{answer.status} {answer.all('Location')}"
                    wrong.append(f"httpd gives {got}: {route.barriers}\n{body}")
    return len(bodies), certain, answered, wrong


def _ask(lab: World, route: Route) -> Answer:
    wanted = {"path": route.request_path, "host": route.vhost.server_name}
    return ask(lab.port, wanted, tls=False)


@pytest.mark.parametrize("seed", range(2))
def test_the_reader_says_what_httpd_answers(seed: int) -> None:
    asked, certain, answered, wrong = compared(seed, 120)
    assert not wrong, "\n\n".join(wrong[:5])
    assert certain > asked // 2
    assert answered > asked // 4

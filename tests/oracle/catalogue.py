"""Every fixed scenario."""

from __future__ import annotations

from tests.oracle.facts import FACTS
from tests.oracle.matrix import MATRIX
from tests.oracle.names import NAMES
from tests.oracle.peers import PEERS
from tests.oracle.routing import ROUTING
from tests.oracle.websockets import WEBSOCKETS

SCENARIOS = FACTS + MATRIX + NAMES + PEERS + ROUTING + WEBSOCKETS

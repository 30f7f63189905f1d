"""WebSocket backends, asked for an upgrade. The lab's answer 200: what counts is the way there."""

from __future__ import annotations

from tests.oracle.parts import EXPIRED, ON, STRICT, WRONG
from tests.oracle.scenario import Scenario, Server

_WSS = "ProxyPass / wss://backend.internal:{port}/"
_WS = "ProxyPass / ws://backend.internal:{port}/"
_ASKING = Server(client_cas=("client-ca",))
_REQUIRED = "client-certificate-required"

WEBSOCKETS = (
    Scenario("wss", None, STRICT + _WSS),
    Scenario("wss-wrong-name", "name-mismatch", STRICT + _WSS, (Server(WRONG),)),
    Scenario("wss-wrong-name-none", "name-mismatch", ON + _WSS, (Server(WRONG),)),
    Scenario(
        "wss-untrusted",
        "ca-not-trusted",
        STRICT.replace("root", "wrong") + _WSS,
        fixable=True,
    ),
    Scenario("wss-expired", "certificate-expired", ON + _WSS, (Server(EXPIRED),)),
    Scenario("wss-sni", None, STRICT + _WSS, (Server(strict_sni=("backend.internal",)),)),
    Scenario("wss-engine-off", "engine-off", _WSS, fixable=True),
    Scenario("wss-dns", "dns-failure", ON + "ProxyPass / wss://nowhere.internal:{port}/"),
    Scenario("wss-plain", "backend-speaks-plain-http", ON + _WSS, (Server(speaks="plain"),)),
    Scenario("wss-closed", "connection-reset", STRICT + _WSS, (Server(answers="close"),)),
    Scenario("wss-client-certificate", _REQUIRED, STRICT + _WSS, (_ASKING,)),
    Scenario("ws", "unencrypted-backend", _WS, (Server(speaks="plain"),)),
    Scenario("ws-dns", "dns-failure", "ProxyPass / ws://nowhere.internal:{port}/"),
    Scenario("ws-refused", "connection-refused", _WS, (Server(speaks="refuse"),)),
    Scenario("ws-closed", "connection-reset", _WS, (Server(speaks="plain", answers="close"),)),
    Scenario("ws-error", "backend-error-status", _WS, (Server(speaks="plain", status=503),)),
)

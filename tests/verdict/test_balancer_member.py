"""What a balancer does with a member; its lines beside httpd's own: ``test_on_httpd``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verdict.samples import http, on, probed, route, unanswered, worker
from wizard.model.config import Route, TlsPolicy
from wizard.model.probe import AnswerFault, HttpResult, TcpAttempt, TcpResult
from wizard.verdict import predict

UNREAD = ("AH01102", "AH00898")


def member(parameters: dict[str, str], status: str = "", **fields: Any) -> Route:
    return route(
        "http://backend.internal/",
        tls=TlsPolicy(),
        balancer="c",
        worker=worker(status=status),
        balancer_parameters={key: on(value) for key, value in parameters.items()},
        **fields,
    )


BROKEN = http(status=503, failure="invalid", fault=AnswerFault("name", "X : a"))
"""An answer that httpd cannot pass on."""
CUT = ("AH10404", "AH01106")


@pytest.mark.parametrize(
    ("parameters", "status", "answer", "forced"),
    [
        ({"failonstatus": "500,503"}, "", http(status=503), ("AH01174",)),
        ({"failonstatus": "500 404"}, "", http(status=404), ("AH01174",)),
        ({"failonstatus": "500,503"}, "+I", http(status=503), ()),
        ({"failonstatus": "500"}, "", http(status=503), ()),
        ({"failonstatus": "503"}, "", BROKEN, ("AH02429",)),
        ({"failonstatus": "500"}, "", BROKEN, ("AH02429", "AH01174")),
        ({"failonstatus": "502"}, "", unanswered("closed"), (*UNREAD, "AH01174")),
        ({"failontimeout": "On"}, "", unanswered("timeout", first="HTTP/1.1 200 O\r\nX"), CUT),
        ({"failontimeout": "On"}, "", unanswered("timeout"), (*UNREAD, "AH02460")),
        ({"failontimeout": "Off"}, "", unanswered("timeout"), UNREAD),
        ({"failontimeout": "On"}, "", unanswered("closed"), UNREAD),
    ],
)
def test_a_member_that_its_answer_puts_into_the_error_state(
    parameters: dict[str, str], status: str, answer: HttpResult, forced: tuple[str, ...]
) -> None:
    verdict = predict(probed(member(parameters, status), tls=None, http=answer))
    assert verdict.ah_codes == forced


@pytest.mark.parametrize(
    ("others", "forced"), [((), True), (("+D",), True), (("+H",), False), (("",), False)]
)
def test_after_its_own_503_httpd_goes_on_to_another_member(
    others: tuple[str, ...], forced: bool
) -> None:
    refused = TcpResult(
        None, 80, 0.1, (TcpAttempt("10.0.0.5", 0.1, "refused", "refused"),), "refused"
    )
    one = member({"failonstatus": "503"}, balancer_statuses=("", *others))
    verdict = predict(probed(one, tcp=refused, tls=None, http=None))
    assert verdict.status == 503
    assert ("AH01174" in verdict.ah_codes) is forced
    verdict = predict(probed(one, tls=None, http=http(status=503)))  # the backend's own
    assert "AH01174" in verdict.ah_codes

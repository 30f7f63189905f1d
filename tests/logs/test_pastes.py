"""What people paste beside logs: error pages of a browser, a status, a bare message."""

from __future__ import annotations

import pytest

from wizard.logs import explain
from wizard.model.explanation import Explanation
from wizard.reference.tables import load

# As httpd 2.4 writes it (http_protocol.c, ap_send_error_response).
PAGE = """<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>{title}</title>
</head><body>
<h1>{heading}</h1>
{body}
<hr>
<address>Apache/2.4.62 (Debian) Server at www.example.com Port 443</address>
</body></html>"""
INVALID = (
    "<p>The proxy server received an invalid\r\nresponse from an upstream server.<br />\r\n"
    "The proxy server could not handle the request<p>Reason: <strong>{}</strong></p></p>"
)


def page(title: str, body: str) -> str:
    return PAGE.format(title=title, heading=title[4:], body=body)


def causes(text: str) -> list[str]:
    return [cause.slug for cause in _explained(text).causes]


def _explained(text: str) -> Explanation:
    return explain(text.splitlines())


@pytest.mark.parametrize(
    ("reason", "slug"),
    [
        ("Error reading from remote server", "connection-reset"),
        ("DNS lookup failure for: backend.internal", "dns-failure"),
        ("DNS lookup failure for: backend:8080app", "missing-trailing-slash"),
        ("DNS lookup failure for: 10.0.0.6login", "missing-trailing-slash"),
        ("DNS lookup failure for: localhostapp", "missing-trailing-slash"),
        ("DNS lookup failure for: host.exampleapp", "missing-trailing-slash"),
        ("DNS lookup failure for: localhost", "dns-failure"),
        ("DNS lookup failure for: host.local.example.com", "dns-failure"),
        ("DNS lookup failure for: host.localdomain", "dns-failure"),
        ("Corrupt status line returned by remote server: xyz", "backend-speaks-tls"),
        ("URI cannot be parsed: http://a:8080app/", "missing-trailing-slash"),
    ],
)
def test_the_reason_of_a_page_is_the_cause(reason: str, slug: str) -> None:
    whole = page("502 Proxy Error", INVALID.format(reason))
    for text in (whole, whole.replace("\n", " "), f"Reason: {reason}", reason):
        assert causes(text)[0] == slug, text


def test_a_page_of_a_failed_handshake_tells_how_to_see_why() -> None:
    said = _explained(
        page("500 Proxy Error", INVALID.format("Error during SSL Handshake with remote server"))
    )
    assert said.hidden is not None
    assert not any(cause.certain for cause in said.causes)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Connect to remote machine blocked", "ProxyBlock"),
        ("Max-Forwards has reached zero - proxy loop?", "forwards it to itself"),
    ],
)
def test_reasons_without_a_finding_are_explained(body: str, words: str) -> None:
    assert words in _explained(f"Reason: <strong>{body}</strong></p>").lines[0].meaning


FIRST = {
    "400": "backend-speaks-tls",
    "403": "backend-error-status",
    "413": "backend-error-status",
    "414": "backend-error-status",
    "421": "sni-rejected",
    "431": "backend-error-status",
    "500": "engine-off",
    "502": "connection-reset",
    "503": "connection-refused",
    "504": "connection-timeout",
}


@pytest.mark.parametrize("status", load("texts.json")["statuses"])
@pytest.mark.parametrize(
    "form", ["{}", "HTTP {}", "error {}", "HTTP/1.1 {} Whatever", "< HTTP/2 {}", "{} bad gateway",
             "curl: (22) The requested URL returned error: {}", "<title>{} Forbidden</title>",
             "HTTP request sent, awaiting response... {} Proxy Error", "ERROR {}: Bad Request."]
)  # fmt: skip
def test_a_status_says_what_it_means_and_what_decides(status: str, form: str) -> None:
    said = _explained(form.format(status))
    assert said.causes[0].slug == FIRST[status]
    assert not any(cause.certain for cause in said.causes)
    assert said.lines[0].meaning.startswith(status)
    assert "`proxy-wizard check`" in said.lines[0].meaning


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The server is temporarily unable to service your\nrequest due to maintenance downtime "
         "or capacity\nproblems. Please try again later.", "503"),
        ("The gateway did not receive a timely response\nfrom the upstream server or application.",
         "504"),
        ("The client needs a new connection for this\nrequest as the requested host name does not "
         "match\nthe Server Name Indication (SNI) in use for this\nconnection.", "421"),
        ("The server encountered an internal error or\nmisconfiguration and was unable to complete"
         "\nyour request.", "500"),
        ("You don't have permission to access this resource.", "403"),
        ("Your browser sent a request that this server could not understand.", "400"),
        ("The proxy server received an invalid\nresponse from an upstream server.", "502"),
        ("or the amount of data provided in\nthe request exceeds the capacity limit.", "413"),
        ("The requested URL's length exceeds the capacity\nlimit for this server.", "414"),
    ],
)  # fmt: skip
def test_the_sentences_of_httpds_own_pages(sentence: str, status: str) -> None:
    for text in (sentence.replace("\n", " "), sentence):
        assert any(line.meaning.startswith(status) for line in _explained(text).lines), text


@pytest.mark.parametrize(
    "text",
    ["This page isn’t working: app.example.com redirected you too many times.",
     "ERR_TOO_MANY_REDIRECTS", "The page isn’t redirecting properly",
     "Safari Can’t Open the Page: too many redirects occurred trying to open it",
     "curl: (47) Maximum (50) redirects followed"],
)  # fmt: skip
def test_a_browser_that_is_sent_in_a_circle(text: str) -> None:
    assert _explained(text).causes[0].slug == "redirect-loop"


@pytest.mark.parametrize(
    "text", ["AH00502", "port 502", "502 bytes", "[Sun Nov 29 10:53:44 2026] [error] 503"]
)
def test_other_numbers_are_no_status(text: str) -> None:
    statuses = load("texts.json")["statuses"].values()
    assert not {row[0] for row in statuses} & {line.meaning for line in _explained(text).lines}


def test_a_certificate_for_another_name_needs_no_code() -> None:
    assert causes("Peer certificate does not match for backend.internal")[0] == "name-mismatch"
    assert causes("SSL Proxy: Peer certificate does not match for hostname a.test")[0] == (
        "name-mismatch"
    )

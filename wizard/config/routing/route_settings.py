"""What of a request's settings decides about its backend."""

from __future__ import annotations

from wizard.config.servers.host_header import HostSettings
from wizard.config.syntax import backend_url
from wizard.model.answer_rules import HUGE_STRING_LEN
from wizard.model.config import Worker
from wizard.text import is_number


def line_size(worker: Worker) -> int:
    """``responsefieldsize=``; 0, and what is no number, is httpd's default."""
    size = worker.parameters.get("responsefieldsize")
    text = size.value[:18] if size else ""
    return (int(text) if is_number(text) else 0) or HUGE_STRING_LEN


def matters(settings: HostSettings, url: str) -> bool:
    """Whether a Host header that may differ changes SNI or the name that httpd checks."""
    parsed = backend_url.parse(url)
    return parsed is None or parsed.uses_tls or settings.preserve_host.value

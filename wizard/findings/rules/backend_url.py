"""What is wrong with a backend's URL as it is written: a slash that lacks, a port that is none."""

from __future__ import annotations

import re

from wizard.config.syntax.words import argument
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.host_names import HIGHEST_PORT, asks_other_balancer
from wizard.reference.behaviours import holds

_GLUED = re.compile(r"([a-z][a-z0-9+.-]*://[^/$]+)(\$[0-9])\Z", re.IGNORECASE)
"""A group of a pattern straight behind host or port."""
_AUTHORITY_ONLY = re.compile(r"[a-z][a-z0-9+.-]*://[^/]+\Z", re.IGNORECASE)
_IN_PATH = re.compile(r"[a-z][a-z0-9+.-]*://[^/]+/[^?$%]*[a-z0-9]\Z", re.IGNORECASE)
"""A URL whose path ends as a directory's or a page's name does."""
_NOT_FOUND = 404


class MissingTrailingSlash(Rule):
    """ProxyPass / https://host: the path runs into the host."""

    slug = "missing-trailing-slash"
    family = "configuration"
    order = 130
    title = "The backend's URL lacks its final slash"
    signs = Signs(
        stages={"config": 100, "start": 100, "route": 30, "dns": 10, "connect": 10},
        log_codes="AH00857 AH00867 AH01059 AH01083 AH01144/2 AH01157 AH02439 AH03350 AH10097",
    )

    def _check(self, facts: Facts) -> Finding | None:
        route, url = facts.route, facts.backend.url
        if asks_other_balancer(route.request_url, route.balancer):
            return self._of_balancer(facts)
        if route.unknown is not None:
            return None
        if (group := _GLUED.match(url)) is not None:
            return self._of_pattern(facts, group[1], group[2])
        if not route.path.endswith("/") or route.kind not in ("ProxyPass", "ProxyPass in Location"):
            return None
        if _IN_PATH.match(url):
            return self._of_path(facts)
        if not _AUTHORITY_ONLY.match(url):
            return None
        status = 502 if holds("dns-failure-is-502", facts.case.httpd.release) else 500
        return self.found(
            facts,
            f"httpd puts the rest of the path directly behind the URL: {route.path}foo becomes "
            f"{url}foo, a host or port that does not exist. Only {route.path} itself works; all "
            f"else gets {status} (AH00898, DNS lookup failure).",
            [evidence.route(route)],
            [_with_slash(facts)],
            why=f"httpd puts the rest of the path directly behind the URL: {route.path}foo becomes "
            f"{url}foo. Only {route.path} itself works.",
        )

    def _of_path(self, facts: Facts) -> Finding | None:
        """The rest of the path runs into the last part of the URL's: that may be meant, but for a
        backend that does not know the path."""
        http = facts.probe.http if facts.probe else None
        if http is None or http.status != _NOT_FOUND:
            return None
        route, url = facts.route, facts.backend.url
        return self.found(
            facts,
            f"httpd puts the rest of the path directly behind the URL: {route.path}foo becomes "
            f"{url}foo, and the backend answers 404 to that.",
            [evidence.route(route)],
            [_with_slash(facts)],
            "warning",
        )

    def _of_pattern(self, facts: Facts, host: str, group: str) -> Finding | None:
        """The group of a pattern runs into host or port."""
        route = facts.route
        if route.request_url[len(host) :][:1] in ("", "/"):
            return None
        return self.found(
            facts,
            f"httpd puts {group} directly behind the URL: of {route.request_path} it makes "
            f"{route.request_url}, a host or port that does not exist, and answers "
            f"{facts.verdict.status or 500} (AH00898, DNS lookup failure).",
            [evidence.route(route)],
            [Remedy("config", f"Write a slash before {group} in the URL.", f"{host}/{group}")],
            why=f"httpd puts {group} directly behind the URL. Of {route.request_path} it makes "
            f"{route.request_url}: no such host or port.",
        )

    def _of_balancer(self, facts: Facts) -> Finding:
        """The rest of the path runs into the balancer's name (proxy_util.c, ap_proxy_pre_request:
        no balancer of that name, and then no handler for its scheme)."""
        route, url = facts.route, f"balancer://{facts.route.balancer}"
        return self.found(
            facts,
            f"httpd puts the rest of the path directly behind the balancer's name: of "
            f"{route.request_path} it makes {route.request_url}. It has no balancer of that name, "
            "takes balancer for the scheme of a backend, and answers 500 (AH01144).",
            [f"{route.balanced_by}  {url}", evidence.route(route)],
            [
                Remedy(
                    "config",
                    "End the balancer's name with a slash, in ProxyPass and ProxyPassReverse.",
                    _both(route.path, f"{url}/") if route.path.startswith("/") else "",
                )
            ],
            why="httpd puts the rest of the path directly behind the balancer's name. It has no "
            f"balancer {route.request_url}.",
        )


def _with_slash(facts: Facts) -> Remedy:
    path = facts.route.path if facts.route.kind == "ProxyPass" else ""  # a <Location> has it
    return Remedy(
        "config",
        "End the backend's URL with a slash, in ProxyPass and ProxyPassReverse.",
        _both(path, f"{facts.backend.url}/"),
    )


def _both(path: str, url: str) -> str:
    words = " ".join(argument(word) for word in (path, url) if word)
    return f"ProxyPass {words}\nProxyPassReverse {words}"


class BackendUrlInvalid(Rule):
    """A port that TCP does not have."""

    slug = "backend-url-invalid"
    family = "configuration"
    order = 135
    title = "The backend's URL has a port that does not exist"
    signs = Signs(
        stages={"route": 25},
        log_codes="AH00857/2 AH00867/2 AH01059/2 AH01083/2 AH02439/2 AH03350/2 AH10097/2",
    )

    def _check(self, facts: Facts) -> Finding | None:
        backend = facts.backend
        if backend.port <= HIGHEST_PORT:
            return None
        return self.found(
            facts,
            f"Ports end at {HIGHEST_PORT}, and the URL says {backend.port}. httpd -t passes, and "
            "each request gets 400 (AH01083; of wss AH02439, of h2 AH03350).",
            [evidence.route(facts.route)],
            [Remedy("config", "Correct the port: a digit too many, or two that changed places.")],
            why=f"Ports end at {HIGHEST_PORT}. httpd -t passes, but each request gets 400.",
        )

"""The backend of a URL, and the names with which httpd asks it."""

from __future__ import annotations

from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.routing.server import Server
from wizard.config.routing.targets import BackendCandidate
from wizard.config.servers.host_header import HostSettings
from wizard.config.syntax import backend_url
from wizard.model.config import Backend
from wizard.model.host_names import is_address, variable_in
from wizard.reference import behaviours


def backend_of(
    end: BackendCandidate, settings: HostSettings, server: Server, layout: Layout, runtime_dir: str
) -> tuple[Backend, str | None]:
    """The backend of a URL, and why it is not known, if so.

    Args:
        end: the URL, and whose it is.
        settings: which Host header httpd sends there.
        server: the virtual host, and the Host of its client.
        layout: its release, and whether the configuration is whole.
        runtime_dir: where a relative path of a unix socket begins.

    Source: httpd 2.4, modules/proxy/mod_proxy_http.c, and proxy_util.c
    (ap_proxy_determine_connection: the name for SNI and the check).
    """
    url = end.url
    parsed = backend_url.parse(end.static)
    variable = variable_in(url) if layout.partial else None
    if variable is not None:
        # httpd would look up a host of this name, but another file may define the variable
        reason = (
            f"the variable {variable} in the URL is not defined in this file "
            f"({end.source}); check the main configuration, which may define it."
        )
        return _nowhere(url), reason
    if parsed is None:
        return _nowhere(url), f"httpd cannot make out host and port of {url}."
    host = parsed.host
    if settings.preserve_host.value:
        name = backend_url.host_name(server.client_host)
        header = server.client_host
        if settings.header.source is not None:
            header = settings.header.value or server.host.server_name or name
    else:
        name, header = host, parsed.netloc
    unnamed = parsed.scheme == "wss" and behaviours.holds("wss-without-name", layout.release)
    named = parsed.uses_tls and name and not unnamed and not is_address(name)
    sni = name if named else None
    socket = parsed.socket
    if socket is not None and not socket.startswith("/"):
        socket = merge_path(runtime_dir, socket)
    return (
        Backend(
            url,
            parsed.scheme,
            host,
            port=parsed.port,
            path=parsed.path,
            sni=sni,
            check_name=name,
            host_header=header,
            socket=socket,
        ),
        None,
    )


def _nowhere(url: str) -> Backend:
    """The backend of a URL whose host is not known."""
    scheme = url.partition(":")[0].lower()
    return Backend(url, scheme, "", port=0, path="", sni=None, check_name="", host_header="")

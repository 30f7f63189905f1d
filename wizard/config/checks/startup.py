"""Faults that pass ``-t`` and end start-up, and a missing MPM, without which nothing is read.

`wizard.verdict.start_up` says what the trust files of a policy do to start-up.

Source: httpd 2.4, server/listen.c, server/config.c, modules/proxy/mod_proxy_balancer.c
(balancer_post_config), modules/ssl/ssl_engine_init.c; each case was run on httpd 2.4.71.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from wizard.config.checks.checker import problem_at
from wizard.config.routing.balancers import Balancer
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.listen_addresses import ANY, ANY_IPV4, ANY_IPV6, host_and_port
from wizard.config.servers.tls_policy import has_tls_directive
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words
from wizard.model.config import Problem, Source
from wizard.model.host_names import bracketed


def without_mpm(root: str, modules: Sequence[str], *, known: bool) -> Iterator[Problem]:
    """httpd needs one multi-processing module, before it looks at any directive.

    Args:
        root: the main file.
        modules: identifiers of the loaded modules.
        known: whether the program said what is compiled in; else an MPM may be.
    """
    count = sum(name.startswith("mpm_") for name in modules)
    if count > 1 or (known and not count):
        number = "More than one" if count else "No"
        yield Problem(
            root,
            0,
            f"Configuration error: {number} MPM loaded.",
            phase="config",
            code="AH00534",
            slug=None if count else "module-missing",
            hint="Load exactly one of mpm_event, mpm_worker and mpm_prefork.",
        )


def problems(
    root: str,
    modules: Sequence[str],
    main: ServerLevel,
    levels: Sequence[ServerLevel],
    balancers: Iterable[Balancer],
    *,
    fips_provider: bool = True,
    running: bool = False,
) -> Iterator[Problem]:
    """Why httpd does not start.

    Args:
        root: the main file.
        modules: identifiers of the loaded modules.
        main: the main server.
        levels: every virtual host.
        balancers: of every server.
        fips_provider: whether its OpenSSL may have the algorithms that SSLFIPS restricts it to.
        running: whether a server runs with it.
    """
    if not main.all("listen"):
        yield Problem(
            root,
            0,
            "no listening sockets available, shutting down",
            "start",
            "AH00015",
            hint="Add a Listen line with the port of the virtual hosts.",
        )
    if not running:  # else see wizard.httpd.survival
        yield from _taken_by_another_line(main)
    if "ssl_module" in modules and "md_module" not in modules:
        yield from _crash(main, levels)
    if "ssl_module" in modules and not running:
        yield from _tokens(main, levels)
    if "ssl_module" in modules and not fips_provider:
        yield from _fips(main, levels)
    if "authnz_ldap_module" in modules and "ldap_module" not in modules:
        yield Problem(
            root,
            0,
            "Module mod_ldap missing. Mod_ldap (aka. util_ldap) must be loaded in order for "
            "mod_authnz_ldap to function properly",
            "start",
            "AH01749",
            slug="module-missing",
            hint="Load ldap_module, or do not load authnz_ldap_module.",
            modules=("ldap_module",),
        )
    if "proxy_balancer_module" in modules:
        yield from _balancers(root, modules, balancers)


def _tokens(main: ServerLevel, levels: Sequence[ServerLevel]) -> Iterator[Problem]:
    """Certificates and keys that a PKCS#11 token holds: only httpd can get at them.

    Source: httpd 2.4, modules/ssl/ssl_util.c (modssl_is_engine_id); ``-t`` looks at none.
    """
    for level in (main, *levels):
        for key in ("sslcertificatefile", "sslcertificatekeyfile"):
            for node in level.all(key):
                if first_word(node.args)[0].startswith("pkcs11:"):
                    yield problem_at(
                        node,
                        f"Whether httpd gets what {node.name} names out of the token is not known "
                        "here: where SSLEngine is on, httpd does not start without it.",
                        None,
                        _ENGINE,
                        "warning",
                    )


_ENGINE = "OpenSSL needs an engine or a provider for PKCS#11: the error log says AH10491 if not."


def _taken_by_another_line(main: ServerLevel) -> Iterator[Problem]:
    """A ``Listen`` line for one address beside one for all of them: Linux refuses the second.

    Every pair of forms was tried on httpd 2.4.71; names are not looked up.
    """
    before: dict[int, dict[str, Node]] = {}
    for node in main.all("listen"):
        written, port = host_and_port(first_word(node.args)[0]) or ("", 0)
        host = _address(written)
        if host is None:
            continue
        kind, lines = _kind(host), before.setdefault(port, {})
        other = next((line for one, line in lines.items() if one in _TAKEN[kind]), None)
        lines.setdefault(kind, node)
        if other is not None:
            shown = bracketed(host).replace(ANY, "[::]")
            yield problem_at(
                node,
                f"make_sock: could not bind to address {shown}:{port}",
                "AH00072",
                f"{other.source} has this port ({other.name} {other.args}): one of the two lines "
                "has to go.",
            )


def _address(host: str | None) -> str | None:
    """The address of a ``Listen`` line; ``*`` is all of them, None a name."""
    if host is None:
        return ANY
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _kind(host: str) -> str:
    if host in _EVERY:
        return host
    return "IPv6" if ":" in host else "IPv4"


_EVERY = (ANY, ANY_IPV4, ANY_IPV6)
_TAKEN = {
    "IPv4": set(_EVERY),
    "IPv6": {ANY, ANY_IPV6},
    ANY: {"IPv4", ANY_IPV4},
    ANY_IPV4: {"IPv4"},
    ANY_IPV6: {"IPv4", "IPv6", ANY},
}
"""The line's kind of address to those of which a line before it has the port."""


def _crash(main: ServerLevel, levels: Sequence[ServerLevel]) -> Iterator[Problem]:
    """A fault of httpd 2.4.71: SIGSEGV or SIGABRT when it merges client certificates."""
    engine = main.last("sslproxyengine")
    if engine is None or split_words(engine.args)[:1] not in (["on"], ["On"], ["ON"]):
        return
    section = next((s for s in main.proxies if has_tls_directive(s)), None)
    if section is None:
        return
    for level in levels:
        node = level.last("sslproxymachinecertificatefile")
        if node is not None:
            yield problem_at(
                node,
                "httpd crashes when it starts: this virtual host has a client certificate, and "
                f"the main server a <Proxy> section with mod_ssl directives ({section.node.source}"
                ") beside SSLProxyEngine on",
                None,
                "Move that section into the virtual hosts.",
            )


def _fips(main: ServerLevel, levels: Sequence[ServerLevel]) -> Iterator[Problem]:
    """OpenSSL 3 has no cipher left when its FIPS provider is missing."""
    node = main.last("sslfips")
    if node is None or split_words(node.args)[:1] not in (["on"], ["On"], ["ON"]):
        return
    engines = [one.last(key) for one in (main, *levels) for key in ("sslproxyengine", "sslengine")]
    on = [e for e in engines if e is not None and e.args.strip().lower() == "on"]
    if on:
        yield problem_at(
            node,
            "library has no ciphers: SSLFIPS is on, and this OpenSSL has no FIPS provider",
            "AH02312",
            "Install and configure OpenSSL's FIPS provider (openssl fipsinstall), or remove the "
            "line.",
        )


def _balancers(
    root: str, modules: Sequence[str], balancers: Iterable[Balancer]
) -> Iterator[Problem]:
    if "slotmem_shm_module" not in modules:
        yield Problem(
            root,
            0,
            "Failed to lookup provider 'shm' for 'slotmem': is mod_slotmem_shm loaded??",
            phase="start",
            code="AH01177",
            slug="module-missing",
            hint="Load slotmem_shm_module, which mod_proxy_balancer needs.",
            modules=("slotmem_shm_module",),
        )
        return
    for balancer in balancers:
        # one that is written is refused where it stands, when it is read
        if "lbmethod" not in balancer.parameters and "lbmethod_byrequests_module" not in modules:
            source = balancer.members[0].node.source if balancer.members else Source(root, 0)
            yield Problem(
                source.file,
                source.line,
                "Cannot find LB Method: byrequests",
                phase="start",
                code="AH02432",
                slug="module-missing",
                directive=f"<Proxy balancer://{balancer.name}>",
                hint="Load lbmethod_byrequests_module.",
                modules=("lbmethod_byrequests_module",),
            )

"""Draws scenarios at random, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.oracle.scenario import UNJUDGED, Leaf, Scenario, Server

_ABOVE = {
    "root": (),
    "int1": ("int1",),
    "int2": ("int2", "int1"),
    "int3": ("int3", "int2", "int1"),
    "wrong": (),
    "plain": (),
    "rekeyed": (),
    "expired-root": (),
    "expired-int": ("expired-int",),
    "pathlen-int": ("pathlen-int",),
    "pathlen-ok-int": ("pathlen-ok-int",),
    "constrained": ("constrained",),
    "permitted": ("permitted",),
    "excluded": ("excluded",),
    "not-ca": ("not-ca",),
    "no-constraints": ("no-constraints",),
    "client-only": ("client-only",),
    "weak-root": (),
    "weak-int": ("weak-int",),
    "rsa-int": ("rsa-int",),
    "sha1-int": ("sha1-int",),
    "ed-root": (),
}
_ROOT_OF = {
    "wrong": "wrong",
    "plain": "plain",
    "rekeyed": "rekeyed",
    "expired-root": "expired-root",
    "pathlen-int": "pathlen-root",
    "pathlen-ok-int": "pathlen-ok",
    "weak-root": "weak-root",
    "weak-int": "rsa-root",
    "rsa-int": "rsa-root",
    "sha1-int": "rsa-root",
    "ed-root": "ed-root",
}
_STRAY = ("root", "wrong", "cross", "rekeyed", "int1", "rekeyed-int1", "old-root", "leaf")
_TRUSTED = (
    "wrong", "rekeyed", "int1", "int2", "leaf", "old-root", "plain-rekeyed", "renewed-root",
    "renewed-int", "root", "rekeyed-int1", "namesake1",
)  # fmt: skip
_NAMES: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("backend.internal", ()),
    ("other.internal", ("other.internal",)),
    ("x", ("*.internal",)),
    ("*.internal", ()),
    ("backend.internal", ("other.internal",)),
    ("127.0.0.1", ("backend.internal",)),
    ("x", ("{own}", "backend.internal")),
    ("{own}", ()),
    (None, ()),
    ("x", ("*.backend.internal",)),
)
_LEVELS = (
    "warn", "warn", "info", "debug", "error", "crit", "notice", "warn ssl:info", "info ssl:warn",
    "warn proxy:debug", "error ssl:warn proxy_http:emerg", "emerg",
)  # fmt: skip


def draw(count: int, seed: int) -> list[Scenario]:
    """So many scenarios; the first ones of a seed do not depend on how many are drawn."""
    return [_one(random.Random(f"{seed}/{number}"), f"r{seed}-{number}") for number in range(count)]


def _one(rng: random.Random, name: str) -> Scenario:
    server = _server(rng, name)
    address = server.address
    url = "127.0.0.1" if rng.random() < 0.06 else "backend.internal"
    if address == "::1":
        url = "[::1]" if rng.random() < 0.3 else "six.internal"
    if rng.random() < 0.02:
        url = "nowhere.internal"
    policy = _policy(rng, server)
    alias = ""
    host = None
    if rng.random() < 0.15:
        policy.append("ProxyPreserveHost On")
        if rng.random() < 0.3:
            alias, host = f"ServerAlias alias.{name}.test\n", f"alias.{name}.test"
        elif rng.random() < 0.15:
            host = rng.choice((f"{name}.test:8443", f"{name.upper()}.TEST", f"{name}.test."))
    if rng.random() < 0.04:
        policy.append('RequestHeader set Host "set.internal"')
    if rng.random() < 0.05:
        policy.append(rng.choice(("UseCanonicalName On", "ProxyVia On", "ProxyAddHeaders Off")))
    if server.speaks in ("silent", "patient") or server.answers == "never":
        policy.append("ProxyTimeout 1")
    lines = _route(rng, policy, url)
    # without the final slash just / works, which is not what the product's route is about
    paths = ("/x", "/x", "/", "/x/y?a=b", "/%7Ex/%20y", "/x//y")
    path = rng.choice(paths if not lines.endswith("{port}") else paths[:1])
    return Scenario(
        name,
        UNJUDGED,
        alias + lines,
        (server,),
        host=host,
        path=path,
        log_level=rng.choice(_LEVELS),
    )


def _server(rng: random.Random, name: str) -> Server:
    own = f"{name}.test"
    issuer = rng.choice(
        ("root", "root", "int1", "int1", "int2", "int3", None)
        if rng.random() < 0.8
        else tuple(_ABOVE)
    )
    leaf = Leaf(issuer)
    if rng.random() < 0.2:
        cn, dns = rng.choice(_NAMES)
        cn = cn and cn.replace("{own}", own)
        leaf = replace(leaf, cn=cn, dns=tuple(n.replace("{own}", own) for n in dns))
    if rng.random() < 0.05:
        leaf = replace(leaf, days=rng.choice(((-90.0, -2.0), (2.0, 90.0))))
    if rng.random() < 0.25:
        leaf = replace(leaf, key=rng.choice(("rsa", "rsa", "rsa-1024", "ecdsa-p384", "ed25519")))
    if rng.random() < 0.06:
        leaf = replace(leaf, purposes=rng.choice((("clientAuth",), ("serverAuth",))))
    if rng.random() < 0.05:
        leaf = replace(leaf, ca=rng.choice((True, None)))
    if rng.random() < 0.05:
        leaf = replace(leaf, usage=rng.choice((("keyCertSign",), ("digitalSignature",))))
    if rng.random() < 0.1 or issuer == "plain":
        leaf = replace(leaf, key_ids=False)
    sent = list(_ABOVE[issuer] if issuer else ())
    if sent and rng.random() < 0.2:
        sent.pop(rng.randrange(len(sent)))
    if rng.random() < 0.15:
        sent.insert(rng.randint(0, len(sent)), rng.choice(_STRAY))
    if rng.random() < 0.1:
        rng.shuffle(sent)
    server = Server(leaf, tuple(sent))
    if rng.random() < 0.05:
        server = replace(server, strict_sni=rng.choice((("backend.internal",), (own,))))
    if rng.random() < 0.05:
        server = replace(server, without_sni=Leaf(cn="default.internal", dns=()))
    if rng.random() < 0.08:
        required = rng.random() < 0.7
        server = replace(server, client_cas=("client-ca",), client_required=required)
    if rng.random() < 0.1:
        low, high = rng.choice(
            (("TLSv1.2", "TLSv1.2"), ("TLSv1.3", "TLSv1.3"), ("TLSv1", "TLSv1.1"))
        )
        server = replace(server, minimum=low, maximum=high)
    if rng.random() < 0.05:
        suite = rng.choice(("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"))
        server = replace(server, ciphers=suite)
    if rng.random() < 0.06:
        server = replace(
            server,
            speaks=rng.choice(
                ("plain", "patient", "close", "reset", "refuse", "garbage", "silent")
            ),
        )
    elif rng.random() < 0.06:
        server = replace(server, answers=rng.choice(("close", "reset", "once-per-connection")))
    if rng.random() < 0.08:
        server = replace(server, status=rng.choice((401, 403, 404, 500, 503)))
    if rng.random() < 0.1:
        server = replace(server, allows_head=False)
    if rng.random() < 0.06:
        server = replace(server, address="::1")
    return server


def _policy(rng: random.Random, server: Server) -> list[str]:
    """SSLProxy* lines, the engine first if it is on."""
    lines = ["SSLProxyEngine on"] if rng.random() < 0.96 else []
    if rng.random() < 0.9:
        modes = ("require", "require", "require", "require", "none", "optional", "optional_no_ca")
        lines.append(f"SSLProxyVerify {rng.choice(modes)}")
    if rng.random() < 0.7:
        lines.append(f"SSLProxyVerifyDepth {rng.choice((0, 1, 2, 3, 4, 5, 5, 5))}")
    issuer = server.leaf.issuer
    right = _ROOT_OF.get(issuer, "root") if issuer else "leaf"
    if rng.random() < 0.93:
        files = [right] if rng.random() < 0.85 else []
        if rng.random() < 0.35 or not files:
            files.insert(rng.randint(0, len(files)), rng.choice(_TRUSTED))
        if rng.random() < 0.1:
            files.insert(rng.randint(0, len(files)), rng.choice(_TRUSTED))
        text = "+".join(dict.fromkeys(files))
        kind = rng.choice((*["File {file"] * 8, "Path {hashed", "Path {hashed", "Path {dir"))
        lines.append(f"SSLProxyCACertificate{kind}:{text}}}")
    lines += [
        f"SSLProxyCheckPeer{flag} {rng.choice(('on', 'off', 'off'))}"
        for flag in ("Name", "CN", "Expire")
        if rng.random() < 0.12
    ]
    if rng.random() < 0.1:
        check = rng.choice(("chain", "leaf", "none", "chain no_crl_for_cert_ok"))
        lists = rng.choice(("root", "root/leaf", "!root", "wrong", "root+int1", "root/int1+int1"))
        lines.append(f"SSLProxyCARevocationCheck {check}")
        kind = rng.choice(("File {crl", "File {crl", "Path {crldir"))
        lines.append(f"SSLProxyCARevocation{kind}:{lists}}}")
    if rng.random() < 0.12:
        choice = rng.choice(("client-ca", "client-ca", "client-ca2", "client-ca+nokey"))
        lines.append(f"SSLProxyMachineCertificateFile {{client:{choice}}}")
    if rng.random() < 0.08:
        value = rng.choice(("TLSv1.2", "TLSv1.3", "all -TLSv1.3", "all -TLSv1.2", "-all +TLSv1.2"))
        lines.append(f"SSLProxyProtocol {value}")
    if rng.random() < 0.05:
        suites = ("ECDHE-ECDSA-AES128-GCM-SHA256", "HIGH:!aNULL", "TLSv1.3 TLS_AES_128_GCM_SHA256")
        lines.append(f"SSLProxyCipherSuite {rng.choice(suites)}")
    if rng.random() < 0.15:  # the last of two counts
        earlier = ("SSLProxyVerify none", "SSLProxyVerify require", "SSLProxyVerifyDepth 0")
        lines.insert(0, rng.choice(earlier))
    return lines


def _route(rng: random.Random, policy: Sequence[str], url: str) -> str:
    """The virtual host's lines: policy and route, some of the policy perhaps in a section."""
    base = f"https://{url}:{{port}}"
    if rng.random() < 0.04:
        base = base.replace("https:", rng.choice(("http:", "h2:")))
    outside, inside = list(policy), []
    if rng.random() < 0.2:
        inside = [ln for ln in outside if ln.startswith("SSLProxy") and rng.random() < 0.5]
        outside = [ln for ln in outside if ln not in inside]
    kind = rng.choice(
        ("pass", "pass", "pass", "match", "location", "location-match", "rewrite", "balancer")
    )
    section = "".join(f"  {line}\n" for line in inside)
    if kind == "balancer":
        lines = (
            f"<Proxy balancer://{{name}}>\n  BalancerMember {base}\n{section}</Proxy>\n"
            "ProxyPass / balancer://{name}/"
        )
    else:
        lines = {
            "pass": f"ProxyPass / {base}/",
            "match": f"ProxyPassMatch ^/(.*)$ {base}/$1",
            "location": f'<Location "/">\n  ProxyPass {base}/\n</Location>',
            "location-match": f'<LocationMatch "^/">\n  ProxyPassMatch {base}\n</LocationMatch>',
            "rewrite": f"RewriteEngine on\nRewriteRule ^/(.*)$ {base}/$1 [P]",
        }[kind]
        if inside:
            opening = rng.choice(
                (
                    *[f'<Proxy "{base}/">'] * 5,
                    f'<Proxy "{base}">',
                    f'<Proxy "{base.upper().replace("PORT", "port")}/">',
                    "<Proxy *>",
                    '<ProxyMatch "^https://">',
                    '<Proxy "https://other.internal/">',
                    f'<Proxy "{base}/elsewhere">',
                )
            )
            closing = opening[1:].split(" ")[0]
            lines = f"{opening}\n{section}</{closing}>\n{lines}"
    if rng.random() < 0.03 and kind == "pass":
        lines = lines.removesuffix("/")
    return "".join(f"{line}\n" for line in outside) + lines

"""Plans with their patches, for the tests of what the operator sees of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from cryptography.hazmat.primitives import serialization

from screens.texts import writing
from screens.texts.writing import WriteText
from tests.cli.samples import CERTIFICATE, ROUTE, report
from wizard.demo import pki
from wizard.fix.source.unified_diff import unified
from wizard.model.config import Route, Setting, Source, SourceFile, TemporaryException
from wizard.model.permission import Ask, Consent, Reason
from wizard.model.plan import Edit, FixPlan, NewFile, Repair, Resolved, TrustChoice
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run
from wizard.model.remark import Point, remark

SITE = "/etc/apache2/sites-available/www.corp.test.conf"
BUNDLE = "/etc/apache2/proxy-trust/proxy-trust-erp.corp.test.pem"
OLD = "ProxyPass / https://127.0.0.1:19101/"
NEW = "ProxyPass / https://erp.corp.test:19101/"
LINES = f"""\
<VirtualHost *:443>
    ServerName www.corp.test
    SSLProxyEngine on
    SSLProxyVerify require
    {OLD}
</VirtualHost>
"""
UNTIL = date(2026, 12, 13)
ROOT = pki.issue("Corp Root CA", ca=True)
DER = ROOT.certificate.public_bytes(serialization.Encoding.DER)
TRUST = TrustChoice(
    (replace(CERTIFICATE, subject="CN=Corp Root CA,O=Corp", der=DER),),
    "/root/corp-root.pem",
    remark(Point.FOUND_HERE, where="beside the site", file="/root/corp-root.pem"),
)
OUT = tuple(Impostor(each, Reception.REFUSED) for each in Pretence)
FAILS = Run(True, status=500, impostors=OUT)
WORKS = Run(True, status=200, backend_status=200, proxied=True, impostors=OUT)
HOST = replace(ROUTE.vhost, server_name="www.corp.test")
CORP = replace(ROUTE, id=replace(ROUTE.id, server_name="www.corp.test"), vhost=HOST)
PLAYED = Rehearsal(CORP.id, "www.corp.test", "/", FAILS, WORKS)

Planned = tuple[Repair, bytes]


def planned(plan: FixPlan, after: Route = CORP, *, text: str = LINES) -> Planned:
    """A plan for the site with its patch."""
    files = {SITE: SourceFile(SITE, SITE, text.encode())}
    before = replace(report().configuration, files=files, routes=(CORP,))
    plan = replace(plan, resolved=(Resolved(CORP.id, "ip-address-backend"),))
    repair = Repair(
        replace(report(), configuration=before, diagnoses=()),
        plan,
        replace(report(), configuration=replace(before, routes=(after,)), diagnoses=()),
    )
    return repair, unified(plan, files)


def edit(first: int, last: int, *lines: str) -> Edit:
    """Lines of the site."""
    return Edit(SITE, first, last, tuple(f"    {line}\n".encode() for line in lines), "")


def plain() -> Planned:
    """One line is replaced."""
    return planned(FixPlan("production", (edit(5, 5, NEW),)))


def trusting() -> Planned:
    """A line and a file with a CA are new."""
    new = NewFile(BUNDLE, b"# Corp Root CA\n" + ROOT.pem, "")
    line = edit(5, 4, f"SSLProxyCACertificateFile {BUNDLE}")
    return planned(FixPlan("production", (line,), (new,), trust=(TRUST,)))


def weak() -> Planned:
    """A temporary exception."""
    setting = "SSLProxyCheckPeerName off"
    comment = f"# proxy-wizard: temporary exception until {UNTIL} (name-mismatch): {setting}"
    exception = TemporaryException(UNTIL, "name-mismatch", (setting,), Source(SITE, 5))
    policy = replace(CORP.tls, check_peer_name=Setting(False, Source(SITE, 6)))
    after = replace(CORP, tls=policy, exceptions=(exception,))
    return planned(FixPlan("temporary", (edit(5, 4, comment, setting),)), after)


def long() -> Planned:
    """Forty lines are added."""
    return planned(FixPlan("production", (edit(5, 4, *(f"Listen {n}" for n in range(40))),)))


def asked(make: Callable[[], Planned], *played: Rehearsal) -> WriteText:
    """The question before a plan is written."""
    repair, patch = make()
    return writing.question(repair, patch, played or (PLAYED,), Ask(Reason.UNCONFIRMED), Consent())

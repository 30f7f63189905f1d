"""A secret in any place of a configuration is in nothing that is shown."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.privacy.places import PLACES, taken
from tests.support import httpd
from tests.support.yardstick import bounded
from wizard.cli.main import main
from wizard.masking.lines import configuration, diff, for_showing
from wizard.text import printable

NEIGHBOURS = ("    ServerName app.example.com", "    SSLProxyEngine on", "    # the shop")
EXAMPLES = 8  # of each place
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ \täß漢é\u00a0"


@st.composite
def written(draw: st.DrawFn, place: str) -> tuple[list[str], str]:
    """A place as an operator may write it: its physical lines, and the secret."""
    never = taken(place)
    signs = [sign for sign in LETTERS + SYMBOLS * 3 if sign not in never]
    inner = draw(st.text(st.sampled_from(signs), min_size=5, max_size=20))
    secret = f"{draw(st.sampled_from(LETTERS))}{inner}{draw(st.sampled_from(LETTERS))}"
    text = place.replace("§", secret)
    if text[0].isalpha():
        name = re.match(r"\w+", text)
        assert name is not None
        names = (name[0], name[0].lower(), name[0].upper(), name[0].swapcase())
        text = draw(st.sampled_from(names)) + text[name.end() :]
    if draw(st.booleans()):
        text = text.replace(" ", "\t", 1) if " " in place.partition("§")[0] else text
    lines = [draw(st.sampled_from(("", "  ", "\t"))) + text]
    for _ in range(draw(st.integers(0, 2))):
        last = lines.pop()
        cut = draw(st.integers(0, len(last)))
        lines += (last[:cut] + "\\", last[cut:])
    return lines, secret


def pieces(lines: list[str], secret: str) -> list[str]:
    """The secret, and what of it stands on each line, where that is more than a few letters."""
    whole = "".join(line.removesuffix("\\") for line in lines)
    start = whole.index(secret)
    stop = start + len(secret)
    found = [secret]
    begin = 0
    for line in lines:
        text = line.removesuffix("\\")
        part = text[max(0, start - begin) : max(0, stop - begin)]
        if len(part) > 3:
            found.append(part)
        begin += len(text)
    return found


def hidden(shown: list[str], lines: list[str], secret: str) -> None:
    text = "\n".join(shown) + "".join(line.removesuffix("\\") for line in shown)
    for piece in pieces(lines, secret):
        assert piece not in text, (lines, shown)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_line(place: str, data: st.DataObject) -> None:
    lines, secret = data.draw(written(place))
    shown = configuration([NEIGHBOURS[0], *lines, *NEIGHBOURS[1:]])
    assert shown[0] == NEIGHBOURS[0]
    assert tuple(shown[-2:]) == NEIGHBOURS[1:]
    hidden(shown[1:-2], lines, secret)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_hunk(place: str, data: st.DataObject) -> None:
    """It may begin and end within the continued line, whose beginning is then not known."""
    lines, secret = data.draw(written(place))
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start + 1, len(lines)))
    common = data.draw(st.integers(start, stop))
    sign = data.draw(st.sampled_from("-+"))
    body = [f" {line}" for line in lines[start:common]]
    body += (sign + line for line in lines[common:stop])
    old, new = (sum(line[0] in kept for line in body) for kept in (" -", " +"))
    head = f"@@ -{2 + start},{old} +{2 + start},{new} @@"
    heads = ["--- a/etc/x.conf", "+++ b/etc/x.conf", head]
    source = "\n".join((NEIGHBOURS[0], *lines, *NEIGHBOURS[1:])).encode()
    known = data.draw(st.sampled_from(({}, {"/etc/x.conf": source})))
    shown = diff([*heads, *body, "--- a/etc/y.conf"], known)
    assert (shown[:3], shown[-1]) == (heads, "--- a/etc/y.conf")
    hidden([line[1:] for line in shown[3:-1]], lines, secret)


def test_there_are_as_many_places_as_promised() -> None:
    assert len(set(PLACES)) >= 150


SECRET = "sEcr3tq"


def site(place: str, secret: str = SECRET) -> str:
    """A virtual host with a place, in the section that it wants."""
    line = place.replace("§", secret)
    if line.startswith("<"):
        section = re.match(r"<(\w+)", line)
        assert section is not None
        line += f"\nProxyPass /b https://127.0.0.1:1/\n</{section[1]}>"
    elif place.startswith("ProxyPass http"):
        line = f"<Location /b>\n{line}\n</Location>"
    elif place.startswith("BalancerMember") or place == "ProxySet secret=§":
        line = f"<Proxy balancer://b>\n{line}\n</Proxy>\nProxyPass /b balancer://b/"
    return (
        "<VirtualHost *:8080>\nServerName app.test\nSSLProxyEngine on\n"
        f"ProxyPass /z https://127.0.0.1:1/\n{line}\n</VirtualHost>\n"
    )


def spoilt(place: str) -> tuple[str, ...]:
    """The same as it is, without the quote that ends the secret, and with words after it."""
    whole = site(place)
    return whole, whole.replace(f'{SECRET}"', SECRET), site(place, f"{SECRET} one two")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "nagios"])
def test_a_report(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a configuration that httpd takes or refuses: a refusal repeats what it refuses."""
    file = tmp_path / "site.conf"
    words = ["check", str(file), "--no-probe", "--no-httpd", "--format", form]
    for place in PLACES:
        for text in spoilt(place)[: 3 if form == "json" else 1]:
            file.write_text(text)
            main(words)
            shown = capsys.readouterr()
            assert SECRET not in shown.out + shown.err, (place, shown)


def test_what_httpd_says(tmp_path: Path) -> None:
    """Its own refusals, which apply, prove and explain repeat."""
    head = httpd.main_config(tmp_path, [f"{httpd.LISTEN}:{httpd.free_port()}"])
    file = tmp_path / "httpd.conf"
    repeated = 0
    for place in PLACES:
        for text in spoilt(place):
            file.write_text(head + text)
            command = [httpd.HTTPD, "-t", "-f", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
            repeated += SECRET in done.stderr
            for line in done.stderr.splitlines():
                assert SECRET not in printable(line), place
    assert repeated


def test_a_macro_and_a_variable() -> None:
    lines = (
        f"<Macro Site $name $token>\n    RequestHeader set X-Token {SECRET}\n</Macro>\n"
        f"Define KEY {SECRET}\nUse Site app.example {SECRET}\nProxyPass / https://joe:${{KEY}}@h/"
    ).split("\n")
    shown = configuration(lines)
    assert shown[0] == lines[0]
    assert shown[-1] == "ProxyPass / https://***@h/"
    assert SECRET not in "\n".join(shown)


READABLE = """
ServerName app.example.com
    ServerAlias www.example.com
<VirtualHost *:443>
</VirtualHost>
ProxyPass /a https://backend.internal:8443/a retry=0 timeout=5 disablereuse=on
ProxyPass "/b" "balancer://b/" nocanon "noquery"
ProxyPass /c !
ProxyPass /d ${BACKEND} interpolate
ProxyPassMatch ^/e(.*)$ unix:/run/e.sock|fcgi://localhost/srv/e$1 retry=0
BalancerMember balancer://a https://10.0.0.2
BalancerMember https://10.0.0.1:8443 route=a status=+H
ProxySet balancer://a lbmethod=byrequests
SSLPassPhraseDialog builtin
ProxyPassReverse / https://backend.internal/
SSLProxyCACertificateFile /etc/apache2/proxy-trust/a.pem
SSLProxyCheckPeerName on
SSLProxyProtocol all -SSLv3 +TLSv1.2
SSLCertificateKeyFile "/etc/ssl/private/a key.pem"
RewriteCond %{HTTP_HOST} !^www\\. [NC]
RewriteCond %{REQUEST_URI} ^/a/(.*)$
RewriteRule ^/(.*)$ https://backend.internal/$1 [P,L,QSA,E=X:%{REMOTE_ADDR}]
RewriteRule ^/a https://backend.internal/?page=$1 [P]
<If "%{HTTP_HOST} == 'app.example.com'">
Require all granted
Require ip 10.0.0.0/8
Require expr %{SERVER_PORT} == 443
SetEnvIf X-Forwarded-Proto https HTTPS=on
SetEnv proxy-initial-not-pooled 1
Define backend_host backend.internal
Header always set Strict-Transport-Security "max-age=63072000"
RequestHeader set X-Forwarded-Proto "https"
RequestHeader set X-User %{REMOTE_USER}e
RequestHeader unset Authorization
CustomLog /var/log/apache2/a.log combined
CustomLog "|/usr/bin/rotatelogs" combined
ErrorDocument 503 /down.html
OIDCSSLValidateServer Off
Include sites/*.conf
# the backend of the ERP
# Subject: CN=Corp Issuing CA 1,O=Corp
# Use the key of the backend, and the author's code
# mod_ssl and TLSv1.2 of OpenSSL, /srv/Site2/Aa1Bb2/ on App01.example.com
# proxy-wizard: SSLProxyVerify is off until 2027-01-31
"""


@pytest.mark.parametrize("line", READABLE.strip("\n").split("\n"))
def test_what_a_reader_needs_stays(line: str) -> None:
    assert configuration([line]) == [line]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("AuthBasicFake demo abcdef", "AuthBasicFake demo ***"),
        (
            'RequestHeader set Authorization "Basic abcdef"',
            'RequestHeader set Authorization "Basic ***',
        ),
        (
            "ProxyPass /a ajp://h/ secret=abc timeout=1",
            "ProxyPass /a ajp://h/ secret=*** timeout=1",
        ),
        ("RewriteRule ^ - [CO=sid:abc:.x.de,L]", "RewriteRule ^ - [CO=sid:***,L]"),
        ("RewriteCond %{HTTP:X-Token} !=abcdef [NC]", "RewriteCond %{HTTP:X-Token} ***"),
        ('Header set X-A "b" "expr=%{HTTP_HOST} == \'c\'"', 'Header set X-A "***'),
        ("OIDCClientSecret abc", "OIDCClientSecret ***"),
        ("SomeModuleOption a b c", "SomeModuleOption ***"),
        ("swordfish", "***"),
        ("joe:swordfish b", "***"),
        ("# backend, asked as root: aB3dE5fG7h", "# backend, asked as root: ***"),
        ("# Kennwort: abc", "# Kennwort: ***"),
        ("# the shared key abc", "# the shared key ***"),
        ("# key=abc", "# key=***"),
        ("# the key of the ERP: abc", "# the key of the ERP: ***"),
        ("# mysql -pabc x", "# mysql -p***"),
        ("#Use Site a abc", "#Use ***"),
        ("# clé ssh, mot de passe : abc", "# clé ssh, mot de passe : ***"),
        ("Header X-Token abc", "Header X-Token ***"),
        ("RequestHeader Authorization abc", "RequestHeader Authorization ***"),
        ('Header "set" "Server" abc', 'Header "set" "Server" abc'),
        ("NoProxy joe:abc@h", "NoProxy joe:***@h"),
        ("SSLSessionCache memcache:joe:abc@h", "SSLSessionCache memcache:***@h"),
        ("ServerAdmin mailto:joe@example.com", "ServerAdmin mailto:joe@example.com"),
        ("ProxyPass /a joe:abc@h/", "ProxyPass /a joe:***@h/"),
        ("ProxyPass /a https://h/ secret= abc", "ProxyPass /a https://h/ secret=*** ***"),
        ("ProxySet secret abc", "ProxySet secret ***"),
        ("ProxyHCTemplate a hcuri=/up key=abc", "ProxyHCTemplate a hcuri=/up key=***"),
        ("SSLPassPhraseDialog abc", "SSLPassPhraseDialog ***"),
        ("Require ldap-filter (k=abc)", "Require ldap-filter ***"),
        ("RewriteRule ^/x$ /y?abcdefg [QSA]", "RewriteRule ^/x$ /y?*** [QSA]"),
        ("ErrorDocument 401 https://h/#access=abc", "ErrorDocument 401 https://h/#access=***"),
        ("php_admin_value mysqli.default_pw abc", "php_admin_value mysqli.default_pw ***"),
    ],
)
def test_name_and_parameter_stay(line: str, shown: str) -> None:
    assert configuration([line]) == [shown]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Unknown parameter: abc", "Unknown parameter: ***"),
        ("ProxySet can not find 'nonce=abc' Worker.", "ProxySet can not find 'nonce=***' Worker."),
        (
            "ProxySet can not find 'secret=\"abc' Worker.",
            "ProxySet can not find 'secret=***' Worker.",
        ),
        ("ProxySet can not find 'https://h' Worker.", "ProxySet can not find 'https://h' Worker."),
        ("RewriteCond: unknown flag 'abc'", "RewriteCond: unknown flag ***"),
        (
            "RewriteCond: cannot compile regular expression '^(abc'",
            "RewriteCond: cannot compile regular expression ***",
        ),
        ('Could not parse expression "foo \'abc"', "Could not parse expression ***"),
        ("Invalid command 'Zx9Qk7Lm2', perhaps", "Invalid command '***"),
        ("Invalid command 'JkMount', perhaps", "Invalid command 'JkMount', perhaps"),
        (
            "ProxyPass URL must be absolute!: joe:abc@h/",
            "ProxyPass URL must be absolute!: joe:***@h/",
        ),
    ],
)
def test_what_httpd_repeats_of_a_line(said: str, shown: str) -> None:
    assert printable(said) == shown


def test_certificates_in_a_diff_stay_and_keys_do_not() -> None:
    for kind, stays in (("CERTIFICATE", True), ("RSA PRIVATE KEY", False)):
        body = [f"+-----BEGIN {kind}-----", "+TUlJQ2FiYw==", f"+-----END {kind}-----"]
        shown = diff(["--- /dev/null", "+++ b/etc/a.pem", "@@ -0,0 +1,3 @@", *body])
        assert (shown[-3:] == body) == stays
        assert ("TUlJQ2FiYw" in "".join(shown)) == stays


def test_a_masked_patch_is_refused(tmp_path: Path) -> None:
    """By patch and by git, for a file that is there and for a new one."""
    (tmp_path / "a.conf").write_text("ServerName a\nSSLProxyEngine on\nSetEnv X abcdef\n")
    whole = (
        b"diff --git a/a.conf b/a.conf\n--- a/a.conf\n+++ b/a.conf\n@@ -1,3 +1,4 @@\n"
        b" ServerName a\n SSLProxyEngine on\n+SSLProxyVerify require\n SetEnv X abcdef\n"
        b"diff --git a/new.pem b/new.pem\nnew file mode 100644\n--- /dev/null\n+++ b/new.pem\n"
        b"@@ -0,0 +1 @@\n+Listen 80\n"
    )
    masked, count = for_showing(whole, {})
    assert (b"abcdef" in masked, count) == (False, 1)
    assert masked.startswith(b"# Masked")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for command in (["patch", "-p1", "-f"], ["patch", "-f", "a.conf"], ["git", "apply"]):
        done = subprocess.run(command, input=masked, cwd=tmp_path, capture_output=True, timeout=20)
        assert done.returncode != 0, command
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_masking_of_lines_takes_little_time() -> None:
    for piece in (
        *("'", '"', "%{", "%{HTTP:X} ", "==", "(", "[E=", ",co=a:", "://", "://a@", "?a=b", "|"),
        *("a ", "\\", "token=", "#", "<", "req('", "not in ", "expr=", "a:b "),
    ):
        for name in (
            "RewriteCond",
            "RewriteRule",
            "Header set X",
            "<If",
            "SetEnvIf",
            "ProxyPass",
            "#",
        ):
            with bounded(0.25):
                configuration([f"{name} {piece * 7000}"])
    with bounded(5):
        configuration(["SetEnv X \\"] * 50_000)

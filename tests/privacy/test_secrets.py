"""Nothing that is secret is shown: keys and passwords, in every command and format."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.yardstick import bounded
from wizard.demo import pki
from wizard.masking.free_text import _secrets, masked, may_hold_secret
from wizard.text import printable

PASSWORD = "swordfish"
SITE = """
<VirtualHost *:8080>
    ServerName app.test
    SSLProxyEngine on
    SSLProxyVerify require
    SSLProxyMachineCertificateFile {dir}/client.pem
    SSLProxyCACertificateFile {dir}/key.pem
    RequestHeader set Authorization "Basic swordfish"
    RequestHeader set Proxy-Authorization "Basic swordfish"
    ProxyRemote * http://joe:swordfish@127.0.0.1:1/
    AuthLDAPBindPassword swordfish
    ProxyPass /a https://joe:swordfish@127.0.0.1:1/
    ProxyPass /b ajp://127.0.0.1:1/ secret=swordfish
    ProxyPass /c https://joe:swordfish@
    ProxyPass /d https://joe:sword@swordfish@127.0.0.1:1/ timeout=x
    RewriteEngine on
    RewriteRule ^/e https://joe:swordfish@127.0.0.1:1/ [P]
    <Location /f>
      ProxyPass https://joe:swordfish@127.0.0.1:1/
    </Location>
    ProxyPassMatch ^/g(.*)$ https://joe:swordfish@127.0.0.1:1/$1
    <Proxy balancer://c>
      BalancerMember https://joe:swordfish@127.0.0.1:1
    </Proxy>
    ProxyPass /h balancer://c/
    ProxyPass /i https://127.0.0.1:1/?access_token=swordfish
    RewriteRule ^/j https://127.0.0.1:1/?a=b&api_key=swordfish [P]
    RequestHeader set X-Api-Key "swordfish"
    RequestHeader set Cookie "session=swordfish"
    RequestHeader set Authorization "Bearer swordfish"
    RequestHeader set Private-Token swordfish
    SetEnv API_TOKEN swordfish
    OIDCClientSecret swordfish
    ProxyPass /k https://127.0.0.1:1/?key=swordfish
    RewriteCond %{{HTTP:X-Token}} !=swordfish
    RewriteRule ^/l https://127.0.0.1:1/ [P,E=API_TOKEN:swordfish]
    RewriteRule ^/m https://127.0.0.1:1/ [P,CO=sid:swordfish:.app.test]
    RequestHeader set X-Origin-Verify \
        "swordfish"
    SetEnvIf Cookie sid=swordfish known
    Define DB_PASS swordfish
    # the old password was swordfish
    SSLCertificateKeyFile "pkcs11:object=a?pin-value=swordfish"
</VirtualHost>
"""
LOG = f"""
[Wed Nov 25 02:17:05.485049 2026] [proxy:error] [pid 1] (111)Connection refused: AH00957: https: attempt to connect to 127.0.0.1:1 (127.0.0.1:1) failed: https://joe:{PASSWORD}@127.0.0.1/
[Wed Nov 25 02:17:05.485049 2026] [proxy:warn] [pid 1] [client 127.0.0.1:1] AH01144: No protocol handler was valid for the URL /a (scheme 'https'). https://joe:{PASSWORD}@127.0.0.1/
AH00526: Syntax error on line 1 of /x: Authorization: Basic {PASSWORD}
> Authorization: Basic {PASSWORD}
< Set-Cookie: session={PASSWORD}; Secure
[Wed Nov 25 02:17:05.485049 2026] [proxy:error] [pid 1] [client 127.0.0.1:1] AH00898: Error reading from remote server returned by /a?x=1&token={PASSWORD}, referer: https://app.test/?jwt={PASSWORD}
AH00526: Syntax error on line 1 of /x: RequestHeader set Authorization "Bearer {PASSWORD}": AH00957
AH00526: Syntax error on line 1 of /x: Invalid command 'SetEnv API_TOKEN {PASSWORD}', perhaps
"""  # noqa: E501


def proxy_wizard(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wizard", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
    )


def own_files(directory: Path) -> Path:
    """The configuration above, and the keys that it names, in a directory."""
    own = pki.issue("proxy")
    (directory / "client.pem").write_bytes(own.pem + own.key_pem)
    (directory / "key.pem").write_bytes(own.key_pem)
    file = directory / "site.conf"
    file.write_text(SITE.format(dir=directory))
    return file


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_files(tmp_path_factory.mktemp("secrets"))


def key_of(site: Path) -> str:
    """A piece of the key's base64 that stands on one line."""
    return (site.parent / "key.pem").read_text().splitlines()[1][:40]


@pytest.mark.parametrize(
    "words",
    [
        *(("check", "--format", form, "--verbose") for form in ("text", "json", "sarif", "nagios")),
        ("check", "--no-probe", "--format", "json"),
        ("prove", "--current"),
    ],
    ids=" ".join,
)
def test_a_report_shows_no_secret(site: Path, words: tuple[str, ...]) -> None:
    done = proxy_wizard(words[0], str(site), *words[1:])
    shown = done.stdout + done.stderr
    assert "/a" in shown or words[0] == "prove"
    assert PASSWORD not in shown
    assert "PRIVATE KEY" not in " ".join(shown.split()).replace("holds PRIVATE KEY", "")
    assert key_of(site) not in shown
    assert base64.b64encode(f"joe:{PASSWORD}".encode()).decode() not in shown


@pytest.mark.parametrize("policy", ["production", "internal-ca"])
def test_a_patch_adds_no_secret(site: Path, policy: str) -> None:
    """Its context is the file's own lines, which patch must find as they are."""
    done = proxy_wizard("fix", str(site), "--policy", policy)
    assert PASSWORD not in done.stderr
    assert key_of(site) not in done.stdout + done.stderr
    changed = [line for line in done.stdout.splitlines() if line[:1] == "+" and line[:3] != "+++"]
    before = site.read_text()
    assert not [line for line in changed if PASSWORD in line and line[1:].strip() not in before]


def test_the_demo_shows_and_keeps_no_key(tmp_path: Path) -> None:
    """Not even those of its throw-away authority, which a browser may have been told to trust."""
    kept = tmp_path / "lab"
    done = proxy_wizard("demo", "--check", "--keep", str(kept))
    assert "repaired by configuration" in done.stdout, done.stderr
    written = [path.read_bytes() for path in kept.rglob("*") if path.is_file()]
    assert any(b"BEGIN CERTIFICATE" in data for data in written)
    for said in (done.stdout.encode(), done.stderr.encode(), *written):
        assert b"PRIVATE KEY" not in said
    assert kept.stat().st_mode & 0o077 == 0


def test_a_key_in_a_log_is_not_repeated(site: Path) -> None:
    key = (site.parent / "key.pem").read_text()
    done = proxy_wizard("explain", "-", stdin=f"AH02276: x\n{key}\n{LOG}")
    assert "AH02276" in done.stdout
    assert key_of(site) not in done.stdout + done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_explain_shows_no_secret(form: str) -> None:
    done = proxy_wizard("explain", "-", "--format", form, stdin=LOG)
    assert "AH00957" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a:b@h/", "https://***@h/"),
        ("https://token@h/", "https://***@h/"),
        ("https://a:b@c@h:1/d@e", "https://***@h:1/d@e"),
        ("x http://a:b@h y https://c:d@i", "x http://***@h y https://***@i"),
        ("https://h/a@b", "https://h/a@b"),
        ("https://a:b/c@h:1/d", "https://***@h:1/d"),
        ("https://a:b#c@h/ https://a:b?c@h/", "https://***@h/ https://***@h/"),
        ("http:/a:b@h/ //a:b@h/", "http:/***@h/ //***@h/"),
        ("https://h:8443/a@b https://[::1]:8443/a@b", "https://h:8443/a@b https://[::1]:8443/a@b"),
        ("/a//b/c:d@e C:/a/b:c@d", "/a//b/c:d@e C:/a/b:c@d"),
        ("https://h/?x=a:b@c", "https://h/?x=a:b@c"),
        ("admin@example.com", "admin@example.com"),
        ("ProxyPass / ajp://h/ secret=abc timeout=1", "ProxyPass / ajp://h/ secret=*** timeout=1"),
        ('Secret="a b" x', "Secret=*** x"),
        ("authldapbindpassword a b", "authldapbindpassword ***"),
        ("Proxy-Authorization: Basic Zm9v", "Proxy-Authorization: Basic ***"),
        ("authorization failed", "authorization failed"),
        ("https://h/x?token=a.b&x=1#f", "https://h/x?token=***&x=1#f"),
        ("/?a=b&X-Amz-Signature=9f&c=d", "/?a=b&X-Amz-Signature=***&c=d"),
        ('"GET /?Client_Secret=s%20t HTTP/1.1" 502', '"GET /?Client_Secret=*** HTTP/1.1" 502'),
        ("https://h/?monkey=1&author=me", "https://h/?monkey=1&author=me"),
        ("< Set-Cookie: a=b; Secure", "< Set-Cookie: ***"),
        ('RequestHeader set X-Api-Key "s t" env=e', 'RequestHeader set X-Api-Key "***'),
        (
            'RequestHeader set Authorization "Bearer a.b"',
            'RequestHeader set Authorization "Bearer ***"',
        ),
        ("RequestHeader set apikey abc", "RequestHeader set apikey ***"),
        (r'RequestHeader set Private-Token "a\"b"', 'RequestHeader set Private-Token "***"'),
        ('RequestHeader edit* Cookie ^ "session=a"', 'RequestHeader edit* Cookie ***"'),
        ("Header always add Set-Cookie a=b", "Header always add Set-Cookie ***"),
        ("RequestHeader set X-Forwarded-Proto https", "RequestHeader set X-Forwarded-Proto https"),
        ("X-Auth-Token: 55", "X-Auth-Token: ***"),
        ("> authorization: Digest u=x, r=55", "> authorization: Digest ***"),
        ("Authorization: AWS4-HMAC-SHA256 Credential=a", "Authorization: ***"),
        ("RSA Public-Key: (2048 bit)", "RSA Public-Key: (2048 bit)"),
        ("    Master-Key: 8A5F", "    Master-Key: ***"),
        ("Server Temp Key: X25519, 253 bits", "Server Temp Key: X25519, 253 bits"),
        ("Require expr \"%{HTTP:X-Token} == 'a'\"", 'Require expr "%{HTTP:X-Token} ***'),
        ("RewriteCond %{HTTP:Authorization} !^Bearer", "RewriteCond %{HTTP:Authorization} ***"),
        ("RewriteRule ^ - [L,E=API_TOKEN:a,NC]", "RewriteRule ^ - [L,E=API_TOKEN:***,NC]"),
        ("https://h/?key=a&access_key=b&x=1", "https://h/?key=***&access_key=***&x=1"),
        ("OIDCClientSecret a b", "OIDCClientSecret ***"),
        ("SetEnv DB_PASSWORD a", "SetEnv DB_PASSWORD ***"),
        ("Define token a", "Define token ***"),
        ("SetEnvIf Host . API_KEY=a", "SetEnvIf Host . API_KEY=***"),
        ('{"password": "a b", "x": 1}', '{"password": "***", "x": 1}'),
        (
            "[trace4] [client ::1:1] Authorization: a b",
            "[trace4] [client ::1:1] Authorization: ***",
        ),
        ("field X-Auth-Token: 55", "field X-Auth-Token: ***"),
        ("denied by <Proxy> authorization: 403", "denied by <Proxy> authorization: 403"),
        ("user joe: Password Mismatch", "user joe: Password Mismatch"),
        ("AuthName secrets", "AuthName secrets"),
        ("SSLCertificateKeyFile /k.pem", "SSLCertificateKeyFile /k.pem"),
        ("ProxyPassReverseCookieDomain a b", "ProxyPassReverseCookieDomain a b"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "accesskey=abc",
        "privatekey=abc",
        "SetEnv AWSAccessKey abc",
        "[E=privatekey:abc]",
        "/a&sig=abc",
        "\u017fecret=abc",  # a long s
        "API\u212aEY=abc",  # the sign of kelvin
        "AP\u0130KEY=abc",  # i with a dot, and without one
        "ap\u0131key=abc",
    ],
)
def test_no_secret_passes_the_quick_look(text: str) -> None:
    assert masked(text) == text.replace("abc", "***")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.from_regex(_secrets()))
def test_what_the_expression_finds_is_found_by_the_quick_look(text: str) -> None:
    assert may_hold_secret(text)


def test_masking_takes_little_time() -> None:
    for piece in (
        *("://", "://a", "@://a@", "://a:b/", "//a:/", "a:/", "secret=", "a:", "Authorization "),
        *("?", "?a", "?a&b", "&token", "?token=", "X-", "X-Key", "x-a-key ", "cookie "),
        *("a.", "a-", "token", "[", "[a,", "[E=", "E=TOKEN", "APassword ", "AA"),
        *("Header ", "Header set X-", "SetEnv ", '"password":', 'secret="', "secret='"),
        *("%{HTTP:", "%{HTTP:X-", "Authorization: ", "Authorization: Basic "),
    ):
        with bounded(0.6):
            masked("@" + "://" + piece * 10_000)


def test_masking_a_value_with_many_blanks_takes_little_time() -> None:
    with bounded(5):
        assert masked('Header set Cookie "x' + " " * 100_000 + 'y"') == 'Header set Cookie "***"'


def test_the_report_of_an_ordinary_route_need_not_be_searched() -> None:
    """Every route of a large site would be: its kind ends with ``pass"``."""
    assert not may_hold_secret('{"path": "/", "kind": "ProxyPass", "file": "/etc/site.conf"}')
    assert may_hold_secret('{"db_pass" : "x"}')

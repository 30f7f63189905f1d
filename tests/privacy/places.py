"""Where in a configuration a secret can stand: directives of httpd 2.4 and of other modules.

``§`` is the secret. What stands in quotes may hold blanks; ``PLACES`` says what else may not be.
"""

from __future__ import annotations

_PLACES = """
ProxyPass /a https://joe:§@127.0.0.1:1/
ProxyPass /a "https://joe:§@127.0.0.1:1/" timeout=5
ProxyPass /a https://§@127.0.0.1:1/
ProxyPass /a ajp://127.0.0.1:1/ secret=§
ProxyPass /a ajp://127.0.0.1:1/ timeout=5 "secret=§" retry=0
ProxyPass /a ajp://127.0.0.1:1/ Secret=§ ping=3
ProxyPass /a ajp://127.0.0.1:1/ secert=§
ProxyPass /a https://127.0.0.1:1/?access_token=§
ProxyPass /a https://127.0.0.1:1/?a=b&api_key=§&c=d
ProxyPass https://joe:§@127.0.0.1:1/
ProxyPassMatch ^/a(.*)$ https://joe:§@127.0.0.1:1$1
ProxyPassReverse /a https://joe:§@127.0.0.1:1/
BalancerMember https://joe:§@127.0.0.1:1
BalancerMember ajp://127.0.0.1:1 route=a secret=§
ProxySet secret=§
ProxySet balancer://a nonce=§
ProxySet "ajp://127.0.0.1:1/" "secret=§"
ProxyRemote * http://joe:§@127.0.0.1:1
ProxyRemoteMatch ^https http://joe:§@127.0.0.1:1
<Proxy https://joe:§@127.0.0.1:1/>
<ProxyMatch ^https://joe:§@127.0.0.1/>
ProxyHCTemplate a hcmethod=GET hcuri=/up?token=§
ProxyHCExpr a "%{hc:body} =~ /§/"
ProxyFCGISetEnvIf "true" API_TOKEN "§"
RewriteRule ^/a https://joe:§@127.0.0.1:1/ [P]
RewriteRule ^/a https://127.0.0.1:1/?token=§ [P,L]
RewriteRule ^/a - [CO=sid:§:.example.com,L]
RewriteRule ^/a - [L,cookie=sid:§]
RewriteRule ^/a - [E=API_TOKEN:§,L]
RewriteRule ^/a - [L,NC,env=X:§]
RewriteRule "^/a" "-" "[E=X:§]"
RewriteCond %{HTTP_COOKIE} sid=§
RewriteCond %{HTTP_COOKIE} "!(^|;)sid=§(;|$)" [NC]
RewriteCond %{HTTP:Authorization} "!=Basic §"
RewriteCond %{HTTP:X-Token} !=§
RewriteCond %{HTTP:X-Origin-Verify} !§ [OR]
RewriteCond %{QUERY_STRING} (^|&)token=§(&|$)
RewriteCond %{QUERY_STRING} k=§
RewriteCond %{THE_REQUEST} token=§
RewriteCond %{HTTP_USER_AGENT} ^§$
RewriteCond %{HTTP_REFERER} key=§
RewriteCond %{ENV:API_TOKEN} =§
RewriteCond %1 ^§$
RewriteCond "§:%{HTTP:X-Token}" "^(.*):\\1$"
RewriteCond expr "%{HTTP:X-Token} == '§'"
RewriteMap a "prg:/usr/local/bin/map --token §"
Redirect /a https://joe:§@127.0.0.1/
Redirect /a https://127.0.0.1/?token=§
RedirectMatch ^/a "https://127.0.0.1/?x=1&secret=§"
RequestHeader set Authorization "Basic §"
RequestHeader set Authorization "§"
RequestHeader set authorization §
RequestHeader add Authorization "Bearer §" env=known
RequestHeader setifempty Proxy-Authorization "Basic §"
RequestHeader append Cookie "session=§"
RequestHeader merge Cookie session=§ early
RequestHeader set X-Api-Key "§"
RequestHeader set X-Auth-Token §
RequestHeader set X-Shared §
RequestHeader set Private-Token §
RequestHeader set "X-Origin-Verify" "§"
RequestHeader set X-Any: "§" "expr=%{HTTP_HOST} == 'a.example'"
RequestHeader edit Authorization ^.*$ "Basic §"
RequestHeader edit* Cookie "sid=§" ""
RequestHeader set X-Forwarded-Host "a" "expr=%{HTTP:X-Token} == '§'"
Header set Set-Cookie "sid=§; Secure; HttpOnly"
Header always add Set-Cookie sid=§
Header onsuccess edit Set-Cookie "^(.*)$" "$1; token=§"
Header set X-Api-Key "§"
Header always set Authorization "§"
Header set X-Frame-Options DENY "expr=%{HTTP_COOKIE} =~ /sid=§/"
Header set Link "<https://joe:§@127.0.0.1/>; rel=next"
<If "%{HTTP:Authorization} == 'Basic §'">
<If "%{HTTP_COOKIE} =~ /sid=§/">
<If "%{HTTP_HOST} == 'a.example' && %{HTTP:X-Token} == '§'">
<If "req('X-Api-Key') == '§'">
<If "%{REMOTE_USER} == '§'">
<If "'§' in split(' ', %{HTTP:X-Token})">
<If "%{unescape:%{QUERY_STRING}} =~ m#token=§#">
<If "md5(%{HTTP:X-Token}) == '§'">
<If "-n '§' && env('A') == 'b'">
<ElseIf "%{HTTP:Cookie} -strmatch '*§*'">
Require expr "%{HTTP:X-Token} == '§'"
Require expr %{HTTP:X-Token} == "§"
Require not expr "%{QUERY_STRING} =~ /token=§/"
Require claim "sub:§"
SSLRequire "%{HTTP:X-Token} eq '§'"
SetEnv API_TOKEN §
SetEnv DB_PASS "§"
SetEnv DBPW §
SetEnv X "§"
SetEnv DATABASE_URL postgres://joe:§@127.0.0.1/app
SetEnv LDAP_PWD §
SetEnvIf Cookie "sid=§" known
SetEnvIf Authorization "^Basic §$" known=1
SetEnvIf X-Token ^§$ known
SetEnvIf Host . API_KEY=§
SetEnvIf Request_URI ^/a X=§
SetEnvIfNoCase User-Agent "§" known
SetEnvIfExpr "%{HTTP:X-Token} == '§'" known
SetEnvIfExpr "true" X=§
BrowserMatch "§" known
BrowserMatchNoCase . X=§
Define DB_PASS §
Define dbPass "§"
Define SECRET §
Define BACKEND_AUTH §
Define TOKEN_PATH /§
Use Backend a.example §
Use Backend "§" a.example
AuthBasicFake demo §
AuthBasicFake "demo" "§"
AuthBasicFake %{REMOTE_USER} %{reqenv:X}§
AuthLDAPBindPassword §
AuthLDAPBindPassword "§"
AuthLDAPBindPassword "exec:/usr/local/bin/ask §"
AuthLDAPURL ldap://joe:§@127.0.0.1/o=a?uid
AuthFormSitePassphrase §
AuthDBDUserPWQuery "SELECT password FROM u WHERE n=%s AND s='§'"
AuthzDBDQuery "SELECT g FROM u WHERE k='§'"
AuthnzFcgiDefineProvider authn a fcgi://joe:§@127.0.0.1:1
DBDParams "host=127.0.0.1 user=joe pass=§ dbname=a"
DBDParams host=127.0.0.1,user=joe,pass=§
DBDInitSQL "SET SESSION k='§'"
DBDPrepareSQL "SELECT '§'" a
SessionCryptoPassphrase §
SessionCryptoPassphrase old §
SessionCryptoPassphrase "exec:/usr/local/bin/ask §"
SSLSRPUnknownUserSeed §
SSLPassPhraseDialog "exec:/usr/local/bin/ask §"
SSLPassPhraseDialog "|/usr/local/bin/ask §"
SSLCertificateKeyFile "pkcs11:object=a;type=private?pin-value=§"
SSLCertificateFile pkcs11:object=a?pin-value=§&module-name=b
SSLProxyMachineCertificateFile "pkcs11:id=%01;pin-value=§"
SSLCertificateKeyFile pkcs11:object=a?pin-source=§
SSLStaplingForceURL http://joe:§@127.0.0.1/
SSLOCSPDefaultResponder http://joe:§@127.0.0.1/
SSLOCSPProxyURL http://joe:§@127.0.0.1:1
LDAPTrustedClientCert CERT_KEY3_DB /etc/a.db §
LDAPTrustedGlobalCert CERT_PFX "/etc/a.pfx" "§"
MDExternalAccountBinding a §
MDChallengeDns01 /usr/local/bin/dns --token §
MDMessageCmd "/usr/local/bin/say --key=§"
MDNotifyCmd /usr/local/bin/say §
MDHttpProxy http://joe:§@127.0.0.1:1
MDCertificateAuthority https://joe:§@127.0.0.1/directory
CustomLog "|/usr/local/bin/ship --token §" combined
CustomLog logs/a "%h" "expr=%{HTTP:X-Token} == '§'"
ErrorLog "|/usr/local/bin/ship --password=§"
GlobalLog "|$/usr/local/bin/ship §" common
ErrorDocument 401 "Ask for § at the desk"
ErrorDocument 401 https://joe:§@127.0.0.1/
LogMessage "§" "expr=true"
Substitute "s/PLACEHOLDER/§/n"
OutputSed "s/PLACEHOLDER/§/"
ExtFilterDefine a cmd="/usr/local/bin/f --key §"
H2EarlyHint X-Token §
CacheSocache redis:127.0.0.1:1?password=§
CGIVar API_TOKEN §
LuaHookAccessChecker /a.lua handle "§"
OIDCClientSecret §
OIDCCryptoPassphrase "§"
OIDCCryptoPassphrase "exec:/usr/local/bin/ask §"
OIDCRedisCachePassword §
OIDCProviderTokenEndpointParams "client_assertion=§"
OIDCPrivateKeyFiles kid#§
OIDCOAuthIntrospectionEndpointParams "k=§"
MellonDefaultLoginPath "/?key=§"
MellonCookie §
CASAttributePrefix §
JWTSecret §
AuthJWTSignatureSharedSecret §
AuthTokenSecret "§"
TKTAuthSecret §
ShibRequestSetting redirectToSSL §
SecRule REQUEST_HEADERS:X-Token "!@streq §" "id:1,deny"
SecAction "id:2,setvar:tx.key=§"
SecRemoteRules §  https://127.0.0.1/rules
php_value mysqli.default_pw §
php_admin_value "mysqli.default_pw" "§"
PerlSetVar DbPassword §
PerlSetEnv X §
WSGIDaemonProcess a user=b lang=§
PassengerEnvVar SECRET_KEY_BASE §
GeoIPDBFile /a "§"
VaultToken §
# SetEnv API_TOKEN §
#  AuthBasicFake demo §
# OIDCClientSecret §
## RequestHeader set X-Any "§"
# the password is §
# login joe / §
# token: §
# https://joe:§@127.0.0.1/
ProxyRemote * http://127.0.0.1:1 joe:§
ProxyRemoteMatch ^https http://127.0.0.1:1 "joe:§"
AuthName "the password is §"
ServerName a.example # password §
SSLEngine on # §
RewriteMap m "dbd:SELECT p FROM t WHERE k='§'"
RewriteMap m prg:/usr/bin/x §
<AuthzProviderAlias expr known "%{HTTP:X-Token} == '§'">
FilterProvider a b "%{req:X-Token} == '§'"
SSLRandomSeed startup "exec:/usr/bin/x §"
SetHandler "proxy:https://joe:§@h/"
ProxyPass / "unix:/run/a|fcgi://joe:§@h/"
AuthLDAPURL "ldap://h/o=a?uid??(a=b)?X-BINDPW=§"
SetEnv DB_HOST "joe:§@127.0.0.1"
SetEnv WEBHOOK_URL https://h/§
$dbpass='§';
password=§
SSLCertificateKeyFile "pkcs11:a;PIN=§"
JkWorkerProperty worker.a.secret=§
Header edit Location ^http: https://joe:§@h
# curl -u joe:§ https://h/
# Bearer §
# {"client_secret": "§"}
CacheDisable "expr=%{HTTP:X-Token} == '§'"
Location /x;jsessionid=§
Action a /b?k=§
AddDescription "§" *.html
<Location "/x;jsessionid=§">
LogMessage §
"""

PLACES = tuple(_PLACES.strip().split("\n"))


def taken(place: str) -> str:
    """What a secret in this place may not hold: it would end there."""
    before = place.partition("§")[0]
    never = "\n\r\0§\\"
    if any(sign in before for sign in ("://", "?", ";")):
        never += " \t/?#&;<>"
    if before.count("'") % 2:
        never += "'\""
    elif before.count('"') % 2:
        never += '"'
    else:
        never += ' \t\v\f"'
    if "[" in before and place.startswith("RewriteRule"):
        never += ",]:; "
    if place[0] == "<":
        never += ">"
    return never

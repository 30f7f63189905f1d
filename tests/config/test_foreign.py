"""Directives of modules that are not httpd's own are no misspelt ones of httpd's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config

NAMES = """
    SecAction SecServerSignature SecRule SecRuleEngine SecDataDir SecTmpDir SecUploadDir
    SecStatusEngine SecRequestBodyAccess SecRequestBodyLimit SecResponseBodyAccess SecAuditLog
    SecAuditEngine SecDebugLog WSGIScriptAlias WSGIScriptAliasMatch WSGIDaemonProcess
    WSGIProcessGroup WSGIPassAuthorization WSGIImportScript WSGISocketPrefix NSSEngine
    NSSProxyEngine NSSProxyProtocol NSSProxyCipherSuite NSSProxyCheckPeerCN NSSVerifyClient
    GnuTLSEnable GnuTLSCertificateFile GnuTLSKeyFile PassengerEnabled PassengerRoot JkMount
    JkMountFile JkUnMount JkLogLevel php_value php_admin_flag OIDCProviderMetadataURL
    OIDCRedirectURI MellonEnable ShibRequestSetting ShibRequireSession QS_SrvMaxConn
    DOSHashTableSize DOSPageCount GeoIPEnable MaxMindDBEnable XSendFile XSendFilePath
    RPAFenable CloudFlareRemoteIPHeader PerlHandler PerlAuthenHandler PythonHandler SVNPath
    SVNParentPath ModPagespeed MaxClientsVHost AssignUserID FastCgiServer
    FastCgiExternalServer MaxConnPerIP EnableMCPMReceive CASValidateServer GssapiBasicAuth
    KrbServiceName AuthExternal AuthMYSQLEnable AuthJWTProvider AuthPAM_Enabled
    DefineExternalAuth BandWidth MinBandWidth
"""


@pytest.mark.parametrize("loads", ["", "LoadModule security2_module {dir}/mod.so\n"])
def test_what_other_modules_have_is_no_slip(loads: str, tmp_path: Path) -> None:
    """In the file of a virtual host alone, and where such a module is loaded."""
    file = tmp_path / "site.conf"
    (tmp_path / "mod.so").touch()
    head = f"ServerRoot {tmp_path}\nListen 80\n{httpd.load_modules()}" if loads else ""
    lines = "".join(f"{name} on\n" for name in NAMES.split())
    file.write_text(
        f"{head}{loads.format(dir=tmp_path)}<VirtualHost *:80>\nProxyPass / http://b.internal/\n"
        f"{lines}SSLProxyVerif none\nServerNam x\n</VirtualHost>\n"
    )
    problems = config.load(str(file)).problems
    assert [p.directive.split()[0] for p in problems] == ["SSLProxyVerif", "ServerNam"]

"""Names that are no directive's: what is offered for them, and what never is."""

from __future__ import annotations

import pytest

from wizard.reference import directives, misspelt
from wizard.reference.ssl_proxy_directives import SSL_PROXY_DIRECTIVES

OURS = sorted({row.name.partition(" ")[0] for row in SSL_PROXY_DIRECTIVES})


def slips(name: str) -> list[str]:
    """The name with one letter lost, doubled, changed, or two that changed places; a sample."""
    found = []
    for at in range(3, len(name)):
        found.append(name[:at] + name[at + 1 :])
        found.append(name[:at] + name[at] + name[at:])
        found.append(f"{name[:at]}x{name[at + 1 :]}")
        found.append(name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :])
    distinct = [one for one in dict.fromkeys(found) if directives.lookup(one) is None]
    return distinct[::7]


@pytest.mark.parametrize("name", OURS)
def test_a_slip_of_one_letter_means_no_other_directive(name: str) -> None:
    meant = {written: misspelt.nearest(written) for written in slips(name)}
    assert set(meant.values()) <= {name, None}, meant
    assert list(meant.values()).count(name) >= 0.8 * len(meant), meant


@pytest.mark.parametrize(
    ("written", "never"),
    [
        ("SSLProxyCertificateFile", "SSLProxyCACertificateFile"),
        ("SSLProxyCertficateFile", "SSLProxyCACertificateFile"),
        ("SSLProxyCertificatFile", "SSLProxyCACertificateFile"),
        ("SSLProxyCertificateKeyFil", "SSLProxyCACertificateFile"),
        ("SSLProxyCACertificateKeyFile", "SSLProxyCACertificateFile"),
        ("SSLProxyVerifyClient", "SSLVerifyClient"),
        ("SSLProxyOpenSSLConfCmd", "SSLOpenSSLConfCmd"),
        ("SSLProxyCheckPeerHost", "SSLProxyCheckPeerCN"),
        ("SSLProxySNI", "SSLProxyEngine"),
        ("SSLCertificatePath", "SSLCACertificatePath"),
        ("SSLCertificateCAFile", "SSLCertificateFile"),
        ("SSLCACertificateDirectory", "SSLCACertificateFile"),
        ("ProxySSLCACertificateFile", "SSLCACertificateFile"),
        ("ProxyPassReversePath", "ProxyPassReverseCookiePath"),
        ("AddHeader", "AddHandler"),
        ("SetHeader", "SetHandler"),
        ("ProxyErrorDocument", "ErrorDocument"),
        ("rewrite", "RewriteMap"),
        ("SSLProxyCheckPeerCA", "SSLProxyCheckPeerCN"),
        ("ProxyRemotePath", "ProxyRemoteMatch"),
        ("SSLRevocationFile", "SSLCARevocationFile"),
    ],
)
def test_a_name_with_other_words_is_no_slip(written: str, never: str) -> None:
    assert misspelt.nearest(written) != never


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("SSLProxyCertficateFile", "SSLProxyMachineCertificateFile"),
        ("SSLProxyCARevocation", "SSLProxyCARevocationPath"),
        ("proxy_ssl_verify", "SSLProxyVerify require"),
        ("proxy_ssl_trusted_certificate", "SSLProxyCACertificateFile"),
        ("proxy_pass", "ProxyPass PATH URL"),
        ("ssl_certificate_key", "SSLCertificateKeyFile"),
        ("use_backend", "balancer://"),
        ("SSLMutex", "Mutex"),
        ("RewriteLog", "LogLevel rewrite:trace3"),
    ],
)
def test_names_of_others_are_told_in_httpds_words(written: str, told: str) -> None:
    assert told in misspelt.name_of_others(written)
    assert misspelt.nearest(written) is None

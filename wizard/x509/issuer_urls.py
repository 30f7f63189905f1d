"""Where a certificate says that its issuer's certificate can be had."""

from __future__ import annotations

from wizard.model.certificate import Certificate


def issuer_urls(certificate: Certificate) -> tuple[str, ...]:
    """The caIssuers addresses of a certificate (RFC 5280, 4.2.2.1); empty if it has none.

    Args:
        certificate: any; its words are not trusted, so the addresses are shown and never fetched.
    """
    from cryptography import x509  # loaded by the first call that needs it
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        loaded = x509.load_der_x509_certificate(certificate.der)
        access = loaded.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return ()
    return tuple(
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    )

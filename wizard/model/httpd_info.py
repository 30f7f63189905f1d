"""The httpd that a configuration is for."""

from __future__ import annotations

from wizard.model.service import Service
from wizard.record import record
from wizard.reference.release import NEWEST, Release, parse


@record
class HttpdInfo:
    """The httpd that this configuration is for, as far as it is known."""

    version: str | None = None
    """``2.4.x``, None when no binary was found."""
    path: str | None = None
    modules: tuple[str, ...] = ()
    """Module identifiers (``ssl_module``), loaded by the configuration and built in."""
    openssl: str | None = None
    """Version of the OpenSSL that its mod_ssl loads, ``3.0.19``; None: not known."""
    found: str = ""
    """How this httpd was found, in words; may be empty."""
    backports: bool = False
    """Whether its distribution backports later changes (``Release``)."""
    module_directory: str | None = None
    """Where its modules are; None: not known."""
    libssl: str | None = None
    """Path of the libssl that its mod_ssl loads; None: it is not here, or linked in statically."""
    openssl_conf: str | None = None
    """OPENSSL_CONF of its service, ``""`` if that has none; None: not known, or not followed."""
    unasked: str = ""
    """Why no program was asked, one sentence; ``""`` if one was."""
    service: Service = Service()
    """The commands that manage it."""

    @property
    def assumed(self) -> bool:
        """Whether neither a program nor the operator said which release it is."""
        return self.version is None

    @property
    def release(self) -> Release:
        """Whose rules hold; where a number is not known, the newest known one's."""
        return Release(
            parse(self.version) or NEWEST.httpd,
            parse(self.openssl) or NEWEST.openssl,
            self.backports,
        )

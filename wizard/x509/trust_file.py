"""CA files, CRL files and hashed directories, as SSL_CTX_load_verify_locations reads them.

Sources: OpenSSL crypto/x509/by_file.c (every block of a file must decode) and by_dir.c (a
certificate is looked for in HASH.0, HASH.1 … until one is missing, a list in HASH.r0 …); mod_ssl
ssl_engine_init.c, ssl_init_FindCAList (a CA file without a block CERTIFICATE ends httpd's start).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sized
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.model.certificate import Certificate, FileState, TrustFile
from wizard.x509 import certificate, crl, disk, name_hash, pem

if TYPE_CHECKING:
    from wizard.x509.crl import Crl
    from wizard.x509.disk import Content

_HASHED = re.compile(r"([0-9a-f]{8})\.(r?)(0|[1-9][0-9]{0,4})\Z")
_INDENTED = re.compile(rb"^[ \t]+-----BEGIN ", re.MULTILINE)
_JAVA = b"\xfe\xed\xfe\xed"
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
"""OIDs 1.2.840.113549.1.7: PKCS #7, and what a PKCS #12 file wraps."""
_VERSION = (b"\x02\x01\x00", b"\x02\x01\x01")
"""What a key begins with: PrivateKeyInfo (RFC 5958), RSAPrivateKey (RFC 8017), ECPrivateKey
(RFC 5915)."""
_BEGIN = b"-----BEGIN "


def read_file(path: str, content: Content) -> TrustFile:
    """What a plain file that is not empty holds."""
    data = disk.content(path)
    if isinstance(data, str):
        return TrustFile(path, "unreadable", data, loads=False)
    held = pem.load(data)
    taken = bool(held.certificates or held.trusted or held.crls)
    wanted = held.certificates if content == "certificates" else held.crls
    if held.problem:
        state: FileState = "broken-pem"
        detail = held.problem
    elif wanted:
        state, detail = "ok", ""
    else:
        state, detail = other_format(data, held)
    return _trust(
        path,
        state,
        detail,
        held.certificates,
        held.crls,
        trusted=len(held.trusted),
        loads=taken and not held.problem,
    )


def other_format(data: bytes, held: pem.PemContents) -> tuple[FileState, str]:
    """What a file is that holds none of the wanted blocks."""
    if held.labels:
        return "no-certificate", "holds " + ", ".join(dict.fromkeys(held.labels))
    if data.startswith(b"\x30"):  # SEQUENCE
        return _of_der(data)
    if data.startswith(_JAVA):
        return "no-certificate", "a Java key store"
    if not data.strip():
        return "no-certificate", "blank"
    return "no-certificate", _damaged(data)


def _of_der(data: bytes) -> tuple[FileState, str]:
    """What a file in DER is."""
    outer = pem.outer(data)
    if not certificate.parse(outer).error:
        return "der", "one certificate in DER"
    if crl.parse(outer) is not None:
        return "no-certificate", "a revocation list in DER"
    head = data[:64]
    if _PKCS7 in head:
        if b"\x02\x01\x03" in head[:8]:
            return "pkcs12", "PKCS#12"
        return "no-certificate", "PKCS#7 in DER"
    inside = head[2 + (head[1] & 0x7F if head[1] & 0x80 else 0) :] if len(head) > 1 else b""
    if inside.startswith(_VERSION):
        return "no-certificate", "a private key in DER"
    return "no-certificate", "DER, but no certificate"


def _damaged(data: bytes) -> str:
    """What a text without a PEM block was before an editor, a script or a download changed it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and _BEGIN in data.replace(b"\0", b""):
        return "text in UTF-16"
    if _BEGIN in data[::2] and not any(data[1 : 2 * len(_BEGIN) : 2]):
        return "text in UTF-16LE"
    if data.startswith(_BEGIN) and b"\r" in data and b"\n" not in data:
        return "PEM whose lines end in CR alone"
    if _BEGIN in data and b"-----\\n" in data:
        return "PEM with \\n instead of line ends"
    if b"-----END " in data.partition(_BEGIN)[2].partition(b"\n")[0]:
        return "PEM on one line"
    if _INDENTED.search(data):
        return "PEM with indented lines"
    if data.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        return "a web page (HTML)"
    try:
        der = base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return "no PEM block"
    return "no PEM block" if certificate.parse(der).error else "base64 without BEGIN and END"


def _trust(
    path: str,
    state: FileState,
    detail: str,
    certificates: Iterable[Certificate],
    crls: Iterable[Crl],
    *,
    trusted: int = 0,
    unhashed: tuple[tuple[str, str], ...] = (),
    loads: bool = True,
) -> TrustFile:
    lists = tuple(crls)
    return TrustFile(
        path,
        state,
        detail,
        tuple(certificates),
        crl_issuers=tuple(c.issuer for c in lists),
        crl_next_updates=tuple(c.next_update for c in lists),
        unhashed_lists=unhashed,
        trusted_certificate_count=trusted,
        loads=loads,
    )


def read_directory(path: str, content: Content) -> TrustFile:
    """What OpenSSL finds in a directory by hash; if nothing, the certificates without a hash."""
    try:
        names = sorted(disk.names(path), key=lambda name: (not _HASHED.match(name), name))
    except OSError as error:
        return TrustFile(path, "unreadable", error.strerror or "", loads=False)
    files = {name: pem.load(data) for name, data in disk.pem_files(path, names)}
    hashed = [held for name, held in files.items() if _is_found(name, files, content)]
    if content == "certificates":
        by_hash, every = _certificates(hashed), _certificates(files.values())
        loose = len(every) - len(by_hash)
        if by_hash:
            have = "certificate has" if loose == 1 else "certificates have"
            detail = f"{loose} {have} no hashed name" if loose > 0 else ""
            return _trust(path, "ok", detail, by_hash, ())
        if every:
            detail = f"{_counted(every, 'certificate')}, none under its hashed name"
            return _trust(path, "unhashed", detail, every, ())
    else:
        lists, all_lists = _crls(hashed), _crls(files.values())
        found = {c.der for c in lists}
        strays = tuple(
            (str(Path(path, name)), c.issuer)
            for name, held in files.items()
            for c in held.crls
            if c.der not in found
        )
        if lists:
            return _trust(path, "ok", "", (), lists, unhashed=strays)
        if all_lists:
            detail = f"{_counted(all_lists, 'revocation list')}, none under its hashed name"
            return _trust(path, "unhashed", detail, (), all_lists, unhashed=strays)
    return TrustFile(path, "no-certificate" if names else "empty")


def _is_found(name: str, files: dict[str, pem.PemContents], content: Content) -> bool:
    """Whether OpenSSL opens this file when it looks for something in it."""
    match = _HASHED.match(name)
    if match is None or bool(match[2]) != (content == "crls"):
        return False
    if any(f"{match[1]}.{match[2]}{n}" not in files for n in range(int(match[3]))):
        return False
    held = files[name]
    if held.problem:
        return False
    ders = (
        [c.subject_der for c in held.certificates]
        if content == "certificates"
        else [c.issuer_der for c in held.crls]
    )
    return any(name_hash.name_hash(der) == match[1] for der in ders)


def _certificates(files: Iterable[pem.PemContents]) -> tuple[Certificate, ...]:
    return tuple({c.sha256: c for held in files for c in held.certificates}.values())


def _crls(files: Iterable[pem.PemContents]) -> tuple[Crl, ...]:
    return tuple({c.der: c for held in files for c in held.crls}.values())


def _counted(items: Sized, noun: str) -> str:
    return f"{len(items)} {noun}{'s' if len(items) != 1 else ''}"

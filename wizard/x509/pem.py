"""PEM files, read as OpenSSL 3.0 reads them (crypto/pem: PEM_read_bio, PEM_X509_INFO_read_bio).

One block that does not decode makes the whole file useless, as for httpd. Text between blocks is
a comment. No private key is decoded here: only its PEM text is kept, until a certificate is
compared with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.certificate import Certificate
    from wizard.x509.crl import Crl

MOST_BLOCKS = 20_000
"""Blocks read from one file; the Mozilla bundle has 150."""
_BEGIN, _END, _TAIL = b"-----BEGIN ", b"-----END ", b"-----"
_BOM = b"\xef\xbb\xbf"
_BLANK = bytes((*range(33), *range(128, 256)))
"""Characters up to the blank; for OpenSSL those above 127 too: its chars are signed."""
_LINE = 254
"""Most bytes of a line for OpenSSL; the rest is the next line."""
_WIDTH = 64
"""Characters of a line after an empty line, where OpenSSL is strict."""
CERTIFICATES = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
TRUSTED = "TRUSTED CERTIFICATE"
CRL = "X509 CRL"
KEYS = frozenset(
    {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "DSA PRIVATE KEY", "EC PRIVATE KEY"}
)
PKCS8_KEYS = frozenset({"PRIVATE KEY", "ENCRYPTED PRIVATE KEY"})


GLUED = "a block begins on the line where another ends"
"""What becomes of two files put together where the first does not end with a line end."""


class PemError(ValueError):
    """A block that OpenSSL refuses; the text says which and why."""


@record
class Block:
    """One PEM block.

    Args:
        label: the text after BEGIN.
        data: the bytes that its base64 encodes.
        encrypted: a private key with a passphrase.
        text: the block as in the file, for private keys only; hidden from ``repr``.
    """

    label: str
    data: bytes = field(repr=False)
    encrypted: bool = False
    text: bytes = field(default=b"", repr=False)


@record
class PemContents:
    """What a PEM file holds.

    Args:
        certificates: of the blocks CERTIFICATE and X509 CERTIFICATE, in order.
        trusted: of the blocks TRUSTED CERTIFICATE.
        crls: revocation lists, in order.
        labels: of every block, in order.
        problem: why OpenSSL refuses the file; empty if it does not. The blocks before are kept.
    """

    certificates: tuple[Certificate, ...] = ()
    trusted: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    labels: tuple[str, ...] = ()
    problem: str = ""


def load(data: bytes) -> PemContents:
    """See ``wizard.x509.load_pem``."""
    from wizard.x509 import certificate, crl

    certificates: list[Certificate] = []
    trusted: list[Certificate] = []
    crls: list[Crl] = []
    labels: list[str] = []
    problem = ""
    try:
        for number, block in enumerate(blocks(data), 1):
            labels.append(block.label)
            if block.label in CERTIFICATES or block.label == TRUSTED:
                der = outer(block.data)
                one = certificate.parse(der)
                if one.error:
                    raise PemError(f"block {number} ({block.label}): {one.error}")
                (trusted if block.label == TRUSTED else certificates).append(one)
            elif block.label == CRL:
                revocation = crl.parse(outer(block.data))
                if revocation is None:
                    raise PemError(f"block {number} ({block.label}) is no revocation list")
                crls.append(revocation)
    except PemError as error:
        problem = str(error)
    return PemContents(tuple(certificates), tuple(trusted), tuple(crls), tuple(labels), problem)


def blocks(data: bytes) -> Iterator[Block]:
    """Every block of a PEM file, in order.

    Raises:
        PemError: at a block that OpenSSL refuses.
    """
    lines = _lines(data)
    count, first = 0, True
    for line in lines:
        # OpenSSL drops a byte order mark in each place where it starts to look for a block
        start = line.removeprefix(_BOM) if first else line
        first = False
        if start.startswith(_BEGIN) and start.endswith(_TAIL) and len(start) > len(_BEGIN + _TAIL):
            count, first = count + 1, True
            if count > MOST_BLOCKS:
                raise PemError(f"more than {MOST_BLOCKS} blocks")
            yield _block(start[len(_BEGIN) : -len(_TAIL)], lines)


def _lines(data: bytes) -> Iterator[bytes]:
    """Lines without the characters at their end that are blanks for OpenSSL.

    A NUL ends the line for OpenSSL; at the beginning of a line it ends the file.
    """
    for whole in data.split(b"\n"):
        for start in range(0, max(len(whole), 1), _LINE):
            line = whole[start : start + _LINE]
            if b"\0" in line:
                line = line[: line.index(b"\0")]
                if not line:
                    return
            yield line.rstrip(_BLANK)


def _check_header(label: str, header: Sequence[bytes], body: Sequence[bytes]) -> None:
    """What OpenSSL demands of a block with an empty line in it, which ends its header."""
    if any(len(line) != _WIDTH for line in body[:-1]):
        raise PemError(f"the block {label} has lines that are not {_WIDTH} characters long")
    if body and len(body[-1]) > _WIDTH:
        raise PemError(f"the block {label} has a line that is too long")
    if header and not any(h.startswith(b"Proc-Type:") for h in header):
        raise PemError(f"the block {label} has a header that is none")


def _block(name: bytes, lines: Iterator[bytes]) -> Block:
    label = name.decode("latin-1")
    header: list[bytes] = []
    body: list[bytes] = []
    in_header = seen_blank = False
    for line in lines:
        if line == _END + name + _TAIL:
            break
        if line.startswith(_END):
            another = f"the block {label} ends with another name"
            raise PemError(GLUED if _BEGIN in line else another)
        if not line:
            if seen_blank:
                raise PemError(f"the block {label} holds an empty line")
            header, body, seen_blank = body, [], True
            continue
        in_header = in_header or (not seen_blank and b":" in line)
        body.append(line)
    else:
        raise PemError(f"the block {label} has no end")
    if seen_blank:
        _check_header(label, header, body)
    elif in_header:
        raise PemError(f"the header of the block {label} does not end")
    encrypted = label == "ENCRYPTED PRIVATE KEY" or any(b"ENCRYPTED" in h for h in header)
    try:
        # for OpenSSL a hyphen ends the data (EVP_DecodeUpdate)
        data = b"".join(b"".join(body).partition(b"-")[0].split())
        decoded = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise PemError(f"the block {label} is not base64") from error
    if not decoded:
        raise PemError(f"the block {label} is empty")
    text = b"\n".join([_BEGIN + name + _TAIL, *header, *([b""] if header else []), *body])
    kept = text + b"\n" + _END + name + _TAIL + b"\n" if label in KEYS else b""
    return Block(label, decoded, encrypted, kept)


def outer(der: bytes) -> bytes:
    """The first element alone: OpenSSL ignores bytes after it."""
    from wizard.x509 import der_names

    try:
        return der[: der_names.inside(der, 0)[1]]
    except (IndexError, ValueError):
        return der

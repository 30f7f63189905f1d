"""What a policy's files hold: states, caching, bounds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    pkcs7,
    pkcs12,
)

from tests.x509 import system_openssl
from tests.x509.test_pem import FILES
from wizard.demo import pki
from wizard.model.certificate import FileState, TrustFile
from wizard.model.config import Setting, TlsPolicy
from wizard.reference.release import Release, Version
from wizard.x509 import client_certificate, disk, name_hash, parse_der, trust_file, trust_material


def ca_file(path: Path) -> TrustFile:
    return trust_material.read(TlsPolicy(ca_certificate_file=Setting(str(path)))).ca_file


def ca_path(path: Path) -> TrustFile:
    return trust_material.read(TlsPolicy(ca_certificate_path=Setting(str(path)))).ca_path


@pytest.mark.parametrize("name", FILES)
def test_loads_is_what_the_systems_openssl_says(name: str, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(FILES[name])
    if not FILES[name].startswith(
        b"\0"
    ):  # a NUL at the beginning: libcrypto itself is of two minds
        assert ca_file(file).loads == system_openssl.loads(file)


@pytest.mark.parametrize(
    ("name", "state", "count"),
    [
        ("plain", "ok", 1),
        ("crlf", "ok", 1),
        ("bom", "ok", 1),
        ("two", "ok", 2),
        ("certificate-key", "ok", 1),
        ("trusted-label", "no-certificate", 0),
        ("key", "no-certificate", 0),
        ("crl", "no-certificate", 0),
        ("junk", "no-certificate", 0),
        ("blank", "no-certificate", 0),
        ("der", "der", 0),
        ("broken-second", "broken-pem", 1),
        ("no-end", "broken-pem", 0),
    ],
)
def test_state(name: str, state: FileState, count: int, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(FILES[name])
    found = ca_file(file)
    assert (found.state, len(found.certificates)) == (state, count)


def test_key_stores_and_bundles_of_other_formats(tmp_path: Path, root: pki.Issued) -> None:
    store = pkcs12.serialize_key_and_certificates(
        b"x",
        root.key,
        root.certificate,
        None,
        NoEncryption(),
    )
    bundle = pkcs7.serialize_certificates([root.certificate], Encoding.DER)
    for number, (data, state) in enumerate(((store, "pkcs12"), (bundle, "no-certificate"))):
        file = tmp_path / str(number)
        file.write_bytes(data)
        assert ca_file(file).state == state
        assert not ca_file(file).loads


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    states = {
        "empty": "empty",
        "pipe": "empty",
        "socket": "empty",
        "dangling": "missing",
        "loop": "missing",
        "nowhere": "missing",
        "nul\0": "missing",
        "x" * 5000: "missing",
        "": "directory",
    }
    for name, state in states.items():
        found = ca_file(tmp_path / name)
        assert (found.state, found.loads) == (state, False)
    listener.close()
    assert ca_file(Path("/dev/zero")).state == "empty"
    assert ca_path(tmp_path / "empty").state == "not-a-directory"
    assert ca_path(tmp_path / "nowhere").state == "missing"


def test_unreadable_file(tmp_path: Path, root: pki.Issued) -> None:
    """Asked in a process of another user, as root can read everything."""
    file = tmp_path / "ca.pem"
    file.write_bytes(root.pem)
    file.chmod(0)
    tmp_path.chmod(0o755)
    program = (
        "import os, sys\n"
        "from tests.x509.test_trust_material import ca_file\n"
        "from pathlib import Path\n"
        "os.getuid() or os.setuid(65534)\n"
        f"from wizard.x509 import trust_file\n"
        f"print(trust_file.read_file({str(file)!r}, 'certificates').state)\n"
    )
    if os.getuid() == 0:
        for parent in (tmp_path, *tmp_path.parents):
            if str(parent).startswith("/tmp/"):
                parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "unreadable"


def test_large_file_is_not_read(tmp_path: Path, root: pki.Issued) -> None:
    file = tmp_path / "ca.pem"
    with file.open("wb") as handle:
        handle.write(root.pem)
        handle.truncate(disk.LARGEST + 1)
    found = ca_file(file)
    assert found.state == "unreadable"
    assert "MiB" in found.detail


def hashed(directory: Path, issued: pki.Issued, suffix: str = ".0") -> Path:
    path = directory / (name_hash.name_hash(parse_der(issued.der).subject_der) + suffix)
    path.write_bytes(issued.pem)
    return path


def test_directory(tmp_path: Path, root: pki.Issued, other: pki.Issued) -> None:
    assert ca_path(tmp_path).state == "empty"
    (tmp_path / "readme").write_text("nothing here")
    assert trust_file.read_directory(str(tmp_path), "certificates").state == "no-certificate"
    (tmp_path / "root.pem").write_bytes(root.pem)
    found = trust_file.read_directory(str(tmp_path), "certificates")
    assert (found.state, len(found.certificates)) == ("unhashed", 1)
    hashed(tmp_path, root)
    (tmp_path / "other.pem").write_bytes(other.pem)
    found = trust_file.read_directory(str(tmp_path), "certificates")
    assert found.state == "ok"
    assert [c.subject for c in found.certificates] == ["CN=Test Root"]
    assert found.detail == "1 certificate has no hashed name"


def test_directory_as_openssl_rehash_makes_it(
    tmp_path: Path, root: pki.Issued, other: pki.Issued
) -> None:
    rekeyed = pki.issue("Test Root", ca=True)  # the same name: NAME.1
    for number, one in enumerate((root, other, rekeyed)):
        (tmp_path / f"{number}.pem").write_bytes(one.pem)
    (tmp_path / "crl.pem").write_bytes(pki.crl(root))
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True, timeout=20)
    found = trust_file.read_directory(str(tmp_path), "certificates")
    assert found.state == "ok"
    assert not found.detail
    assert len(found.certificates) == 3
    lists = trust_file.read_directory(str(tmp_path), "crls")
    assert (lists.state, lists.crl_issuers) == ("ok", ("CN=Test Root",))


@pytest.mark.parametrize("suffix", [".1", ".00", ".0x", ".r0", ""])
def test_names_that_openssl_does_not_look_for(
    suffix: str, tmp_path: Path, root: pki.Issued
) -> None:
    hashed(tmp_path, root, suffix)
    assert ca_path(tmp_path).state == "unhashed"


def test_large_files_of_a_directory_are_not_all_read(
    tmp_path: Path, root: pki.Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed(tmp_path, root)
    for number in range(20):
        with (tmp_path / f"00-{number:02}").open("wb") as file:
            file.truncate(disk.LARGEST)
    read: list[int] = []
    content = disk.content

    def counted(path: str) -> bytes | str:
        data = content(path)
        read.append(len(data))
        return data

    monkeypatch.setattr(disk, "content", counted)
    assert ca_path(tmp_path).state == "ok"  # what OpenSSL can find comes first
    assert sum(read) <= disk.MOST_BYTES + disk.LARGEST
    read.clear()
    assert client_certificate.read(str(tmp_path)).state in ("invalid", "no-key")  # unsorted
    assert sum(read) <= disk.MOST_BYTES + disk.LARGEST


def test_a_hash_of_another_name_finds_nothing(tmp_path: Path, root: pki.Issued) -> None:
    (tmp_path / "0123abcd.0").write_bytes(root.pem)
    assert ca_path(tmp_path).state == "unhashed"


def test_revocation_lists(tmp_path: Path, root: pki.Issued, leaf: pki.Issued) -> None:
    file = tmp_path / "crl.pem"
    file.write_bytes(pki.crl(root, [leaf]))
    found = trust_material.read(TlsPolicy(ca_revocation_file=Setting(str(file)))).crl_file
    assert (found.state, found.crl_issuers) == ("ok", ("CN=Test Root",))
    assert found.crl_next_updates[0] - parse_der(root.der).not_before > timedelta(days=30)
    file.write_bytes(root.pem)  # OpenSSL takes it: a certificate, and no list
    found = trust_material.read(TlsPolicy(ca_revocation_file=Setting(str(file)))).crl_file
    assert (found.state, found.loads, found.crl_issuers) == ("no-certificate", True, ())
    (tmp_path / "d").mkdir()
    (tmp_path / "d/list.pem").write_bytes(pki.crl(root))
    found = trust_material.read(TlsPolicy(ca_revocation_path=Setting(str(tmp_path / "d")))).crl_path
    assert found.state == "unhashed"


def client(path: Path) -> tuple[str, int, str | None]:
    found = trust_material.read(TlsPolicy(machine_certificate_file=Setting(str(path))))
    own = found.client_certificate
    return own.state, len(own.certificates), next(iter(own.files), None)


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ("ck", "ok"),
        ("kc", "ok"),
        ("co", "no-key"),
        ("c", "no-key"),
        ("k", "wrong-key"),
        ("cw", "wrong-key"),
        ("ce", "encrypted-key"),
        ("ec", "encrypted-key"),
        ("cok", "wrong-key"),  # the key belongs to the block before it
        ("cko", "ok"),
        ("j", "invalid"),
        ("ckj", "ok"),
        ("bck", "invalid"),
        ("", "empty"),
    ],
)
def test_client_certificate(
    parts: str, state: str, tmp_path: Path, root: pki.Issued, other: pki.Issued
) -> None:
    """Measured on httpd 2.4.71: starts with (ok), without (no-key, invalid), or not at all."""
    pieces = {
        "c": root.pem,
        "k": root.key_pem,
        "o": other.pem,
        "w": other.key_pem,
        "e": root.encrypted_key_pem(b"x"),
        "j": b"junk\n",
        "b": root.pem.replace(b"MII", b"QUI"),
    }
    file = tmp_path / "own.pem"
    file.write_bytes(b"".join(pieces[p] for p in parts))
    found = client(file)
    assert found[0] == state
    assert found[2] == (str(file) if state == "ok" else None)


@pytest.mark.parametrize(
    ("httpd", "openssl", "parts", "state", "says"),
    [
        # 2.4.58 and older: nothing may lack its key or its certificate (AH02252)
        ((2, 4, 58), (3, 0, 19), "ck", "ok", ""),
        ((2, 4, 58), (3, 0, 19), "c", "incomplete", "without its private key"),
        ((2, 4, 58), (3, 0, 19), "cko", "incomplete", "without its private key"),
        ((2, 4, 58), (3, 0, 19), "k", "incomplete", "without its certificate"),
        ((2, 4, 58), (3, 0, 19), "cw", "wrong-key", "another certificate"),
        ((2, 4, 58), (3, 0, 19), "ce", "encrypted-key", "encrypted"),
        ((2, 4, 58), (3, 0, 19), "j", "invalid", ""),
        ((2, 4, 59), (3, 0, 19), "cko", "ok", ""),
        # OpenSSL 1.1.1 passes over keys in PKCS #8
        ((2, 4, 62), (1, 1, 1), "ck", "no-key", "PKCS #8"),
        ((2, 4, 62), (1, 1, 1), "ct", "ok", ""),
        ((2, 4, 62), (1, 1, 1), "ce", "no-key", "PKCS #8"),
        ((2, 4, 62), (1, 1, 1), "k", "invalid", ""),
        ((2, 4, 41), (1, 1, 1), "ck", "incomplete", "PKCS #8"),
        ((2, 4, 41), (1, 1, 1), "cw", "incomplete", "PKCS #8"),
        ((2, 4, 41), (1, 1, 1), "ct", "ok", ""),
        ((2, 4, 41), (1, 1, 1), "cto", "incomplete", "without its private key"),
        ((2, 4, 41), (1, 1, 1), "k", "invalid", ""),
    ],
)
def test_client_certificate_of_older_releases(
    httpd: Version,
    openssl: Version,
    parts: str,
    state: str,
    says: str,
    tmp_path: Path,
    root: pki.Issued,
    other: pki.Issued,
) -> None:
    """Measured on httpd 2.4.37, 2.4.41 and 2.4.58: starts, sends none, or ends (AH02252)."""
    pieces = {
        "c": root.pem,
        "k": root.key_pem,
        "t": root.traditional_key_pem(),
        "o": other.pem,
        "w": other.key_pem,
        "e": root.encrypted_key_pem(b"x"),
        "j": b"junk\n",
    }
    file = tmp_path / "own.pem"
    file.write_bytes(b"".join(pieces[p] for p in parts))
    policy = TlsPolicy(machine_certificate_file=Setting(str(file)))
    own = trust_material.read(policy, Release(httpd, openssl)).client_certificate
    assert own.state == state
    assert says in own.detail


def test_client_certificate_elsewhere(tmp_path: Path, root: pki.Issued) -> None:
    assert client(tmp_path / "missing")[0] == "missing"
    policy = TlsPolicy(machine_certificate_path=Setting(str(tmp_path)))
    (tmp_path / "a-junk").write_bytes(b"x")
    (tmp_path / "own.pem").write_bytes(root.pem + root.key_pem)
    own = trust_material.read(policy).client_certificate
    assert (own.state, own.files) == ("ok", (str(tmp_path / "own.pem"),))


def test_a_file_is_read_once_until_it_changes(
    tmp_path: Path, root: pki.Issued, other: pki.Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(root.pem)
    reads = []
    original = disk.content

    def counted(path: str) -> bytes | str:
        reads.append(path)
        return original(path)

    monkeypatch.setattr(disk, "content", counted)
    for number in range(5000):
        policy = TlsPolicy(ca_certificate_file=Setting(str(file)), verify_depth=Setting(number))
        assert trust_material.read(policy).ca_file.state == "ok"
    assert len(reads) == 1
    file.write_bytes(other.pem + root.pem)
    assert len(ca_file(file).certificates) == 2


def test_nothing_heavy_is_imported_without_files() -> None:
    program = (
        "import sys\n"
        "from wizard.x509 import trust_material, parse_der, issued, load_pem\n"
        "from wizard.model.config import Setting, TlsPolicy\n"
        "trust_material.read(TlsPolicy())\n"
        "trust_material.read(TlsPolicy(ca_certificate_file=Setting('/nowhere')))\n"
        "print([m for m in ('cryptography', 'OpenSSL', 'asyncio') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"

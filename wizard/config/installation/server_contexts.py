"""What a libssl says to the files and commands of TLS servers: mod_ssl's steps, without a server.

A program of its own (``python -I -S server_contexts.py LIBSSL``), standard library only: it loads
the OpenSSL of httpd, and whatever it reads of a private key ends with it. It reads JSON, a list of
servers, each a list of steps with their arguments, and prints a line of JSON for each server: the
numbers of the steps that fail, with OpenSSL's reason. No contents of a file are printed.

Source: httpd 2.4, modules/ssl/ssl_engine_init.c (ssl_init_server_ctx and what it calls).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

_PEM = ctypes.c_int(1)  # SSL_FILETYPE_PEM
_CONF_FLAGS = 0x2 | 0x8 | 0x20  # SSL_CONF_FLAG_FILE, _SERVER, _CERTIFICATE
_NO_START_LINE = "no start line"
_ENDS = "there is none"
"""Where OpenSSL gives no reason."""
LOCKED = "locked"
"""The reason of a private key that needs a pass phrase."""
MISMATCHES = ("key values mismatch", "key type mismatch", "unknown key type")
"""OpenSSL's reasons where a key is not that of the certificate."""
_Password = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p
)


class _Library:
    """A libssl and its libcrypto; every function returns a pointer or a number of that size.

    Args:
        path: of the libssl, whose libcrypto the loader finds.
    """

    def __init__(self, path: str) -> None:
        self._ssl = ctypes.CDLL(path)

    def __call__(self, name: str, *arguments: Any, number: bool = False) -> int:
        """Call a function: text as a path or name, None as NULL, numbers and pointers as such."""
        function = getattr(self._ssl, name)
        function.restype = ctypes.c_int if number else ctypes.c_void_p
        given = [_as_c(one) for one in arguments]
        return int(function(*given) or 0)

    def reason(self) -> str:
        """Why the last function failed, in OpenSSL's words; its queue of errors is then empty."""
        text = ctypes.create_string_buffer(256)
        error = self("ERR_peek_last_error")
        self._ssl.ERR_error_string_n(ctypes.c_ulong(error), text, ctypes.c_size_t(256))
        self("ERR_clear_error")
        return text.value.decode("ascii", "replace").rpartition(":")[2] if error else _ENDS


def _as_c(value: Any) -> Any:
    if isinstance(value, str):
        return ctypes.c_char_p(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, bool) or value is None or not isinstance(value, int):
        return value
    return ctypes.c_void_p(value)


class _Server:
    """One server: its SSL_CTX, and the steps as methods: OpenSSL's reason, empty if all went well.

    Args:
        library: OpenSSL.
    """

    def __init__(self, library: _Library) -> None:
        self._call = library
        self._context = library("SSL_CTX_new", library("TLS_server_method"))
        if not self._context:
            raise OSError(library.reason())  # its own settings do not let it
        self._commands = library("SSL_CONF_CTX_new")
        library("SSL_CONF_CTX_set_flags", self._commands, ctypes.c_uint(_CONF_FLAGS))
        library("SSL_CONF_CTX_set_ssl_ctx", self._commands, self._context)
        self._asked = False
        self._answer = _Password(self._ask)  # lives as long as OpenSSL may call it
        library("SSL_CTX_set_default_passwd_cb", self._context, self._answer)

    def free(self) -> None:
        """Give all back."""
        self._call("SSL_CONF_CTX_free", self._commands)
        self._call("SSL_CTX_free", self._context)

    def _ask(self, *_: Any) -> int:
        self._asked = True
        return 0

    def _done(self, result: int) -> str:
        return "" if result > 0 else self._call.reason()

    def _number(self, name: str, *arguments: Any) -> str:
        self._call("ERR_clear_error")
        return self._done(self._call(name, *arguments, number=True))

    def authorities(self, file: str | None, path: str | None) -> str:
        """SSLCACertificateFile and -Path."""
        return self._number("SSL_CTX_load_verify_locations", self._context, file, path)

    def names(self, *files: str) -> str:
        """Which CAs are asked for: at least one certificate must be in one of the files."""
        names = self._call("OPENSSL_sk_new_null")
        for file in files:
            self._call("SSL_add_file_cert_subjects_to_stack", names, file, number=True)
            if self._call("OPENSSL_sk_num", names, number=True) > 0:
                return ""  # a directory has hundreds, and a configuration hundreds of servers
        return self._call.reason()

    def ciphers(self, suite: str) -> str:
        """SSLCipherSuite."""
        return self._number("SSL_CTX_set_cipher_list", self._context, suite)

    def ciphersuites(self, suite: str) -> str:
        """SSLCipherSuite TLSv1.3."""
        return self._number("SSL_CTX_set_ciphersuites", self._context, suite)

    def revocation(self, file: str | None, path: str | None) -> str:
        """SSLCARevocationFile and -Path."""
        store = self._call("SSL_CTX_get_cert_store", self._context)
        return self._number("X509_STORE_load_locations", store, file, path)

    def chain(self, file: str, skip: bool) -> str:
        """SSLCertificateChainFile: every certificate of it (use_certificate_chain).

        Args:
            file: it.
            skip: it is an SSLCertificateFile too, whose first certificate must be there.
        """
        bio = self._call("BIO_new_file", file, "r")
        read = self._call("PEM_read_bio_X509", bio, None, self._answer, None)
        first = read
        while read:
            self._call("X509_free", read)
            read = self._call("PEM_read_bio_X509", bio, None, self._answer, None)
        self._call("BIO_free", bio)
        reason = self._call.reason()
        return reason if reason != _NO_START_LINE or (skip and not first) else ""

    def certificate(self, file: str, chain: bool) -> str:
        """SSLCertificateFile.

        Args:
            file: it.
            chain: whether its further certificates are the chain.
        """
        if chain:
            return self._number("SSL_CTX_use_certificate_chain_file", self._context, file)
        return self._number("SSL_CTX_use_certificate_file", self._context, file, _PEM)

    def key(self, file: str) -> str:
        """SSLCertificateKeyFile, or the key in SSLCertificateFile: PEM, DER, or base64 of DER."""
        self._asked = False
        self._call("ERR_clear_error")
        key = self._read(file, "PEM_read_bio_PrivateKey", None, self._answer, None)
        if self._asked:
            self._call("ERR_clear_error")
            return LOCKED
        key = key or self._read(file, "d2i_PrivateKey_bio", None)
        key = key or self._read(file, "d2i_PrivateKey_bio", None, base64=True)
        if not key:
            return self._call.reason()
        self._call("ERR_clear_error")
        used = self._call("SSL_CTX_use_PrivateKey", self._context, key, number=True)
        self._call("EVP_PKEY_free", key)
        if used <= 0:
            return self._call.reason()
        if self._call("SSL_CTX_check_private_key", self._context, number=True) > 0:
            return ""
        self._call("ERR_clear_error")
        return MISMATCHES[0]

    def _read(self, file: str, function: str, *more: Any, base64: bool = False) -> int:
        bio = self._call("BIO_new_file", file, "r")
        if not bio:
            return 0
        if base64:
            bio = self._call("BIO_push", self._call("BIO_new", self._call("BIO_f_base64")), bio)
        read = self._call(function, bio, *more)
        self._call("BIO_free_all", bio)
        return read

    def command(self, name: str, value: str) -> str:
        """SSLOpenSSLConfCmd."""
        return self._number("SSL_CONF_cmd", self._commands, name, value)

    def pair(self) -> str:
        """Whether there is a certificate with its key in the end."""
        return self._number("SSL_CTX_check_private_key", self._context)

    def verifiers(self, file: str) -> str:
        """SSLSRPVerifierFile."""
        base = self._call("SRP_VBASE_new", None)
        failed = self._call("SRP_VBASE_init", base, file, number=True)
        self._call("SRP_VBASE_free", base)
        self._call("ERR_clear_error")
        return f"error {failed}" if failed else ""


def failures(library: str, steps: list[list[Any]]) -> list[tuple[int, str]]:
    """The steps of one server that fail; one that this OpenSSL has no function for does not.

    Args:
        library: path of a libssl.
        steps: of each the name of a method of ``_Server``, and its arguments.

    Raises:
        OSError, AttributeError: it cannot be loaded, or is another library.
    """
    server = _Server(_Library(library))
    found = []
    for number, (name, *arguments) in enumerate(steps):
        step: Callable[..., str] = getattr(server, name)
        reason = ""
        with contextlib.suppress(AttributeError):
            reason = step(*arguments)
        if reason:
            found.append((number, reason))
    server.free()
    return found


def main() -> None:
    """Answer what is read from standard input; nothing where the library is none."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no key of httpd's gets into a core file
    with contextlib.suppress(OSError, AttributeError):
        for steps in json.load(sys.stdin):
            print(json.dumps(failures(sys.argv[1], steps)), flush=True)  # noqa: T201  # its answer


if __name__ == "__main__":
    main()

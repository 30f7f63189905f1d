"""Addresses and networks, as APR reads them.

Source: APR 1.7, network_io/unix/sockaddr.c (apr_ipsubnet_create), inet_pton.c; each message was
read from httpd 2.4.71.
"""

from __future__ import annotations

import ipaddress
import re

from wizard.config.checks.checker import Checker
from wizard.config.checks.kinds.kind import Kind
from wizard.config.syntax.numbers import integer

_V4 = re.compile(r"(?:0*[0-9]{1,3}\.){3}0*[0-9]{1,3}")
_PART = re.compile(r"(?:0*[0-9]{1,3}\.){0,3}0*[0-9]{1,3}\.?")
_ZEROS = re.compile(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")
BAD_ADDRESS = "The specified IP address is invalid."
BAD_MASK = "The specified network mask is invalid."


def looks_like_ip(text: str) -> bool:
    """Whether httpd takes a text for an address, a wrong one too, and not for a name."""
    return ":" in text or (bool(text) and not text.strip("0123456789."))


def subnet_fault(address: str, mask: str | None) -> str | None:
    """Why APR makes no network of a text that looks like an address.

    Args:
        address: what stands before the ``/``.
        mask: what stands behind it; None: there is no ``/``.
    """
    bits = 32 if _is_v4(address) else 128 if _is_v6(address) else 0
    if not bits:
        octets = re.findall("[0-9]+", address) if _PART.fullmatch(address) else ["256"]
        part = mask is None and all(_octet(octet) for octet in octets)
        return None if part else BAD_ADDRESS
    if mask is None:
        return None
    length, rest = integer(mask)
    if mask and not rest and length is not None and 0 < length <= bits:
        return None
    return None if bits == 32 and _is_v4(mask) else BAD_MASK


def _octet(text: str) -> bool:
    return int(text.lstrip("0")[:4] or "0") <= 255


def _is_v4(text: str) -> bool:
    return bool(_V4.fullmatch(text)) and all(_octet(octet) for octet in text.split("."))


def _is_v6(text: str) -> bool:
    if ":" not in text or "%" in text or len(text) > 200:
        return False
    try:
        address = ipaddress.IPv6Address(_ZEROS.sub("", text))
    except ValueError:
        return False
    return address.ipv4_mapped is None


def network_fault(text: str, shown: str) -> str | None:
    """What httpd says to a word that must be a network or an address, never a name.

    Args:
        text: the word.
        shown: what of it httpd names.
    """
    address, slash, mask = text.partition("/")
    if not looks_like_ip(address):
        return f"ip address '{shown}' appears to be invalid"
    fault = subnet_fault(address, mask if slash else None)
    return None if fault is None else f"ip address '{shown}' appears to be invalid: {fault}"


def exceptions(_: Checker, words: list[str]) -> str | None:
    """``RemoteIPProxyProtocolExceptions``: networks, up to the first word that is empty."""
    if not words or not words[0]:
        return "RemoteIPProxyProtocolExceptions requires an argument"
    for word in words:
        fault = network_fault(word, word.partition("/")[0]) if word else None
        if fault is not None or not word:
            return fault
    return None


def trusted_proxy(name: str) -> Kind:
    """A network, an address, or a name, which is not looked up here.

    Args:
        name: of the directive.
    """

    def kind(_: Checker, text: str) -> str | None:
        address, slash, mask = text.partition("/")
        if looks_like_ip(address):
            fault = subnet_fault(address, mask if slash else None)
            said = f"RemoteIP: Error parsing IP {text} ({fault} error) for {name}"
            return None if fault is None else said
        if slash:
            return f"RemoteIP: Error parsing IP {text} the subnet /{mask} is invalid for {name}"
        return None

    return kind

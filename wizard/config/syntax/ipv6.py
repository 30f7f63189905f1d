"""IPv6 addresses as APR reads them, before the resolver does.

Source: APR 1.7, network_io/unix/inet_pton.c (inet_pton6, inet_pton4), sockaddr.c
(apr_parse_addr_port); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re

_GROUPS = 8
_GROUP = re.compile(r"0*[0-9A-Fa-f]{1,4}\Z")
_OCTETS = re.compile(r"0*([0-9]{1,3})(?:\.0*([0-9]{1,3})){3}\Z")


def readable(text: str) -> bool:
    """Whether APR takes a text for an IPv6 address.

    It is not strict: a group may have any number of zeros before it, one colon may follow the last
    group, and ``::`` may stand for no group at all. The resolver, which comes after it, is.

    Args:
        text: without brackets and zone.
    """
    if text.startswith("::"):
        text = text[1:]
    elif text.startswith(":"):
        return False
    groups = text.split(":")
    if len(groups) > _GROUPS + 2:  # no need to look at each of very many
        return False
    last = groups.pop()
    sizes = [_size(group) for group in groups if group]
    gaps = len(groups) - len(sizes)
    if last:
        sizes.append(2 if _is_dotted(last) else _size(last))
    if gaps > 1 or 0 in sizes:
        return False
    return sum(sizes) <= _GROUPS if gaps else sum(sizes) == _GROUPS


def _size(group: str) -> int:
    """How many groups a text stands for; 0: it is none."""
    return 1 if _GROUP.match(group) else 0


def _is_dotted(text: str) -> bool:
    return bool(_OCTETS.match(text)) and all(int(each) <= 255 for each in text.split("."))


def bracketed(text: str) -> tuple[str, str | None] | None:
    """Address and zone of what stands between brackets.

    Returns:
        The address, and its zone (``lo`` of ``fe80::1%lo``), None without one; None if APR refuses
        it.
    """
    address, percent, zone = text.partition("%")
    if (percent and not zone) or not readable(address):
        return None
    return address, zone if percent else None


def is_link_local(address: str) -> bool:
    """Whether an address may have a zone (RFC 4291, 2.5.6: ``fe80::/10``)."""
    first = address.partition(":")[0]
    return bool(_GROUP.match(first)) and int(first, 16) & 0xFFC0 == 0xFE80

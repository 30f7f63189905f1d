"""Filters for packets, run by the kernel: who wanted to connect where, and who gets no answer.

Source: linux/filter.h and the kernel's Documentation/networking/filter.rst (classic BPF), RFC 791,
8200 and 9293 for the offsets.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Sequence
from ipaddress import ip_address

from wizard.httpd.sandbox.sandbox import Network

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27  # asm-generic/socket.h
_ETH_P_ALL = 3  # linux/if_ether.h
_LOAD_BYTE, _LOAD_BYTE_AT_X = 0x30, 0x50  # BPF_LD | BPF_B | BPF_ABS, … | BPF_IND
_LOAD_X_HEADER = 0xB1  # BPF_LDX | BPF_B | BPF_MSH: four times the low half of a byte
_AND, _JUMP, _IF_EQUAL, _RETURN = 0x54, 0x05, 0x15, 0x06
_TCP = 6
_FLAGS, _SYN, _SYN_ACK = 13, 0x02, 0x12
"""Offset of the flags in a TCP header; the first packet of a connection has SYN without ACK."""
_HEAD = 64
"""Bytes of a packet that are kept: addresses and ports are among the first 44."""
_Instruction = tuple[int, int, int, int]
"""Operation, jumps if true and if false, operand."""
_NOTHING: Sequence[_Instruction] = ((_RETURN, 0, 0, 0),)
_FIRST_PACKETS: Sequence[_Instruction] = (
    (_LOAD_BYTE, 0, 0, 0),
    (_AND, 0, 0, 0xF0),
    (_IF_EQUAL, 0, 5, 0x40),  # IPv4
    (_LOAD_BYTE, 0, 0, 9),
    (_IF_EQUAL, 0, 9, _TCP),
    (_LOAD_X_HEADER, 0, 0, 0),
    (_LOAD_BYTE_AT_X, 0, 0, _FLAGS),
    (_JUMP, 0, 0, 4),
    (_IF_EQUAL, 0, 5, 0x60),  # IPv6; httpd's connections have no extension headers
    (_LOAD_BYTE, 0, 0, 6),
    (_IF_EQUAL, 0, 3, _TCP),
    (_LOAD_BYTE, 0, 0, 40 + _FLAGS),
    (_AND, 0, 0, _SYN_ACK),
    (_IF_EQUAL, 1, 0, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _HEAD),
)


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _attach(to: socket.socket, program: Sequence[_Instruction]) -> None:
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    to.setsockopt(
        socket.SOL_SOCKET,
        _SO_ATTACH_FILTER,
        bytes(_Program(len(program), ctypes.addressof(buffer))),
    )


def silence(listener: socket.socket) -> None:
    """Let nobody who connects get an answer, until :func:`hear`."""
    _attach(listener, _NOTHING)


def hear(listener: socket.socket) -> None:
    """Take connections; who asked before asks again within a second (RFC 6298)."""
    listener.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


class Attempts:
    """What the servers of an isolated sandbox try to connect to, whoever listens there or nobody.

    Args:
        network: of the servers.
    """

    def __init__(self, network: Network) -> None:
        every = socket.htons(_ETH_P_ALL)
        self._packets = network.new_socket(socket.AF_PACKET, socket.SOCK_DGRAM, every)
        _attach(self._packets, _FIRST_PACKETS)
        self._packets.setblocking(False)

    def since(self) -> frozenset[tuple[str, int]]:
        """Address and port of each one since the last call."""
        found: set[tuple[str, int]] = set()
        while True:
            try:
                packet = self._packets.recv(_HEAD)
            except BlockingIOError:
                return frozenset(found)
            found.add(_target(packet))

    def close(self) -> None:
        """See no more."""
        self._packets.close()


def _target(packet: bytes) -> tuple[str, int]:
    if packet[0] >> 4 == 4:
        address, header = packet[16:20], (packet[0] & 15) * 4
    else:
        address, header = packet[24:40], 40
    return str(ip_address(address)), int.from_bytes(packet[header + 2 : header + 4], "big")

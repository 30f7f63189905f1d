"""The lab on loopback: a throw-away PKI, backends that misbehave, lessons.

Everything lives in memory and in a temporary directory; nothing needs root, network or /etc/hosts.
"""

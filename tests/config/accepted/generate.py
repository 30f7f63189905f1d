"""Random lines, plausible and slightly broken: addresses, URLs, parameters, durations, sizes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SCHEMES = (
    *("http", "https", "HTTP", "ajp", "fcgi", "scgi", "uwsgi", "ws", "wss", "h2", "h2c", "ftp"),
    *("balancer", "Balancer", "foo", "h-1", "1http", "", "unix", "proxy", "ht_tp"),
)
HOSTS = (
    *("h", "b.internal", "H.EXAMPLE", "127.0.0.1", "[::1]", "[fe80::1%lo]", "[::", "::1", "[]"),
    *("user@h", "u:p@h", "u:p@", "@h", "h.", "-h", "_h", "", "", "h_1", "a b", "[::1]x", "u@@h"),
    *("$1", "h$1", "[0000:0:0:0::1]", "[::ffff:1.2.3.4]", "*", "h*", "localhost", "é.test"),
)
PORTS = (
    *("", "", "", ":80", ":8080", ":0", ":65535", ":65536", ":99999", ":", ":x", ":8x", ":-1"),
    *(":+80", ": 80", ":080", "::80", ":80:80", ":$1", ":80$1", ":99999999999999999999", ":8 0"),
)
PATHS = (
    "",
    "",
    "/",
    "/",
    "/a",
    "/a/",
    "//a",
    "/a?b=c",
    "?q",
    "#f",
    "/a b",
    "/$1",
    "/a:b",
    ":/",
    "!",
)
LISTENED = (
    *("*", "127.0.0.1", "0.0.0.0", "[::]", "[::1]", "localhost", "_default_", "127.1", "", "-"),
    *("0x7f.1", "127.0.0.256", "1.2.3.4.5", "127.0.0.01", "2130706433"),
)
SOCKETS = (
    *("unix:/s|", "unix:/run/a.sock|", "UNIX:/s|", "unix:s|", "unix:|", "unix:/s", "unix://s|"),
    *("unix:/s||", "unix:/s|x|", "unix:///s|", "unix:/s |"),
)
NUMBERS = (
    *("0", "1", "2", "5", "10", "50", "99", "100", "101", "512", "511", "513", "1000", "1001"),
    *("8192", "65535", "65536", "99999", "1048576", "2147483647", "2147483648", "4294967295"),
    *("4294967296", "4294967297", "9223372036854775807", "9223372036854775808", "-1", "-5", "+5"),
    *("007", "0x10", "1.5", "0.5", "100.1", "1e2", "", "x", "5x", "x5", " 5", "5 ", "--1", "on"),
    *("99999999999999999999999", "-9223372036854775809", "-2147483649", "512k", "1M", "2G"),
)
UNITS = ("", "", "s", "ms", "mi", "min", "h", "m", "S", "MS", "d", "x", "sec", "hour", "us", " s")
FLAGS = ("on", "off", "On", "OFF", "yes", "1", "", "auto", "full", "onn")
WORKER_KEYS = (
    *("loadfactor", "retry", "ttl", "min", "max", "smax", "acquire", "timeout", "iobuffersize"),
    *("receivebuffersize", "keepalive", "disablereuse", "enablereuse", "addressttl", "route"),
    *("redirect", "status", "flushpackets", "flushwait", "ping", "lbset", "connectiontimeout"),
    *("flusher", "upgrade", "responsefieldsize", "secret", "hcmethod", "hcinterval", "hcpasses"),
    *("hcfails", "hcuri", "hcexpr", "hctemplate", "mapping", "KEEPALIVE", "tmeout", "", "failover"),
)
BALANCER_KEYS = (
    *("stickysession", "stickysessionsep", "nofailover", "timeout", "maxattempts", "lbmethod"),
    *("scolonpathdelim", "failonstatus", "failontimeout", "nonce", "growth", "forcerecovery"),
    *("LBMETHOD", "stickysesion", "retry", "ping"),
)
WORDS = (
    *("x", "", "a" * 15, "a" * 16, "a" * 63, "a" * 64, "a" * 255, "a" * 256, "é", "x|y", "none"),
    *("websocket", "ANY", "GET", "OPTIONS", "CPING", "TCP", "HEAD11", "byrequests", "bytraffic"),
    *("D", "+D", "-D", "DIE", "+H-E", "d+", "+", "", "x", "R", "Q", "0", "encoded", "servlet", "."),
    *("404", "404,500", "500 503", "99", "600", "4xx", "503,", ",", "/health", "ok", "random"),
)
SIZES = (
    *("LimitRequestBody", "LimitRequestFields", "LimitRequestFieldSize", "LimitRequestLine"),
    *("LimitXMLRequestBody", "ReadBufferSize", "FlushMaxThreshold", "FlushMaxPipelined"),
    *("ProxyIOBufferSize", "ProxyReceiveBufferSize", "SendBufferSize"),
    *("ReceiveBufferSize", "SSLRenegBufferSize", "ListenBacklog", "ProxyMaxForwards"),
    *("BalancerGrowth", "MaxKeepAliveRequests", "SSLVerifyDepth", "SSLProxyVerifyDepth"),
    *("ThreadsPerChild", "MaxRequestWorkers", "LimitInternalRecursion", "MaxRanges"),
    *("H2WindowSize", "H2Padding"),
    *("H2MaxSessionStreams", "H2StreamMaxMemSize", "H2PushDiarySize", "H2MaxDataFrameLen"),
    *("MaxConnectionsPerChild", "MaxMemFree", "ThreadStackSize", "GracefulShutdownTimeout"),
    *("StartServers", "ServerLimit", "ThreadLimit", "MinSpareThreads", "MaxSpareThreads"),
    *("SSLSessionCacheTimeout", "SSLStaplingStandardCacheTimeout", "SSLOCSPResponderTimeout"),
    *("SSLStaplingErrorCacheTimeout", "SSLOCSPResponseTimeSkew", "SSLOCSPResponseMaxAge"),
    *("SSLStaplingResponseMaxAge", "SSLStaplingResponseTimeSkew", "SSLStaplingResponderTimeout"),
    *("ListenCoresBucketsRatio", "AsyncRequestWorkerFactor", "H2MaxWorkers", "H2MinWorkers"),
)
TIMES = (
    *("Timeout", "KeepAliveTimeout", "ProxyTimeout", "H2StreamTimeout", "H2MaxWorkerIdleSeconds"),
    *("ProxyWebsocketIdleTimeout", "H2KeepAliveTimeout", "H2Timeout"),
)
OTHERS = (
    *("ProxyVia", "ProxyBadHeader", "ProxyStatus", "ProxyRequests", "ProxyPreserveHost"),
    *("ProxyAddHeaders", "Proxy100Continue", "BalancerInherit", "BalancerPersist", "ProxyDomain"),
    *("KeepAlive", "SSLProxyEngine", "ProxyPassInterpolateEnv", "ProxyPassInherit"),
    *("UseCanonicalName", "UseCanonicalPhysicalPort", "AllowEncodedSlashes", "TraceEnable"),
    *("ServerTokens", "ServerSignature", "MergeSlashes", "ProxyErrorOverride", "SSLEngine"),
    *("SSLProxyCheckPeerName", "SSLProxyCheckPeerCN", "SSLProxyCheckPeerExpire", "HostnameLookups"),
)
OPTIONS = (
    *("on", "off", "On", "full", "block", "IsError", "ignore", "StartBody", ".a.test", "a.test"),
    *("dns", "nodecode", "extended", "Prod", "OS", "min", "email", "double", "optional", "", "x"),
    *("on 404", "on 404 500", "off 404", "on x", "on 200", "on 600", "404", "on off", "on 4x4"),
)


@dataclass(frozen=True)
class Candidate:
    """Lines that httpd takes or not.

    Args:
        text: one line or more, without a line feed at the end.
        alone: whether they stand at the level of the main server; else in a virtual host, where no
            other candidate's worker is theirs.
    """

    text: str
    alone: bool = False


class Generator:
    """Makes candidates.

    Args:
        seed: of the random choice.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._port = 0
        self._makers: Sequence[tuple[int, Callable[[], Candidate]]] = (
            (10, self._listen),
            (8, self._virtual_host),
            (20, self._proxy_pass),
            (12, self._member),
            (10, self._proxy_section),
            (6, self._proxy_set),
            (6, self._remote),
            (4, self._no_proxy),
            (4, self._server_name),
            (12, self._size),
            (8, self._time),
            (6, self._other),
            (6, self._path),
            (5, self._order),
        )
        self._weights = [weight for weight, _ in self._makers]

    def candidates(self, count: int) -> list[Candidate]:
        """So many candidates."""
        chosen = self._random.choices(self._makers, self._weights, k=count)
        return [make() for _, make in chosen]

    def _one(self, words: Sequence[str]) -> str:
        return self._random.choice(words)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _broken(self, text: str) -> str:
        """With one character changed now and then."""
        if not text or not self._chance(0.08):
            return text
        at = self._random.randrange(len(text))
        return text[:at] + self._one([*":/[]%.|@$0aF-", ""]) + text[at + 1 :]

    def _word(self, text: str) -> str:
        text = text.replace("\\", "")
        return f'"{text}"' if not text or " " in text or self._chance(0.1) else text

    def _ipv6(self) -> str:
        groups = [self._one(["0", "1", "00", "00000", "abcd", "FFFF", "0ffff", "12345", "g", ""])]
        groups += [
            self._one(["0", "1", "2", "ffff", "0001"])
            for _ in range(self._random.choice((1, 2, 3, 6, 7, 8, 9)))
        ]
        at = self._random.randrange(len(groups))
        if self._chance(0.7):
            groups[at] = self._one(["", "", ":"])
        tail = self._one(["", "", "", "", ":1.2.3.4", ":1.2.3", ":01.2.3.4", "%lo", "%", "%nope"])
        return ":".join(groups) + tail

    def _address(self) -> str:
        host = self._one(
            [
                "*",
                "127.0.0.1",
                "0.0.0.0",
                "[::]",
                "[::1]",
                "localhost",
                "_default_",
                "127.1",
                "",
                "-",
            ]
        )
        if self._chance(0.4):
            host = self._one(["[{}]", "[{}]", "[{}]", "[{}", "{}", "[[{}]]"]).format(self._ipv6())
        return host

    def _listen(self) -> Candidate:
        self._port = self._port % 60000 + 1
        port = f":{self._port}" if self._chance(0.8) else self._one(PORTS)
        address = self._address() + port if self._chance(0.9) else port[1:]
        protocol = self._one(["", "", "", " http", " https", " HTTPS", " x", " http x"])
        return Candidate(f"Listen {self._word(self._broken(address))}{protocol}", alone=True)

    def _virtual_host(self) -> Candidate:
        words = []
        for _ in range(self._random.choice((1, 1, 1, 2))):
            port = self._one((*PORTS, ":*", ":443", ":80"))
            words.append(self._word(self._broken(self._address() + port)))
        return Candidate(f"<VirtualHost {' '.join(words)}>\n</VirtualHost>", alone=True)

    def _url(self) -> str:
        if self._chance(0.2):
            tail = self._one(["http:", "https:", "fcgi:", "http://", "http:/", "http", "", "x:"])
            text = self._one(SOCKETS) + (tail if self._chance(0.5) else self._plain_url())
        else:
            text = self._plain_url()
        return self._broken(text)

    def _plain_url(self) -> str:
        if self._chance(0.6):
            scheme, host = self._one(SCHEMES[:12]), self._one(["h", "b.internal", "127.0.0.1"])
            return f"{scheme}://{host}{self._one(PORTS)}{self._one(PATHS[:6])}"
        slashes = self._one(["://", "://", "://", ":/", ":", "//", ":///", "/"])
        host = f"[{self._ipv6()}]" if self._chance(0.15) else self._one(HOSTS)
        return f"{self._one(SCHEMES)}{slashes}{host}{self._one(PORTS)}{self._one(PATHS)}"

    def _value(self) -> str:
        kind = self._random.randrange(4)
        if kind == 0:
            return self._one(NUMBERS)
        if kind == 1:
            return self._time_value()
        return self._one(FLAGS) if kind == 2 else self._one(WORDS)

    def _time_value(self) -> str:
        return self._one(NUMBERS) + self._one(UNITS)

    def _parameters(self, keys: Sequence[str], most: int = 2) -> str:
        words = []
        for _ in range(self._random.choice((0, 1, 1, 1, most))):
            equals = "=" if self._chance(0.97) else ""
            value = self._value() if equals else ""
            words.append(" " + self._word(f"{self._one(keys)}{equals}{value}"))
        return "".join(words)

    def _keys(self, url: str) -> Sequence[str]:
        balancer = url.lower().startswith("balancer:")
        return BALANCER_KEYS if balancer != self._chance(0.05) else WORKER_KEYS

    def _proxy_pass(self) -> Candidate:
        url = self._one(["balancer://c", "balancer:", "balancer://", "balancer://c/", "!"])
        url = url if self._chance(0.15) else self._url()
        words = f"{self._word(url)}{self._flags()}{self._parameters(self._keys(url))}"
        if self._chance(0.15):
            place = self._one(["/", "/a", "/a*", "~ ^/a", '"/a b"', "/a["])
            return Candidate(f"<Location {place}>\nProxyPass {words}\n</Location>")
        if self._chance(0.2):
            return Candidate(f"ProxyPassMatch {self._one(['^/a', '^/(.*)$', '/', '('])} {words}")
        path = self._one(["/", "/a", "/a/", "a", "~ ^/a", "http://x/", "//x", "//x:y/", '""'])
        return Candidate(f"ProxyPass {path} {words}")

    def _flags(self) -> str:
        if self._chance(0.9):
            return ""
        return " " + self._one(["nocanon", "interpolate", "noquery", "NoCanon", "nocannon", "x"])

    def _member(self) -> Candidate:
        line = f"{self._word(self._url())}{self._parameters(WORKER_KEYS)}"
        name = self._one(["balancer://c", "balancer://C/", "balancer://", "balancer:c", "http://h"])
        if self._chance(0.6):
            tag = "balancer://c" if self._chance(0.8) else self._one([name, "*", "h", ""])
            return Candidate(f'<Proxy "{tag}">\nBalancerMember {line}\n</Proxy>')
        return Candidate(f"BalancerMember {name} {line}")

    def _proxy_section(self) -> Candidate:
        name = self._one(["*", "balancer://c", "http://h/*", "http://h[1]/", "h", "proxy:http://h"])
        name = name if self._chance(0.3) else self._url()
        words = f"{self._word(name)}{self._parameters(self._keys(name))}"
        tag = "ProxyMatch" if self._chance(0.1) else "Proxy"
        inside = self._one(["", "", f"ProxySet{self._parameters(self._keys(name))}\n"])
        return Candidate(f"<{tag} {words}>\n{inside}</{tag}>")

    def _proxy_set(self) -> Candidate:
        name = self._one(["http://h/", "HTTP://H", "http://h", "balancer://c", "http://h:80/", "x"])
        other = name if self._chance(0.7) else self._one(["http://h/a", "balancer://C", "http://i"])
        if self._chance(0.3):
            parameters = self._parameters(self._keys(name), 3)
            return Candidate(f"<Proxy {name}>\nProxySet{parameters}\n</Proxy>")
        return Candidate(
            f"ProxyPass /a {other if ':' in other else 'http://x'}\n"
            f"ProxySet {name}{self._parameters(self._keys(name))}"
        )

    def _remote(self) -> Candidate:
        match = self._chance(0.2)
        first = self._one(["*", "http", "http://h/", "https", "^http", "("])
        third = self._one(["", "", "", " u:p", " u p"])
        return Candidate(
            f"ProxyRemote{'Match' if match else ''} {first} {self._word(self._url())}{third}"
        )

    def _no_proxy(self) -> Candidate:
        words = (
            *("127.0.0.1", "10.0.0.0/8", "10.0.0.0/33", ".a.test", "a.test", "10.", "192.168.1"),
            *("1.2.3.4.5", "[::1]", "::1", "fe80::/10", "256.1.1.1", "*", "10.0.0.0/", "/8", "x y"),
        )
        name = self._one(["NoProxy", "ProxyBlock", "ProxySourceAddress"])
        word = self._one(words[:3] + words[5:] if name == "ProxySourceAddress" else words)
        return Candidate(f"{name} {self._word(self._broken(word))}")

    def _server_name(self) -> Candidate:
        name = self._one(["", "", "http://", "https://", "HTTP://", "x://", "//"]) + self._one(
            HOSTS
        )
        return Candidate(f"ServerName {self._word(self._broken(name + self._one(PORTS)))}")

    def _size(self) -> Candidate:
        return Candidate(f"{self._one(SIZES)} {self._word(self._one(NUMBERS))}", alone=True)

    def _time(self) -> Candidate:
        return Candidate(f"{self._one(TIMES)} {self._word(self._time_value())}", alone=True)

    def _other(self) -> Candidate:
        return Candidate(f"{self._one(OTHERS)} {self._one(OPTIONS) or self._word('')}")

    def _path(self) -> Candidate:
        path = self._one(["/a", "//a", "//a:b/", "///a", "/a:b", "/[", "//[", "/%zz", "a", "/ b"])
        line = self._one(
            [
                *("ProxyPass /x {}", "ProxyPassReverse /x {}", "ProxyPass {} http://h/"),
                *("ProxyPass {} balancer://c/", "Redirect /x {}", "Redirect {} http://h/"),
                *("RewriteRule ^/x {} [P]", "RewriteRule ^/x {}", "RedirectMatch ^/x {}"),
                *("Redirect 302 /x {}", "ProxyPassReverse {}", "ProxyPassReverseCookiePath {} /"),
            ]
        )
        return Candidate(line.format(self._word(path)))

    def _order(self) -> Candidate:
        """A section whose tag and body may both be wrong: which one does httpd tell?"""
        tag = self._one(
            [
                *('Proxy "http://h/" nokey', 'Proxy "http://h/" ping=x', "Proxy x y=1", "Proxy *"),
                *("ProxyMatch ( x", "ProxyMatch ^a x", "Proxy balancer:// a=b", "Proxy * a=b"),
                *("Location /a b", "LocationMatch ( b", "Location ~ (", "LocationMatch ^a b"),
                *("Files a b", "FilesMatch ( b", "Files ~ (", "Directory /a b", "Directory ~ ("),
                *("DirectoryMatch (", "If true a", "If true", "Limit GET", "Limit", "Limit BAD-x"),
                *("LimitExcept GET", "LimitExcept", "RequireAll", "RequireAll x", "RequireAny x"),
                *(
                    "RequireNone",
                    "Location",
                    "Files",
                    "If",
                    "Else x",
                    "ElseIf true b",
                    "ElseIf true",
                ),
                *("Proxy", "ProxyMatch", "Directory", '""', "Location ~", "Limit TRACE"),
            ]
        )
        name = tag.split()[0]
        body = self._one(
            [
                "ProxySet x=1",
                "ProxySet nokey",
                "LimitRequestBody -1",
                "Nonsense",
                "",
                "Require all granted",
            ]
        )
        return Candidate(f"<{tag}>\n{body}\n</{name}>")

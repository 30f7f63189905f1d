"""An httpd to ask: the installed one, or any other that is named."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from wizard.config.installation.layout import Layout
from wizard.reference import directives


@dataclass(frozen=True)
class Httpd:
    """A program that is asked, and where its modules lie.

    Args:
        binary: the program.
    """

    binary: str = "/usr/sbin/apache2"

    def output(self, *options: str) -> str:
        return subprocess.run(
            [self.binary, *options], capture_output=True, text=True, timeout=60
        ).stdout

    @cached_property
    def version(self) -> str:
        """``2.4.71``."""
        return self.output("-v").split("Apache/")[1].split()[0]

    @cached_property
    def modules(self) -> Path:
        """The directory of its modules."""
        debian = Path("/usr/lib/apache2/modules")
        if self.binary == "/usr/sbin/apache2":
            return debian
        built = re.search(r'HTTPD_ROOT="([^"]+)"', self.output("-V"))
        return Path(built[1], "modules") if built else debian

    @cached_property
    def static(self) -> tuple[str, ...]:
        """Identifiers of what is compiled in."""
        sources = re.findall(r"^ +(\w+\.c)\s*$", self.output("-l"), re.MULTILINE)
        return tuple(directives.identifier(source) for source in sources)

    @cached_property
    def openssl(self) -> str:
        """The OpenSSL that its mod_ssl loads, ``3.0.19``."""
        linked = subprocess.run(
            ["ldd", str(self.modules / "mod_ssl.so")], capture_output=True, text=True, check=True
        ).stdout
        library = re.search(r"libcrypto\S* => (\S+)", linked)
        assert library is not None, linked
        found = re.search(rb"OpenSSL (\d+\.\d+\.\d+)", Path(library[1]).read_bytes())
        assert found is not None, library[1]
        return found[1].decode()

    @property
    def name(self) -> str:
        """``2.4.71/3.0``: the release, and the OpenSSL as far as its rules differ."""
        return f"{self.version}/{self.openssl.rpartition('.')[0]}"

    def has(self, module: str) -> bool:
        """Whether it has a module (``ssl``), compiled in or to be loaded."""
        return f"{module}_module" in self.static or (self.modules / f"mod_{module}.so").exists()

    def load(self, *modules: str) -> str:
        """``LoadModule`` lines for those that are not compiled in."""
        return "".join(
            f"LoadModule {name}_module {self.modules}/mod_{name}.so\n"
            for name in modules
            if f"{name}_module" not in self.static
        )

    def layout(self, layout: Layout) -> Layout:
        """A layout of this httpd."""
        return replace(
            layout,
            binary=self.binary,
            version=self.version,
            openssl=self.openssl,
            static_modules=self.static,
        )


INSTALLED = Httpd()
"""The distribution's own."""

"""Read a configuration in one pass, in httpd's order.

Source: httpd 2.4, server/config.c and server/core.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wizard.config.installation.layout import Layout
from wizard.config.preprocess.preprocessor import Preprocessor
from wizard.config.syntax.section_parser import HttpdLexer, HttpdParser, Position
from wizard.config.syntax.tree import Tree


def read(
    layout: Layout,
    defines: Iterable[str] = (),
    *,
    check_modules: bool | None = None,
    overlay: Mapping[str, bytes] | None = None,
) -> Tree:
    """Read the configuration that a layout names.

    Args:
        layout: where it is and which environment its httpd has.
        defines: names as after httpd's ``-D``, besides those of the layout.
        check_modules: whether a LoadModule of a file that does not exist is an error. None: only
            if this very configuration belongs to an httpd that is installed here (a copy from
            another machine names modules that are not on this one).
        overlay: contents that replace those on disk (a planned change), by real path.

    Returns:
        The tree, as DUMP_CONFIG shows it, with every file that was read.

    Raises:
        ConfigError: what httpd refuses while it reads, in its words, with file and line;
            or input beyond the limits that keep time and memory bounded.
    """
    position = Position()
    preprocessor = Preprocessor(
        layout,
        defines,
        position,
        check_modules=layout.native if check_modules is None else check_modules,
        overlay=overlay,
    )
    parser = HttpdParser(HttpdLexer(preprocessor.tokens()), position)
    return preprocessor.tree(parser.parse_tree())

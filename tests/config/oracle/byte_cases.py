"""Constructs that plain text does not show well: bytes, line ends, blanks, lengths."""

from __future__ import annotations

from tests.config.oracle.case import Case

GROUPS = {
    "lines": [
        Case("blank-lines", "\n\n  \n\t\n"),
        Case("only-comment", "# nothing"),
        Case("backslash-blank", "UnsetEnv a\\ \nUnsetEnv b\n"),
        Case("backslash-at-end-of-file", "UnsetEnv a\\"),
        Case("comment-continued-crlf", b"# c \\\r\nUnsetEnv swallowed\r\nUnsetEnv a\r\n"),
        Case(
            "continuation-stops-at-file-end",
            "Include a.conf\nUnsetEnv b\n",
            {"a.conf": "UnsetEnv a\\"},
        ),
        Case("crlf", b"UnsetEnv a\r\n<Location /x>\r\nUnsetEnv b\r\n</Location>\r\n"),
        Case("crlf-continued", b"UnsetEnv a \\\r\n b\r\nUnsetEnv c\r\n"),
        Case("crlf-mixed", b"UnsetEnv a\r\nUnsetEnv b\nUnsetEnv c\r\n"),
        Case("lone-cr", b"UnsetEnv a\rb\nUnsetEnv c\n"),
        Case("lone-cr-at-end", b"UnsetEnv a\r"),
        Case("two-cr", b"UnsetEnv a\r\r\nUnsetEnv b\r\r\n"),
        Case("cr-backslash", b"UnsetEnv a\\\r\r\nUnsetEnv b\n"),
        Case("vertical-tab-form-feed", b"UnsetEnv\x0ba\x0cb\n\x0b\x0cUnsetEnv c\n"),
        Case("nbsp-is-no-blank", "UnsetEnv a\xa0b\n"),
        Case("bom-before-comment", b"\xef\xbb\xbf# c\nUnsetEnv a\n"),
        Case("bom-before-directive", b"\xef\xbb\xbfUnsetEnv a\n"),
        Case("bom-in-middle", b"UnsetEnv a\n\xef\xbb\xbfUnsetEnv a\n"),
        Case("bom-in-argument", b"UnsetEnv \xef\xbb\xbfa\n"),
        Case("no-final-newline", "UnsetEnv a\nUnsetEnv b"),
        Case("no-final-newline-comment", "UnsetEnv a\n# c"),
        Case("no-final-newline-section", "<Location /x>\nUnsetEnv b\n</Location>"),
        Case("nul", b"UnsetEnv a\x00b\nUnsetEnv c\n"),
        Case("nul-first", b"\x00UnsetEnv a\nUnsetEnv c\n"),
        Case("nul-before-backslash", b"UnsetEnv a\x00\\\nUnsetEnv c\n"),
        Case("nul-in-continued", b"UnsetEnv a \\\n b\x00c\nUnsetEnv c\n"),
        Case("latin-1", b"UnsetEnv caf\xe9 \xff\xfe\n<Location /\xe9>\nUnsetEnv a\n</Location>\n"),
        Case("utf-8", "UnsetEnv é ü\u2028x 漢\n"),
        Case("utf-8-cut-by-continuation", b"UnsetEnv \xc3\\\n\xa9\nUnsetEnv b\n"),
        Case("control-characters", b"UnsetEnv a\x01\x1b[0m\x7f\x85 b\x1c\x1d\x1e\x1f c\n"),
        Case("line-of-100-kb", "UnsetEnv " + "x" * 100_000 + "\nUnsetEnv b\n"),
        Case("line-of-1-mb", "UnsetEnv " + "x " * 500_000 + "\nUnsetEnv b\n"),
        Case("many-continuations", "UnsetEnv a" + " \\\n b" * 2000 + "\nUnsetEnv c\n"),
    ],
    "words": [
        Case("tabs-between", "UnsetEnv\ta\t\tb\n\tUnsetEnv\tc\t\n"),
        Case("trailing-blanks", "UnsetEnv a   \t \n"),
    ],
    "sections": [
        Case("closing-with-trailing-blanks", "<Location /x>\nUnsetEnv a\n  </Location>  \t\n"),
    ],
    "includes": [
        Case(
            "glob-middle-and-end",
            "Include d*/?/*.conf\n",
            {"d1/a/1.conf": "UnsetEnv 1\n", "d2/b/2.conf": "UnsetEnv 2\n", "d1/f": "x"},
        ),
        Case("non-utf-8-name", b"Include caf\xe9.conf\n", {"caf\udce9.conf": "UnsetEnv a\n"}),
    ],
    "variables": [
        Case("environment-latin-1", "UnsetEnv ${E}\n", environment={"E": "caf\udce9"}),
        Case("whole-line-blank", "${E}  \nUnsetEnv a\n", environment={"E": "  "}),
        Case("value-with-tab", "UnsetEnv ${E}\nUnsetEnv b\n", environment={"E": "a\t  b"}),
        Case("long-value", "Define A " + "x" * 9000 + "\nUnsetEnv ${A}${A}\n"),
    ],
    "macros": [
        Case(
            "carry-to-end-no-newline", "<Macro m $a $b>\nUnsetEnv $a $b\n</Macro>\nUse m a 'b\\\\'"
        ),
        Case(
            "carry-to-lost-line", "<Macro m $a>\n$a\n</Macro>\nUse m 'UnsetEnv x\\\\'\nUnsetEnv c"
        ),
        Case("use-is-last-line-no-newline", "<Macro m>\nUnsetEnv a\n</Macro>\nUse m"),
        Case(
            "continued-line-after-use-no-newline",
            "<Macro m>\nUnsetEnv a\n</Macro>\nUse m\nUnsetEnv b\\\nc \\\nlost",
        ),
        Case(
            "continued-tag-after-use-no-newline",
            "<Macro m>\nUnsetEnv a\n</Macro>\n<Files x>\nUse m\n</Files>\\\nlost",
        ),
        Case("line-after-use-no-newline", "<Macro m>\nUnsetEnv a\n</Macro>\nUse m\nUnsetEnv lost"),
        Case(
            "long-value",
            "<Macro m $a $b>\nUnsetEnv $a $b\n</Macro>\nUse m "
            + "x" * 5000
            + " "
            + "y" * 5000
            + "\n",
        ),
        Case("long-body-line", "<Macro m>\nUnsetEnv " + "x" * 9000 + "\n</Macro>\nUse m\n"),
    ],
}

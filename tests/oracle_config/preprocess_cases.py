"""Include, variables, conditionals, macros, modules."""

from __future__ import annotations

from tests.oracle_config.case import Case

_A = {"a.conf": "UnsetEnv in-a\n"}
_D = {
    "d/b.conf": "UnsetEnv b\n",
    "d/a.conf": "UnsetEnv a\n",
    "d/.h": "UnsetEnv h\n",
    "d/x~": "UnsetEnv x\n",
    "d/a/z.conf": "UnsetEnv z\n",
}

INCLUDES = [
    Case("relative", "UnsetEnv 1\nInclude a.conf\nUnsetEnv 2\n", _A),
    Case("absolute", "Include @ROOT@/a.conf\nUnsetEnv 2\n", _A),
    Case("quoted", 'Include "a b.conf"\n', {"a b.conf": "UnsetEnv a\n"}),
    Case("dots", "Include ./x/../a.conf\n", {**_A, "x/": ""}),
    Case("double-slashes", "Include @ROOT@//./a.conf\n", _A),
    Case("missing", "UnsetEnv 1\nInclude nope.conf\n"),
    Case("missing-parent", "Include nope/nope.conf\n"),
    Case(
        "missing-optional", "IncludeOptional nope.conf\nIncludeOptional no/nope.conf\nUnsetEnv 1\n"
    ),
    Case(
        "missing-absolute-in-second-file",
        "UnsetEnv\\\n 1\nInclude a.conf\n",
        {"a.conf": "\nInclude /nope\n"},
    ),
    Case("two-arguments", "Include a.conf b.conf\n", _A),
    Case("no-argument", "Include\n"),
    Case("no-argument-optional", "IncludeOptional\n"),
    Case("empty-argument", 'Include ""\n'),
    Case("directory", "Include d\n", _D),
    Case("directory-slash", "Include d/\n", _D),
    Case("directory-empty", "Include d\nUnsetEnv 1\n", {"d/": ""}),
    Case("directory-optional", "IncludeOptional d\n", _D),
    Case(
        "directory-order",
        "Include d\n",
        {
            f"d/{n}": f"UnsetEnv {i}\n"
            for i, n in enumerate(
                ["é", "a", "_u", "B", "9-a", "10-b", "#t", "a.b", "e/c", "a-b", "~", "!", "A"]
            )
        },
    ),
    Case("glob", "Include d/*.conf\n", _D),
    Case("glob-question", "Include d/?.conf\n", _D),
    Case("glob-class", "Include d/[a-a].conf\nInclude d/[!a].conf\nInclude d/[^a].conf\n", _D),
    Case("glob-braces-are-text", "Include d/{a,b}.conf\n", _D),
    Case("glob-hidden", "Include d/.*\n", {"d/.h": "UnsetEnv h\n"}),
    Case("glob-all", "Include d/*\n", _D),
    Case(
        "glob-matches-directory",
        "Include d/*.conf\n",
        {"d/x.conf/i": "UnsetEnv i\n", "d/a.conf": "UnsetEnv a\n"},
    ),
    Case("glob-no-match", "UnsetEnv 1\nInclude d/*.nope\n", _D),
    Case("glob-no-match-optional", "IncludeOptional d/*.nope\nUnsetEnv 1\n", _D),
    Case("glob-no-directory", "Include nope/*.conf\n"),
    Case("glob-no-directory-optional", "IncludeOptional nope/*.conf\nUnsetEnv 1\n"),
    Case("glob-in-file-component", "Include a.conf/*.conf\n", _A),
    Case(
        "glob-middle",
        "Include d/*/x.conf\n",
        {"d/1/x.conf": "UnsetEnv 1\n", "d/2/x.conf": "UnsetEnv 2\n"},
    ),
    Case(
        "glob-middle-one-lacks", "Include d/*/x.conf\n", {"d/1/x.conf": "UnsetEnv 1\n", "d/2/y": ""}
    ),
    Case(
        "glob-middle-one-lacks-glob",
        "Include d/*/*.conf\n",
        {"d/1/x.conf": "UnsetEnv 1\n", "d/2/y": ""},
    ),
    Case(
        "glob-middle-optional",
        "IncludeOptional d/*/x.conf\n",
        {"d/1/x.conf": "UnsetEnv 1\n", "d/2/y": ""},
    ),
    Case("glob-middle-no-match", "Include n*/x.conf\n"),
    Case(
        "glob-middle-and-end",
        "Include d*/?/*.conf\n",
        {"d1/a/1.conf": "UnsetEnv 1\n", "d2/b/2.conf": "UnsetEnv 2\n", "d1/f": "x"},
    ),
    Case(
        "glob-escaped",
        "Include d/\\*.conf\n",
        {"d/*.conf": "UnsetEnv star\n", "d/a.conf": "UnsetEnv a\n"},
    ),
    Case("glob-relative-to-parent", "Include d/../d/*.conf\n", _D),
    Case("bracket-without-end", "Include d/[a.conf\n", {"d/[a.conf": "UnsetEnv a\n"}),
    Case("link-to-file", "Include l.conf\n", {**_A, "l.conf": "->a.conf"}),
    Case(
        "link-sorted-by-its-name",
        "Include d/*\n",
        {"d/2": "UnsetEnv 2\n", "z": "UnsetEnv z\n", "d/1": "->../z"},
    ),
    Case("link-to-directory", "Include l\nInclude l/*.conf\n", {**_D, "l": "->d"}),
    Case("link-dangling", "Include l\n", {"l": "->nowhere"}),
    Case("link-dangling-optional", "IncludeOptional l\nUnsetEnv 1\n", {"l": "->nowhere"}),
    Case("link-dangling-in-glob", "Include d/*\n", {"d/a": "UnsetEnv a\n", "d/l": "->nowhere"}),
    Case(
        "link-dangling-in-glob-optional",
        "IncludeOptional d/*\n",
        {"d/a": "UnsetEnv a\n", "d/l": "->nowhere"},
    ),
    Case("link-dangling-in-directory", "Include d\n", {"d/a": "UnsetEnv a\n", "d/l": "->nowhere"}),
    Case(
        "link-dangling-in-directory-optional",
        "IncludeOptional d\nUnsetEnv 1\n",
        {"d/a": "UnsetEnv a\n", "d/l": "->nowhere"},
    ),
    Case("link-loop", "Include l\n", {"l": "->l"}),
    Case("link-loop-optional", "IncludeOptional l\n", {"l": "->l"}),
    Case("link-loop-of-directories", "Include d\n", {"d/a": "UnsetEnv a\n", "d/d": "->../d"}),
    Case(
        "link-loop-of-directories-optional",
        "IncludeOptional d\n",
        {"d/a": "UnsetEnv a\n", "d/d": "->../d"},
    ),
    Case("twice", "Include a.conf\nInclude a.conf\n", _A),
    Case("itself", "UnsetEnv 1\nInclude t.conf\n"),
    Case("itself-optional", "IncludeOptional t.conf\n"),
    Case(
        "each-other",
        "Include a.conf\n",
        {"a.conf": "Include b.conf\n", "b.conf": "Include a.conf\n"},
    ),
    Case("in-section", "<Location /x>\nInclude a.conf\n</Location>\n", _A),
    Case("in-vhost", "<VirtualHost *:80>\nInclude d\nServerName a\n</VirtualHost>\n", _D),
    Case("opens-section", "Include a.conf\n</Location>\n", {"a.conf": "<Location /x>\n"}),
    Case("closes-section", "<Location /x>\nInclude a.conf\n", {"a.conf": "</Location>\n"}),
    Case(
        "opens-conditional",
        "Include a.conf\nUnsetEnv 1\n",
        {"a.conf": "<IfModule mod_ssl.c>\nUnsetEnv a\n"},
    ),
    Case(
        "opens-conditional-and-closed-outside",
        "Include a.conf\n</IfModule>\n",
        {"a.conf": "<IfModule mod_ssl.c>\n"},
    ),
    Case(
        "opens-untaken-conditional",
        "Include a.conf\nUnsetEnv 1\n",
        {"a.conf": "<IfModule no.c>\nUnsetEnv a\n"},
    ),
    Case(
        "closes-conditional", "<IfModule mod_ssl.c>\nInclude a.conf\n", {"a.conf": "</IfModule>\n"}
    ),
    Case(
        "section-open-in-conditional",
        "Include a.conf\nUnsetEnv 1\n",
        {"a.conf": "<IfModule mod_ssl.c>\n<Location /x>\nUnsetEnv a\n"},
    ),
    Case("untaken", "<IfDefine Nope>\nInclude nope.conf\n</IfDefine>\nUnsetEnv 1\n"),
    Case(
        "server-root",
        "ServerRoot @ROOT@/d\nInclude a.conf\nServerRoot @ROOT@\nInclude a.conf\n",
        {**_A, "d/a.conf": "UnsetEnv d\n"},
    ),
    Case("server-root-relative", "ServerRoot d\n", {"d/": ""}),
    Case("server-root-missing", "ServerRoot @ROOT@/nope\n"),
    Case("server-root-file", "ServerRoot @ROOT@/a.conf\n", _A),
    Case(
        "server-root-slash", "ServerRoot @ROOT@/d/\nInclude a.conf\n", {"d/a.conf": "UnsetEnv d\n"}
    ),
    Case("server-root-two-arguments", "ServerRoot a b\n"),
    Case(
        "server-root-in-vhost",
        "<VirtualHost *:80>\nServerRoot @ROOT@/d\n</VirtualHost>\nInclude a.conf\n",
        {"d/a.conf": "UnsetEnv d\n"},
    ),
    Case("empty-file", "Include a.conf\nUnsetEnv 1\n", {"a.conf": ""}),
    Case("device", "Include /dev/null\nUnsetEnv 1\n"),
    Case("device-zero", "Include /dev/zero\nUnsetEnv 1\n"),
    Case(
        "by-variable",
        "Define N a\nInclude ${N}.conf\nInclude ${ROOT}/a.conf\n",
        _A,
        environment={"ROOT": "."},
    ),
    Case("by-undefined-variable", "Include ${NOPE}.conf\n"),
    Case("error-in-included", "Include a.conf\n", {"a.conf": "UnsetEnv 1\n\n</Location>\n"}),
    Case(
        "error-in-nested",
        "\nInclude a.conf\n",
        {"a.conf": "Include b.conf\n", "b.conf": "Include c.conf\n", "c.conf": "\n\nDefine\n"},
    ),
    Case(
        "not-closed-in-included",
        "<VirtualHost *:80>\nInclude a.conf\n</VirtualHost>\n",
        {"a.conf": "\n<Location /x>\n"},
    ),
    Case(
        "nested-chain",
        "Include a.conf\n",
        {
            "a.conf": "UnsetEnv a\nInclude b.conf\n",
            "b.conf": "UnsetEnv b\nInclude c.conf\nUnsetEnv b2\n",
            "c.conf": "UnsetEnv c\n",
        },
    ),
    Case("name-in-other-case", "INCLUDE a.conf\nincludeoptional a.conf\n", _A),
    Case("non-utf-8-name", b"Include caf\xe9.conf\n", {"caf\udce9.conf": "UnsetEnv a\n"}),
    Case("dump-define", "<IfDefine DUMP_CONFIG>\nInclude a.conf\n</IfDefine>\n", _A),
]

VARIABLES = [
    Case("define", "Define A x\nUnsetEnv ${A}\nUnsetEnv a${A}b${A}\n"),
    Case(
        "define-in-other-case",
        "Define Abc x\nUnsetEnv ${ABC} ${abc}\nDefine ABC y\nUnsetEnv ${Abc}\n",
    ),
    Case(
        "define-case-for-ifdefine",
        "Define Abc x\n<IfDefine ABC>\nUnsetEnv no\n</IfDefine>\n<IfDefine Abc>\nUnsetEnv yes\n</IfDefine>\n",
    ),
    Case("define-later", "UnsetEnv ${A}\nDefine A x\nUnsetEnv ${A}\nDefine A y\nUnsetEnv ${A}\n"),
    Case("define-value-once", "Define B '${A}'\nDefine A x\nUnsetEnv ${B}\n"),
    Case("define-value-now", "Define A 1\nDefine B ${A}2\nDefine A 3\nUnsetEnv ${B}\n"),
    Case(
        "define-without-value", "Define A\nUnsetEnv ${A}\n<IfDefine A>\nUnsetEnv b\n</IfDefine>\n"
    ),
    Case("define-again-without-value", "Define A x\nDefine A\nUnsetEnv ${A}\n"),
    Case("define-empty", 'Define A ""\nUnsetEnv x${A}y\n'),
    Case("define-colon", "UnsetEnv a\nDefine a:b x\n"),
    Case("undefine-colon", "UnDefine a:b\n"),
    Case("define-dash-dot", "Define a-b.c x\nUnsetEnv ${a-b.c}\n"),
    Case("define-blank-name", 'Define "a b" x\nUnsetEnv ${a b}\n'),
    Case("define-brace-name", 'Define "a}b" x\nUnsetEnv ${a}b}\n'),
    Case(
        "undefine",
        "Define A x\nUnDefine A\nUnsetEnv ${A}\n<IfDefine A>\nUnsetEnv no\n</IfDefine>\n",
    ),
    Case(
        "undefine-other-case",
        "Define Abc x\nUnDefine abc\nUnsetEnv ${Abc}\n<IfDefine Abc>\nUnsetEnv still\n</IfDefine>\n",
    ),
    Case("undefine-unknown", "UnDefine Nope\nUnsetEnv a\n"),
    Case("undefine-two", "UnDefine a b\n"),
    Case(
        "undefine-uncovers",
        "Define A x\nUnsetEnv ${A}\nUnDefine A\nUnsetEnv ${A}\n",
        environment={"A": "env"},
    ),
    Case(
        "undefine-dash-d",
        "UnDefine X\n<IfDefine X>\nUnsetEnv no\n</IfDefine>\nUnsetEnv 1\n",
        defines=["X"],
    ),
    Case("dash-d", "<IfDefine X>\nUnsetEnv ${X}\n</IfDefine>\n", defines=["X"]),
    Case(
        "dash-d-value",
        "<IfDefine X=1>\nUnsetEnv named\n</IfDefine>\n<IfDefine X>\nUnsetEnv no\n</IfDefine>\nUnsetEnv ${X} ${X=1}\n",
        defines=["X=1"],
    ),
    Case("environment", "UnsetEnv ${HERE} ${here}\n", environment={"HERE": "x y"}),
    Case("environment-empty", "UnsetEnv a${E}b\n", environment={"E": ""}),
    Case(
        "environment-no-ifdefine",
        "<IfDefine HERE>\nUnsetEnv no\n</IfDefine>\nUnsetEnv 1\n",
        environment={"HERE": "x"},
    ),
    Case("environment-covered", "Define here x\nUnsetEnv ${HERE}\n", environment={"HERE": "env"}),
    Case("environment-latin-1", "UnsetEnv ${E}\n", environment={"E": "caf\udce9"}),
    Case("splits", "Define A 'x y'\nUnsetEnv ${A}\nUnsetEnv \"${A}\"\n"),
    Case("quote-in-value", 'Define A \'x" y\'\nUnsetEnv "a ${A} b"\n'),
    Case("directive-name", "Define D UnsetEnv\n${D} a\nUn${E}Env b\n", environment={"E": "set"}),
    Case("whole-line", "Define L 'UnsetEnv a b'\n${L}\n"),
    Case("whole-line-hash", "Define L '# no'\nUnsetEnv a\n${L}\n"),
    Case("whole-line-empty", "${E}\nUnsetEnv a\n", environment={"E": ""}),
    Case("whole-line-blank", "${E}  \nUnsetEnv a\n", environment={"E": "  "}),
    Case("opening-tag", "Define S Location\n<${S} /x>\nUnsetEnv a\n</${S}>\n"),
    Case("whole-tag", "Define O '<Location /x>'\nDefine C '</Location>'\n${O}\nUnsetEnv a\n${C}\n"),
    Case("conditional-tag", "Define I '<IfModule mod_ssl.c>'\n${I}\nUnsetEnv a\n</IfModule>\n"),
    Case(
        "conditional-closing-tag",
        "Define C '</IfModule>'\n<IfModule mod_ssl.c>\nUnsetEnv a\n${C}\n",
    ),
    Case(
        "conditional-closing-tag-name",
        "Define C IfModule\n<IfModule mod_ssl.c>\nUnsetEnv a\n</${C}>\n",
    ),
    Case("conditional-argument", "Define M mod_ssl.c\n<IfModule ${M}>\nUnsetEnv a\n</IfModule>\n"),
    Case("section-argument", "Define P '/x y'\n<Location \"${P}\">\nUnsetEnv a\n</Location>\n"),
    Case("section-argument-bracket", "Define P '/x>'\n<Location ${P}\nUnsetEnv a\n</Location>\n"),
    Case("undefined", "UnsetEnv ${NOPE} x${NOPE2}\n"),
    Case("undefined-in-name", "${NOPE} a\n"),
    Case("unclosed", "Define A x\nUnsetEnv ${A ${A\n"),
    Case("empty-name", "UnsetEnv ${} ${ A }\n"),
    Case("nested", "Define A x\nUnsetEnv ${B${A}} c\n"),
    Case("nested-defined", "Define 'B${A' x\nUnsetEnv ${B${A} c\n"),
    Case("colon", "RewriteMap m int:tolower\nRewriteEngine on\nRewriteRule ^/(.*) /${m:$1} [L]\n"),
    Case("no-escape", "Define A x\nUnsetEnv \\${A} $${A} \\\\${A} $A %{A} $ {A}\n"),
    Case("brace-first", "Define A x\nUnsetEnv }${A}{ {${A}}\n"),
    Case("dollar-last", "UnsetEnv a$\nUnsetEnv ${\n"),
    Case("comment", "# ${NOPE}\nUnsetEnv a\n"),
    Case("untaken", "<IfDefine Nope>\nUnsetEnv ${NOPE}\nDefine X\n</IfDefine>\nUnsetEnv a${X}\n"),
    Case("in-vhost-is-global", "<VirtualHost *:80>\nDefine A x\n</VirtualHost>\nUnsetEnv ${A}\n"),
    Case(
        "in-location-is-global",
        "<Location /x>\nDefine A x\nUnsetEnv ${A}\n</Location>\nUnsetEnv ${A}\n",
    ),
    Case("value-with-tab", "UnsetEnv ${E}\nUnsetEnv b\n", environment={"E": "a\t  b"}),
    Case("value-with-backslash", "Define A 'x\\\\'\nUnsetEnv ${A}\nUnsetEnv b\n"),
    Case("value-is-include", "Define A 'Include a.conf'\n${A}\n", {"a.conf": "UnsetEnv in-a\n"}),
    Case("value-is-define", "Define A 'Define B x'\n${A}\nUnsetEnv ${B}\n"),
    Case("long-value", "Define A " + "x" * 9000 + "\nUnsetEnv ${A}${A}\n"),
    Case(
        "twice-in-vhosts",
        "".join(
            f"Define P {p}\n<VirtualHost *:${{P}}>\nServerName n${{P}}\n</VirtualHost>\n"
            for p in (81, 82)
        ),
    ),
]

CONDITIONALS = [
    Case("ifmodule-source", "<IfModule mod_ssl.c>\nUnsetEnv a\n</IfModule>\n"),
    Case("ifmodule-identifier", "<IfModule ssl_module>\nUnsetEnv a\n</IfModule>\n"),
    Case(
        "ifmodule-case",
        "<IfModule MOD_SSL.C>\nUnsetEnv a\n</IfModule>\n<IfModule Ssl_module>\nUnsetEnv b\n</IfModule>\nUnsetEnv c\n",
    ),
    Case(
        "ifmodule-false-forms",
        "".join(
            f"<IfModule {n}>\nUnsetEnv no\n</IfModule>\n"
            for n in ("mod_ssl.so", "ssl", "mod_ssl", "modules/mod_ssl.c", "mod_mpm_event.c")
        )
        + "UnsetEnv a\n",
    ),
    Case(
        "ifmodule-mpm",
        "<IfModule event.c>\nUnsetEnv a\n</IfModule>\n<IfModule mpm_event_module>\nUnsetEnv b\n</IfModule>\n",
    ),
    Case(
        "ifmodule-static",
        "".join(
            f"<IfModule {n}>\nUnsetEnv {n}\n</IfModule>\n"
            for n in (
                "core.c",
                "core_module",
                "http_core.c",
                "http_module",
                "mod_so.c",
                "so_module",
                "mod_version.c",
                "mod_unixd.c",
                "mod_log_config.c",
                "mod_logio.c",
                "mod_watchdog.c",
            )
        ),
    ),
    Case(
        "ifmodule-all-loaded",
        "".join(
            f"<IfModule mod_{n}.c>\nUnsetEnv {n}\n</IfModule>\n"
            for n in (
                "info",
                "macro",
                "env",
                "proxy",
                "proxy_http",
                "headers",
                "setenvif",
                "rewrite",
                "mime",
                "dir",
                "socache_shmcb",
                "substitute",
                "filter",
                "alias",
                "authz_core",
                "dav",
            )
        ),
    ),
    Case(
        "ifmodule-negated",
        "<IfModule !mod_ssl.c>\nUnsetEnv no\n</IfModule>\n<IfModule !nope.c>\nUnsetEnv a\n</IfModule>\n",
    ),
    Case(
        "ifmodule-negated-blank",
        "<IfModule ! nope.c>\nUnsetEnv a\n</IfModule>\n<IfModule ! mod_ssl.c>\nUnsetEnv no\n</IfModule>\n",
    ),
    Case("ifmodule-negated-twice", "<IfModule !!mod_ssl.c>\nUnsetEnv a\n</IfModule>\nUnsetEnv b\n"),
    Case(
        "ifmodule-quoted",
        '<IfModule "mod_ssl.c">\nUnsetEnv a\n</IfModule>\n<IfModule !"nope.c">\nUnsetEnv b\n</IfModule>\n<IfModule "!nope.c">\nUnsetEnv no\n</IfModule>\n',
    ),
    Case(
        "ifmodule-further-words",
        "<IfModule mod_ssl.c mod_nope.c>\nUnsetEnv a\n</IfModule>\n<IfModule nope.c mod_ssl.c>\nUnsetEnv no\n</IfModule>\n",
    ),
    Case("ifmodule-nothing", "<IfModule>\nUnsetEnv a\n</IfModule>\n"),
    Case("ifmodule-blank-nothing", "<IfModule >\nUnsetEnv a\n</IfModule>\n"),
    Case("ifmodule-only-negation", "<IfModule !>\nUnsetEnv a\n</IfModule>\n"),
    Case("ifmodule-empty-quotes", '<IfModule "">\nUnsetEnv a\n</IfModule>\n'),
    Case("ifmodule-no-bracket", "<IfModule mod_ssl.c\nUnsetEnv a\n</IfModule>\n"),
    Case("ifmodule-glued", "<IfModulemod_ssl.c>\nUnsetEnv a\n</IfModule>\n"),
    Case(
        "ifmodule-load-later",
        "<IfModule mod_dav.c>\nUnsetEnv no\n</IfModule>\nLoadModule dav_module /usr/lib/apache2/modules/mod_dav.so\n<IfModule mod_dav.c>\nUnsetEnv a\n</IfModule>\n",
    ),
    Case("ifmodule-in-other-case", "<ifmodule mod_ssl.c>\nUnsetEnv a\n</IFMODULE>\n"),
    Case("closing-with-blank", "<IfModule mod_ssl.c>\nUnsetEnv a\n</IfModule >\n"),
    Case("closing-with-blank-untaken", "<IfModule no.c>\nUnsetEnv a\n</IfModule >\n"),
    Case("closing-without-bracket", "<IfModule mod_ssl.c>\nUnsetEnv a\n</IfModule\n"),
    Case("closing-without-bracket-untaken", "<IfModule no.c>\nUnsetEnv a\n</IfModule\n"),
    Case("closing-other", "<IfModule mod_ssl.c>\nUnsetEnv a\n</IfDefine>\n"),
    Case("closing-other-untaken", "<IfModule no.c>\nUnsetEnv a\n</IfDefine>\n"),
    Case("not-closed-taken", "<IfModule mod_ssl.c>\nUnsetEnv a\n"),
    Case("not-closed-untaken", "<IfModule no.c>\nUnsetEnv a\n"),
    Case("not-closed-untaken-nested", "<IfModule no.c>\n<Location /x>\nUnsetEnv a\n"),
    Case(
        "crosses-section", "<IfModule mod_ssl.c>\n<VirtualHost *:80>\n</IfModule>\n</VirtualHost>\n"
    ),
    Case(
        "crosses-section-other-way",
        "<VirtualHost *:80>\n<IfModule mod_ssl.c>\n</VirtualHost>\n</IfModule>\n",
    ),
    Case(
        "crosses-section-untaken",
        "<VirtualHost *:80>\n<IfModule no.c>\n</VirtualHost>\n</IfModule>\n",
    ),
    Case("untaken-unbalanced", "<IfModule no.c>\n<VirtualHost *:80>\n</IfModule>\n"),
    Case(
        "untaken-anything",
        '<IfModule no.c>\nFrobnicate "a\n<Frob>\n${X}\n</Frob>\nInclude nope\nUse x\n</IfModule>\nUnsetEnv a\n',
    ),
    Case("untaken-tag-in-quotes", '<IfModule no.c>\n"<Location" /x>\n</IfModule>\n'),
    Case(
        "untaken-commented-tags",
        "<IfModule no.c>\n#<Location /x>\n # </IfModule>\nUnsetEnv no\n</IfModule>\nUnsetEnv a\n",
    ),
    Case("untaken-macro", "<IfModule no.c>\n<Macro m>\nUnsetEnv a\n</Macro>\n</IfModule>\nUse m\n"),
    Case(
        "untaken-same-nested",
        "<IfModule no.c>\n<IfModule mod_ssl.c>\nUnsetEnv no\n</IfModule>\nUnsetEnv no\n</IfModule>\nUnsetEnv a\n",
    ),
    Case(
        "untaken-text-after-closing",
        "<IfModule no.c>\n<Location /x>\n</Location> x\n</IfModule>x\nUnsetEnv a\n",
    ),
    Case("untaken-case", "<IfModule no.c>\n<LOCATION /x>\n</location>\n</ifmodule>\nUnsetEnv a\n"),
    Case("untaken-odd-tags", "<IfModule no.c>\n<\n</\n<>\n</>\n</IfModule>\nUnsetEnv a\n"),
    Case(
        "nested",
        "<IfModule mod_ssl.c>\n<IfDefine !X>\n<IfVersion >= 2.4>\nUnsetEnv a\n</IfVersion>\n</IfDefine>\n</IfModule>\n",
    ),
    Case("nested-crossed", "<IfModule mod_ssl.c>\n<IfDefine !X>\n</IfModule>\n</IfDefine>\n"),
    Case(
        "around-sections",
        "<IfModule mod_ssl.c>\n<Location /x>\n<IfDefine !X>\nUnsetEnv a\n</IfDefine>\n</Location>\n</IfModule>\n",
    ),
    Case(
        "else-inside",
        "<IfModule mod_ssl.c>\nUnsetEnv a\n<Else>\nUnsetEnv b\n</Else>\n</IfModule>\n",
    ),
    Case(
        "ifdefine",
        "<IfDefine A>\nUnsetEnv no\n</IfDefine>\nDefine A 0\n<IfDefine A>\nUnsetEnv a\n</IfDefine>\n<IfDefine !A>\nUnsetEnv no\n</IfDefine>\n",
    ),
    Case("ifdefine-two", "Define A\n<IfDefine A B>\nUnsetEnv a\n</IfDefine>\n"),
    Case("ifdefine-nothing", "<IfDefine>\n</IfDefine>\n"),
    Case("ifdefine-quoted-blank", 'Define "a b"\n<IfDefine "a b">\nUnsetEnv a\n</IfDefine>\n'),
    Case(
        "ifversion",
        "".join(
            f"<IfVersion {c}>\nUnsetEnv v{i}\n</IfVersion>\n"
            for i, c in enumerate(
                (
                    "2.4",
                    "= 2.4",
                    "> 2.4",
                    "<= 2.4",
                    ">= 2.4.9",
                    ">= 2.4.100",
                    "< 3",
                    "2.4.71",
                    "== 2.4.71",
                    "!= 2.4.71",
                    "!> 2.4.1",
                    "~ ^2\\.4",
                    "!~ ^2\\.4",
                    "= /^2\\.4\\.7/",
                    "== /2.2/",
                    ">= 2",
                    "> 02.04.07",
                    "< 2.4.",
                    "> 2..",
                    ">= 2.4.71.",
                    "< 2.4.999999999999",
                )
            )
        ),
    ),
    *(
        Case(f"ifversion-wrong-{i}", f"<IfVersion {c}>\nUnsetEnv v\n</IfVersion>\n")
        for i, c in enumerate(
            (
                ">=2.4",
                "!2.4",
                "! 2.4",
                "=> 2.4",
                "> 2.4.x",
                "< 2.4.71-dev",
                "",
                "> 2.4 x",
                "~",
                "= /2.4",
                "= /",
                "~ (",
                "> .4",
                "= 2.4.71.1",
                "! >= 2.4",
                "> 2.4 >",
                "'>' 2.4",
                ">",
            )
        )
    ),
    Case("ifversion-no-bracket", "<IfVersion > 2.4\nUnsetEnv a\n</IfVersion>\n"),
    Case("ifversion-bracket-glued", "<IfVersion >= 2.4 >\nUnsetEnv a\n</IfVersion>\n"),
    Case(
        "iffile",
        "<IfFile a.conf>\nUnsetEnv a\n</IfFile>\n<IfFile @ROOT@/nope>\nUnsetEnv no\n</IfFile>\n<IfFile !nope>\nUnsetEnv b\n</IfFile>\n<IfFile @ROOT@>\nUnsetEnv dir\n</IfFile>\n<IfFile *.conf>\nUnsetEnv no\n</IfFile>\n",
        {"a.conf": ""},
    ),
    Case(
        "iffile-link",
        "<IfFile l>\nUnsetEnv no\n</IfFile>\n<IfFile m>\nUnsetEnv a\n</IfFile>\n",
        {"l": "->nowhere", "m": "->t.conf"},
    ),
    Case("iffile-quoted", '<IfFile "a b">\nUnsetEnv a\n</IfFile>\n', {"a b": ""}),
    Case(
        "ifdirective",
        "".join(
            f"<IfDirective {n}>\nUnsetEnv a\n</IfDirective>\n"
            for n in (
                "SSLProxyEngine",
                "sslproxyengine",
                "DavLockDB",
                "!DavLockDB",
                "Location",
                "<Location",
                "Nope",
                "Listen",
                "Include",
                "Use",
                "ProxyPass",
            )
        ),
    ),
    Case(
        "ifsection",
        "".join(
            f"<IfSection {n}>\nUnsetEnv a\n</IfSection>\n"
            for n in (
                "Location",
                "LOCATION",
                "<Location",
                "Proxy",
                "ProxyPass",
                "Macro",
                "IfModule",
                "Nope",
                "!Nope",
                "If",
                "Else",
            )
        ),
    ),
]

MODULES = [
    Case(
        "load",
        "LoadModule dav_module /usr/lib/apache2/modules/mod_dav.so\n<IfModule mod_dav.c>\nUnsetEnv a\n</IfModule>\n",
    ),
    Case("load-twice", "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\nUnsetEnv a\n"),
    Case("load-built-in", "UnsetEnv a\nLoadModule so_module /usr/lib/apache2/modules/mod_so.so\n"),
    Case(
        "load-missing", "UnsetEnv a\nLoadModule dav_module /usr/lib/apache2/modules/mod_nope.so\n"
    ),
    Case("load-missing-relative", "LoadModule dav_module modules/mod_nope.so\n"),
    Case("load-one-argument", "LoadModule dav_module\n"),
    Case("load-three-arguments", "LoadModule dav_module a b\n"),
    Case(
        "load-in-vhost",
        "<VirtualHost *:80>\nLoadModule dav_module /usr/lib/apache2/modules/mod_dav.so\n</VirtualHost>\n<IfModule mod_dav.c>\nUnsetEnv a\n</IfModule>\n",
    ),
    Case("load-file", "LoadFile /usr/lib/x86_64-linux-gnu/libz.so.1\nUnsetEnv a\n"),
    Case("load-file-missing", "LoadFile /nope.so\n"),
    Case("load-file-nothing", "LoadFile\n"),
    Case("runtime-dir", "DefaultRuntimeDir @ROOT@\nUnsetEnv a\n"),
    Case("runtime-dir-two", "DefaultRuntimeDir a b\n"),
]

_M = "<Macro m $a $b>\nUnsetEnv $a $b\n</Macro>\n"
MACROS = [
    Case("use", _M + "Use m 1 2\nUse M 3 4\n"),
    Case("no-parameters", "<Macro m>\nUnsetEnv a\n</Macro>\nUse m\n"),
    Case("name-case", "<MACRO Mm $A>\nUnsetEnv $A $a\n</macro>\nuse mM x\n"),
    Case("quoted-values", _M + "Use m \"x y\" 'z'\n"),
    Case("quoted-in-body", '<Macro m $a>\nUnsetEnv "$a" @a\n</Macro>\nUse m "x y"\n'),
    Case("at-parameter", '<Macro m @a>\nUnsetEnv @a x@a\n</Macro>\nUse m "x y"\nUse m z\n'),
    Case("at-parameter-twice", "<Macro m @a>\nUnsetEnv @a@a @a\n</Macro>\nUse m a\nUse m @a\n"),
    Case("percent-parameter", '<Macro m %a>\nUnsetEnv %a x%a\n</Macro>\nUse m "x y"\n'),
    Case("bare-parameter", "<Macro m en>\nUnsetEnv en then\n</Macro>\nUse m X\n"),
    Case("longest-wins", "<Macro m $port $p>\nUnsetEnv $port $p $ports $pp\n</Macro>\nUse m 1 2\n"),
    Case("value-not-replaced-again", _M + "Use m $b $a\n"),
    Case("wrong-count", _M + "\nUse m 1\n"),
    Case("wrong-count-comment", _M + "Use m 1 2 # c\n"),
    Case("undefined", _M + "Use nope\n"),
    Case("none-defined", "UnsetEnv a\nUse nope\n"),
    Case("use-nothing", _M + "Use\n"),
    Case(
        "redefined",
        "<Macro m>\nUnsetEnv a\n</Macro>\nUse m\n<Macro m>\nUnsetEnv b\n</Macro>\nUse m\n",
    ),
    Case("undef", _M + "UndefMacro m\nUse m 1 2\n"),
    Case("undef-unknown", _M + "UndefMacro nope\n"),
    Case("undef-none", "UndefMacro nope\n"),
    Case("undef-two", _M + "UndefMacro m m\n"),
    Case("recursive", "<Macro m>\nUse m\n</Macro>\nUse m\n"),
    Case("recursive-two", "<Macro m>\nUse n\n</Macro>\n<Macro n>\nUse m\n</Macro>\nUse m\n"),
    Case(
        "use-in-macro",
        "<Macro n $x>\nUnsetEnv n$x\n</Macro>\n<Macro m $x>\nUse n $x$x\nUnsetEnv m$x\n</Macro>\nUse m 1\n",
    ),
    Case(
        "macro-in-macro",
        "<Macro m $x>\n<Macro n$x $y>\nUnsetEnv $x $y\n</Macro>\nUse n$x 5\n</Macro>\nUse m 1\nUse n1 6\n",
    ),
    Case(
        "section-in-body",
        "<Macro vh $n $p>\n<VirtualHost *:$p>\nServerName $n\n<Location /$n>\nUnsetEnv a\n</Location>\n</VirtualHost>\n</Macro>\nUse vh a 80\nUse vh b 81\n",
    ),
    Case(
        "section-opened-by-macro",
        "<Macro o>\n<Location /x>\n</Macro>\nUse o\nUnsetEnv a\n</Location>\n",
    ),
    Case(
        "section-closed-by-macro",
        "<Macro c>\n</Location>\n</Macro>\n<Location /x>\nUse c\nUnsetEnv a\n",
    ),
    Case("section-left-open-by-macro", "<Macro o>\n<Location /x>\n</Macro>\nUse o\nUnsetEnv a\n"),
    Case(
        "conditional-in-body",
        "<Macro m>\n<IfModule mod_ssl.c>\nUnsetEnv a\n</IfModule>\n</Macro>\nUse m\n",
    ),
    Case(
        "conditional-opened-by-macro",
        "<Macro o>\n<IfModule mod_ssl.c>\n</Macro>\nUse o\nUnsetEnv a\n</IfModule>\n",
    ),
    Case(
        "conditional-closed-by-macro",
        "<Macro c>\n</IfModule>\n</Macro>\n<IfModule mod_ssl.c>\nUse c\nUnsetEnv a\n",
    ),
    Case(
        "untaken-opened-by-macro",
        "<Macro o>\n<IfModule no.c>\n</Macro>\nUse o\nUnsetEnv no\n</IfModule>\nUnsetEnv a\n",
    ),
    Case(
        "in-conditional",
        "<IfModule mod_ssl.c>\n<Macro m>\nUnsetEnv a\n</Macro>\n</IfModule>\nUse m\n",
    ),
    Case(
        "in-vhost-is-global",
        "<VirtualHost *:80>\n<Macro m>\nUnsetEnv a\n</Macro>\n</VirtualHost>\nUse m\n",
    ),
    Case(
        "body-variables",
        "Define V 1\n<Macro m $a>\nUnsetEnv ${V} ${V_$a} ${$a}\n</Macro>\nDefine V 2\nDefine V_x 3\nUse m x\nUse m V\n",
    ),
    Case("value-variables", "Define V 'x y'\n" + _M + 'Use m ${V}\nUse m "${V}" z\n'),
    Case("parameter-like-variable", "<Macro m ${a}>\nUnsetEnv ${a}\n</Macro>\nUse m x\n"),
    Case("empty-value", _M + 'Use m "" x\n'),
    Case("empty-body", "<Macro m>\n</Macro>\nUse m\nUnsetEnv a\n"),
    Case("unused-parameter", "<Macro m $a $b>\nUnsetEnv $a\n</Macro>\nUse m 1 2\n"),
    Case("same-parameter", "<Macro m $a $a>\nUnsetEnv $a\n</Macro>\n"),
    Case("empty-parameter", '<Macro m $a "">\nUnsetEnv $a\n</Macro>\n'),
    Case("no-name", "<Macro>\nUnsetEnv a\n</Macro>\n"),
    Case("no-name-blank", "<Macro >\nUnsetEnv a\n</Macro>\n"),
    Case("no-name-quotes", '<Macro "">\nUnsetEnv a\n</Macro>\n'),
    Case("no-bracket", "<Macro m $a\nUnsetEnv a\n</Macro>\n"),
    Case("not-closed", "<Macro m>\nUnsetEnv a\n"),
    Case("closing-blank", "<Macro m>\nUnsetEnv a\n</Macro >\n"),
    Case("closing-text", "<Macro m> x\nUnsetEnv a\n</Macro> y\nUse m\n"),
    Case(
        "unbalanced",
        "<Macro m>\n</Location>\n<Location /x>\n</Macro>\n<Location /y>\nUse m\n</Location>\n",
    ),
    Case(
        "comments-blank-lines",
        "<Macro m>\n# c\n\n  # d\nUnsetEnv a\n\nUnsetEnv \\\n b\n</Macro>\nUse m\nUse m\n",
    ),
    Case("comment-with-closing", "<Macro m>\n#</Macro>\nUnsetEnv a\n</Macro>\nUse m\n"),
    Case("hash-in-body", "<Macro m $a>\nUnsetEnv $a # b\n</Macro>\nUse m x\n"),
    Case("value-makes-comment", "<Macro m $a>\n$a UnsetEnv a\nUnsetEnv b\n</Macro>\nUse m #\n"),
    Case(
        "value-makes-directive",
        "<Macro m $a>\n$a x\n</Macro>\nUse m UnsetEnv\nUse m 'UnsetEnv y'\n",
    ),
    Case("value-makes-tag", "<Macro m $a>\n<$a /x>\nUnsetEnv a\n</$a>\n</Macro>\nUse m Location\n"),
    Case("value-ends-in-backslash", _M + "Use m a 'b\\\\'\nUnsetEnv c\n"),
    Case("carry-to-end", _M + "Use m a 'b\\\\'\n"),
    Case("carry-to-end-no-newline", _M + "Use m a 'b\\\\'"),
    Case("carry-to-lost-line", "<Macro m $a>\n$a\n</Macro>\nUse m 'UnsetEnv x\\\\'\nUnsetEnv c"),
    Case(
        "carry-through-two",
        _M + "<Macro n $a>\nUse m a $a\n</Macro>\nUse n \"'b\\\\\\\\'\"\nUnsetEnv e\n",
    ),
    Case("carry-to-comment", _M + "Use m a 'b\\\\'\n#c\nUnsetEnv d\n"),
    Case("value-is-name", "<Macro m @a $b>\nUnsetEnv @a $b\n</Macro>\nUse m @a $b\nUse m x@a @a\n"),
    Case(
        "include-in-body", "<Macro m $f>\nInclude $f.conf\nUnsetEnv after\n</Macro>\nUse m a\n", _A
    ),
    Case(
        "include-uses-macro",
        "<Macro m $a>\nUnsetEnv $a\n</Macro>\nInclude a.conf\n",
        {"a.conf": "Use m 1\nUnsetEnv 2\n"},
    ),
    Case("defined-in-include", "Include a.conf\nUse m 1 2\n", {"a.conf": _M}),
    Case("use-is-last-line-no-newline", "<Macro m>\nUnsetEnv a\n</Macro>\nUse m"),
    Case("line-after-use-no-newline", "<Macro m>\nUnsetEnv a\n</Macro>\nUse m\nUnsetEnv lost"),
    Case("error-in-body", "<Macro m>\n\nFrobnicate\n</Macro>\nUse m\n"),
    Case(
        "read-error-in-body", "<Macro m>\n# c\nUnsetEnv a\nInclude nope.conf\n</Macro>\n\nUse m\n"
    ),
    Case("define-in-body", "<Macro m $n>\nDefine $n x\n</Macro>\nUse m A\nUnsetEnv ${A}\n"),
    Case("long-value", _M + "Use m " + "x" * 5000 + " " + "y" * 5000 + "\n"),
    Case("long-body-line", "<Macro m>\nUnsetEnv " + "x" * 9000 + "\n</Macro>\nUse m\n"),
]

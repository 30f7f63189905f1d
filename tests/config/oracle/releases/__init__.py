"""Small configurations of what differs between releases of httpd, and what each release said.

``cases.txt`` holds them, parted by lines of three hyphens. ``truths.json`` holds what httpd's own
``-t`` said to each of them: of every release that was asked, its name (``2.4.37/1.1.1``: httpd and
OpenSSL) and its modules; and by the text of a case, each answer with the releases that gave it. An
answer is ``LINE: MESSAGE``, or empty where httpd takes the case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.config.oracle import oracle
from tests.support.httpd import Program
from wizard.config.configuration import configuration
from wizard.config.installation.layout import Layout
from wizard.config.preprocess.reader import read
from wizard.errors import ConfigError

_HERE = Path(__file__).parent
TRUTHS = _HERE / "truths.json"
CASES = tuple((_HERE / "cases.txt").read_text().strip("\n").split("\n---\n"))
_MODULES = """
    mpm_event watchdog log_config logio version unixd authz_core authn_core authz_host
    authz_user access_compat info macro env alias proxy proxy_http proxy_http2 proxy_ajp
    proxy_fcgi proxy_balancer proxy_wstunnel proxy_connect proxy_hcheck slotmem_shm
    lbmethod_byrequests http2 headers setenvif rewrite mime dir socache_shmcb ssl substitute
    filter remoteip cache cache_socache session deflate reqtimeout userdir usertrack cgid dav
    dav_fs speling auth_digest status
    """
MODULES = tuple(_MODULES.split())
"""Those of them that a release has are loaded: every one that a case is about."""


def head(root: Path, httpd: Program) -> str:
    """The server level that a case is included into."""
    return "".join(
        [
            f'ServerRoot "{root}"\nDefaultRuntimeDir "{root}"\nErrorLog /dev/null\n',
            httpd.load(*filter(httpd.has, MODULES)),
            "ServerName x\nListen 127.0.0.1:1\n",
        ]
    )


def write(root: Path, top: str) -> Path:
    """The main file, and the files that cases name."""
    (root / "ca.pem").write_text("x")
    main = root / "main.conf"
    main.write_text(f"{top}Include {root}/part.conf\n")
    return main


def said(httpd: Program, root: Path, cases: Sequence[str] = CASES) -> dict[str, str]:
    """What an httpd says to every case.

    Args:
        httpd: to ask.
        root: an empty directory.
        cases: texts.
    """
    main = write(root, head(root, httpd))
    found = {}
    for case in cases:
        (root / "part.conf").write_text(case + "\n")
        found[case] = _answer(oracle.run(main, httpd=httpd), root)
    return found


def _answer(output: str, root: Path) -> str:
    if "Syntax OK" in output:
        return ""
    if not output.strip():
        return "0: (crashes)"
    places = list(re.finditer(r"yntax error on line (\d+) of \S+part\.conf:\s+", output))
    if not places:
        return f"0: {output.strip().splitlines()[-1]}"
    message = output[places[-1].end() :].strip().splitlines()[0]
    return f"{places[-1][1]}: {message}".replace(str(root), "ROOT")


def product(layout: Layout, root: Path, top: str, cases: Sequence[str] = CASES) -> dict[str, str]:
    """What the reader says to every case, in the same form.

    Args:
        layout: whose release counts; its files are replaced.
        root: an empty directory.
        top: the server level.
        cases: texts.
    """
    main = write(root, top)
    where = replace(
        layout, kind="file", main_file=str(main), server_root=str(root), files=(str(main),)
    )
    found = {}
    for case in cases:
        (root / "part.conf").write_text(case + "\n")
        found[case] = _refusal(where).replace(str(root), "ROOT")
    return found


def _refusal(layout: Layout) -> str:
    try:
        tree = read(layout)
    except ConfigError as error:
        return f"{error.line}: {oracle.logged(error.message)}"
    for problem in configuration(tree, layout).problems:
        if problem.phase == "config":
            return f"{problem.line}: {oracle.logged(problem.message)}"
    return ""


@cache
def truths() -> tuple[Mapping[str, Sequence[str]], Mapping[str, Mapping[str, Sequence[str]]]]:
    """Of each release its modules; of each case its answers."""
    loaded = json.loads(TRUTHS.read_text())
    return loaded["modules"], loaded["said"]


def recorded(release: str) -> dict[str, str]:
    """What a release said, by case; cases that it was not asked are left out."""
    return {
        case: answer
        for case, answers in truths()[1].items()
        for answer, releases in answers.items()
        if release in releases
    }


def record(httpd: Program, answers: Mapping[str, str]) -> None:
    """Write down what a release said, in place of what it had said before."""
    modules, by_case = truths() if TRUTHS.exists() else ({}, {})
    kept = {
        case: {
            answer: [name for name in releases if name != httpd.name]
            for answer, releases in by_case.get(case, {}).items()
        }
        for case in CASES
    }
    for case, answer in answers.items():
        kept[case].setdefault(answer, []).append(httpd.name)
    document = {
        "modules": dict(modules) | {httpd.name: [m for m in MODULES if httpd.has(m)]},
        "said": {
            case: {answer: sorted(names) for answer, names in answers.items() if names}
            for case, answers in kept.items()
        },
    }
    TRUTHS.write_text(json.dumps(document, indent=1) + "\n")
    truths.cache_clear()

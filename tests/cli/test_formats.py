"""Every output format, on reports made of plain values."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from tests.cli import samples
from wizard.cli import output
from wizard.cli.check import exit_code
from wizard.cli.formats import json as json_format
from wizard.cli.formats import nagios, sarif, text, text_verbose
from wizard.cli.main import main
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.httpd_info import HttpdInfo
from wizard.reference.release import NEWEST
from wizard.wording import installed

ROOT = Path(__file__).parents[2]
EVERYTHING = samples.report(samples.OK, samples.WEAK, samples.UNKNOWN, samples.FAILING)
PLAIN = output.Palette(enabled=False)


def assert_harmless(shown: str) -> None:
    """No control character but the newline, no bidi mark, nothing that UTF-8 cannot encode."""
    shown.encode("utf-8")
    assert not [c for c in shown if ord(c) < 32 and c != "\n"]
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("diagnoses", "probed", "expected"),
    [
        ((samples.OK,), True, 0),
        ((samples.OK, samples.WEAK), True, 1),
        ((samples.OK, samples.WEAK, samples.FAILING, samples.UNKNOWN), True, 2),
        ((samples.WEAK, samples.UNKNOWN), True, 3),
        ((samples.UNKNOWN,), False, 0),
        ((samples.diagnosis("unknown", samples.WEAK.findings),), False, 1),
        ((samples.FAILING, samples.UNKNOWN), False, 2),
    ],
)
def test_exit_code_is_the_worst_routes(
    diagnoses: tuple[Diagnosis, ...], probed: bool, expected: int
) -> None:
    assert exit_code(samples.report(*diagnoses, probed=probed)) == expected


def test_json_follows_its_schema_and_is_valid_unicode() -> None:
    schema = json.loads((ROOT / "docs/reference/check.schema.json").read_text())
    document = json_format.document(EVERYTHING)
    jsonschema.Draft202012Validator(schema).validate(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert document["summary"] == {
        "routes": 4, "ok": 1, "warning": 1, "critical": 1, "unknown": 1, "seconds": 0.5
    }  # fmt: skip
    failing = document["routes"][3]
    assert failing["tls"]["verify"] == {"value": "require", "source": f"{samples.FILE}:6"}
    assert failing["tls"]["verify_depth"] == {"value": 1, "source": "default"}
    assert failing["probe"]["notes"][0] == "security level 2 is assumed"
    assert failing["verdict"]["ah_codes"] == ["AH02276", "AH01084"]
    assert failing["verdict"]["ah_codes_at_log_level"] == ["AH01084"]


def test_json_schema_rejects_a_document_that_lacks_a_field() -> None:
    schema = json.loads((ROOT / "docs/reference/check.schema.json").read_text())
    document = json_format.document(EVERYTHING)
    del document["routes"][0]["verdict"]["ah_codes"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


def test_sarif_follows_the_schema_of_sarif_2_1_0() -> None:
    schema = json.loads((Path(__file__).parent / "data/sarif-2.1.0.json").read_text())
    document = sarif.document(EVERYTHING)
    jsonschema.Draft4Validator(schema).validate(document)
    run = document["runs"][0]
    assert [r["level"] for r in run["results"]] == ["warning", "error"]
    assert {r["ruleId"] for r in run["results"]} == {
        r["id"] for r in run["tool"]["driver"]["rules"]
    }
    assert_harmless(run["results"][1]["message"]["text"])


@pytest.mark.parametrize(
    ("report", "head"),
    [
        (samples.report(samples.OK), "PROXY-WIZARD OK - 1 route, all well | routes=1;;;0 "),
        (
            EVERYTHING,
            "PROXY-WIZARD CRITICAL - 4 routes, 1 failing, 1 unknown, 1 with warnings: critical: "
            "app.example.com / -> https://backend.internal:8443/: The CA that signed",
        ),
        (samples.report(samples.WEAK), "PROXY-WIZARD WARNING - 1 route, 1 with warnings: "),
        (samples.report(samples.UNKNOWN), "PROXY-WIZARD UNKNOWN - 1 route, 1 unknown: "),
    ],
)
def test_nagios_first_line_names_status_count_and_performance_data(
    report: Report, head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nagios.write(report, verbose=False)
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(head)
    assert first.count("|") == 1
    assert first.partition(" | ")[2].endswith("time=0.500s;;;0")
    assert all("|" not in line for line in rest)


@pytest.mark.parametrize("render", [text.render, text_verbose.render])
def test_text_is_harmless_and_names_what_counts(
    render: Callable[[Report, output.Palette], str],
) -> None:
    shown = render(EVERYTHING, PLAIN)
    assert_harmless(shown)
    for expected in (
        "FAIL  app.example.com / -> https://backend.internal:8443/",
        "ca-not-trusted",
        "proxy-wizard fix --ca ",
        "4 routes: 1 fails, 1 unknown, 1 with warnings, 1 works (0.5 s)",
    ):
        assert expected in shown
    verbose = render is text_verbose.render
    assert ("The client of httpd gets 500" in shown) is verbose
    assert ("client gets 500" in shown) is not verbose
    assert ("SHA-256 " + "ab" * 32 in shown) is verbose
    assert ("security level 2 is assumed" in shown) is verbose
    assert ("httpd's default" in shown) is verbose
    assert ("AH02276" in shown) is verbose


def test_text_keeps_commands_on_one_line() -> None:
    shown = text.render(samples.report(samples.FAILING), PLAIN)
    assert "          proxy-wizard fix --ca FILE" in shown.splitlines()


def test_colour_only_when_enabled() -> None:
    assert "\x1b" not in text.render(EVERYTHING, PLAIN)
    assert "\x1b[" in text.render(EVERYTHING, output.Palette(enabled=True))


def test_whose_rules_hold_stands_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    httpd = HttpdInfo(
        "2.4.37", "/opt/httpd/bin/httpd", (), "1.1.1k", found="which runs with it (pid 7)",
        backports=True, module_directory="/opt/httpd/modules",
    )  # fmt: skip
    report = replace(EVERYTHING, configuration=replace(EVERYTHING.configuration, httpd=httpd))
    line = "httpd 2.4.37 with OpenSSL 1.1.1k, which runs with it (pid 7)"
    head = text.render(report, PLAIN).splitlines()[0]
    assert head == "/etc/apache2/apache2.conf: httpd 2.4.37, OpenSSL 1.1.1k"
    shown = text_verbose.render(report, PLAIN)
    assert shown.splitlines()[0].endswith(f" (debian layout): {line}")
    assert "takes changes of later releases into httpd 2.4.37" in " ".join(shown.split())
    said = json_format.document(report)["config"]["httpd"]
    assert said["rules"] == {"httpd": "2.4.37", "openssl": "1.1.1"}
    assert (said["openssl"], said["found"]) == ("1.1.1k", "which runs with it (pid 7)")
    assert (said["assumed"], said["backports"]) == (False, True)
    assert said["module_directory"] == "/opt/httpd/modules"
    assert "handshake-failure-is-502" in said["uncertain"]
    assert line in sarif.document(report)["runs"][0]["invocations"][0]["properties"]["httpd"]
    nagios.write(report, verbose=True)
    assert capsys.readouterr().out.splitlines()[-1].endswith(line)


def test_a_report_says_that_a_release_is_assumed() -> None:
    report = replace(EVERYTHING, configuration=replace(EVERYTHING.configuration, httpd=HttpdInfo()))
    head = text.render(report, PLAIN).splitlines()[0]
    assert head.endswith(f": {installed.short(HttpdInfo())}")
    assert head.endswith(" (assumed)")
    whole = text_verbose.render(report, PLAIN)
    assert whole.splitlines()[0].endswith("is assumed, the newest known")
    said = json_format.document(report)["config"]["httpd"]
    assert (said["version"], said["openssl"], said["assumed"]) == (None, None, True)
    assert said["rules"]["httpd"] == ".".join(map(str, NEWEST.httpd))


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_programs_are_told_what_httpd_refuses_where_nothing_is_proxied(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.conf"
    site.write_text("<VirtualHost *:80>\nProxyPas / http://b.test/\n</VirtualHost>\n")
    assert main(["check", "--no-probe", "--format", form, str(site)]) == 3
    said = capsys.readouterr()
    assert f"{site}:2: httpd refuses this: Invalid command 'ProxyPas'" in said.err
    document = json.loads(said.out)
    if form == "json":
        assert document["routes"] == []
        assert [one["line"] for one in document["config"]["problems"]] == [2]
    else:
        (told,) = document["runs"][0]["invocations"][0]["toolConfigurationNotifications"]
        assert "Invalid command 'ProxyPas'" in told["message"]["text"]


def test_programs_are_told_nothing_where_nothing_is_wrong_and_nothing_proxied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.conf"
    site.write_text("<VirtualHost *:80>\nServerName a.test\n</VirtualHost>\n")
    assert main(["check", "--no-probe", "--format", "json", str(site)]) == 3
    assert capsys.readouterr().out == ""

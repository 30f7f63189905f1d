"""``fix --format json``: the plan as a document, with the comments that it makes wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from tests.support.site import standing
from wizard.cli.formats import plan as as_json
from wizard.engine.engine import Engine
from wizard.model.plan import FixChoice
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA = jsonschema.Draft202012Validator(json.loads((REFERENCE / "fix.schema.json").read_text()))
WEAK = (
    "# self-signed, so not verified (https://me:s3cret@wiki.test/1)\n    SSLProxyEngine on\n"
    "    # keep the client's host\n    ProxyPreserveHost On\n    SSLProxyVerify none"
)


def test_the_document_on_stdout_and_the_patch_in_its_file(tmp_path: Path) -> None:
    with standing(tmp_path) as site:
        site.write(WEAK)
        done = site.wizard(
            "fix", str(site.main), *site.ca, "--format", "json", "-o", str(tmp_path / "fix.patch")
        )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    SCHEMA.validate(document)
    assert "s3cret" not in done.stdout + done.stderr
    comments = [(one["line"], one["opposite"]) for one in document["comments"]]
    assert comments == [(3, True), (5, True)]
    points = {one["point"] for one in document["notes"]}
    assert {"comment-says-opposite", "host-changes"} <= points
    assert "+    SSLProxyVerify require" in (tmp_path / "fix.patch").read_text()
    assert "site.conf:3: the comment" in re.sub(r"\s+", " ", done.stderr)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    with standing(tmp_path) as site:
        site.write(WEAK)
        site.vhost.write_bytes(
            site.vhost.read_bytes().replace(b"not verified", b"nicht gepr\xfcft")
        )
        engine = Engine(
            Scope(path=str(site.main)), resolver=FixedResolver({"good.test": ("127.0.0.1",)})
        )
        plan = engine.repair(FixChoice(ca_files=(site.ca[1],))).plan
    document = as_json.document(plan)
    SCHEMA.validate(document)
    json.dumps(document).encode("ascii")
    assert "nicht gepr\\xfcft" in document["comments"][0]["text"]


def test_the_reference_shows_a_document_of_the_schema() -> None:
    found = re.search(r"```json\n(.*?)```", (REFERENCE / "fix.md").read_text(), re.DOTALL)
    assert found is not None
    SCHEMA.validate(json.loads(found[1]))


def test_a_document_that_lacks_the_comments_is_none() -> None:
    found = re.search(r"```json\n(.*?)```", (REFERENCE / "fix.md").read_text(), re.DOTALL)
    assert found is not None
    document = json.loads(found[1])
    del document["comments"]
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(document)

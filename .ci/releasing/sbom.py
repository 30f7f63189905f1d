"""Bills of materials: what each artefact holds, as CycloneDX 1.6 in JSON."""

from __future__ import annotations

import email
import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

from releasing import elf, pins

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pypi.org/project/proxy-wizard/")
Component = dict[str, Any]


def write(
    artefact: Path, version: str, components: Iterable[Component], when: int, *, held: bool = True
) -> Path:
    """Write the bill of an artefact beside it.

    Args:
        artefact: the file.
        version: of proxy-wizard.
        components: what is in it or, of a wheel or an archive of sources, what it needs.
        when: time of the release, seconds since 1970.
        held: the components are in it.

    Returns:
        The file, ``ARTEFACT.cdx.json``.
    """
    digest = hashlib.sha256(artefact.read_bytes()).hexdigest()
    own = {
        "type": "application",
        "bom-ref": f"pkg:pypi/proxy-wizard@{version}",
        "name": "proxy-wizard",
        "version": version,
        "purl": f"pkg:pypi/proxy-wizard@{version}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "properties": [
            {"name": "proxy-wizard:artefact", "value": artefact.name},
            {"name": "proxy-wizard:components", "value": "contained" if held else "required"},
        ],
    }
    listed = sorted(components, key=lambda component: component["bom-ref"])
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(when, UTC).isoformat(),
            "component": own,
        },
        "components": listed,
        "dependencies": [
            {"ref": own["bom-ref"], "dependsOn": [component["bom-ref"] for component in listed]}
        ],
    }
    file = artefact.with_name(f"{artefact.name}.cdx.json")
    file.write_text(json.dumps(document, indent=1) + "\n")
    _validate(file)
    return file


def distribution(
    name: str, version: str, licence: str = "", hashes: Iterable[str] = (), file: str = ""
) -> Component:
    """A distribution of PyPI.

    Args:
        name: as it calls itself.
        version: its version.
        licence: an SPDX expression, or whatever it says; empty if it says nothing.
        hashes: SHA-256 of its file, or of its files if any of them may be meant.
        file: name of the file that is held.
    """
    purl = f"pkg:pypi/{pins.normal(name)}@{version}"
    component: Component = {
        "type": "library",
        "bom-ref": f"{purl}?file_name={file}" if file else purl,
        "name": name,
        "version": version,
        "purl": f"{purl}?file_name={file}" if file else purl,
    }
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    if known := [{"alg": "SHA-256", "content": digest} for digest in hashes]:
        component["hashes"] = known
    return component


def wheel(path: Path) -> Component:
    """A wheel that is held, and the OpenSSL that is linked into it."""
    with zipfile.ZipFile(path) as archive:
        metadata = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        said = email.message_from_bytes(archive.read(metadata))
        compiled = [archive.read(n) for n in archive.namelist() if ".so" in Path(n).name]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    component = distribution(
        str(said["Name"]), str(said["Version"]), licence(said), [digest], path.name
    )
    inside = {version for data in compiled if (version := elf.openssl(data))}
    if inside:
        component["components"] = [
            openssl(version, f"{component['bom-ref']}#") for version in sorted(inside)
        ]
    return component


def pinned(file: Path) -> list[Component]:
    """What a file of pins names, with the hashes of all files that may be meant."""
    return [distribution(p.name, p.version, "", p.hashes) for p in pins.parse(file.read_text())]


def openssl(version: str, within: str) -> Component:
    """OpenSSL, linked into something else.

    Args:
        version: as it says itself.
        within: a prefix that makes the reference unique.
    """
    return {
        "type": "library",
        "bom-ref": f"{within}openssl@{version}",
        "name": "openssl",
        "version": version,
        "purl": f"pkg:generic/openssl@{version}",
        "cpe": f"cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*",
    }


def executable(contents: Mapping[str, Any]) -> list[Component]:
    """The components of an executable, as ``contents.py`` found them in it."""
    python = contents["python"]
    components: list[Component] = [
        {
            "type": "platform",
            "bom-ref": f"pkg:generic/python@{python}",
            "name": "CPython",
            "version": python,
            "purl": f"pkg:generic/python@{python}",
            "cpe": f"cpe:2.3:a:python:python:{python}:*:*:*:*:*:*:*",
        }
    ]
    components += [distribution(*item) for item in contents["distributions"]]
    for item in contents["binaries"]:
        file: Component = {
            "type": "file",
            "bom-ref": f"file:{item['name']}",
            "name": item["name"],
            "hashes": [{"alg": "SHA-256", "content": item["sha256"]}],
        }
        if item["openssl"]:
            file["components"] = [openssl(item["openssl"], f"file:{item['name']}#")]
        components.append(file)
    return components


def licence(said: Message) -> str:
    """What a distribution's metadata says of its licence, in short."""
    expression = said.get("License-Expression") or said.get("License") or ""
    first = str(expression).strip().partition("\n")[0]
    return first if len(first) < 80 else ""


def _validate(file: Path) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read_text())
    if problem is not None:
        raise SystemExit(f"{file}: {problem}")

"""What the studio is made of: every package that its requirements bring along, and what its pages carry, as an SBOM.

Source: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. Licences are told as SPDX names, https://spdx.org/licenses/.
"""

import hashlib
import importlib.metadata
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import runwayweb

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "docs/security/sbom.json"  # what the requirements came to when it was written last
# What packages call their licences where they do not use its SPDX name.
SPDX = {
    "MIT License": "MIT",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}
# Of several, and of those that tell theirs in a text of their own: what that text says.
SAID_ELSEWHERE = {
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
}


@dataclass(frozen=True)
class Part:
    """A package as it is installed. `sha256`: of the list of its files with the hash of each, as its wheel brought it;
    "" where it brought none."""

    name: str
    version: str
    licence: str
    sha256: str
    needs: tuple[str, ...] = field(default_factory=tuple)

    @property
    def address(self) -> str:
        """Its package URL, https://github.com/package-url/purl-spec."""
        return f"pkg:pypi/{self.name}@{self.version}"


def parts(requirements: Path = ROOT / "requirements.txt") -> list[Part]:
    """Every package that a requirements file brings along, by name. Raises PackageNotFoundError for one that is not
    installed."""
    found: dict[str, Part] = {}
    asked: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonical(wanted.name), frozenset(wanted.extras)) for wanted in _listed(requirements)]
    while waiting:
        name, extras = one = waiting.pop()
        if one in asked:
            continue
        asked.add(one)
        package = importlib.metadata.distribution(name)
        needed = list(_needed(package, extras))
        waiting += needed
        before = found[name].needs if name in found else ()
        needs = tuple(sorted({*before, *(other for other, _extras in needed)}))
        found[name] = Part(name, package.version, licence_of(package), _sha256_of(package), needs)
    return [found[name] for name in sorted(found)]


def canonical(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(package: importlib.metadata.Distribution) -> str:
    """Its licence as an SPDX expression, "" where it tells none that is known."""
    told = package.metadata
    name = canonical(told["Name"])
    if name in SAID_ELSEWHERE:
        return SAID_ELSEWHERE[name]
    if told["License-Expression"]:
        return told["License-Expression"]
    classified = [one.rpartition("::")[2].strip() for one in told.get_all("Classifier") or () if one[:7] == "License"]
    for said in (*classified, (told["License"] or "").strip()):
        if said in SPDX:
            return SPDX[said]
    said = (told["License"] or "").strip()
    return said if re.fullmatch(r"[\w.+-]+(?: (?:OR|AND|WITH) [\w.+-]+)*", said) else ""


def sbom() -> dict[str, Any]:
    """The bill of materials of this studio as it is installed here, to be written as JSON."""
    bill = _bill(parts())
    bill["metadata"]["timestamp"] = datetime.now(UTC).isoformat(timespec="seconds")
    return bill | {"serialNumber": f"urn:uuid:{uuid.uuid4()}"}


def sbom_to_keep() -> dict[str, Any]:
    """The bill of what the requirements come to, the same whenever and wherever they come to the same versions: without
    the hashes of wheels and the names of builds, which are of one kind of machine."""
    return _bill([replace(part, version=part.version.partition("+")[0], sha256="") for part in parts()])


def _bill(packages):
    here = f"pkg:github/runwayweb@{runwayweb.__version__}"
    addresses = {part.name: part.address for part in packages}
    asked_for = sorted(addresses[canonical(wanted.name)] for wanted in _listed(ROOT / "requirements.txt"))
    pages = [_of_the_pages(told) for told in json.loads((ROOT / "static/vendor/manifest.json").read_text())]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": here,
                "name": "runwayweb",
                "version": runwayweb.__version__,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [*(_component(part) for part in packages), *pages],
        "dependencies": [
            {"ref": here, "dependsOn": [*asked_for, *(page["bom-ref"] for page in pages)]},
            *({"ref": part.address, "dependsOn": [addresses[name] for name in part.needs]} for part in packages),
        ],
    }


def _component(part):
    told = {
        "type": "library",
        "bom-ref": part.address,
        "name": part.name,
        "version": part.version,
        "purl": part.address,
        "licenses": [{"expression": part.licence}],
    }
    return told | ({"hashes": [{"alg": "SHA-256", "content": part.sha256}]} if part.sha256 else {})


def _of_the_pages(told):
    """A component of what lies in static/vendor, file by file."""
    source, _colon, package = told["source"].partition(":")
    address = f"pkg:{source}/{package.split(' ')[0]}"
    files = [
        {"type": "file", "name": file["path"], "hashes": [{"alg": "SHA-256", "content": file["sha256"]}]}
        for file in told["files"]
    ]
    return {
        "type": "library",
        "bom-ref": address,
        "name": told["name"],
        "version": told["version"],
        "licenses": [{"expression": told["licence"]}],
        "components": files,
    }


def _listed(requirements: Path) -> Iterator[Requirement]:
    for line in requirements.read_text().splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not wanted.startswith("-"):
            yield Requirement(wanted)


def _needed(package, extras):
    """(name, extras) of what a package asks for on this machine."""
    for line in package.requires or ():
        wanted = Requirement(line)
        if not wanted.marker or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonical(wanted.name), frozenset(wanted.extras)


def _sha256_of(package):
    """The same wherever the same wheel is installed: what the installer adds has no hash, or lies beside."""
    lines = sorted(
        f"{file} {file.hash.mode}={file.hash.value}"
        for file in package.files or ()
        if file.hash and ".." not in file.parts and not file.parts[0].endswith(".dist-info")
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""

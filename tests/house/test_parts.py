"""What the studio is made of: every package under a licence that goes with its own, and a bill that others can read."""

import importlib.metadata
import json
import re

import pytest
from django.core.management import call_command

from runwayweb.parts import KEPT, parts, sbom, sbom_to_keep

# Those that ask for no more than their notice and, of changed files of theirs, the source: they go with Apache-2.0.
# LGPL: psycopg is a package of its own, which anybody may put another build of in its place.
GOOD = {
    *(
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "0BSD",
    ),
    *("ISC", "MPL-2.0", "PSF-2.0", "BSL-1.0", "Zlib", "CC0-1.0", "CNRI-Python", "OFL-1.1", "LGPL-3.0-only"),
}
KEEP = "make sbom KEEP=1"
LGPL = {"psycopg", "psycopg-binary", "psycopg-pool"}


def licences_in(expression):
    return set(re.split(r" (?:AND|OR) ", expression))


@pytest.fixture(scope="module")
def packages():
    return parts()


def test_every_package_is_under_a_licence_that_is_known_and_good(packages):
    assert len(packages) > 80
    assert {part.name: part.licence for part in packages if not licences_in(part.licence) <= GOOD} == {}
    assert {part.name for part in packages if "LGPL" in part.licence} == LGPL


def test_a_package_that_tells_no_licence_would_be_found(monkeypatch, tmp_path):
    info = tmp_path / "nobody-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nobody\nVersion: 1.0\nLicense: ask the author\n")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "requirements.txt").write_text("nobody==1.0  # somebody's\n")
    (part,) = parts(tmp_path / "requirements.txt")
    assert part.licence == "" and not licences_in(part.licence) <= GOOD


def test_every_requirement_is_pinned_and_what_is_installed(packages):
    installed = {part.name: part.version for part in packages}
    for name, version in _pinned():
        assert installed[name].split("+")[0] == version


def test_the_bill_names_each_with_its_hash_and_what_it_needs(tmp_path, packages):
    call_command("sbom", str(tmp_path / "sbom.json"), stdout=(tmp_path / "said").open("w"))
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {one["name"]: one for one in bill["components"]}
    assert by_name["django"]["version"] == importlib.metadata.version("django")
    assert by_name["htmx"]["components"][0]["hashes"][0]["alg"] == "SHA-256"
    assert [one["name"] for one in bill["components"] if "hashes" not in one and "components" not in one] == []
    known = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert len(known) == len(bill["components"]) + 1
    for told in bill["dependencies"]:
        assert {told["ref"], *told["dependsOn"]} <= known
    django = next(told for told in bill["dependencies"] if told["ref"].startswith("pkg:pypi/django@"))
    assert {one.split("@")[0] for one in django["dependsOn"]} == {"pkg:pypi/asgiref", "pkg:pypi/sqlparse"}


def test_the_bill_that_is_kept_is_of_these_requirements():
    """Every one of them with its version, and what each brings along; of nothing that was taken out again."""
    bill = kept()
    assert "serialNumber" not in bill and "timestamp" not in bill["metadata"], "the same whenever it is written"
    versions = {one["purl"].split("/")[-1].split("@")[0]: one["version"] for one in bill["components"] if "purl" in one}
    needs = {told["ref"]: told["dependsOn"] for told in bill["dependencies"]}
    here = bill["metadata"]["component"]["bom-ref"]
    asked_for = {tuple(ref.removeprefix("pkg:pypi/").split("@")) for ref in needs[here] if ref.startswith("pkg:pypi/")}
    assert asked_for == set(_pinned()), KEEP
    reached, waiting = set(), [here]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs.get(ref, [])
    assert reached - {here} == {one["bom-ref"] for one in bill["components"]}, KEEP
    assert len(versions) > 80 and all(versions.values())
    licences = {one["name"]: one["licenses"][0]["expression"] for one in bill["components"]}
    assert {name: said for name, said in licences.items() if not licences_in(said) <= GOOD} == {}


def test_the_bill_that_is_kept_tells_of_what_is_installed_what_that_tells_itself(packages):
    """What requirements do not pin may be newer elsewhere: of that only its own versions are compared."""
    told = {(one["name"], one["version"]): one for one in kept()["components"]}
    now = {(one["name"], one["version"]): one for one in sbom_to_keep()["components"]}
    same = told.keys() & now.keys()
    assert same >= set(_pinned()) and {name: told[name] for name in same} == {name: now[name] for name in same}, KEEP
    pages = {name for name, one in now.items() if "purl" not in one}
    assert pages and pages <= same, KEEP


def test_keeping_writes_it_anew(tmp_path):
    call_command("sbom", str(tmp_path / "kept.json"), keep=True, stdout=(tmp_path / "said").open("w"))
    assert json.loads((tmp_path / "kept.json").read_text()) == sbom_to_keep() == sbom_to_keep()


def kept():
    return json.loads(KEPT.read_text())


def test_the_same_packages_have_the_same_hashes():
    once, again = sbom(), sbom()
    assert once["components"] == again["components"]
    assert once["serialNumber"] != again["serialNumber"]


def _pinned():
    from runwayweb.parts import ROOT, canonical

    for line in (ROOT / "requirements.txt").read_text().splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted:
            name, _equals, version = wanted.partition("==")
            assert version, f"{wanted} is not pinned"
            yield canonical(name.partition("[")[0]), version

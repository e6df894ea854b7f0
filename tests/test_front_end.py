"""What the pages are made of: vendored files are what they claim, and nothing breaks the content security policy."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static/vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name != "mail"]  # mail programs know no style sheets, and no policy
SCRIPTS = sorted((ROOT / "static/js").rglob("*.js"))


def test_vendored_files_are_those_of_the_manifest():
    listed = {
        file["path"]: file["sha256"]
        for package in json.loads((VENDOR / "manifest.json").read_text())
        for file in package["files"]
    }
    shipped = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} - {"manifest.json"}
    assert shipped == set(listed)
    for path, digest in listed.items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest, path


def test_every_icon_in_a_template_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "lucide/icons.svg").read_text()))
    for template in TEMPLATES:
        asked = set(re.findall(r'{% icon "([\w-]+)"', template.read_text()))
        assert asked <= drawn, template.name


def test_the_import_map_knows_every_module_and_carries_the_nonce():
    request = RequestFactory().get("/")
    request.csp_nonce = "n0nce"
    written = Template("{% load importmap %}{% importmap %}").render(Context({"request": request}))
    imports = json.loads(re.search(r'nonce="n0nce">(.*?)</script>', written)[1])["imports"]
    for script in SCRIPTS:
        wanted = re.findall(r'^import (?:.+ from )?"([^"]+)"', script.read_text(), re.MULTILINE)
        assert set(wanted) <= set(imports), script.name
    assert imports["lib/socket"].endswith("js/lib/socket.js")


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.name)
def test_no_page_needs_what_the_policy_forbids(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|hx-on|https?://", text)
    for script in re.findall(r"<script(?![-\w])[^>]*>", text):
        assert "src=" in script, script

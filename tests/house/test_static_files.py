"""A browser asks for the studio's own styles and scripts once, until somebody changes one of them."""

import os
import time

from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

from runwayweb.hashed import HashedStaticFilesStorage
from runwayweb.stamped import LOOKED_AGAIN_SECONDS, stamp


def test_a_file_of_the_studio_is_kept_for_good_under_its_dated_address(client):
    address = static("css/app.css")
    answer = client.get(address)
    assert answer.status_code == 200 and "immutable" in answer["Cache-Control"]
    imported = client.get(address.replace("app.css", "tokens.css"))
    assert "immutable" in imported["Cache-Control"], "what it brings in lies under the same date"
    assert "immutable" not in client.get("/static/css/app.css")["Cache-Control"], "an address without one is not"
    assert client.get(address.replace("app.css", "nothing.css")).status_code == 404


def test_an_edit_gives_every_file_another_address(settings, tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css/page.css").write_text("a {}")
    settings.STATICFILES_DIRS = [tmp_path]
    time.sleep(LOOKED_AGAIN_SECONDS * 1.2)
    before = static("css/page.css")
    assert static("css/page.css") == before
    (tmp_path / "css/page.css").write_text("b {}")
    os.utime(tmp_path / "css/page.css", (time.time() + 5, time.time() + 5))
    time.sleep(LOOKED_AGAIN_SECONDS * 1.2)
    assert static("css/page.css") != before and static("css/other.css").startswith(f"/static/~{stamp()}/")


def test_in_production_each_address_is_worked_out_once(tmp_path, monkeypatch):
    """A page has a hundred and fifty of them."""
    asked = []
    monkeypatch.setattr(
        CompressedManifestStaticFilesStorage, "url", lambda self, name, force=False: asked.append(name) or f"/{name}.1"
    )
    storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")
    assert [storage.url("css/app.css"), storage.url("js/app.js"), storage.url("css/app.css")] == [
        "/css/app.css.1",
        "/js/app.js.1",
        "/css/app.css.1",
    ]
    assert asked == ["css/app.css", "js/app.js"]

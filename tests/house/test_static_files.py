"""A browser asks for the studio's own styles and scripts once, until somebody changes one of them."""

import os
import time

from django.templatetags.static import static

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

"""Files chosen on the page: several at once, paused, cut off by a reload and gone on with, refused where they stand."""

import re
import struct

import numpy as np
import pytest
from playwright.sync_api import expect

from runwayweb.assets.models import Asset
from tests.browser.desk import fits, sign_in

PIECE = 8 * 1024**2


def long_noise():
    """Two pieces and a bit of a WAV that lasts 22 seconds."""
    data = np.random.default_rng(1).integers(-9000, 9000, 192_000 * 2 * 22, np.int16).tobytes()
    form = struct.pack("<HHIIHH", 1, 2, 192_000, 192_000 * 4, 4, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def row(page, name):
    return page.locator(".arrival", has_text=name)


@pytest.mark.slow
def test_a_file_that_is_cut_off_goes_on_where_it_stopped(page, studio, ada, complaints, tmp_path, backstage):
    noise, evil = tmp_path / "rain.wav", tmp_path / "film.mp4"
    noise.write_bytes(long_noise())
    evil.write_bytes(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    offsets = []
    page.on("request", lambda sent: offsets.append(sent.headers["upload-offset"]) if sent.method == "PATCH" else None)
    sign_in(page, studio)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{studio.url}/uploads/new/")
    # From its second piece on nothing of the sound comes through.
    page.route(
        "**/uploads/*/",
        lambda route: (
            route.abort()
            if int(route.request.headers.get("upload-offset", 0)) >= PIECE and route.request.method == "PATCH"
            else route.continue_()
        ),
    )
    page.get_by_label("Drop files here, or choose them").set_input_files([noise, evil])
    expect(row(page, "film.mp4")).to_contain_text("no picture, video or sound", timeout=10_000)
    expect(row(page, "rain.wav")).to_contain_text(re.compile(r"4\d % of 17 MB"))
    row(page, "rain.wav").get_by_role("button", name="Pause").click()
    expect(row(page, "rain.wav")).to_contain_text("Paused at 4")
    expect(row(page, "rain.wav").get_by_role("button", name="Go on")).to_be_focused()

    page.unroute("**/uploads/*/")
    page.reload()
    expect(row(page, "rain.wav")).to_contain_text("Choose the same file again")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
    before = len(offsets)
    page.get_by_label("Drop files here, or choose them").set_input_files([noise])
    expect(row(page, "rain.wav").last).to_contain_text("Ready", timeout=15_000)
    expect(row(page, "rain.wav")).to_have_count(1)
    assert offsets[before:] == [str(PIECE), str(2 * PIECE)], "what was there is not sent again"
    sound = backstage(lambda: Asset.objects.get(state="ready"))
    assert (sound.name, sound.media_type, sound.size_bytes) == ("rain.wav", "audio/wav", noise.stat().st_size)
    assert [said for said in complaints if "ERR_FAILED" not in said] == []

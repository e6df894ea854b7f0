"""A studio whose files are in a bucket: the browser brings and fetches them there by itself, as the policy lets it."""

import re

import pytest
from playwright.sync_api import expect

from runwayweb.assets.models import Asset, Upload
from tests.browser.desk import fits, sign_in
from tests.browser.test_uploads import long_noise, row
from tests.media import media_file


@pytest.fixture
def studio(site, s3, ada):
    env = s3.env | {"DISPATCH_SECONDS": "0.5", "BEAT_SECONDS": "1"}
    for process in ("web", "media", "dispatcher"):
        site.start(process, env=env | {"RUNWAYWEB_DATA": str(site.folder / process)})
    s3.origins.add(site.url)
    return site


def part_of(request):
    return re.search(r"partNumber=(\d+)", request.url)[1]


@pytest.mark.slow
def test_files_go_to_the_bucket_in_parts_and_are_played_from_there(page, studio, s3, complaints, tmp_path, backstage):
    noise, beach = tmp_path / "rain.wav", tmp_path / "beach.mp4"
    noise.write_bytes(long_noise())
    beach.write_bytes(media_file(frames=48, fps=24))
    sign_in(page, studio)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{studio.url}/uploads/new/")
    well = page.get_by_label("Drop files here, or choose them")
    # The second part of the sound does not come through.
    second = re.compile(r".*partNumber=2.*")
    page.route(second, lambda route: route.abort())
    well.set_input_files([noise])
    expect(row(page, "rain.wav")).to_contain_text(re.compile(r"9\d % of 17 MB"), timeout=30_000)
    row(page, "rain.wav").get_by_role("button", name="Pause").click()
    page.unroute(second)
    page.reload()
    expect(row(page, "rain.wav")).to_contain_text("Choose the same file again")
    sent = []
    page.on("request", lambda request: sent.append(part_of(request)) if request.method == "PUT" else None)
    well.set_input_files([noise, beach])
    expect(row(page, "rain.wav").last).to_contain_text("Ready", timeout=90_000)
    expect(row(page, "beach.mp4")).to_contain_text("Ready", timeout=90_000)
    assert sorted(sent) == ["1", "2"], "of the sound only what was missing, and the one part of the clip"
    assert not [method for method, path in s3.asked if method == "PUT" and "/uploads/" in path and "arriving" in path]
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)

    clip = backstage(lambda: Asset.objects.get(name="beach.mp4"))
    assert backstage(lambda: Upload.objects.count()) == 2
    s3.asked.clear()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{studio.url}/library/{clip.pk}/")
    video = page.locator("main video").first
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play() }")
    video.evaluate("video => new Promise((go) => { video.ontimeupdate = () => video.currentTime > 0.3 && go() })")
    assert video.evaluate("video => video.videoWidth") == 320
    asked = {path.rpartition("/")[2] for method, path in s3.asked if method == "GET"}
    assert asked & {clip.playing, clip.file.name.rpartition("/")[2]}, s3.asked
    address, wave = page.evaluate(
        f"fetch('/media/{clip.pk}/waveform.json').then(async (answer) => [answer.url, await answer.json()])"
    )
    assert address.startswith(f"{s3.url}/{s3.bucket}/studio/") and wave["peaks"]
    assert [said for said in complaints if "ERR_FAILED" not in said] == []

"""A film is cut by keyboard and by hand: laid in, split, trimmed, written on, undone, kept; another window is told."""

from playwright.sync_api import expect

from generation.engine.encode import write_mp4
from projects.models import Timeline
from runwayweb.assets.storage import take_in
from tests.browser.desk import fits, sign_in
from tests.factories import make_asset, make_project, make_shot, make_take
from tests.projects.test_export import frames_of

CLIPS = """document.querySelector("film-timeline").cut.tracks[0].clips
  .map((clip) => [clip.at, clip.frames, clip.in_frame ?? 0])"""


def with_a_take(project, ada, tmp_path, *, title, seed):
    """A shot whose chosen take is a clip of 24 frames at 12 a second."""
    shot = make_shot(project, title=title)
    take = make_take(shot, ada)
    write_mp4(frames_of(seed, 24), 12, tmp_path / f"{seed}.mp4", metadata={})
    asset = make_asset(project.workspace, fps=12, duration_seconds=2, frame_count=24, width=64, height=48)
    asset.file = take_in(tmp_path / f"{seed}.mp4", f"clips/{asset.pk}/clip.mp4")
    asset.save()
    type(take.generation).objects.filter(pk=take.generation_id).update(asset=asset, status="succeeded")
    shot.choose(take)
    return shot


def test_a_film_is_cut(page, studio, ada, complaints, tmp_path):
    project = make_project(ada)
    for number, title in enumerate(["Snow", "Water"], 1):
        with_a_take(project, ada, tmp_path, title=title, seed=number)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/timeline/")
    expect(page.get_by_text("Nothing is laid in yet")).to_be_visible()
    for title in ("Snow", "Water"):
        page.get_by_role("button", name=title).first.focus()
        page.keyboard.press("Enter")
    assert page.evaluate(CLIPS) == [[0, 48, 0], [48, 48, 0]], "each at the playhead, which went on"

    # Every frame of the cut shows that of its take: at 24 a second two of each.
    page.locator(".stage").click()
    page.keyboard.press("k")
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("00:00:05")).to_be_visible()
    expect(page.locator(".stage video[data-frame='2']")).to_be_visible()

    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("x")
    page.keyboard.press("Shift+Delete")
    assert page.evaluate(CLIPS) == [[0, 5, 0], [5, 48, 0]], "split at frame 5, the rest taken out and closed up"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert page.evaluate(CLIPS) == [[0, 48, 0], [48, 48, 0]]

    # By hand: its end is dragged to the left, and leaves a gap that can be filled.
    page.keyboard.press("z")
    page.wait_for_timeout(300)
    box = page.get_by_role("button", name="Snow, at").bounding_box()
    x, y = box["x"] + box["width"] - 3, box["y"] + 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - box["width"] / 4, y, steps=4)
    page.mouse.up()
    ((_, frames, _), second) = page.evaluate(CLIPS)
    assert abs(frames - 36) <= 1 and second == [48, 48, 0]
    expect(page.get_by_role("button", name="Fill this gap")).to_be_visible()

    page.keyboard.press("t")
    page.keyboard.type("The Fox")
    expect(page.locator(".stage__words--title")).to_have_text("The Fox")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    kept = Timeline.objects.get(project=project)
    assert [clip.text for clip in kept.cut.clips("title")] == ["The Fox"] and kept.cut.tracks[0].clips[
        0
    ].frames == frames

    # Somebody else keeps another cut meanwhile: it is said, and either can be gone on with.
    kept.save_cut(kept.document | {"markers": [{"id": "m", "at": 7, "name": "here"}]}, version=kept.version, by=None)
    page.get_by_label("Words").fill("The Fox Waits")
    expect(page.get_by_text("changed in another window")).to_be_visible()
    page.get_by_role("button", name="Keep this one").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    kept.refresh_from_db()
    assert [clip.text for clip in kept.cut.clips("title")] == ["The Fox Waits"] and not kept.cut.markers
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.get_by_role("button", name="Snow, at")).to_be_visible()
    page.wait_for_timeout(300)
    assert fits(page) and not [one for one in complaints if "409" not in one]

"""A film is cut by keyboard and by hand: laid in, split, trimmed, written on, undone, kept; another window is told."""

import wave

import pytest
from playwright.sync_api import expect

from generation.engine.encode import write_mp4
from projects.models import Timeline
from runwayweb.assets.storage import take_in
from tests.browser.desk import fits, sign_in
from tests.factories import make_asset, make_project, make_shot, make_take
from tests.pictures import frames_of

CLIPS = """document.querySelector("film-timeline").cut.tracks[0].clips
  .map((clip) => [clip.at, clip.frames, clip.in_frame ?? 0])"""


def with_a_take(project, ada, tmp_path, *, title, seed):
    """A shot whose chosen take is a clip of 24 frames at 12 a second."""
    shot = make_shot(project, title=title)
    shot.choose(taken(shot, ada, tmp_path, seed=seed))
    return shot


def taken(shot, ada, tmp_path, *, seed):
    take, project = make_take(shot, ada), shot.project
    write_mp4(frames_of(seed, 24), 12, tmp_path / f"{seed}.mp4", metadata={})
    asset = make_asset(project.workspace, fps=12, duration_seconds=2, frame_count=24, width=64, height=48)
    asset.file = take_in(tmp_path / f"{seed}.mp4", f"clips/{asset.pk}/clip.mp4")
    asset.save()
    type(take.generation).objects.filter(pk=take.generation_id).update(asset=asset, status="succeeded")
    take.generation.refresh_from_db()
    return take


def with_a_sound(project, tmp_path):
    """Four seconds of a sound in the library, loud in its second half."""
    with wave.open(str(tmp_path / "wind.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "NONE"))
        file.writeframes(bytes(2 * 8000 * 4))
    told = {"width": 0, "height": 0, "fps": 0, "duration_seconds": 4, "peaks": [5] * 40 + [95] * 40}
    asset = make_asset(project.workspace, name="wind.wav", media_type="audio/wav", **told)
    asset.file = take_in(tmp_path / "wind.wav", f"clips/{asset.pk}/sound.wav")
    asset.save()
    return asset


@pytest.mark.slow
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


CUT = "document.querySelector('film-timeline').cut"
MIDDLE = 30  # pixels from the upper edge of a lane of pictures


def lane(page, track):
    return page.locator(f".track[data-track={track}]").bounding_box()


def drag(page, x, y, to):
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (to - x) / 2, y, steps=2)
    page.mouse.move(to, y, steps=2)
    page.mouse.up()


def loudness(page, track):
    """How many pixels are drawn of the sounds of a track in the first and the second half of a clip 400 pixels long."""
    return page.evaluate(
        """(track) => {
          const canvas = document.querySelector(`.track[data-track=${track}] canvas`)
          const { data } = canvas.getContext("2d").getImageData(0, 0, 400, canvas.height)
          const halves = [0, 0]
          for (let n = 0; n < data.length; n += 4) if (data[n + 2] > 150 && data[n + 3] > 200) halves[Math.floor(((n / 4) % 400) / 200)]++
          return halves
        }""",  # noqa: E501
        track,
    )


@pytest.mark.slow
def test_every_gesture_on_the_tracks(page, studio, ada, complaints, tmp_path):
    project = make_project(ada)
    snow, _water = (
        with_a_take(project, ada, tmp_path, title=title, seed=n) for n, title in enumerate(["Snow", "Water"], 1)
    )
    with_a_sound(project, tmp_path)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/timeline/")

    # Dragged out of the bin: each comes to rest at an edge that is near, and not where N was pressed.
    lanes = page.locator(".track[data-track=v1]")
    page.locator(".bin__item", has_text="Snow").drag_to(lanes, target_position={"x": 4, "y": MIDDLE})
    assert page.evaluate(CLIPS) == [[0, 48, 0]]
    scale = page.evaluate("document.querySelector('cut-tracks').scale")
    page.locator(".bin__item", has_text="Water").drag_to(lanes, target_position={"x": 48 * scale + 6, "y": MIDDLE})
    assert page.evaluate(CLIPS) == [[0, 48, 0], [48, 48, 0]]
    for key in "z--":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    scale, left = page.evaluate("document.querySelector('cut-tracks').scale"), lane(page, "v1")
    y = left["y"] + MIDDLE
    drag(page, left["x"] + 60 * scale, y, left["x"] + 70 * scale)
    assert page.evaluate(CLIPS)[1][0] == 58, "too far from any edge to be caught by it"
    drag(page, left["x"] + 70 * scale, y, left["x"] + 60 * scale + 6)
    assert page.evaluate(CLIPS)[1][0] == 48
    page.keyboard.press("n")
    drag(page, left["x"] + 60 * scale, y, left["x"] + 60 * scale + 6)
    assert page.evaluate(CLIPS)[1][0] == 48 + round(6 / scale), "it stays where it was let go"
    page.keyboard.press("Control+z")
    page.keyboard.press("n")
    page.keyboard.press("Control+Shift+z")
    assert page.evaluate(CLIPS)[1][0] == 48 + round(6 / scale)
    page.keyboard.press("Control+z")

    # Forwards and backwards, faster each time; it stands at K.
    speed = "document.querySelector('film-timeline').player.speed"
    page.keyboard.press("l")
    page.keyboard.press("l")
    assert page.evaluate(speed) == 2
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(speed) == -2
    page.keyboard.press("k")
    assert page.evaluate(speed) == 0

    # A marker, and from I to O cut out of everything.
    page.keyboard.press("Home")
    for key in ("i", "Shift+ArrowRight", "m", "o"):
        page.keyboard.press(key)
    expect(page.locator(".tracks__range")).to_be_visible()
    expect(page.locator(".marker")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".tracks__range")).to_be_hidden()
    page.keyboard.press("m")
    expect(page.locator(".marker")).to_have_count(0)
    page.keyboard.press("o")
    page.keyboard.press("Delete")
    assert page.evaluate(CLIPS) == [[0, 24, 12], [24, 48, 0]], "a second is gone, twelve frames of the take"
    page.keyboard.press("Control+z")

    # A dissolve by its key; speed in the panel.
    page.get_by_role("button", name="Water, at").click()
    page.keyboard.press("d")
    assert page.evaluate(f"{CUT}.tracks[0].clips[1].transition") == {"kind": "dissolve", "frames": 12}
    page.keyboard.press("d")
    assert page.evaluate(f"{CUT}.tracks[0].clips[1].transition") is None
    page.get_by_label("Speed, %").fill("200")
    page.get_by_label("Speed, %").press("Tab")
    assert page.evaluate(CLIPS) == [[0, 48, 0], [48, 24, 0]]

    # What lies under the pointer stays there when it is zoomed.
    under = """(x) => { const tracks = document.querySelector("cut-tracks")
      return (tracks.scroller.scrollLeft + x - tracks.scroller.getBoundingClientRect().left) / tracks.scale }"""
    page.mouse.move(left["x"] + 300, y)
    before = page.evaluate(under, left["x"] + 300)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -200)
    page.wait_for_function("(scale) => document.querySelector('cut-tracks').scale > 3.5 * scale", arg=scale)
    page.keyboard.up("Control")
    assert abs(page.evaluate(under, left["x"] + 300) - before) < 0.5
    page.wait_for_timeout(400)
    width = page.get_by_role("button", name="Snow, at").bounding_box()["width"]
    assert abs(width - 48 * page.evaluate("document.querySelector('cut-tracks').scale")) < 3, "and is drawn as long"

    # A sound: drawn as loud as it is, and as loud as it is wished.
    page.keyboard.press("z")
    page.get_by_role("tab", name="Library").click()
    page.locator(".bin__item", has_text="wind.wav").drag_to(
        page.locator(".track[data-track=a1]"), target_position={"x": 3, "y": 20}
    )
    page.evaluate("(tracks => tracks.zoom(400 / 96 / tracks.scale, 0))(document.querySelector('cut-tracks'))")
    page.wait_for_function("document.querySelector('.tracks__scroll').scrollLeft === 0")
    page.wait_for_timeout(300)
    quiet, loud = loudness(page, "a1")
    assert 0 < quiet * 3 < loud
    for name, value in {"Volume, dB": "-6", "Fade in, frames": "12", "Fade out, frames": "500"}.items():
        page.get_by_label(name).fill(value)
        page.get_by_label(name).press("Tab")
    sound = page.evaluate(f"{CUT}.tracks[1].clips[0]")
    assert (sound["volume_db"], sound["fade_in"], sound["fade_out"]) == (-6, 12, 96), "no longer than the sound"

    # Tracks come and go: one with something on it only when that was asked.
    page.locator(".track[data-track=a2]").click(position={"x": 20, "y": 20})
    page.get_by_role("button", name="Add a track of sounds").click()
    expect(page.locator(".track-head__name")).to_have_text(["V1", "A1", "A2", "A3", "T1", "C1"])
    page.wait_for_timeout(300)
    assert loudness(page, "a1") == [quiet, loud], "what is on the others is drawn as before"
    head = page.locator(".track-head[data-track=a1]")
    head.get_by_role("button", name="Take this track out").click()
    page.get_by_role("button", name="Leave it").click()
    expect(page.locator(".track-head__name")).to_have_count(6)
    head.get_by_role("button", name="Take this track out").click()
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator(".track-head__name")).to_have_text(["V1", "A2", "A3", "T1", "C1"])
    expect(page.locator(".clip[data-kind=audio]")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator(".clip[data-kind=audio]")).to_have_count(1)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    # On a telephone the heads of the tracks open.
    page.set_viewport_size({"width": 390, "height": 844})
    expect(head.get_by_role("button", name="Take this track out")).to_be_hidden()
    page.get_by_role("button", name="What can be done with the tracks").click()
    page.locator(".track-head[data-track=a2]").get_by_role("button", name="Take this track out").click()
    expect(page.locator(".track-head__name")).to_have_text(["V1", "A1", "A3", "T1", "C1"])
    assert fits(page)
    page.keyboard.press("Control+z")
    page.set_viewport_size({"width": 1280, "height": 720})

    # Another take is chosen in another window: the clip shows it.
    second = taken(snow, ada, tmp_path, seed=7)
    snow.choose(second)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_role("button", name="Snow, at").click()
    expect(page.locator("[data-shows=take]")).to_have_text("2 · chosen")
    expect(page.locator(f".stage video[src*='{second.generation.asset_id}']")).to_be_attached()

    # The other takes are folded under the shot, and a clip of one stays with it.
    page.reload()
    page.get_by_text("2 takes").click()
    page.locator(".bin__takes .bin__item", has_text="Take 1").drag_to(
        page.locator(".track[data-track=v1]"), target_position={"x": 700, "y": MIDDLE}
    )
    first = str(snow.takes.get(number=1).pk)
    assert page.evaluate(f"{CUT}.tracks[0].clips.at(-1).source") == {"kind": "take", "id": first}
    expect(page.locator("[data-shows=take]")).to_have_text("1 · kept")
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Snow, at")).to_have_count(1)
    page.get_by_role("button", name="Snow, at").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    # Another window keeps another cut, and is given way to; what was here comes back with Undo.
    kept = Timeline.objects.get(project=project)
    kept.save_cut(kept.document | {"markers": [{"id": "m", "at": 7, "name": "here"}]}, version=kept.version, by=None)
    page.keyboard.press("Alt+ArrowRight")
    page.get_by_role("button", name="Take the other one").click()
    expect(page.locator(".marker")).to_have_count(1)
    assert page.evaluate(CLIPS)[0] == [0, 48, 0]
    page.keyboard.press("Control+z")
    expect(page.locator(".marker")).to_have_count(0)
    assert page.evaluate(CLIPS)[0] == [1, 48, 0]
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert not [one for one in complaints if "409" not in one]

"""Every edit of a cut, as `lib/cut` does it in the browser: a table of what is wished and what comes of it.

A clip is written "a 10+5" (at frame 10, 5 long), "a 10+5@3" where it begins at frame 3 of its source. The cut has 24
frames a second and so have its sources, but for "slow", which has 12; each is 100 frames long.
"""

# ruff: noqa: E501  (a row of the table is a line)

import pytest

CUTS = """async ({ tracks, markers }) => {
  const edit = await import("lib/cut")
  const fps = (clip) => (clip.source?.id === "slow" ? 12 : 24)
  const pace = (clip) => (fps(clip) / 24) * (clip.speed ?? 1)
  const room = (clip) => (clip.source ? Math.ceil((100 - (clip.in_frame ?? 0)) / pace(clip)) : Infinity)
  const read = (kind) => (words) => {
    const [, id, at, frames, from] = words.match(/(\\w+) (\\d+)\\+(\\d+)(?:@(\\d+))?/)
    const source = ["title", "caption"].includes(kind) ? null : { kind: "take", id }
    return { id, at: Number(at), frames: Number(frames), in_frame: Number(from ?? 0), source }
  }
  const kinds = { V: "video", A: "audio", T: "title", C: "caption" }
  const cut = { fps: 24, width: 1280, height: 720, markers: (markers ?? []).map((at) => ({ id: `m${at}`, at })), tracks: Object.entries(tracks).map(([name, clips]) => {
    const [, letter, , locked] = name.match(/([VATC])(\\d)(!?)/)
    return { id: name.replace("!", "").toLowerCase(), name: name.replace("!", ""), kind: kinds[letter], locked: Boolean(locked), clips: clips.map(read(kinds[letter])) }
  }) }
  const clip = read("video")
  const before = JSON.stringify(cut)
  const after = WISH
  if (JSON.stringify(cut) !== before) return "The cut that was given is another now."
  if (!after?.tracks) return after
  // Halves that were split off have new names: they are told as "…".
  const known = new Set(cut.tracks.flatMap((track) => track.clips.map((one) => one.id)))
  const told = ({ id, at, frames, in_frame, ...more }) => {
    const edges = ["transition", "fade_in", "fade_out", "fade_to_black", "speed", "muted", "volume_db"].filter((name) => more[name] && more[name] !== 1)
    const said = edges.map((name) => ` ${name}=${more[name].frames ?? more[name]}`).join("")
    return `${known.has(id) || id === "new" ? id : "…"} ${at}+${frames}${in_frame ? `@${in_frame}` : ""}${said}`
  }
  return { same: after === cut, fps: after.fps, markers: after.markers.map(({ at }) => at), tracks: Object.fromEntries(after.tracks.map((track) => [track.name, track.clips.map(told)])) }
}"""

V = {"V1": ["a 0+10@5", "b 10+10@5", "c 30+10"]}
RULES = "{ pace, room, ripple: false }"
RIPPLE = "{ pace, room, ripple: true }"
SAME = "the same"


# fmt: off
TABLE = [
    # Trim: within the source, the neighbours, and one frame that stays.
    ("an end is drawn in", V, f'edit.trim(cut, "a", "end", -4, {RULES})', ["a 0+6@5", "b 10+10@5", "c 30+10"]),
    ("an end stops at the next clip", V, f'edit.trim(cut, "b", "end", 40, {RULES})', ["a 0+10@5", "b 10+20@5", "c 30+10"]),
    ("one frame stays", V, f'edit.trim(cut, "a", "end", -40, {RULES})', ["a 0+1@5", "b 10+10@5", "c 30+10"]),
    ("an end stops where the source does", V, f'edit.trim(cut, "c", "end", 500, {RULES})', ["a 0+10@5", "b 10+10@5", "c 30+100"]),
    ("a beginning goes on in its source", V, f'edit.trim(cut, "c", "start", 4, {RULES})', ["a 0+10@5", "b 10+10@5", "c 34+6@4"]),
    ("a beginning stops where the source does", V, f'edit.trim(cut, "c", "start", -4, {RULES})', ["a 0+10@5", "b 10+10@5", "c 30+10"]),
    ("a beginning stops at the clip before", V, f'edit.trim(cut, "b", "start", -4, {RULES})', ["a 0+10@5", "b 10+10@5", "c 30+10"]),
    ("with ripple what follows goes along", V, f'edit.trim(cut, "a", "end", -4, {RIPPLE})', ["a 0+6@5", "b 6+10@5", "c 26+10"]),
    ("and is pushed", V, f'edit.trim(cut, "b", "end", 4, {RIPPLE})', ["a 0+10@5", "b 10+14@5", "c 34+10"]),
    ("a beginning with ripple stays where it is", V, f'edit.trim(cut, "b", "start", 4, {RIPPLE})', ["a 0+10@5", "b 10+6@9", "c 26+10"]),
    ("half as many frames of a slow source", {"V1": ["slow 0+20"]}, f'edit.trim(cut, "slow", "start", 8, {RULES})', ["slow 8+12@4"]),
    ("a locked track stays", {"V1!": ["a 0+10"]}, f'edit.trim(cut, "a", "end", -4, {RULES})', SAME),
    # Split and slip.
    ("a clip is split", V, "edit.split(cut, 14, pace)", ["a 0+10@5", "b 10+4@5", "… 14+6@9", "c 30+10"]),
    ("at its edge there is nothing to split", V, "edit.split(cut, 10, pace)", V["V1"]),
    ("nor between others than those named", V, 'edit.split(cut, 14, pace, ["a"])', V["V1"]),
    ("halves keep the edges that are theirs", V,
     'edit.split(edit.changeClips(cut, ["b"], { transition: { kind: "dissolve", frames: 3 }, fade_out: 2 }), 14, pace)',
     ["a 0+10@5", "b 10+4@5 transition=3", "… 14+6@9 fade_out=2", "c 30+10"]),
    ("a slip shows another part", V, 'edit.slip(cut, "b", 7, { pace, room })', ["a 0+10@5", "b 10+10@12", "c 30+10"]),
    ("not before its beginning", V, 'edit.slip(cut, "b", -70, { pace, room })', ["a 0+10@5", "b 10+10", "c 30+10"]),
    ("nor beyond its end", V, 'edit.slip(cut, "b", 700, { pace, room })', ["a 0+10@5", "b 10+10@90", "c 30+10"]),
    # Laying in.
    ("what is laid in lies over", V, 'edit.overwrite(cut, "v1", [clip("new 5+10")], pace)', ["a 0+5@5", "new 5+10", "b 15+5@10", "c 30+10"]),
    ("in the middle it leaves both halves", V, 'edit.overwrite(cut, "v1", [clip("new 12+3")], pace)', ["a 0+10@5", "b 10+2@5", "new 12+3", "… 15+5@10", "c 30+10"]),
    ("or pushes what follows", V, 'edit.insert(cut, "v1", clip("new 12+3"), pace)', ["a 0+10@5", "b 10+2@5", "new 12+3", "… 15+8@7", "c 33+10"]),
    # Taking out, gaps.
    ("what is taken out leaves a gap", V, 'edit.remove(cut, ["b"])', ["a 0+10@5", "c 30+10"]),
    ("or is closed up", V, 'edit.remove(cut, ["b"], { ripple: true })', ["a 0+10@5", "c 20+10"]),
    ("a gap is closed", V, 'edit.closeGap(cut, "v1", 25)', ["a 0+10@5", "b 10+10@5", "c 20+10"]),
    ("where none is nothing is closed", V, 'edit.closeGap(cut, "v1", 5)', V["V1"]),
    ("between marks all is cut out", V, "edit.extract(cut, 5, 32, pace)", ["a 0+5@5", "c 5+8@2"]),
    # Moving.
    ("a clip moves over others", V, 'edit.move(cut, ["c"], -15, { pace })', ["a 0+10@5", "b 10+5@5", "c 15+10"]),
    ("no further than the beginning", V, 'edit.move(cut, ["c"], -90, { pace })', ["c 0+10", "b 10+10@5"]),
    ("several keep their distance", V, 'edit.move(cut, ["a", "b"], 5, { pace })', ["a 5+10@5", "b 15+10@5", "c 30+10"]),
    # Speeds, fades, dissolves.
    ("twice the speed is half as long", V, f'edit.retime(cut, "a", 2, {RULES})', ["a 0+5@5 speed=2", "b 10+10@5", "c 30+10"]),
    ("with ripple what follows closes up", V, f'edit.retime(cut, "a", 2, {RIPPLE})', ["a 0+5@5 speed=2", "b 5+10@5", "c 25+10"]),
    ("slower as far as there is place", V, f'edit.retime(cut, "a", 0.5, {RULES})', ["a 0+10@5 speed=0.5", "b 10+10@5", "c 30+10"]),
    ("a fade is no longer than its clip", V, 'edit.changeClips(cut, ["a"], { fade_in: 99, fade_to_black: 4 })', ["a 0+10@5 fade_in=10 fade_to_black=4", "b 10+10@5", "c 30+10"]),
    ("nor is a dissolve when its clip is trimmed", V,
     f'edit.trim(edit.changeClips(cut, ["b"], {{ transition: {{ kind: "dissolve", frames: 8 }} }}), "b", "end", -5, {RULES})',
     ["a 0+10@5", "b 10+5@5 transition=5", "c 30+10"]),
    # Another rate: as long in seconds, the source's own frames as they are.
    ("at half the rate every clip has half the frames", V, "edit.atRate(cut, 12, { pace })", ["a 0+5@5", "b 5+5@5", "c 15+5"]),
]
# fmt: on


@pytest.fixture(scope="module")
def ask(browser, running_studio):
    """Does a wish in the browser, on one page for the whole table."""
    page = browser.new_page()
    page.goto(f"{running_studio.url}/accounts/login/")

    def done(tracks, wish, markers=()):
        return page.evaluate(CUTS.replace("WISH", wish), {"tracks": tracks, "markers": list(markers)})

    yield done
    page.close()


@pytest.mark.parametrize(("tracks", "wish", "comes"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_an_edit_of_the_pictures(ask, tracks, wish, comes):
    after = ask(tracks, wish)
    assert after["same"] if comes is SAME else after["tracks"]["V1"] == comes


def test_a_clip_changes_its_track_but_not_its_kind(ask):
    tracks = {"V1": ["a 0+10"], "V2": ["b 0+20"], "A1": ["s 5+10"]}
    moved = ask(tracks, 'edit.move(cut, ["a"], 5, { to: "v2", pace })')["tracks"]
    assert moved == {"V1": [], "V2": ["b 0+5", "a 5+10", "… 15+5@15"], "A1": ["s 5+10"]}
    stays = ask(tracks, 'edit.move(cut, ["a"], 5, { to: "a1", pace })')["tracks"]
    assert stays["V1"] == ["a 5+10"] and stays["A1"] == ["s 5+10"]


def test_what_is_locked_is_left_out_of_every_edit(ask):
    tracks = {"V1": ["a 0+10"], "A1!": ["s 0+10"]}
    for wish in ("edit.split(cut, 4, pace)", "edit.extract(cut, 2, 6, pace)", 'edit.remove(cut, ["a", "s"])'):
        assert ask(tracks, wish)["tracks"]["A1"] == ["s 0+10"], wish


def test_markers_go_with_what_is_cut_out(ask):
    cut = ask({"V1": ["a 0+40"]}, "edit.extract(cut, 10, 20, pace)", markers=[5, 12, 30])
    assert cut["markers"] == [5, 20]
    assert ask({"V1": ["a 0+40"]}, "edit.atRate(cut, 12, { pace })", markers=[5, 12, 30])["markers"] == [3, 6, 15]


def test_gaps_edits_and_places_to_snap_to(ask):
    assert ask(V, "edit.gaps(cut.tracks[0])") == [{"from": 20, "to": 30}]
    assert ask(V, "edit.gapAt(cut.tracks[0], 5)") is None and ask(V, "edit.gapAt(cut.tracks[0], 45)") is None
    assert ask(V, "edit.edits(cut)") == [0, 10, 20, 30, 40]
    points = 'edit.snapPoints(cut, { without: ["c"], playhead: 17 })'
    assert ask(V, points, markers=[25]) == [0, 10, 17, 20, 25]
    assert ask(V, "edit.snap([23, 33], [0, 20, 34], 2)") == 1, "the nearest of its edges"
    assert ask(V, "edit.snap([23, 33], [0, 20, 36], 2)") == 0


def test_tracks_come_and_go(ask):
    tracks = {"V1": ["a 0+10"], "A1": ["s 0+10"], "T1": [], "C1!": []}
    more = ask(tracks, 'edit.addTrack(edit.addTrack(cut, "video"), "audio")')["tracks"]
    assert list(more) == ["V1", "V2", "A1", "A2", "T1", "C1"] and more["V2"] == []
    assert list(ask(tracks, 'edit.removeTrack(edit.addTrack(cut, "video"), "v1")')["tracks"]) == [
        "V2",
        "A1",
        "T1",
        "C1",
    ]
    assert ask(tracks, 'edit.removeTrack(cut, "v1")')["same"], "the last of its kind stays"
    assert ask(tracks, 'edit.removeTrack(edit.addTrack(cut, "caption"), "c1")')["tracks"]["C1"] == [], "it is locked"
    full = 'edit.addTrack(Array.from({ length: 40 }).reduce((now) => edit.addTrack(now, "audio"), cut), "title")'
    assert sum(name.startswith("A") for name in ask(tracks, full)["tracks"]) == 21, "24 with the others"


def test_what_is_kept_says_nothing_that_goes_without_saying(ask):
    kept = ask(V, 'edit.compact(edit.changeClips(cut, ["a"], { fade_in: 0, volume_db: -3 })).tracks[0].clips')
    assert [sorted(clip) for clip in kept] == [
        ["at", "frames", "id", "in_frame", "source", "volume_db"],
        ["at", "frames", "id", "in_frame", "source"],
        ["at", "frames", "id", "source"],
    ]

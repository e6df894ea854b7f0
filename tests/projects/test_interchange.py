"""A cut that goes out to editors' tools and comes back."""

import json
import uuid
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from projects.cut import BadCut, Clip, Cut, Marker, Source, Track, Transition
from projects.export.comeback import read_comeback
from projects.export.interchange import FORMATS, Media, timeline_of, write

FOX, OWL, MUSIC, LOST = (Source("asset", str(uuid.UUID(int=n))) for n in range(1, 5))
MEDIA = {
    FOX: Media("1.1-take-2.mp4", 12, 36, facts={"model": "animatic", "seed": 7, "prompt": "a fox"}),
    OWL: Media("1.2-take-1.mp4", 24, 96, has_sound=False),
    MUSIC: Media("music.m4a", 0, 2400, has_picture=False),
    LOST: None,
}
FILM = Cut(
    tracks=(
        Track(
            "v1",
            "video",
            "V1",
            clips=(
                Clip("a", 0, 48, FOX, in_frame=3, volume_db=-3.0, fade_in=6),
                Clip("b", 48, 60, OWL, in_frame=10, transition=Transition("dissolve", 12)),
                Clip("c", 120, 20, FOX, speed=0.5, transition=Transition("fade", 5), fade_to_black=4),
            ),
        ),
        Track("v2", "video", "V2", clips=(Clip("d", 10, 10, OWL),)),
        Track("a1", "audio", "Music", volume_db=-6.0, clips=(Clip("m", 12, 100, MUSIC, in_frame=48),)),
        Track("t1", "title", "T1", clips=(Clip("t", 0, 24, text="The Fox\nWho Waited", style="lower third"),)),
        Track("c1", "caption", "C1", clips=(Clip("s", 30, 24, text="She had waited."),)),
    ),
    markers=(Marker("m1", 30, "look here"),),
)


def same_film(cut):
    """What it is without the ids that a way out and back gives anew."""
    told = cut.as_document()
    for track in told["tracks"]:
        track["id"] = ""
        for clip in track["clips"]:
            clip["id"] = ""
    for marker in told["markers"]:
        marker["id"] = ""
    return told


def exported(tmp_path, cut=FILM):
    write(timeline_of(cut, "The Fox", MEDIA), tmp_path / "film.otio", "otio")
    return tmp_path / "film.otio"


def test_a_cut_opens_in_opentimelineio_with_every_clip(tmp_path):
    timeline = otio.adapters.read_from_file(str(exported(tmp_path)))
    assert [clip.name for clip in timeline.video_tracks()[0].find_clips()] == ["1.1-take-2", "1.2-take-1", "1.1-take-2"]
    assert timeline.duration().to_seconds() == pytest.approx(140 / 24)
    first = timeline.find_clips()[0]
    assert first.media_reference.target_url == "media/1.1-take-2.mp4"
    assert first.source_range.start_time.value == 6, "three frames of twelve a second are six of twenty-four"
    assert dict(first.metadata["runwayweb"]["facts"])["seed"] == 7
    heard = timeline.audio_tracks()
    assert [track.name for track in heard] == ["Music", "V1 sound"]


def test_a_cut_comes_back_as_it_went_out(tmp_path):
    back = read_comeback(exported(tmp_path).read_bytes(), FILM, MEDIA)
    assert same_film(back.cut) == same_film(FILM)
    assert back.notes == () and back.longer == ()


def test_an_editors_changes_come_back(tmp_path):
    """Another order, another length, and one clip longer than its take is."""
    timeline = otio.adapters.read_from_file(str(exported(tmp_path)))
    track = timeline.video_tracks()[0]
    for item in track:  # as tools do that know nothing of ours
        item.metadata.clear()
    fox, _dissolve, owl, _gap, _slow = list(track)
    del track[:]
    owl.source_range = otio.opentime.TimeRange(owl.source_range.start_time, otio.opentime.RationalTime(120, 24))
    track.extend([owl, fox])
    back = read_comeback(timeline.to_json_string().encode(), FILM, MEDIA)
    clips = back.cut.tracks[0].clips
    assert [(clip.source, clip.at, clip.frames, clip.in_frame) for clip in clips] == [
        (OWL, 0, 120, 10),
        (FOX, 120, 48, 3),
    ]
    assert [(longer.clip.source, longer.frames) for longer in back.longer] == [(OWL, 34)]


def test_a_cut_that_points_outside_opens_nothing(tmp_path):
    timeline = otio.adapters.read_from_file(str(exported(tmp_path)))
    stranger = timeline.video_tracks()[0][0]
    stranger.metadata.clear()
    stranger.name = "passwords"
    stranger.media_reference.target_url = "file:///etc/passwd"
    back = read_comeback(timeline.to_json_string().encode(), FILM, MEDIA)
    assert [clip.at for clip in back.cut.tracks[0].clips] == [48, 120], "the rest stands where it stood"
    assert "“passwords” is not of this film; its place was left empty." in back.notes


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"OTIO_SCHEMA": "Timeline.1", "tracks": 7}', b'"\\', b"x" * 21_000_000],
)
def test_what_is_no_cut_gets_a_sentence(data):
    with pytest.raises(BadCut, match="no OpenTimelineIO file|which no cut is"):
        read_comeback(data, FILM, MEDIA)


def test_nonsense_beside_a_clip_is_refused_or_left_out(tmp_path):
    told = json.loads(exported(tmp_path).read_text())
    clip = told["tracks"]["children"][0]["children"][0]
    clip["metadata"]["runwayweb"] |= {"volume_db": "loud", "source": {"kind": ["x"], "id": 7}}
    with pytest.raises(BadCut, match="A volume"):
        read_comeback(json.dumps(told).encode(), FILM, MEDIA)


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"otio"}))
def test_every_format_holds_the_pictures_where_they_stood(kind, tmp_path):
    path = tmp_path / f"film{FORMATS[kind].ending}"
    left_out = write(timeline_of(FILM, "The Fox", MEDIA), path, kind)
    back = otio.adapters.read_from_file(str(path), adapter_name=FORMATS[kind].adapter)
    timeline = back if isinstance(back, otio.schema.Timeline) else next(iter(back))
    first = [track for track in timeline.tracks if track.kind == "Video"][0]
    clips = [item for item in first if isinstance(item, otio.schema.Clip)]
    assert [clip.name for clip in clips] == ["1.1-take-2", "1.2-take-1", "1.1-take-2"]
    assert [round(first.range_of_child(clip).start_time.to_seconds() * 24) for clip in clips] == [0, 48, 120]
    dissolves = [item for item in first if isinstance(item, otio.schema.Transition)]
    told = " ".join(left_out)
    assert bool(dissolves) == FORMATS[kind].dissolves == ("Dissolves" not in told)
    assert FORMATS[kind].speeds == ("Speeds" not in told)
    assert "The titles of T1 are not in it: The Fox. Set them again in the editing program." in left_out
    assert "The captions of C1 are not in it; they lie beside it as film.srt and film.vtt." in left_out


# Where those who open it find what is said of a clip.
NOTES = {
    "fcpxml": lambda path: [note.text for note in ElementTree.parse(path).iter("note")],
    "xml": lambda path: [note.text for note in ElementTree.parse(path).iter("mastercomment1")],
    "edl": lambda path: [line.removeprefix("* RECIPE: ") for line in path.read_text().splitlines() if "RECIPE" in line],
    "aaf": lambda path: [
        clip.metadata["AAF"]["UserComments"]["Recipe"]
        for clip in otio.adapters.read_from_file(str(path), adapter_name="AAF").find_clips()
        if "UserComments" in clip.metadata["AAF"]
    ],
}


@pytest.mark.parametrize("kind", NOTES)
def test_every_format_says_of_a_clip_how_it_was_made(kind, tmp_path):
    path = tmp_path / f"film{FORMATS[kind].ending}"
    write(timeline_of(FILM, "The Fox", MEDIA), path, kind)
    notes = NOTES[kind](path)
    assert notes and all(json.loads(note) == dict(MEDIA[FOX].facts) for note in notes), notes


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_shot_without_a_chosen_take_leaves_as_a_clip_without_media(kind, tmp_path):
    clips = (Clip("a", 0, 24, LOST), Clip("b", 24, 24, OWL))
    waiting = Cut(tracks=(Track("v1", "video", "V1", clips=clips),))
    write(timeline_of(waiting, "The Fox", MEDIA), tmp_path / f"film{FORMATS[kind].ending}", kind)

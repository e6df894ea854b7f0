"""The room of the cut: what it shows, keeps and refuses; a gap becomes a shot; captions come in."""

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.engine import catalogue
from generation.engine.encode import write_mp4
from projects.cut import BadCut, Cut
from projects.gaps import Length, fill, gap_at, length_for
from projects.material import material_of
from projects.models import Shot, Timeline
from projects.subtitles import BadSubtitles, as_srt, as_vtt, read_subtitles
from runwayweb.assets.storage import take_in
from tests.factories import make_asset, make_project, make_shot, make_take, make_user
from tests.pictures import frames_of

SRT = "1\n00:00:01,000 --> 00:00:02,500\nShe waited.\n\n2\n00:00:02,000 --> 00:00:04,000\n<i>All</i> winter.\n"


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def studio(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def clip(project, tmp_path):
    """A clip of 24 frames at 12 a second in the library, and its frames."""
    frames = frames_of(1, 24)
    write_mp4(frames, 12, tmp_path / "a.mp4", metadata={})
    asset = make_asset(project.workspace, fps=12, duration_seconds=2, frame_count=24)
    asset.file = take_in(tmp_path / "a.mp4", f"clips/{asset.pk}/clip.mp4")
    asset.save()
    return asset


@pytest.fixture
def built_in():
    return catalogue.card("built-in")


def at(project, name, **more):
    return reverse(f"projects:timeline{name}", args=[project.pk], **more)


def placed(id, source, at, frames, **more):
    return {"id": id, "at": at, "frames": frames, "source": source} | more


def document(*clips, kind="video"):
    cut = Cut().as_document()
    next(track for track in cut["tracks"] if track["kind"] == kind)["clips"] = list(clips)
    return cut


def keep(project, *clips, by=None):
    timeline = Timeline.objects.of(project)
    timeline.save_cut(document(*clips), version=timeline.version, by=by)
    return timeline


def send(studio, project, body):
    return studio.post(at(project, "-cut"), json.dumps(body), content_type="application/json")


def test_the_room_holds_the_cut_and_what_can_be_laid_in(studio, project, clip):
    shot = make_shot(project, title="Snow")
    page = studio.get(at(project, "")).content.decode()
    assert "Snow" in page and f'data-key="shot:{shot.pk}"' in page and f'data-key="asset:{clip.pk}"' in page
    assert clip.name in studio.get(at(project, "-files"), {"q": ""}).content.decode()
    assert "Nothing is found" in studio.get(at(project, "-files"), {"q": "zebra"}).content.decode()


def test_the_takes_of_a_shot_are_folded_under_it(studio, project, clip, ada):
    shot = make_shot(project, title="Snow")
    first, second, running = (make_take(shot, ada) for _ in range(3))
    for take in (first, second):
        asset = clip if take is first else make_asset(project.workspace, frame_count=12)
        type(take.generation).objects.filter(pk=take.generation_id).update(asset=asset, status="succeeded")
    shot.choose(first)
    assert "3 takes" in studio.get(at(project, "")).content.decode()
    folded = studio.get(reverse("projects:timeline-takes", args=[project.pk, shot.pk])).content.decode()
    assert folded.index(f'data-key="take:{second.pk}"') < folded.index(f'data-key="take:{first.pk}"')
    assert str(running.pk) not in folded, "there is nothing to be seen of it yet"
    assert folded.count("chosen") == 1 and str(clip.pk) in folded
    source = {"kind": "take", "id": str(second.pk)}
    assert send(studio, project, {"version": 0, "cut": document(placed("c1", source, 0, 12))}).status_code == 200
    other = make_shot(make_project(make_user("eve")))
    assert studio.get(reverse("projects:timeline-takes", args=[project.pk, other.pk])).status_code == 404


def test_a_stranger_finds_nothing(client, project):
    shot = make_shot(project)
    client.force_login(make_user("eve"))
    assert client.get(reverse("projects:timeline-takes", args=[project.pk, shot.pk])).status_code == 404
    for name in ("", "-material", "-files"):
        assert client.get(at(project, name)).status_code == 404
    for name in ("-cut", "-gap", "-captions"):
        assert client.post(at(project, name)).status_code == 404


def test_a_cut_is_kept_and_a_second_window_is_told(studio, project, clip):
    source = {"kind": "asset", "id": str(clip.pk)}
    sent = {"version": 0, "cut": document(placed("c1", source, 0, 48))}
    assert send(studio, project, sent).json() == {"version": 1}
    answer = send(studio, project, sent | {"cut": document()})
    assert answer.status_code == 409 and answer.json() == {"version": 1, "by": "ada@example.org"}
    told = studio.get(at(project, "-material")).json()
    assert told["version"] == 1 and told["cut"]["tracks"][0]["clips"][0]["frames"] == 48
    assert told["material"][f"asset:{clip.pk}"]["frames"] == 24, "what is laid in comes with what plays it"


@pytest.mark.parametrize(
    "sent", ["", "[]", '{"version": 0}', '{"version": true, "cut": {}}', '{"version": 0, "cut": {"fps": 7}}']
)
def test_what_is_no_cut_gets_a_sentence_and_changes_nothing(studio, project, sent):
    answer = studio.post(at(project, "-cut"), sent, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["error"].endswith(".")
    assert Timeline.objects.of(project).version == 0


def test_a_clip_of_somebody_elses_is_not_laid_in(studio, project):
    theirs = make_asset(make_project(make_user("eve")).workspace)
    source = {"kind": "asset", "id": str(theirs.pk)}
    answer = send(studio, project, {"version": 0, "cut": document(placed("c1", source, 0, 5))})
    assert answer.status_code == 422 and "not in this film" in answer.json()["error"]


def test_so_many_questions_however_many_clips(project, clip, django_assert_max_num_queries):
    shots = [make_shot(project, title=f"{n}") for n in range(12)]
    timeline = Timeline.objects.of(project)
    cut = document(*(placed(f"s{n}", {"kind": "shot", "id": str(shot.pk)}, n, 1) for n, shot in enumerate(shots)))
    timeline.save_cut(cut, version=0, by=None)
    with django_assert_max_num_queries(12):
        told = material_of(timeline, timeline.cut.sources())
    assert len(told) == 12 and {one["state"] for one in told.values()} == {"none"}


# A gap


def test_a_gap_becomes_a_shot_between_the_frames_beside_it(studio, project, clip, ada):
    source = {"kind": "asset", "id": str(clip.pk)}
    timeline = keep(project, placed("a", source, 0, 24), placed("b", source, 60, 12, in_frame=6))
    answer = studio.post(at(project, "-gap"), {"track": "v1", "at": "24"}).json()
    shot = Shot.objects.get(project=project)
    assert shot.duration_seconds == 1.5, "as long as the gap"
    assert answer["url"] == reverse("projects:shot", args=[shot.pk]) and shot.model
    timeline.refresh_from_db()
    laid = timeline.cut.tracks[0].clips[1]
    assert (laid.at, laid.frames, laid.source.id) == (24, 36, str(shot.pk)), "the clip follows whichever take is chosen"
    page = studio.get(answer["url"])
    given = {slot.name: slot.asset for slot in page.context["form"].slots if slot.asset}
    assert given == {"first_frame": clip.keep_frame(11), "last_frame": clip.keep_frame(6)}, "whenever it is opened"


def test_it_begins_with_the_very_frame_that_was_seen_last(project, clip, ada):
    source = {"kind": "asset", "id": str(clip.pk)}
    timeline = keep(project, placed("a", source, 0, 24), placed("b", source, 60, 12, in_frame=6))
    filled = fill(timeline, "v1", 30, by=ada)
    assert filled.first_frame == clip.keep_frame(11), "frame 23 of the cut at 24 is frame 11 of the clip at 12"
    assert filled.last_frame == clip.keep_frame(6)
    assert filled.first_frame != filled.last_frame


@pytest.mark.parametrize("frames", [36, 37, 5])
def test_a_filled_gap_holds_exactly_its_frames(studio, project, clip, frames):
    """Whatever its engine's rate: every frame of the clip is one of the take, and nothing beside it moves."""
    source = {"kind": "asset", "id": str(clip.pk)}
    timeline = keep(project, placed("a", source, 0, 24), placed("b", source, 24 + frames, 12))
    answer = studio.post(at(project, "-gap"), {"track": "v1", "at": "30" if frames > 6 else "25"}).json()
    shot = Shot.objects.get(project=project)
    timeline.refresh_from_db()
    laid = timeline.cut.tracks[0].clips[1]
    assert (laid.at, laid.frames, timeline.cut.frames) == (24, frames, 36 + frames)
    form = studio.get(answer["url"]).context["form"]
    card = catalogue.card(shot.model)
    drawn = round(form["length"].value() * card.fps)
    assert laid.source_frame(frames - 1, card.fps, 24) < drawn, "the take has a frame of its own for each"
    assert drawn <= max(-(-frames * card.fps // 24), card.fps // 2), "and none too many"


def pictures_of(page):
    return {slot.name for slot in page.context["form"].slots if slot.asset}


def test_a_gap_longer_than_a_take_is_filled_from_its_beginning_and_says_so(studio, project, clip):
    source = {"kind": "asset", "id": str(clip.pk)}
    timeline = keep(project, placed("a", source, 0, 24), placed("b", source, 324, 12))
    answer = studio.post(at(project, "-gap"), {"track": "v1", "at": "30"}).json()
    shown = studio.get(answer["url"])
    assert pictures_of(shown) == {"first_frame"}, "it does not reach what follows"
    assert "The gap is 12.5 seconds long, and a take at most 10" in shown.content.decode()
    assert shown.context["form"]["length"].value() == 10
    timeline.refresh_from_db()
    assert [(one.at, one.frames) for one in timeline.cut.tracks[0].clips] == [(0, 24), (24, 240), (324, 12)]
    answer = studio.post(at(project, "-gap"), {"track": "v1", "at": "300"}).json()
    assert pictures_of(studio.get(answer["url"])) == {"last_frame"}, "the rest, behind a shot to be taken"
    assert {shot.duration_seconds for shot in Shot.objects.filter(project=project)} == {10, 2.5}


def test_a_gap_is_planned_where_no_engine_takes_frames(studio, project, clip, monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    source = {"kind": "asset", "id": str(clip.pk)}
    keep(project, placed("a", source, 0, 24), placed("b", source, 60, 12))
    assert "url" in studio.post(at(project, "-gap"), {"track": "v1", "at": "24"}).json()
    assert (Shot.objects.get(project=project).model, Shot.objects.get(project=project).duration_seconds) == ("", 1.5)


def test_what_a_take_cannot_be_just_as_long_as_is_told(built_in):
    at_12 = replace(built_in, fps=12, max_seconds=60)
    assert length_for(48, 24, at_12) == Length(2, 48)
    assert (length_for(37, 24, at_12).seconds, length_for(37, 24, at_12).frames) == (1.583, 37)
    assert "draws 12 frames a second" in length_for(37, 24, at_12).told
    assert (length_for(5, 24, at_12).seconds, length_for(5, 24, at_12).frames) == (0.5, 5)
    assert "at least 0.5 seconds" in length_for(5, 24, at_12).told
    assert length_for(240, 24, replace(at_12, max_seconds=4)).frames == 96
    assert length_for(61, 60, replace(at_12, fps=16)).seconds == 1.062, "17 frames, where 16.3 are needed"


@pytest.mark.parametrize("frame", [0, 23, 72, 500])
def test_where_there_is_no_gap_nothing_is_filled(project, clip, frame):
    source = {"kind": "asset", "id": str(clip.pk)}
    cut = keep(project, placed("a", source, 0, 24), placed("b", source, 60, 12)).cut
    with pytest.raises(BadCut):
        gap_at(cut, "v1", frame)
    assert gap_at(cut, "v1", 59).frames == 36


def test_a_gap_that_was_closed_meanwhile_is_said(studio, project):
    for sent in ({"track": "v1", "at": "3"}, {"track": "x", "at": "-1"}, {}):
        answer = studio.post(at(project, "-gap"), sent)
        assert answer.status_code == 422 and "no gap" in answer.json()["error"]


# Captions


def test_captions_come_in_and_go_out_again(studio, project):
    file = SimpleUploadedFile("said.srt", SRT.encode())
    clips = studio.post(at(project, "-captions"), {"file": file}).json()["clips"]
    assert clips == [
        {"at": 24, "frames": 36, "text": "She waited."},
        {"at": 60, "frames": 36, "text": "All winter."},
    ], "the second waits for the first to end"
    timeline = Timeline.objects.of(project)
    laid = [{"id": f"c{n}"} | clip for n, clip in enumerate(clips)]
    timeline.save_cut(document(*laid, kind="caption"), version=0, by=None)
    assert read_subtitles(as_srt(timeline.cut).encode(), 24) == clips
    assert read_subtitles(as_vtt(timeline.cut).encode(), 24) == clips


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_captions_of_any_usual_encoding_are_read(encoding):
    assert read_subtitles(SRT.replace("waited", "wärtete").encode(encoding), 25)[0]["text"] == "She wärtete."


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"hello", b"WEBVTT\n\n", b"{\\rtf1", b"\xff\xfe\x00"])
def test_what_holds_no_captions_gets_a_sentence(data):
    with pytest.raises(BadSubtitles):
        read_subtitles(data, 24)


def test_captions_larger_than_any_are_not_read(studio, project):
    answer = studio.post(at(project, "-captions"), {"file": SimpleUploadedFile("x.srt", b"1" * (1024**2 + 1))})
    assert answer.status_code == 422 and "1 MiB" in answer.json()["error"]


def test_captions_of_another_workspace_are_not_there(studio, project):
    theirs = make_asset(make_project(make_user("eve")).workspace, media_type="text/vtt")
    assert studio.post(at(project, "-captions"), {"asset": str(theirs.pk)}).status_code == 404
    assert studio.post(at(project, "-captions"), {"asset": "x"}).status_code == 404

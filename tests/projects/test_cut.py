"""The cut of a film: what is one, what is none, and two windows that save it."""

import json
import uuid

import pytest

from projects.cut import BadCut, Clip, Cut, Source, read_cut
from projects.models import Conflict, Timeline
from tests.factories import make_asset, make_project, make_user

SOURCE = {"kind": "asset", "id": str(uuid.uuid4())}


def clip(id="a", at=0, frames=24, **more):
    return {"id": id, "at": at, "frames": frames, "source": SOURCE} | more


def document(*clips, kind="video", **more):
    return {
        "fps": 24,
        "width": 1280,
        "height": 720,
        "tracks": [{"id": "v1", "kind": kind, "clips": list(clips)}],
    } | more


def test_a_cut_comes_back_as_it_went():
    cut = read_cut(document(clip(), clip("b", at=24, speed=2, transition={"kind": "dissolve", "frames": 6})))
    assert cut.frames == 48
    assert cut.duration_seconds == 2
    assert read_cut(json.loads(json.dumps(cut.as_document()))) == cut
    assert read_cut(Cut().as_document()) == Cut()


def test_which_frame_of_the_source_is_seen():
    plain = Clip("a", 10, 24, Source("asset", "x"), in_frame=5)
    assert [plain.source_frame(k, 24, 24) for k in (0, 1, 23)] == [5, 6, 28]
    assert [plain.source_frame(k, 12, 24) for k in (0, 1, 2, 3)] == [5, 5, 6, 6], "each frame of a slower source twice"
    assert [Clip("a", 0, 9, speed=2.0).source_frame(k, 24, 24) for k in (0, 1, 2)] == [0, 2, 4]
    assert Clip("a", 0, 9).source_frame(1001, 24000 / 1001, 24) == 1000


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ([], "The cut cannot be read."),
        (document(clip(), clip("b", at=23)), "lie over each other at frame 23"),
        (document(clip(), clip(at=24)), "the same id"),
        (document(clip(frames=0)), "The length of a clip must be a whole number from 1"),
        (document(clip(at=-1)), "The place of a clip"),
        (document(clip(at=True)), "The place of a clip"),
        (document(clip(speed=float("nan"))), "The speed of a clip must be from 0.25 to 4"),
        (document(clip(source=None)), "have a source"),
        (document(clip(kind="title"), kind="video"), "A clip has no “kind”"),
        (document(clip(), kind="title"), "have a text"),
        (document(clip(source={"kind": "asset", "id": "../../etc/passwd"})), "cannot be found"),
        (document(clip(source={"kind": "file", "id": SOURCE["id"]})), "must be one of these: shot, take, asset"),
        (document(clip(fade_in=25)), "A fade"),
        (document(fps=23), "The frame rate"),
        (document(width=100_000), "The width"),
        (document(clip(id="<img>")), "proper id"),
        (document(*[clip(f"c{n}", at=24 * n) for n in range(5001)]), "more than 5000"),
    ],
)
def test_what_is_no_cut_is_told_so(wrong, sentence):
    with pytest.raises(BadCut, match=sentence):
        read_cut(wrong)


def test_two_windows_never_overwrite_each_other(db):
    ada = make_user("ada")
    project = make_project(ada)
    asset = make_asset(project.workspace)
    mine, yours = Timeline.objects.of(project), Timeline.objects.of(project)
    saved = document(clip(source={"kind": "asset", "id": str(asset.pk)}))
    mine.save_cut(saved, version=0, by=ada)
    with pytest.raises(Conflict) as conflict:
        yours.save_cut(document(), version=0, by=ada)
    assert conflict.value.version == 1
    assert Timeline.objects.of(project).cut == read_cut(saved)
    assert mine.assets_of(mine.cut.sources()) == {Source("asset", str(asset.pk)): asset}


def test_a_clip_of_somebody_else_cannot_be_laid_in(db):
    project, elsewhere = make_project(), make_project(make_user("mallory"))
    asset = make_asset(elsewhere.workspace)
    timeline = Timeline.objects.of(project)
    with pytest.raises(BadCut, match="not in this film"):
        timeline.save_cut(document(clip(source={"kind": "asset", "id": str(asset.pk)})), version=0, by=None)
    timeline.refresh_from_db()
    assert timeline.version == 0

"""One attempt of a worker: from a queued row to a clip on disk, and every way it can end otherwise."""

import errno
import json
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError

from generation import engines, hints, previews
from generation.attempt import (
    Attempt,
    output_folder,
    sweep_lost_output,
    sweep_working_folders,
    working_folder,
)
from generation.engine import catalogue
from generation.engine.clip import EngineError
from generation.engine.encode import read_recipe
from generation.engine.still import recipe_of_png
from generation.jobs import prepare_asset
from generation.models import Event, Generation, Input
from generation.models.status import Status
from generation.output import Output
from runwayweb.assets.credentials import read
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import sha256_of, store
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_picture

pytestmark = pytest.mark.django_db(transaction=True)
MEDIA = Path(settings.MEDIA_ROOT)
WARM = engines.warm  # the real one, also while a test has put another in its place


class Interrupted:
    """A real engine, the animatic if not told, with something that happens at its second step."""

    def __init__(self, happens, card=catalogue.ANIMATIC):
        self.engine, self.happens = WARM(card), happens

    def generate(self, request, on_step):
        def step(number, steps, preview):
            if number == 2:
                self.happens()
            on_step(number, steps, preview)

        return self.engine.generate(request, step)


@pytest.fixture
def happens(monkeypatch):
    """happens(function): the next run does this at its second step."""

    def at_second_step(function, card=catalogue.ANIMATIC):
        monkeypatch.setattr(engines, "warm", lambda _card, smaller: Interrupted(function, card))

    return at_second_step


def wallet_of(generation):
    return Wallet.objects.of(generation.workspace)


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    return attempt.generation


def test_a_run_lays_in_a_clip_with_its_recipe_and_captures_the_price(project, ada, pulse):
    make_generation(project, ada, num_frames=12, width=128, height=64, num_inference_steps=None)
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure
    asset = generation.asset
    with av.open(asset.file.path) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.width, stream.height, stream.average_rate) == (12, 128, 64, 12)
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    assert asset.sha256 == sha256_of(asset.file.path)
    assert read_recipe(asset.file.path)["request"]["seed"] == 7
    assert json.loads(json.dumps(generation.recipe))["request"]["prompt"] == "a red fox in a forest"
    assert generation.understood["characters"][0]["species"] == "fox"
    assert generation.step == generation.steps >= 4
    assert previews.newest(generation.pk).startswith(b"RIFF")
    wallet = wallet_of(generation)
    assert (wallet.spent, wallet.held) == (generation.cost, 0)
    assert not working_folder(generation.pk, 1).exists()
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds == ["generation.queued", "generation.running", "generation.succeeded"]


def test_a_clip_may_take_longer_to_be_stored_than_one_step_to_be_drawn(project, pulse, monkeypatch):
    make_generation(project)
    written, stalled = Output.write, []

    def write(output, made):
        pulse._alive_at -= catalogue.ANIMATIC.stall_seconds + 1  # as if that much time had passed
        stalled.append(pulse.stalled)
        written(output, made)

    monkeypatch.setattr(Output, "write", write)
    assert run(pulse).status == Status.SUCCEEDED and stalled == [False]


@pytest.mark.slow
def test_equal_seeds_make_equal_files_but_for_their_signatures(project, pulse):
    seen, files = [], set()
    for seed in (11, 11, 12):
        make_generation(project, seed=seed)
        asset = run(pulse).asset
        seen.append(asset.frames().tobytes())
        files.add(asset.sha256)
    assert seen[0] == seen[1] != seen[2]
    assert len(files) == 3, "each is signed by itself"


@pytest.mark.slow
def test_a_plan_with_a_watermark_has_the_studios_name_in_what_is_made(project, pulse, settings):
    clean = [make_generation(project, **sides, width=128, height=64) for sides in ({}, {"num_frames": 1})]
    for _run in clean:
        run(pulse)
    settings.DEFAULT_PLAN, settings.WATERMARK = "free", "Fox Studio"
    for before in clean:
        before.refresh_from_db()
        make_generation(project, width=128, height=64, num_frames=before.request["num_frames"])
        after = run(pulse)
        assert after.recipe["watermark"] == "Fox Studio" and "watermark" not in before.recipe
        one, two = (np.asarray(asset.open_picture() if asset.is_still else asset.frames()[0], int)
                    for asset in (before.asset, after.asset))  # fmt: skip
        changed = np.abs(one - two).max(-1) > 40
        assert changed[40:, 64:].any() and not changed[:40].any()


def test_what_is_made_is_signed_at_last(project, pulse):
    make_generation(project)
    asset = run(pulse).asset
    told = read(Path(default_storage.path(asset.file.name)), ".mp4")
    assert told["state"] == "valid" and told["manifests"][0]["actions"][0]["agent"] == "animatic"
    assert asset.sha256 == sha256_of(Path(default_storage.path(asset.file.name)))


def test_the_media_worker_adds_poster_and_sprite_and_says_so(project, pulse):
    make_generation(project, num_frames=12)
    asset = run(pulse).asset
    prepare_asset(str(asset.pk))
    asset.refresh_from_db()
    assert default_storage.open(asset.poster.name).read(4) == b"RIFF"
    assert (asset.sprite_count, asset.sprite_columns) == (12, 6)
    assert Event.objects.last().kind == "generation.prepared"
    prepare_asset(str(asset.pk))
    assert Event.objects.filter(kind="generation.prepared").count() == 1


def test_a_still_is_laid_in_as_a_picture_with_its_recipe(project, ada, pulse):
    make_generation(project, ada, num_frames=1, width=128, height=64)
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure
    asset = generation.asset
    assert (asset.file_name, asset.media_type, asset.duration_seconds) == ("still.png", "image/png", 0)
    assert asset.open_picture().size == (128, 64)
    assert recipe_of_png(asset.file.path)["request"]["seed"] == 7
    assert b"trainedAlgorithmicMedia" in Path(asset.file.path).read_bytes()
    assert wallet_of(generation).spent == generation.cost == 1
    prepare_asset(str(asset.pk))
    asset.refresh_from_db()
    assert default_storage.open(asset.poster.name).read(4) == b"RIFF"
    assert (asset.sprite.name, asset.sprite_count) == ("", 0)
    assert generation.still("last").open_picture().tobytes() == asset.open_picture().tobytes()


def test_who_is_seen_lies_beside_the_clip_each_cut_out(project, pulse):
    make_generation(project, prompt="a red fox with a blue ball in a forest", width=256, height=144)
    asset = run(pulse).asset
    folder = str(Path(asset.file.name).parent)
    assert asset.cast == [
        {"name": "red fox", "role": "character", "file": f"{folder}/cast-1.webp"},
        {"name": "blue ball", "role": "object", "file": f"{folder}/cast-2.webp"},
    ]
    fox, ball = asset.open_cast_picture(1), asset.open_cast_picture(2)
    assert fox.width == fox.height > ball.width
    assert fox.getpixel((0, 0)) == fox.getpixel((fox.width - 1, 0)), "not a pixel of its background changed"


def test_a_clip_that_comes_too_late_leaves_nothing(project, pulse, monkeypatch):
    generation = make_generation(project, width=256, height=144)

    class Late:
        def generate(self, request, on_step):
            clip = WARM(catalogue.ANIMATIC).generate(request, on_step)
            assert clip.cast
            generation.cancel()
            return clip

    monkeypatch.setattr(engines, "warm", lambda card, smaller: Late())
    assert run(pulse).status == Status.CANCELLED
    assert not Asset.objects.exists()
    assert left_behind(generation) == []


def left_behind(generation):
    """The files an attempt left in the storage."""
    return default_storage.listdir(output_folder(generation.pk, 1))[1]


def test_cancelled_on_the_way_stops_within_a_step_and_leaves_nothing(project, pulse, happens):
    generation = make_generation(project)
    happens(generation.cancel)
    assert run(pulse).status == Status.CANCELLED
    assert wallet_of(generation).available == 500
    assert not Asset.objects.exists()
    assert not default_storage.exists(f"{output_folder(generation.pk, 1)}/clip.mp4")


@pytest.mark.parametrize(("seconds", "written"), [(0.2, 1), (0.0, 8)])
def test_steps_that_follow_at_once_are_all_told_and_not_all_written(project, pulse, monkeypatch, seconds, written):
    """A row is written where somebody might see a difference."""
    told, rows = [], []
    monkeypatch.setattr(hints, "send", lambda _workspace, message: told.append(message))
    renew = Generation.renew_lease
    monkeypatch.setattr(
        Generation, "renew_lease", lambda self, *by, **more: rows.append(more) or renew(self, *by, **more)
    )
    monkeypatch.setattr("generation.attempt.TOLD_SECONDS", seconds)

    class Quick:
        def generate(self, request, on_step):
            clip = WARM(catalogue.ANIMATIC).generate(request, lambda *_: None)
            for step in range(1, 9):
                on_step(step, 8, None)
            return clip

    monkeypatch.setattr(engines, "warm", lambda _card, smaller: Quick())
    monkeypatch.setattr(engines, "is_warm", lambda _card, smaller: True)
    make_generation(project)
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED and (generation.step, generation.steps) == (8, 8)
    assert [message["step"] for message in told if message["type"] == "step"] == list(range(1, 9))
    assert [row["step"] for row in rows if row.get("step")] == list(range(1, 9))[:written]


def test_a_stopping_worker_hands_the_run_back_unspent(project, pulse, happens):
    make_generation(project)
    happens(pulse.stopping.set)
    generation = run(pulse)
    assert (generation.status, generation.attempt, generation.attempts_spent) == (Status.QUEUED, 1, 0)
    assert wallet_of(generation).held == generation.cost


def test_a_row_given_to_another_worker_is_let_go(project, pulse, happens):
    generation = make_generation(project)

    def taken_away():
        generation.refresh_from_db()
        generation.requeue(1)
        type(generation).objects.claim_next(pulse.worker)

    happens(taken_away)
    generation = run(pulse)
    assert (generation.status, generation.attempt) == (Status.RUNNING, 2)
    assert not Asset.objects.exists()


def test_out_of_memory_is_tried_once_more_in_a_fresh_process(project, pulse, happens):
    make_generation(project)

    def full():
        raise EngineError("The GPU ran out of memory.", "INTERNAL.OUT_OF_MEMORY")

    happens(full)
    generation = run(pulse)
    assert (generation.status, generation.attempts_spent) == (Status.QUEUED, 1)
    assert generation.smaller_plans == 1
    assert pulse.stopping.is_set(), "the process ends and is replaced"
    pulse.stopping.clear()
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INTERNAL.OUT_OF_MEMORY")
    assert wallet_of(generation).available == 500


def more_than_there_is():
    torch.empty(2**50, dtype=torch.uint8)


def cudnn_that_fails():
    raise RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")


@pytest.mark.slow
@pytest.mark.parametrize("model", ["animatic", "built-in"])
@pytest.mark.parametrize(
    ("wrong", "code"), [(more_than_there_is, "INTERNAL.OUT_OF_MEMORY"), (cudnn_that_fails, "INTERNAL.GPU")]
)
def test_what_a_machine_fails_at_is_tried_once_more_by_less_in_a_fresh_process(
    project, pulse, happens, model, wrong, code
):
    make_generation(project, model=model)
    happens(wrong, catalogue.card(model))
    generation = run(pulse)
    assert (generation.status, generation.smaller_plans) == (Status.QUEUED, 1)
    assert pulse.stopping.is_set()
    pulse.stopping.clear()
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, code)
    assert wallet_of(generation).available == 500


def test_an_engine_is_loaded_anew_for_a_smaller_plan_and_pages_hear_of_it(project, pulse, monkeypatch):
    loaded, said = [], []
    real = catalogue.load_engine
    monkeypatch.setattr(catalogue, "load_engine", lambda card, smaller: loaded.append(smaller) or real(card))
    monkeypatch.setattr("generation.attempt.hints.send", lambda workspace, message: said.append(message))
    monkeypatch.setattr(engines, "_warm", {})
    make_generation(project)
    run(pulse)
    make_generation(project)
    Generation.objects.filter(status=Status.QUEUED).update(smaller_plans=1)
    run(pulse)
    assert loaded == [0, 1]
    assert [message["model"] for message in said if message["type"] == "loading"] == ["Animatic", "Animatic"]


def test_while_a_model_is_loaded_its_row_says_so_and_then_how_long_it_took(project, pulse, monkeypatch):
    told = []

    def load(card, smaller):
        row = Generation.objects.get(status=Status.RUNNING)
        told.append((row.loading_at is not None, row.usual_load_seconds()))
        return real(card)

    real = catalogue.load_engine
    monkeypatch.setattr(catalogue, "load_engine", load)
    monkeypatch.setattr(engines, "_warm", {})
    make_generation(project)
    first = run(pulse)
    assert (first.status, first.loading_at) == (Status.SUCCEEDED, None) and first.load_seconds >= 0
    make_generation(project)
    assert run(pulse).load_seconds is None, "it was warm"
    engines._warm.clear()
    make_generation(project)
    run(pulse)
    assert told == [(True, None), (True, first.load_seconds)]


def test_a_row_that_was_cancelled_while_its_model_was_loaded_is_not_drawn(project, pulse, monkeypatch):
    generation = make_generation(project)
    real = catalogue.load_engine

    def load(card, smaller):
        generation.cancel()
        return real(card)

    monkeypatch.setattr(catalogue, "load_engine", load)
    monkeypatch.setattr(engines, "_warm", {})
    assert (run(pulse).status, Asset.objects.count()) == (Status.CANCELLED, 0)


def test_what_failed_to_load_waits_for_nothing_when_it_is_queued_again(project, pulse, monkeypatch):
    def load(card, smaller):
        raise EngineError("There was not enough memory.", "INTERNAL.OUT_OF_MEMORY")

    monkeypatch.setattr(catalogue, "load_engine", load)
    monkeypatch.setattr(engines, "_warm", {})
    make_generation(project)
    generation = run(pulse)
    assert (generation.status, generation.loading_at) == (Status.QUEUED, None)


def test_an_error_of_the_engine_fails_it_with_a_sentence_and_the_credits_back(project, pulse, happens, caplog):
    make_generation(project)
    happens(lambda: 1 / 0)
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INTERNAL.ENGINE")
    assert "ZeroDivisionError" not in generation.failure
    assert "ZeroDivisionError" in caplog.text
    assert wallet_of(generation).available == 500


def test_a_model_that_is_gone_fails_it_by_name(project, pulse):
    generation = make_generation(project)
    type(generation).objects.update(model="sora-2")
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INPUT.MODEL")
    assert "sora-2" in generation.failure


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EIO, "look at the disk"),
        (errno.EROFS, "disk"),
    ],
    ids=lambda value: errno.errorcode.get(value, ""),
)
def test_a_disk_in_trouble_is_said_and_costs_nothing(project, pulse, monkeypatch, number, sentence):
    make_generation(project)

    def broken(*args, **kwargs):
        raise OSError(number, "of the disk")

    monkeypatch.setattr("generation.output.write_mp4", broken)
    generation = run(pulse)
    assert (generation.status, generation.failure_code) == (Status.FAILED, "INTERNAL.STORAGE")
    assert sentence in generation.failure
    assert wallet_of(generation).available == 500


def test_a_database_that_is_away_for_a_moment_is_no_fault_of_the_run(project, pulse, monkeypatch):
    make_generation(project)
    renew_lease, away = Generation.renew_lease, iter([True, False, False])

    def locked(*args, **kwargs):
        if next(away, False):
            raise OperationalError("database is locked")
        return renew_lease(*args, **kwargs)

    monkeypatch.setattr(Generation, "renew_lease", locked)
    assert run(pulse).status == Status.QUEUED
    generation = run(pulse)
    assert (generation.status, generation.attempt) == (Status.SUCCEEDED, 2)


def test_a_database_that_is_away_each_time_ends_it_and_costs_nothing(project, pulse, monkeypatch):
    make_generation(project)

    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Generation, "renew_lease", locked)
    assert [run(pulse).status for _time in range(3)] == [Status.QUEUED, Status.QUEUED, Status.FAILED]
    generation = Generation.objects.get()
    assert generation.failure_code == "INTERNAL.DATABASE" and "database" in generation.failure
    assert wallet_of(generation).available == 500


def test_a_disk_that_fills_up_beside_the_clip_keeps_neither(project, pulse, monkeypatch):
    generation = make_generation(project, width=256, height=144)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runwayweb.assets.models.asset.store", full)
    assert run(pulse).failure_code == "INTERNAL.STORAGE"
    assert left_behind(generation) == []


def test_what_a_killed_attempt_left_beside_its_place_is_swept(project, pulse):
    generation = make_generation(project)
    Generation.objects.claim_next(pulse.worker)
    for folder in (working_folder(generation.pk, 1), working_folder(generation.pk, 0), MEDIA / "tmp" / "some-thing"):
        folder.mkdir(parents=True)
    sweep_working_folders()
    assert working_folder(generation.pk, 1).exists(), "it runs"
    assert not working_folder(generation.pk, 0).exists()
    assert (MEDIA / "tmp" / "some-thing").exists(), "not ours"


def test_what_a_killed_attempt_laid_in_of_a_run_that_was_cancelled_is_swept(project, pulse):
    """Nobody looks for its worker any more: the row has ended."""
    make_generation(project)
    made = run(pulse)
    cancelled = make_generation(project)
    Generation.objects.claim_next(pulse.worker)
    store(b"a clip", f"{output_folder(cancelled.pk, 1)}/clip.mp4")
    working_folder(cancelled.pk, 1).mkdir(parents=True)
    sweep_lost_output()
    assert left_behind(cancelled) != [], "it runs"
    cancelled.cancel()
    sweep_lost_output()
    assert left_behind(cancelled) == [] and not working_folder(cancelled.pk, 1).exists()
    assert default_storage.exists(made.asset.file.name), "it is shown"


def test_valkey_away_during_a_run_costs_previews_and_nothing_else(project, pulse, happens, valkey):
    make_generation(project)
    happens(valkey.kill)
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure


def test_a_run_that_calls_its_references_by_name_is_made_charged_and_can_be_asked_for_again(project, ada, pulse):
    """What a run makes is priced by what was asked for, and that cannot be read without the names."""
    nana = Input(role=Input.Role.REFERENCE, reference_role="character", tag="nana")
    nana.asset = make_picture(project.workspace)
    asked = make_generation(project, ada, "built-in", [nana], prompt="@nana waves", reference_tags=("nana",))
    generation = run(pulse)
    assert generation.status == Status.SUCCEEDED, generation.failure
    assert generation.charged == asked.cost > 0
    assert generation.asked().reference_tags == ("nana",)
    assert generation.retry(by=ada).request == generation.request

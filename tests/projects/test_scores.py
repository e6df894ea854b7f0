"""How much a take's cast looks like its sheets, and taking it again until it does."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from PIL import Image, ImageDraw

from generation import queues
from generation.models import Generation
from generation.models.status import Status
from projects import jobs, likeness, news
from projects.models import Measurement, Pursuit, Score, Take
from projects.models.pursuit import PursuedAlready
from runwayweb.assets.models import Asset
from runwayweb.assets.storage import StorageAway
from runwayweb.subscriptions.models import Wallet
from tests.factories import finish_generation, make_entity, make_picture, make_shot, make_take

HTMX = {"HTTP_HX_REQUEST": "true"}
BENCH = Path(__file__).parents[2] / "bench/consistency.json"


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split()).replace("&#x27;", "'")


def somebody(color, ears=(20, 60), seed=0):
    """A head with two ears, cut out: a little elsewhere for every seed."""
    picture = Image.new("RGB", (96, 96), (242, 241, 238))
    draw = ImageDraw.Draw(picture)
    x, y = (random.Random(seed).randint(-4, 4) for _ in range(2))
    draw.ellipse((18 + x, 30 + y, 78 + x, 88 + y), color)
    for ear in ears:
        draw.polygon([(ear + x, 40 + y), (ear + 8 + x, 8 + y), (ear + 16 + x, 40 + y)], color)
    draw.ellipse((34 + x, 50 + y, 42 + x, 58 + y), "black")
    draw.ellipse((54 + x, 50 + y, 62 + x, 58 + y), "black")
    return picture


RED, BLUE = (200, 40, 40), (40, 60, 200)


@pytest.fixture
def nova(project):
    nova = make_entity(project, "nova", description="a red fox")
    nova.add_view(make_picture(project.workspace, somebody(RED)))
    return nova


@pytest.fixture
def shot(project, nova):
    return make_shot(project, prompt="@nova waits")


def seen(color=RED, tag="nova", seed=1, role="character"):
    return ("red fox", role, somebody(color, seed=seed), *([tag] if tag else []))


def measured_take(shot, ada, *cast):
    take = make_take(shot, ada, finished=True, cast=cast)
    jobs.measure_take(take.pk)
    return Take.objects.get(pk=take.pk)


# The number itself.


def test_the_measured_error_rate_is_what_is_promised():
    told = json.loads(BENCH.read_text())
    assert (told["pairs"], told["same"], told["method"]) == (500, 250, likeness.METHOD)
    assert told["auc"] >= 0.9
    assert (told["bad_below"], told["good_from"]) == tuple(
        round(float(one), 2) for one in likeness._learned()["levels"]
    )


def test_each_score_says_how_often_it_errs_as_it_was_measured(studio, ada, shot):
    told = json.loads(BENCH.read_text())
    assert likeness.PAIRS == told["pairs"]
    for level in ("good", "bad"):
        assert likeness.shares_of(level) == (told[f"same_shown_as_{level}"], told[f"strangers_shown_as_{level}"])
    shares = [likeness.shares_of(level) for level in ("good", "warn", "bad")]
    assert np.sum(shares, axis=0) == pytest.approx([1, 1])
    take = measured_take(shot, ada, seen())
    assert take.scores.get().level == "good"
    page = studio.get(reverse("projects:shot", args=[shot.pk])).content.decode()
    assert "Measured on 500 pairs: 80 of 100 that show the same are shown like this, and 10 of 100 strangers." in page


def test_the_same_one_elsewhere_scores_more_than_another():
    one, moved, other = (
        likeness.seen_in(np.asarray(somebody(color, seed=seed))) for color, seed in ((RED, 0), (RED, 3), (BLUE, 3))
    )
    assert likeness.alike([one], one) > 0.9
    assert likeness.alike([one], moved) > likeness.alike([one], other) + 0.3
    assert likeness.alike([other, one], moved) == likeness.alike([one], moved), "the best view counts"
    assert likeness.alike([one], moved) == pytest.approx(likeness.alike([moved], one))


def test_a_mirror_image_is_the_same_and_so_is_a_small_one():
    picture = somebody(RED, ears=(20, 40))
    one = likeness.seen_in(np.asarray(picture))
    mirrored = likeness.seen_in(np.asarray(picture)[:, ::-1])
    assert likeness.alike([one], mirrored) == pytest.approx(likeness.alike([one], one), abs=0.01)
    small = likeness.seen_in(np.asarray(picture.resize((48, 48), Image.Resampling.LANCZOS)))
    assert likeness.alike([one], small) > 0.8


@pytest.mark.parametrize("picture", [np.zeros((20, 20, 3), np.uint8), np.full((3, 40, 3), 255, np.uint8)])
def test_a_picture_of_nothing_has_a_number_too(picture):
    assert 0 <= likeness.alike([likeness.seen_in(picture)], likeness.seen_in(np.asarray(somebody(RED)))) <= 1


def test_levels_follow_the_thresholds():
    low, high = (float(one) for one in likeness._learned()["levels"])
    assert [likeness.level_of(value) for value in (low - 0.01, low, high - 0.01, high)] == [
        "bad",
        "warn",
        "warn",
        "good",
    ]


# Scores of takes.


def test_a_take_is_scored_when_it_ended(studio, project, shot, ada, valkey):
    take = make_take(shot, ada)
    run = take.generation
    Generation.objects.filter(pk=run.pk).update(status=Status.RUNNING, attempt=1)
    finish_generation(run, [seen()])
    news.ended(run)
    assert f"measure-{take.pk}" in queues.waiting_ids(queues.MEDIA)
    page = words(studio.get(reverse("projects:project", args=[project.pk])))
    assert "Comparing with the sheets" in page
    jobs.measure_take(take.pk)
    score = Score.objects.get()
    assert score.level == "good" and score.value > 0.8
    page = studio.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert 'data-level="good"' in page and f"<strong>{score.shown}</strong>" in page
    assert "Comparing" not in page
    jobs.measure_take(take.pk)
    assert Score.objects.count() == 1 and Measurement.objects.get().tries == 1, "once is enough"


def test_a_stranger_in_the_place_of_somebody_scores_low(shot, ada):
    take = measured_take(shot, ada, seen(BLUE))
    assert take.scores.get().level == "bad"


def test_who_is_called_by_name_is_compared_and_nobody_else(shot, ada):
    take = measured_take(shot, ada, seen(RED, tag="rex"), seen(BLUE, tag="nova"))
    assert take.scores.get().level == "bad", "the red one is Rex"
    take = measured_take(shot, ada, seen(RED, tag="", role="object"), seen(RED, tag="", seed=2))
    assert take.scores.get().level == "good", "where no name is told, the most alike of the kind"
    take = measured_take(shot, ada, seen(RED, tag="", role="object"))
    assert take.scores.get().value == 0, "nobody of the kind is to be seen"


def test_who_is_called_otherwise_by_now_is_still_known_in_a_take(shot, ada, nova):
    take = make_take(shot, ada, finished=True, cast=[seen(BLUE, tag=""), seen(RED, tag="nova")])
    nova.tag = "luna"
    nova.change("nova")
    jobs.measure_take(take.pk)
    (score,) = take.scores.all()
    assert score.entity == nova and score.level == "good"


def test_two_who_are_called_are_not_taken_for_one(project, nova, ada):
    twin = make_entity(project, "twin")
    twin.add_view(make_picture(project.workspace, somebody(RED, seed=4)))
    take = measured_take(make_shot(project, prompt="@nova and @twin"), ada, seen(RED, tag=""))
    assert sorted(score.level for score in take.scores.all()) == ["bad", "good"]


def test_a_take_without_its_cast_has_no_score_and_is_done(shot, ada):
    take = measured_take(shot, ada)
    assert take.is_measured and not take.scores.exists() and not take.is_being_measured


def test_a_changed_sheet_is_measured_anew(studio, project, nova, shot, ada, valkey):
    take = measured_take(shot, ada, seen(RED))
    before = take.scores.get().value
    nova.views.all().delete()
    nova.add_view(make_picture(project.workspace, somebody(BLUE)))
    studio.post(reverse("projects:entity-view-order", args=[nova.pk]), **HTMX)
    Measurement.objects.update(changed_at=timezone.now() - timezone.timedelta(minutes=1))
    news.look_after()
    assert f"measure-{take.pk}" in queues.waiting_ids(queues.MEDIA)
    jobs.measure_take(take.pk)
    assert take.scores.get().value < before - 0.3


def test_a_take_that_breaks_its_measurement_is_left(shot, ada, monkeypatch):
    take = make_take(shot, ada, finished=True, cast=[seen()])
    monkeypatch.setattr(jobs, "measured", lambda take: 1 / 0)
    for _ in range(5):
        try:
            jobs.measure_take(take.pk)
        except ZeroDivisionError:
            pass
    assert Measurement.objects.get().tries == 3


@pytest.mark.parametrize("picture", ["open_picture", "open_cast_picture"], ids=["of a sheet", "of a take"])
def test_a_storage_that_is_away_says_nothing_against_a_take(picture, shot, ada, monkeypatch):
    def away(*_):
        raise StorageAway("It does not answer.")

    take = make_take(shot, ada, finished=True, cast=[seen()])
    with monkeypatch.context() as hiccup:
        hiccup.setattr(Asset, picture, away)
        for _ in range(4):
            with pytest.raises(StorageAway):
                jobs.measure_take(take.pk)
    measurement = Measurement.objects.get()
    assert (measurement.tries, measurement.done) == (0, False)
    jobs.measure_take(take.pk)
    assert take.scores.get().level == "good"


def test_takes_of_long_ago_are_not_looked_for(shot, ada):
    take = make_take(shot, ada, finished=True, cast=[seen()])
    for age, wanted in ((timezone.timedelta(minutes=1), [take]), (timezone.timedelta(days=9), [])):
        Generation.objects.update(finished_at=timezone.now() - age)
        assert list(Measurement.wanted(Take.objects.live())) == wanted


def test_a_take_that_nobody_was_there_to_measure_is_found_on_a_sweep(shot, ada, valkey):
    take = make_take(shot, ada, finished=True, cast=[seen()])
    Generation.objects.update(finished_at=timezone.now() - timezone.timedelta(hours=5))
    news.look_after()
    assert f"measure-{take.pk}" not in queues.waiting_ids(queues.MEDIA)
    news.look_back()
    assert f"measure-{take.pk}" in queues.waiting_ids(queues.MEDIA)


# Again, until it fits.


def begin(take, ada, **limits):
    return Pursuit.begin(take, by=ada, **{"goal": 0.9, "most_takes": 3, "most_credits": 50} | limits)


def let_it_end(pursuit, color):
    """The take it waits for ends, with somebody of a colour in it, and is measured."""
    finish_generation(pursuit.current.generation, [seen(color)])
    jobs.measure_take(pursuit.current_id)
    pursuit.refresh_from_db()


def test_it_is_taken_again_until_it_fits(shot, ada):
    take = measured_take(shot, ada, seen(BLUE))
    pursuit = begin(take, ada, goal=0.7)
    first = pursuit.current
    assert (first.number, first.parent) == (2, take)
    let_it_end(pursuit, BLUE)
    second = pursuit.current
    assert second.number == 3 and second.generation.request["seed"] != first.generation.request["seed"]
    let_it_end(pursuit, RED)
    assert (pursuit.status, pursuit.count) == (Pursuit.Status.REACHED, 2)
    assert pursuit.said.startswith("Take 3 came to ") and pursuit.credits == 2
    assert not pursuit.go_on() and shot.takes.count() == 3, "over is over"


def test_it_stops_at_its_limits(shot, ada):
    take = measured_take(shot, ada, seen(BLUE))
    pursuit = begin(take, ada, most_takes=1)
    let_it_end(pursuit, BLUE)
    assert (pursuit.status, pursuit.said) == (Pursuit.Status.SPENT, "All 1 takes were made.")
    pursuit = begin(take, ada, most_credits=1)
    let_it_end(pursuit, BLUE)
    assert pursuit.said == "Another take would cost more than the 1 credits it may."
    wallet = Wallet.objects.of(shot.project.workspace)
    pursuit = begin(take, ada)
    wallet.refresh_from_db()
    wallet.hold(wallet.available, reference="generation:other")
    let_it_end(pursuit, BLUE)
    assert pursuit.status == Pursuit.Status.SPENT and "credits" in pursuit.said


def test_failures_are_not_repeated_for_ever(shot, ada):
    pursuit = begin(measured_take(shot, ada, seen(BLUE)), ada, most_takes=9)
    for _ in range(2):
        Generation.objects.filter(pk=pursuit.current.generation_id).update(status=Status.FAILED, failure="It broke.")
        pursuit.current.generation.refresh_from_db()
        news.look_after()
        pursuit.refresh_from_db()
    assert (pursuit.status, pursuit.said, pursuit.count) == (Pursuit.Status.SPENT, "It broke.", 2)
    assert pursuit.credits == 0, "what failed cost nothing"


def test_a_job_that_was_lost_is_made_up_for(shot, ada, valkey):
    pursuit = begin(measured_take(shot, ada, seen(BLUE)), ada)
    finish_generation(pursuit.current.generation, [seen(RED)])
    Generation.objects.filter(pk=pursuit.current.generation_id).update(
        finished_at=timezone.now() - timezone.timedelta(minutes=1)
    )
    news.look_after()
    assert f"measure-{pursuit.current_id}" in queues.waiting_ids(queues.MEDIA)
    pursuit.refresh_from_db()
    assert pursuit.is_running, "it waits for the score"
    # The worker died between measuring and going on.
    Measurement.objects.create(take=pursuit.current, done=True)
    Score.objects.create(take=pursuit.current, entity=pursuit.shot.project.entities.get(), value=0.95)
    news.look_after()
    pursuit.refresh_from_db()
    assert pursuit.status == Pursuit.Status.REACHED


def test_it_ends_where_every_try_to_measure_its_take_broke(shot, ada, monkeypatch):
    pursuit = begin(measured_take(shot, ada, seen(BLUE)), ada)
    finish_generation(pursuit.current.generation, [seen(RED)])
    monkeypatch.setattr(jobs, "measured", lambda take: 1 / 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            jobs.measure_take(pursuit.current_id)
    news.look_after()
    pursuit.refresh_from_db()
    assert pursuit.is_running, "for all anybody knows the last one is still at it"
    Measurement.objects.update(changed_at=timezone.now() - timezone.timedelta(hours=1))
    news.look_after()
    pursuit.refresh_from_db()
    assert (pursuit.status, pursuit.said) == (Pursuit.Status.SPENT, "Its take could not be measured.")


def test_it_ends_where_nobody_came_to_measure_its_take(shot, ada):
    pursuit = begin(measured_take(shot, ada, seen(BLUE)), ada)
    finish_generation(pursuit.current.generation, [seen(RED)])
    Generation.objects.filter(take=pursuit.current).update(finished_at=timezone.now() - timezone.timedelta(days=3))
    news.look_after()
    pursuit.refresh_from_db()
    assert (pursuit.status, pursuit.said) == (Pursuit.Status.SPENT, "Its take could not be measured.")


def test_one_that_breaks_does_not_stop_the_others(shot, project, ada, monkeypatch, caplog):
    ended = begin(measured_take(shot, ada, seen(BLUE)), ada)
    other = begin(measured_take(make_shot(project, prompt="@nova sits"), ada, seen(BLUE)), ada)
    Generation.objects.filter(take__in=[ended.current_id, other.current_id]).update(status=Status.CANCELLED)
    look = Pursuit._looked_at_current
    broken = other.pk
    monkeypatch.setattr(Pursuit, "_looked_at_current", lambda self: 1 / 0 if self.pk == broken else look(self))
    news.look_after()
    ended.refresh_from_db()
    assert (ended.status, ended.said) == (Pursuit.Status.STOPPED, "Its take was cancelled.")
    assert "cannot go on" in caplog.text


def test_a_room_that_breaks_does_not_stop_the_dispatcher(monkeypatch, caplog, db):
    from generation import hooks
    from generation.dispatcher import Dispatcher

    heard = []
    monkeypatch.setattr(hooks, "looked", [lambda: 1 / 0, lambda: heard.append("here")])
    Dispatcher().look()
    assert heard == ["here"] and "ZeroDivisionError" in caplog.text


def test_it_is_begun_and_stopped_from_the_card(studio, project, shot, ada):
    take = measured_take(shot, ada, seen(BLUE))
    door = reverse("projects:take-pursuit", args=[take.pk])
    told = {"goal": "0.9", "most_takes": "4", "most_credits": "20", "entity": str(take.scores.get().entity_id)}
    answer = studio.post(door, told, **HTMX)
    assert "Until 0.90: 1 of 4 takes, 1 credits" in words(answer) and 'hx-trigger="every 3s"' in answer.content.decode()
    assert "being taken again already" in words(studio.post(door, told, **HTMX))
    with pytest.raises(PursuedAlready):
        begin(take, ada)
    pursuit = Pursuit.objects.get()
    answer = studio.post(reverse("projects:pursuit-cancellation", args=[pursuit.pk]), **HTMX)
    assert "Stopped." in words(answer)
    assert Generation.objects.get(take=pursuit.current).status == Status.CANCELLED
    assert studio.post(door, told | {"goal": "7"}, **HTMX).status_code == 422
    assert studio.post(door, told | {"most_takes": "x"}).url == reverse("projects:project", args=[project.pk])


def test_a_stranger_stops_nothing(client, mallory, shot, ada):
    pursuit = begin(measured_take(shot, ada, seen(BLUE)), ada)
    client.force_login(mallory)
    assert client.post(reverse("projects:pursuit-cancellation", args=[pursuit.pk])).status_code == 404
    pursuit.refresh_from_db()
    assert pursuit.is_running

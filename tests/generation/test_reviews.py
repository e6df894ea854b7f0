"""What was blocked waits for the operator; strikes add up; a release makes it after all, charged as the rule says."""

import numpy as np
import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from generation import moderation
from generation.attempt import Attempt
from generation.models import Generation, Review
from generation.models.status import Status
from projects.appeals import write_answer
from runwayweb.assets.serve import FILES
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_shot, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root(db):
    return make_user("root", is_staff=True)


@pytest.fixture
def minded(settings, monkeypatch):
    """A check that minds villains in words and everything in clips, until it is told otherwise."""
    settings.MODERATION = "http://127.0.0.1:9/check"
    told = {"clips": True}
    monkeypatch.setattr(
        moderation, "_service", lambda text, pictures: "villain" not in text and not (len(pictures) and told["clips"])
    )
    return told


def run(pulse):
    attempt = Attempt.run_next(pulse)
    attempt.generation.refresh_from_db()
    return attempt.generation


def test_what_is_blocked_waits_for_somebody(project, pulse, minded):
    make_generation(project, prompt="a villain")
    words = Review.objects.get(generation=run(pulse))
    make_generation(project, num_frames=4)
    clip = Review.objects.get(generation=run(pulse))
    assert (words.code, words.stills, clip.code, clip.stills) == ("SAFETY.INPUT.TEXT", 0, "SAFETY.OUTPUT.VIDEO", 4)
    assert clip.still(1).startswith(b"\xff\xd8")
    assert list(Review.objects.to_decide()) == [words, clip]
    clip.say("It is only a fox", by=project.workspace.owner)
    assert list(Review.objects.to_decide()) == [clip, words], "who appeals is heard first"


def test_what_nobody_could_check_is_nobodys_strike(project, pulse, settings):
    settings.MODERATION = "htps://typo"
    make_generation(project)
    assert run(pulse).failure_code == "SAFETY.UNAVAILABLE"
    assert not Review.objects.exists()


@pytest.mark.parametrize("charged", [False, True])
def test_a_release_makes_it_after_all_and_charges_it_once(project, ada, pulse, minded, root, settings, charged):
    settings.CHARGE_BLOCKED_OUTPUT = charged
    shot = make_shot(project)
    blocked = make_generation(project, ada, num_frames=4, seed=11)
    take = shot.lay_in(blocked)
    first = run(pulse)
    assert first.charged == (first.cost if charged else 0)
    review = first.review
    assert review.release("It is only a fox.", by=root)
    assert not review.release("Again", by=root) and not review.keep("No", by=root)
    after = run(pulse)
    assert (after.status, after.request, after.requested_by) == (Status.SUCCEEDED, first.request, ada)
    take.refresh_from_db(), first.refresh_from_db()
    assert take.generation == after and first.status == Status.FAILED, "an end stays an end"
    wallet = Wallet.objects.of(project.workspace)
    assert (wallet.spent, wallet.held) == (first.cost, 0)
    assert Review.objects.strikes_of(project.workspace) == 0
    # Nobody gets round the check with it later.
    after.retry(by=ada)
    assert run(pulse).failure_code == "SAFETY.OUTPUT.VIDEO"


def test_a_release_that_cannot_be_paid_decides_nothing(project, pulse, minded, root):
    make_generation(project)
    review = run(pulse).review
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available, reference="all")
    with pytest.raises(Exception, match="enough credits"):
        review.release("Fine", by=root)
    review.refresh_from_db()
    assert review.is_open and Generation.objects.count() == 1


def test_so_many_strikes_suspend_a_workspace(project, pulse, minded, settings, root):
    settings.MODERATION_STRIKES = 3
    for seed in range(3):
        assert not project.workspace.is_suspended
        make_generation(project, prompt="a villain", seed=seed)
        run(pulse)
        project.workspace.refresh_from_db()
    assert project.workspace.is_suspended and "3 things" in project.workspace.suspended_because


def test_a_ban_suspends_the_workspace_with_the_same_words(project, pulse, minded, root):
    make_generation(project)
    run(pulse).review.ban("Not here.", by=root)
    project.workspace.refresh_from_db()
    assert project.workspace.suspended_because == "Not here."


def test_a_creator_appeals_once_and_is_answered(client, project, ada, pulse, minded, root):
    make_generation(project, ada)
    failed = run(pulse)
    client.force_login(ada)
    card = reverse("projects:generation", args=[failed.pk])
    assert "You think this is wrong?" in client.get(card).content.decode()
    address = reverse("projects:generation-appeal", args=[failed.pk])
    client.post(address, {"words": " "})
    assert failed.review.may_be_appealed
    for words in ("It is only a fox", "And again"):
        client.post(address, {"words": words})
    review = Review.objects.get()
    assert (review.appeal, review.appealed_by) == ("It is only a fox", ada)
    assert [letter.to for letter in mail.outbox] == [["studio@localhost"]]
    assert "You asked the operator" in client.get(card).content.decode()
    review.keep("Too much of it.", by=root)
    assert write_answer(review)
    assert mail.outbox[-1].to == [ada.email] and "Too much of it." in mail.outbox[-1].body
    assert "Too much of it." in client.get(card).content.decode()


def test_what_is_blocked_is_behind_no_address(client, project, ada, pulse, minded, root):
    """Two hundred tries of its owner, of a stranger, of nobody and of programs' addresses."""
    make_generation(project, ada, num_frames=4)
    failed = run(pulse)
    review = failed.review
    assert default_storage.exists(f"blocked/{failed.pk}/1.jpg"), "there is something to be found"
    people = [Client(), Client(), Client()]
    people[0].force_login(ada)
    people[1].force_login(make_user("mallory"))
    addresses = [f"/media/{id}/{name}" for id in (failed.pk, review.pk, project.pk) for name in FILES]
    addresses += [f"/media/blocked/{failed.pk}/{n}.jpg" for n in range(1, 9)]
    addresses += [f"/media/{failed.pk}/cast-{n}.webp" for n in range(1, 9)]
    addresses += [f"/media/clips/{str(failed.pk)[:2]}/{failed.pk}/1/{name}" for name in ("clip.mp4", "still.png")]
    addresses += [reverse("console:moderation-still", args=[review.pk, n]) for n in range(1, 9)]
    addresses += [f"/media/tmp/{failed.pk}-1/clip.mp4", f"/media/../blocked/{failed.pk}/1.jpg"]
    addresses += [reverse("projects:generation-preview", args=[failed.pk])]
    tries = [(person, address) for person in people for address in addresses]
    assert len(tries) >= 200
    got = [
        (address, answer.status_code) for person, address in tries if (answer := person.get(address)).status_code == 200
    ]
    assert got == []
    operator = Client()
    operator.force_login(root)
    seen = operator.get(reverse("console:moderation-still", args=[review.pk, 1]))
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/jpeg")
    review.keep("No", by=root)
    assert not default_storage.exists(f"blocked/{failed.pk}/1.jpg"), "nobody needs it any more"
    assert operator.get(reverse("console:moderation-still", args=[review.pk, 1])).status_code == 404


def test_the_operators_page(client, project, ada, pulse, minded, root):
    make_generation(project, ada)
    review = run(pulse).review
    review.say("It is only a fox", by=ada)
    client.force_login(root)
    said = client.get(reverse("console:moderation")).content.decode()
    assert "It is only a fox" in said and "1 strike" in said and np.char.count(said, "/stills/") == review.stills
    decide = reverse("console:moderation-decision", args=[review.pk])
    client.post(decide, {"act": "release", "answer": ""})
    review.refresh_from_db()
    assert review.is_open, "not without a word"
    client.post(decide, {"act": "release", "answer": "You are right."})
    review.refresh_from_db()
    assert review.decision == "released" and review.released_as.status == Status.QUEUED
    assert mail.outbox[-1].to == [ada.email] and "after all" in mail.outbox[-1].subject
    assert "You are right." in client.get(reverse("console:moderation") + "?decided=1").content.decode()


def test_with_a_workspace_go_the_pictures_that_were_kept(project, ada, pulse, minded):
    make_generation(project, ada)
    failed = run(pulse)
    project.workspace.erase()
    assert not default_storage.exists(f"blocked/{failed.pk}/1.jpg")


def test_a_strike_wears_off(project, pulse, minded, settings):
    make_generation(project)
    run(pulse)
    assert Review.objects.strikes_of(project.workspace) == 1
    settings.MODERATION_STRIKE_DAYS = 0
    assert Review.objects.strikes_of(project.workspace) == 0

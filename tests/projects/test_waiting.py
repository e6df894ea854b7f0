"""What a creator sees of the queue: why a run waits, the place it waits for, and the slow lane beside the price."""

import pytest
from django.urls import reverse

from generation.models import Generation
from generation.models.status import Status
from projects.footage import FootageForm
from projects.sounds import SoundForm
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import finish_generation, make_generation, make_plan, make_project, make_user

pytestmark = pytest.mark.django_db
ASKED = {"prompt": "a red fox", "model": "animatic", "size": "512x288", "length": "1", "variations": "1"}
CHOICE = 'name="slow_lane"'


def put_on(project, slug, **columns):
    Subscription.objects.assign(project.workspace, make_plan(slug, **columns))


def card_of(studio, run):
    address = reverse("projects:generation", args=[run.pk])
    return studio.get(address, headers={"HX-Request": "true"}).content.decode()


def test_a_card_says_what_it_waits_for(studio, project):
    put_on(project, "free")
    for _ in range(2):
        make_generation(make_project(make_user()))
    queued, throttled = make_generation(project), make_generation(project)
    assert "Waiting: 2 of others" in card_of(studio, queued)
    card = card_of(studio, throttled)
    assert 'data-status="throttled"' in card and "Your plan runs 1 at once: 1 of yours" in card
    assert reverse("projects:generation-cancellation", args=[throttled.pk]) in card
    status = studio.get(reverse("projects:studio-status")).content.decode()
    assert "2 waiting" in status
    stopped = studio.post(reverse("projects:generation-cancellation", args=[throttled.pk]), follow=True)
    assert "Stopped. 1 credit returned." in stopped.content.decode()


def test_what_is_beyond_the_plan_is_accepted_by_the_form(studio, project):
    put_on(project, "pro", concurrency=2)
    address = reverse("projects:generation-new", args=[project.pk])
    answer = studio.post(address, ASKED | {"variations": "4"}, headers={"HX-Request": "true"})
    assert answer.content.decode().count('data-status="throttled"') == 2
    waiting = list(project.generations.order_by("queued_at").values_list("status", flat=True))
    assert waiting == [Status.QUEUED] * 2 + [Status.THROTTLED] * 2


def test_the_slow_lane_is_a_choice_where_the_plan_has_it(studio, project):
    page = reverse("projects:project", args=[project.pk])
    assert CHOICE not in studio.get(page).content.decode()
    put_on(project, "unlimited")
    shown = studio.get(page)
    assert CHOICE in shown.content.decode() and not shown.context["form"]["slow_lane"].value()
    quote = reverse("projects:quote", args=[project.pk])
    assert "credit" in (paid := studio.get(quote, ASKED).content.decode()) and "slow lane" not in paid
    assert "<strong>0 credits</strong> · slow lane" in studio.get(quote, ASKED | {"slow_lane": "on"}).content.decode()
    studio.post(reverse("projects:generation-new", args=[project.pk]), ASKED | {"slow_lane": "on"})
    run = Generation.objects.get()
    assert (run.slow_lane, run.cost) == (True, 0)
    assert "Slow lane, behind all paid work" in card_of(studio, run)
    assert Wallet.objects.of(project.workspace).held == 0


def test_it_is_chosen_beforehand_only_where_no_credit_is_left(studio, project):
    put_on(project, "unlimited")
    wallet = Wallet.objects.of(project.workspace)
    wallet.hold(wallet.available, reference="elsewhere")
    shown = studio.get(reverse("projects:project", args=[project.pk]))
    assert shown.context["form"]["slow_lane"].value() and shown.context["quote"].credits == 0


@pytest.mark.parametrize(("form", "task"), [(SoundForm, "text_to_sound"), (FootageForm, "video_to_video")])
def test_the_other_rooms_offer_it_as_well(project, form, task):
    assert "slow_lane" not in form(task=task, workspace=project.workspace).fields
    put_on(project, "unlimited")
    project.refresh_from_db()  # as the next request finds it
    assert "slow_lane" in form(task=task, workspace=project.workspace).fields


def test_so_does_the_page_of_an_edit(studio, project, ada):
    put_on(project, "unlimited")
    clip = make_generation(project, ada, model="built-in", num_frames=24)
    finish_generation(clip)
    page = reverse("projects:generation-edit", args=[clip.pk])
    assert CHOICE in studio.get(page).content.decode()
    studio.post(page, {"prompt": "a green frog", "subject": "", "slow_lane": "on"})
    assert Generation.objects.exclude(pk=clip.pk).filter(slow_lane=False).count() == 0


def test_a_form_that_asks_for_it_without_such_a_plan_is_served_in_turn(studio, project):
    """The field is not there: what somebody sends for it changes nothing."""
    studio.post(reverse("projects:generation-new", args=[project.pk]), ASKED | {"slow_lane": "on"})
    assert not Generation.objects.get().slow_lane


def test_a_retry_stays_in_its_lane_and_says_so_where_the_plan_has_it_no_more(studio, project):
    put_on(project, "unlimited")
    run = make_generation(project, slow_lane=True)
    run.cancel()
    assert "Stopped." in card_of(studio, run) and "credits returned" not in card_of(studio, run)
    retry = reverse("projects:generation-retry", args=[run.pk])
    studio.post(retry)
    assert Generation.objects.filter(slow_lane=True).count() == 2
    put_on(project, "pro")
    refused = studio.post(retry, follow=True).content.decode()
    assert "The plan Pro has no slow lane." in refused
    assert Generation.objects.count() == 2

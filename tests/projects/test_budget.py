"""A film's budget: a line in credits that its runs stop at."""

import html
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from generation.models import Generation
from projects.models import BudgetReached, Project
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_project, make_user


def used(project):
    return Project.objects.get(pk=project.pk).budget.used


@pytest.mark.django_db
def test_a_run_that_would_cross_the_line_is_refused_and_nothing_is_held(project):
    project.set_budget(6)
    make_generation(project, num_frames=24)
    with pytest.raises(BudgetReached, match="needs 4 credits, and 2 are left of 6"):
        make_generation(project, num_frames=24)
    assert (used(project), Wallet.objects.of(project.workspace).held) == (4, 4)
    assert Generation.objects.count() == 1
    project.set_budget(8)
    make_generation(project, num_frames=24)


@pytest.mark.django_db
def test_the_line_stands_beside_the_price_and_in_the_refusal(client, ada, project):
    client.force_login(ada)
    page = reverse("projects:project", args=[project.pk])
    assert "in the film's budget" not in client.get(page).content.decode()
    project.set_budget(5)
    make_generation(project, num_frames=24)
    told = html.unescape(client.get(page).content.decode())
    assert "1 of 5 credits left in the film's budget" in told and "quote__budget--short" in told
    asked = {"prompt": "a fox", "model": "animatic", "size": "512x288", "length": "2", "variations": "1"}
    answer = client.post(reverse("projects:generation-new", args=[project.pk]), asked)
    assert answer.status_code == 422
    assert "stops this: it needs 4 credits, and 1 are left of 5" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_not_spent_after_all_can_be_spent_again(project):
    project.set_budget(4)
    generation = make_generation(project, num_frames=24)
    generation.cancel()
    assert used(project) == 0
    make_generation(project, num_frames=24)


@pytest.mark.django_db
def test_a_line_drawn_later_counts_what_was_spent_before(project):
    make_generation(project, num_frames=24)
    project.set_budget(4)
    with pytest.raises(BudgetReached):
        make_generation(project)
    project.set_budget(None)
    make_generation(project)


@pytest.mark.django_db(transaction=True)
def test_two_that_ask_at_once_do_not_cross_it_together():
    project = make_project(make_user("ada"))
    project.set_budget(10)

    def ask(_number):
        try:
            make_generation(Project.objects.get(pk=project.pk))
            return True
        except BudgetReached:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as many:
        asked = list(many.map(ask, range(24)))
    assert asked.count(True) == used(project) == 10

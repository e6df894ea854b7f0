"""What was spent, on what and by whom: for whoever looks after the money."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generation.models import Generation
from projects.usage import Usage
from tests.factories import finish_generation, make_generation, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def look(client, ada):
    client.force_login(ada)
    return lambda **given: client.get(reverse("projects:usage"), given)


def spend(project, by, credits, days_ago=0, model="animatic"):
    """A run that ended so many days ago and was charged."""
    run = make_generation(project, by, model)
    finish_generation(run)
    ended = timezone.now() - timedelta(days=days_ago)
    Generation.objects.filter(pk=run.pk).update(charged=credits, finished_at=ended)
    return run


def test_what_was_spent_is_told_by_day_model_film_and_person(look, ada):
    fox, whale = make_project(ada, "The Fox"), make_project(ada, "The Whale")
    spend(fox, ada, 7)
    spend(fox, ada, 5, days_ago=3)
    spend(whale, ada, 20, days_ago=3, model="built-in")
    spend(whale, ada, 99, days_ago=60)
    told = look().content.decode()
    assert "32 credits spent" in told and "on 3 runs" in told
    today = timezone.localdate()
    shown = Usage(fox.workspace, today - timedelta(days=29), today)
    assert [credits for _day, credits in shown.by_day() if credits] == [25, 7]
    assert [(line.name, line.credits, line.runs) for line in shown.by_project()] == [
        ("The Whale", 20, 1),
        ("The Fox", 12, 2),
    ]
    assert [(line.name, line.credits) for line in shown.by_member()] == [("Ada", 32)]
    assert told.count("<rect x=") == 2
    assert " style=" not in told
    assert f'name="until" value="{today}"' in told


def test_filters_narrow_it(look, ada):
    fox, whale = make_project(ada, "The Fox"), make_project(ada, "The Whale")
    spend(fox, ada, 7)
    spend(whale, ada, 20, days_ago=3, model="built-in")
    assert "7 credits spent" in look(project=str(fox.pk)).content.decode()
    assert "20 credits spent" in look(model="built-in").content.decode()
    assert "7 credits spent" in look(since=str(timezone.localdate())).content.decode()
    assert "Nothing was spent" in look(since="2020-01-01", until="2020-02-01").content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"since": "2026-02-30"},
        {"since": "2026-03-01", "until": "2026-02-01"},
        {"since": "2000-01-01", "until": "2026-01-01"},
        {"project": "x"},
        {"model": "'; DROP"},
        {"member": "0"},
    ],
)
def test_nonsense_in_filters_is_said(look, given):
    assert look(**given).status_code == 422


@pytest.mark.parametrize("language", ["en", "fr"])
def test_days_stand_in_their_fields_in_every_language(client, look, language):
    """A browser reads 2026-11-02 alone: a field that says 02/11/2026 stands empty."""
    client.cookies["django_language"] = language
    page = look(since="2026-11-02", until="2026-11-03").content.decode()
    assert 'value="2026-11-02"' in page and 'value="2026-11-03"' in page


def test_a_film_of_somebody_else_is_no_filter(look):
    theirs = make_project(make_user("grace"), "Secret")
    answer = look(project=str(theirs.pk))
    assert answer.status_code == 422 and "Secret" not in answer.content.decode()


def test_every_run_is_a_line_for_elsewhere_and_none_is_a_formula(client, ada):
    client.force_login(ada)
    spend(make_project(ada, '=HYPERLINK("http://evil")'), ada, 7)
    spend(make_project(ada, "@fox"), ada, 0)
    answer = client.get(reverse("projects:usage-csv"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert {line["project"] for line in lines} == {'\'=HYPERLINK("http://evil")', "'@fox"}
    assert sum(int(line["charged"]) for line in lines) == 7


def test_it_asks_the_same_few_questions_however_much_was_made(look, ada, django_assert_max_num_queries):
    for number in range(4):
        spend(make_project(ada, f"Film {number}"), ada, 1)
    with django_assert_max_num_queries(26):
        look()


def test_who_does_not_look_after_the_money_does_not_see_it(client, ada):
    grace = make_user("grace")
    ada.open_workspace().memberships.create(user=grace, role="editor")
    grace.use(ada.open_workspace())
    client.force_login(grace)
    for name in ("usage", "usage-csv", "plan"):
        assert client.get(reverse(f"projects:{name}")).status_code == 403
    client.logout()
    assert client.get(reverse("projects:usage")).status_code == 302


def test_a_budget_is_set_where_the_film_is_named(client, ada):
    project = make_project(ada)
    client.force_login(ada)
    make_generation(project, ada, num_frames=24)
    client.post(reverse("projects:project-budget", args=[project.pk]), {"credits": "40"})
    told = client.get(reverse("projects:project-name", args=[project.pk])).content.decode()
    assert "4 of 40 credits" in told
    for wrong in ("-1", "1.5", "many", "99999999999"):
        answer = client.post(reverse("projects:project-budget", args=[project.pk]), {"credits": wrong})
        assert answer.status_code == 422
    project.budget.refresh_from_db()
    assert project.budget.credits == 40
    client.post(reverse("projects:project-budget", args=[project.pk]), {"credits": ""})
    project.budget.refresh_from_db()
    assert project.budget.credits is None
    client.force_login(make_user("mallory"))
    assert client.post(reverse("projects:project-budget", args=[project.pk]), {"credits": "1"}).status_code == 404

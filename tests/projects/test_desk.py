"""The desk of projects: make, rename, duplicate, archive, delete and bring back; strangers see nothing."""

import pytest
from django.urls import reverse

from projects.models import Project
from tests.factories import finish_generation, make_generation, make_project

ACTS = ["project-copy", "project-archive", "project-deletion", "project-restoration"]
PAGES = ["project", "project-name", "feed", "quote"]


def url(name, project):
    return reverse(f"projects:{name}", args=[project.pk])


def test_a_visitor_is_shown_the_front_door_and_sent_to_sign_in(client, db):
    assert b"Sign up" in client.get("/").content
    answer = client.get(reverse("projects:project-list"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_a_new_project_opens_its_studio_page(studio, ada):
    answer = studio.post(reverse("projects:project-new"), {"name": "The Fox Who Waited"})
    project = Project.objects.get()
    assert answer.url == url("project", project)
    assert project.workspace == ada.open_workspace()
    assert b"The Fox Who Waited" in studio.get(answer.url).content


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b"])
def test_a_name_that_cannot_be_one_is_refused_with_the_form(studio, name):
    answer = studio.post(reverse("projects:project-new"), {"name": name})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert not Project.objects.exists()


def test_renaming(studio, project):
    studio.post(url("project-name", project), {"name": "<img onerror=alert(1)>"})
    project.refresh_from_db()
    assert project.name == "<img onerror=alert(1)>"
    page = studio.get(url("project", project)).content
    assert b"<img onerror" not in page
    assert b"&lt;img onerror" in page


def test_archiving_puts_it_out_of_the_way_and_restoring_brings_it_back(studio, project):
    desk = reverse("projects:project-list")
    studio.post(url("project-archive", project))
    assert not list(studio.get(desk).context["projects"])
    assert [shown.pk for shown in studio.get(desk, {"archived": 1}).context["projects"]] == [project.pk]
    studio.post(url("project-restoration", project))
    assert [shown.pk for shown in studio.get(desk).context["projects"]] == [project.pk]


def test_deleting_offers_to_undo(studio, project):
    answer = studio.post(url("project-deletion", project), follow=True)
    assert answer.context["undo"] == project
    assert studio.get(url("project", project)).status_code == 404
    studio.post(url("project-restoration", project))
    assert studio.get(url("project", project)).status_code == 200


def test_duplicating(studio, project):
    answer = studio.post(url("project-copy", project))
    copy = Project.objects.exclude(pk=project.pk).get()
    assert answer.url == url("project", copy)
    assert copy.name == "The Fox Who Waited (copy)"


@pytest.mark.parametrize("name", PAGES + ACTS + ["generation-new"])
def test_a_stranger_is_told_that_there_is_no_such_project(client, mallory, project, name):
    client.force_login(mallory)
    ask = client.get if name in PAGES else client.post
    answer = ask(url(name, project))
    nowhere = ask(reverse(f"projects:{name}", args=["00000000-0000-4000-8000-000000000000"]))
    assert (answer.status_code, nowhere.status_code) == (404, 404)
    project.refresh_from_db()
    assert project.deleted_at is project.archived_at is None


@pytest.mark.parametrize("path", ["/projects/../../etc/passwd", "/projects/123/", "/projects/zzzz/"])
def test_an_id_that_is_none_is_not_found(studio, path):
    assert studio.get(path).status_code == 404


def test_a_desk_full_of_films_has_pages(studio, ada, monkeypatch):
    monkeypatch.setattr("projects.views.projects.DESK_PAGE", 2)
    for number in range(5):
        make_project(ada, f"Film {number}")
    desk = reverse("projects:project-list")
    pages = [[film.name for film in studio.get(desk, {"page": page}).context["projects"]] for page in (1, 2, 3, 99)]
    assert [len(page) for page in pages] == [2, 2, 1, 1]
    assert len({name for page in pages for name in page}) == 5
    assert b"Older films" in studio.get(desk).content


def test_the_desk_takes_the_same_few_queries_however_many_films(studio, ada, django_assert_max_num_queries):
    for number in range(12):
        make_generation(make_project(ada, f"Film {number}"))
    studio.get(reverse("projects:project-list"))  # the first page of a browser writes down where somebody is in
    with django_assert_max_num_queries(14):
        studio.get(reverse("projects:project-list"))


def test_a_card_shows_the_poster_of_the_newest_clip_that_has_one_and_counts_them(studio, project):
    first, second, waiting = (make_generation(project, seed=seed) for seed in (1, 2, 3))
    for run, poster in ((first, "clips/a/poster.webp"), (second, "")):
        finish_generation(run)
        run.asset.poster = poster
        run.asset.save()
    waiting.delete_softly()
    page = studio.get(reverse("projects:project-list")).content.decode()
    assert reverse("assets:file", args=[first.asset_id, "poster.webp"]) in page
    assert "2 clips" in page

"""What a visitor is told while the database is away."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db


def away(*question):
    raise OperationalError("the connection is closed")


@pytest.fixture
def ada():
    return make_user("ada")


def test_somebody_signed_in_is_told_to_come_back_soon(client, ada):
    film = make_project(ada)
    client.force_login(ada)
    with connection.execute_wrapper(away):
        for path in ("/", "/projects/", reverse("projects:project", args=[film.pk]), "/accounts/email/"):
            answer = client.get(path)
            assert (answer.status_code, answer["Retry-After"]) == (503, "5"), path
            assert b"connection" not in answer.content


def test_nobody_is_told_that_the_password_was_wrong(client, ada):
    with connection.execute_wrapper(away):
        answer = client.post("/accounts/login/", {"login": ada.email, "password": "whatever it is"})
    assert answer.status_code == 503


def test_a_defect_of_ours_is_none(ada):
    client = Client(raise_request_exception=False)
    client.force_login(ada)

    def broken(*question):
        raise ValueError("a defect")

    with connection.execute_wrapper(broken):
        assert client.get("/projects/").status_code == 500

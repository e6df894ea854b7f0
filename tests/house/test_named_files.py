"""One list knows every file that a row names: what a backup holds, an audit looks for, a look at the storage spares."""

import os
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models

from generation import moderation
from generation.attempt import Attempt
from generation.models import Review
from generation.pulse import Pulse
from runwayweb.assets.models import Asset
from runwayweb.assets.named import NamesFiles, named
from runwayweb.console.models import Survey
from tests.factories import make_generation, make_picture, make_project, make_user


@pytest.fixture
def filled(transactional_db, tmp_path, settings, monkeypatch):
    """A studio's storage with a clip and its cast, a picture, and the stills of a clip that was blocked."""
    settings.MEDIA_ROOT = tmp_path / "media"
    project = make_project(make_user("ada"))
    make_picture(project.workspace)
    make_generation(project, prompt="a red fox runs after a blue ball on the beach", num_frames=4)
    assert Attempt.run_next(Pulse("gpu"))
    for clip in Asset.objects.filter(state=Asset.State.READY, prepared_at=None):
        clip.prepare()
    settings.MODERATION = "http://127.0.0.1:9/check"
    monkeypatch.setattr(moderation, "_service", lambda text, pictures: not len(pictures))
    make_generation(project, num_frames=4)
    assert Attempt.run_next(Pulse("gpu"))
    return tmp_path / "media"


def test_what_lies_in_the_storage_is_on_the_list_and_nothing_else(filled):
    there = {str(path.relative_to(filled)) for path in filled.rglob("*.*") if path.is_file()}
    assert any("cast-1.webp" in name for name in there) and any(name.startswith("blocked/") for name in there)
    assert {file.name for row, file in named() if row.has_its_files} == there


def test_each_column_of_files_is_on_it():
    columns = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
    assert len(columns) >= 8
    assert not [one for one in columns if not issubclass(one[0], NamesFiles) or one[1] not in one[0].NAMED_IN]


def test_what_is_read_for_it_is_enough(filled, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(list(named())) > 5


def test_a_look_at_the_storage_spares_what_is_on_it_and_finds_stills_that_nobody_waits_for(filled):
    for path in filled.rglob("*.*"):
        os.utime(path, (time.time() - 7200,) * 2)  # what is young may be on its way in
    survey = Survey.objects.create()
    assert survey.run() and survey.orphans == 0 and survey.files == len(list(named()))
    review = Review.objects.get()
    left, _ = [file.name for file in review.named_files()], Review.objects.update(stills=0)
    cleaned = Survey.objects.create(cleans=True)
    assert cleaned.run() and cleaned.found["files"] == left
    assert not Path(default_storage.path(left[0])).exists()

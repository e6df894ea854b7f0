"""No method of Runway's clients is left out: each has a story, sync and async, or a reason why it has none."""

import pytest

from tests import node
from tests.api import methods

KNOWN = methods.of_python()


def test_the_look_at_the_client_finds_what_is_there():
    assert {"generate.video.create", "voices.preview", "tasks.delete", "recipes.multi_shot_video"} <= set(KNOWN)
    assert len(KNOWN) > 50 and not any("with_" in name for name in KNOWN)


@pytest.mark.parametrize("client", ["runway", "async_runway"])
def test_every_method_for_python_has_a_story(client):
    told = methods.told_in_python(client)
    assert sorted(name for name in KNOWN if name not in told and not methods.is_later(name)) == []


@node.needs_node
def test_every_method_for_javascript_has_a_story():
    known, told = methods.of_node(), methods.told_in_node()
    assert {"generate.video.create", "voices.preview", "organization.webapp.list_usage"} <= set(known)
    assert [name for name in known if name not in told and not methods.is_later(name)] == []


def test_what_is_later_is_there_to_be_missed():
    for beginning in methods.LATER:
        assert any(name.startswith(beginning) for name in KNOWN), beginning

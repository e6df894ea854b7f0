"""Runway's client for Python, unmodified, against a whole studio: each understands the other."""

import asyncio
import io
import urllib.request
import uuid

import av
import pytest
import runwayml
from runwayml import RunwayML

from tests.api.calls import MADE, REFUSED, clip, what_to_install

# A clip takes seconds; on a machine that does ten other things, minutes.
pytestmark = pytest.mark.timeout(600)


def fetched(url):
    """The type and the bytes of an output."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.headers.get_content_type(), answer.read()


def a_clip(runway):
    """A synchronous program asks for one, waits and fetches it."""
    task = runway.text_to_video.create(
        model="built-in", prompt_text="A red fox in a forest", ratio="320:180", duration=1
    )
    ended = task.wait_for_task_output(timeout=400)
    assert ended.id == task.id and ended.status == "SUCCEEDED"
    assert ended.created_at.tzinfo is not None
    (url,) = ended.output
    kind, data = fetched(url)
    assert kind == "video/mp4"
    with av.open(io.BytesIO(data)) as film:
        video = film.streams.video[0]
        assert (video.width, video.height) == (320, 180)
        assert float(film.duration / av.time_base) == pytest.approx(1, abs=0.1)


async def test_all_that_can_be_made_is_asked_for_waited_for_and_fetched(runway, async_runway):
    """Side by side, since a client waits six seconds before it looks for the first time."""

    async def made(call):
        task = await call.ask(async_runway)
        ended = await task.wait_for_task_output(timeout=400)
        return [(await asyncio.to_thread(fetched, url))[0] for url in ended.output]

    _, *kinds = await asyncio.gather(asyncio.to_thread(a_clip, runway), *(made(call) for call in MADE))
    assert dict(zip(MADE, kinds, strict=True)) == {call: [call.made] for call in MADE}


@pytest.mark.parametrize("call", MADE, ids=str)
def test_a_task_is_looked_at_cancelled_and_gone(runway, call):
    task = call.ask(runway)
    told = runway.tasks.retrieve(task.id)
    assert told.status in ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")
    assert runway.tasks.delete(task.id) is None
    with pytest.raises(runwayml.NotFoundError):
        runway.tasks.retrieve(task.id)
    assert runway.tasks.delete(task.id) is None  # said twice, it is as gone as before


@pytest.mark.parametrize("call", REFUSED, ids=str)
async def test_what_nothing_installed_can_do_says_what_to_install(runway, async_runway, call):
    for ask in (lambda: call.ask(runway), lambda: call.ask(async_runway)):
        with pytest.raises(runwayml.BadRequestError) as refused:
            answer = ask()
            await answer
        (issue,) = refused.value.body["issues"]
        assert issue["path"] == ["model"]
        assert issue["message"] == what_to_install(call.lacks)


async def test_the_built_in_model_paints_clips_anew_that_were_made_here(runway, async_runway):
    asked = {"model": "aleph2", "prompt_text": "A forest in the snow"}
    with pytest.raises(runwayml.BadRequestError, match="works over clips that were made here"):
        await async_runway.video_to_video.create(video_uri=clip(), **asked)
    ours = runway.text_to_video.create(model="built-in", prompt_text="A red fox", ratio="320:180", duration=1)
    made = await asyncio.to_thread(ours.wait_for_task_output, timeout=400)
    again = runway.video_to_video.create(video_uri=made.output[0], **asked)
    assert runway.tasks.retrieve(again.id).status in ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")
    runway.tasks.delete(again.id)


def test_cancelled_work_costs_nothing(runway):
    before = runway.organization.retrieve().credit_balance
    task = runway.text_to_video.create(
        model="gen4.5", prompt_text="A red fox in a forest", ratio="1280:720", duration=10
    )
    assert runway.organization.retrieve().credit_balance < before
    runway.tasks.delete(task.id)
    assert runway.organization.retrieve().credit_balance == before


async def test_somebody_who_waits_for_cancelled_work_is_told(runway, async_runway):
    task = await async_runway.text_to_video.create(
        model="gen4.5", prompt_text="A red fox in a forest", ratio="1280:720", duration=10
    )
    waiting = asyncio.create_task(task.wait_for_task_output(timeout=60))
    await async_runway.tasks.delete(task.id)
    with pytest.raises(runwayml.NotFoundError):
        await waiting


# Each class of error


def test_400_names_the_field(runway):
    with pytest.raises(runwayml.BadRequestError) as refused:
        runway.text_to_video.create(model="gen4.5", prompt_text="A fox", ratio="1280:768", duration=2)
    assert refused.value.status_code == 400
    assert refused.value.body["error"] == "Validation of body failed"
    assert refused.value.body["issues"] == [
        {"code": "invalid_enum_value", "path": ["ratio"], "message": "It must be one of: 1280:720, 720:1280."}
    ]
    assert refused.value.body["docUrl"].endswith("/developers/")


async def test_400_names_the_field_to_asynchronous_programs_too(async_runway):
    with pytest.raises(runwayml.BadRequestError) as refused:
        await async_runway.text_to_video.create(model="gen4.5", prompt_text="", ratio="1280:720", duration=2)
    assert refused.value.body["issues"][0]["path"] == ["promptText"]


def test_400_for_another_version_of_the_contract(live, live_key):
    with RunwayML(base_url=live.url, api_key=live_key, runway_version="2020-01-01", max_retries=0) as old:
        with pytest.raises(runwayml.BadRequestError, match="X-Runway-Version"):
            old.organization.retrieve()


def test_401_for_a_key_that_opens_nothing(live):
    with RunwayML(base_url=live.url, api_key="key_of_somewhere_else", max_retries=0) as stranger:
        with pytest.raises(runwayml.AuthenticationError, match="Missing or invalid API key"):
            stranger.organization.retrieve()


def test_403_where_the_plan_has_no_access_by_api(live, limited_keys):
    with RunwayML(base_url=live.url, api_key=limited_keys[0], max_retries=0) as outside:
        with pytest.raises(runwayml.PermissionDeniedError) as refused:
            outside.organization.retrieve()
    assert "API" in refused.value.body["error"]


def test_404_for_what_is_not_there_or_not_here_yet(runway):
    for id in (str(uuid.uuid4()), "no-uuid"):
        with pytest.raises(runwayml.NotFoundError):
            runway.tasks.retrieve(id)
    with pytest.raises(runwayml.NotFoundError, match="Avatars cannot be asked for here yet"):
        runway.avatars.list(limit=1)


def test_409_for_a_name_that_is_taken(runway):
    slug = f"rules-{uuid.uuid4().hex[:8]}"
    runway.routers.create(slug=slug)
    with pytest.raises(runwayml.ConflictError, match="is called"):
        runway.routers.create(slug=slug)


def test_422_is_no_answer_of_ours(runway):
    """What cannot be done as it was asked is a 400, so that UnprocessableEntityError is never seen."""
    with pytest.raises(runwayml.BadRequestError):
        runway.text_to_video.create(model="gen4.5", prompt_text="A fox", ratio="1280:720", duration=11)
    documented = runway.get("/api/openapi.json", cast_to=object)
    assert "422" not in {
        status
        for methods in documented["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }


def test_429_says_when_to_come_back(live, limited_keys):
    with RunwayML(base_url=live.url, api_key=limited_keys[1], max_retries=0) as hasty:
        with pytest.raises(runwayml.RateLimitError) as refused:
            for _ in range(5):  # a minute may end in between
                hasty.organization.retrieve()
    assert 0 < int(refused.value.response.headers["Retry-After"]) <= 60
    assert refused.value.response.headers["X-RateLimit-Remaining"] == "0"


def test_5xx_while_the_database_is_away(live_key, without_database):
    with RunwayML(base_url=without_database, api_key=live_key, max_retries=0) as runway:
        with pytest.raises(runwayml.InternalServerError) as refused:
            runway.tasks.retrieve(str(uuid.uuid4()))
    assert refused.value.status_code == 503
    assert refused.value.response.headers["Retry-After"]
    assert refused.value.body == {"error": "A part of this studio is away just now. Try again shortly."}

"""The rest of Runway's client for Python, both ways to call: uploads, credits, routers, voices, workflows, recipes."""

import asyncio
import inspect
import time
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import runwayml

from runwayweb.api.reference.examples import EXAMPLES
from tests.api import methods
from tests.api.calls import picture
from tests.pictures import as_file, two_colors

pytestmark = pytest.mark.timeout(600)
NOBODY = "17f20503-6c24-4c16-946b-35dbbce2af2f"
MULTI_SHOT = {"version": "2026-06", "ratio": "1280:720"}


@pytest.fixture(params=["sync", "async"])
async def either(request, runway, async_runway):
    """Runway's client, the one that waits for an answer and the one that is awaited."""
    return runway if request.param == "sync" else async_runway


async def said(answer):
    return await answer if inspect.isawaitable(answer) else answer


async def listed(pages):
    """All of a list that comes in pages."""
    return [one async for one in pages] if hasattr(pages, "__aiter__") else list(pages)


@pytest.fixture
def fox():
    return ("fox.png", as_file(two_colors(size=(320, 180))))


async def test_a_file_is_uploaded_once_and_used_by_its_address(either, fox):
    upload = await said(either.uploads.create_ephemeral(file=fox))
    assert upload.uri.startswith("runway://")
    asked = {"model": "gen4_turbo", "prompt_text": "closer", "ratio": "1280:720", "duration": 2}
    for _twice in range(2):
        task = await said(either.image_to_video.create(prompt_image=upload.uri, **asked))
        assert (await said(either.tasks.retrieve(task.id))).status in ("PENDING", "THROTTLED", "RUNNING")
        await said(either.tasks.delete(task.id))


async def test_credits_limits_and_use_are_told(either):
    task = await said(either.text_to_video.create(model="gen4.5", prompt_text="A fox", ratio="1280:720", duration=2))
    await said(either.tasks.delete(task.id))
    told = await said(either.organization.retrieve())
    assert told.credit_balance > 0
    assert told.tier.models and told.tier.max_monthly_credit_spend > 0
    assert sum(model.daily_generations for model in told.usage.models.values()) >= 1
    today = datetime.now(UTC).date()
    days = {"start_date": today - timedelta(days=1), "before_date": today + timedelta(days=1)}
    used = await said(either.organization.retrieve_usage(**days))
    assert isinstance(used.results[0].date, date) and len(used.results) == 2


async def test_rules_are_kept_changed_followed_and_thrown_away(either):
    slug = f"house-{uuid.uuid4().hex[:8]}"
    router = await said(either.routers.create(slug=slug, settings={"optimize_for": "cost"}))
    changed = await said(either.routers.update(router.id, settings={"optimize_for": "quality"}))
    assert (changed.version, changed.settings.optimize_for) == (router.version + 1, "quality")
    assert (await said(either.routers.retrieve(router.id))).slug == slug
    assert router.id in [one.id for one in await listed(either.routers.list(limit=1))], "page by page"

    made = [
        await said(either.generate.video.create(config_id=slug, input={"prompt_text": "A red fox", "duration": 2})),
        await said(either.generate.image.create(config_id=slug, input={"prompt_text": "A red fox"})),
        await said(
            either.generate.audio.create(config_id=slug, input={"type": "audio", "prompt_text": "Rain", "duration": 1})
        ),
    ]
    assert all(one.routing.config_id == slug and one.routing.model for one in made)
    for one in made:
        await said(either.tasks.delete(one.id))
    decisions = await listed(either.routers.list_requests(router.id, limit=50))
    assert {one.id for one in made} == {one.task_id for one in decisions}
    assert await said(either.routers.delete(router.id)) is None
    with pytest.raises(runwayml.NotFoundError):
        await said(either.routers.retrieve(router.id))


async def test_a_voice_that_nothing_here_can_speak_with_says_so(either):
    assert await listed(either.voices.list(limit=10)) == []
    described = {"model": "eleven_ttv_v3", "prompt": "A calm woman who tells stories at night"}
    with pytest.raises(runwayml.BadRequestError, match="is installed here"):
        await said(either.voices.create(name="Nova", from_={"type": "text", **described}))
    with pytest.raises(runwayml.BadRequestError, match="is installed here"):
        await said(either.voices.preview(**described))
    for ask in (
        lambda: either.voices.retrieve(NOBODY),
        lambda: either.voices.delete(NOBODY),
        lambda: either.voices.update(NOBODY, name="Nova"),
    ):
        with pytest.raises(runwayml.NotFoundError):
            await said(ask())


async def test_a_workflow_is_found_run_and_waited_for(runway, either):
    graph = EXAMPLES["publish_workflow"]["body"]["graph"]
    published = runway.post("/v1/workflows", cast_to=object, body={"name": "Fox, heard", "graph": graph})
    flows = (await said(either.workflows.list())).data
    assert published["id"] in [version.id for flow in flows for version in flow.versions]
    assert (await said(either.workflows.retrieve(published["id"]))).version == published["version"]
    started = await said(either.workflows.run(published["id"]))
    until = time.monotonic() + 300
    while (run := await said(either.workflow_invocations.retrieve(started.id))).status in ("PENDING", "RUNNING"):
        assert time.monotonic() < until, run
        await asyncio.sleep(0.5)
    assert run.status == "SUCCEEDED" and run.output


async def test_a_film_of_several_shots_is_one_task(either):
    custom = await said(
        either.recipes.multi_shot_video(
            mode="custom",
            shots=[{"prompt": f"A red fox, take {number}", "duration": 1} for number in range(5)],
            duration=5,
            first_frame={"uri": picture()},
            **MULTI_SHOT,
        )
    )
    auto = await said(either.recipes.multi_shot_video(mode="auto", prompt="A fox waits, then runs home", **MULTI_SHOT))
    for task in (custom, auto):
        assert (await said(either.tasks.retrieve(task.id))).status in ("PENDING", "THROTTLED", "RUNNING")
        await said(either.tasks.delete(task.id))


@pytest.mark.parametrize("name", [name for name in methods.of_python() if methods.is_later(name)])
async def test_what_is_not_here_yet_says_so(either, name):
    """Whatever it is asked with: nothing of a body is looked at."""
    method, path = either, name.split(".")
    for part in path:
        method = getattr(method, part)
    given = {}
    for one in inspect.signature(method).parameters.values():
        if one.default is inspect.Parameter.empty:
            given[one.name] = NOBODY
    with pytest.raises(runwayml.NotFoundError) as missing:
        answer = method(**given)
        await (said(answer) if not hasattr(answer, "__aiter__") else listed(answer))
    assert missing.value.body["error"].endswith("cannot be asked for here yet.")

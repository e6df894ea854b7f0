"""POST /v1/generate/…: what is wanted, without a model; a router chooses one."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from ninja import Router as Room
from ninja import Schema
from pydantic import Field, ValidationError

from generation.engine.request import PROMPT_UNITS, SIDE_PIXELS, VideoRequest, utf16_units
from generation.engine.sound_request import SoundRequest, SpeechRequest
from runwayweb.api import routing
from runwayweb.api.caller import GENERATE
from runwayweb.api.errors import ApiError, Invalid, issue_of
from runwayweb.api.models import Decision, Router, Task
from runwayweb.api.planned import PLANNERS, Body
from runwayweb.api.routing import Wanted

from .answers import ERRORS, EstimatedCost
from .spending import ONCE, once

router = Room(tags=["Routers"])
SHORT_SIDES = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160, "1k": 1024, "2k": 2048}
SECONDS = 5  # of a clip whose length nobody says
EXACT = {("16:9", "480p"): "848:480", ("9:16", "480p"): "480:848"}


class Uri(Body):
    uri: str


class Image(Uri):
    role: Literal["first", "last", "reference"]


class Video(Uri):
    role: Literal["source", "reference"]


class VideoInput(Body):
    promptText: str | None = None
    negativePrompt: str | None = None
    aspectRatio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"] | None = None
    resolution: Literal["480p", "720p", "1080p", "4k"] | None = None
    duration: int | None = Field(None, ge=1)
    audio: bool | None = None
    seed: int | None = None
    referenceImages: list[Image] = Field([], max_length=9)
    referenceVideos: list[Video] = Field([], max_length=3)
    referenceAudio: list[Uri] = Field([], max_length=3)
    keyframes: list[dict] = Field([], max_length=5)


class ImageInput(Body):
    promptText: str
    aspectRatio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "2:3", "3:2", "4:5", "5:4"] | None = None
    resolution: Literal["1k", "2k", "4k"] | None = None
    outputCount: int = Field(1, ge=1, le=10)
    seed: int | None = None
    referenceImages: list[Uri] = Field([], max_length=9)


class AudioInput(Body):
    type: Literal["speech", "audio"]
    promptText: str
    duration: float | None = Field(None, gt=0)
    loop: bool | None = None
    voice: dict | None = None
    referenceAudios: list[Uri] = Field([], max_length=3)


class Clip(Body):
    configId: str
    input: VideoInput


class Still(Body):
    configId: str
    input: ImageInput


class Sound(Body):
    configId: str
    input: AudioInput


class Routing(Schema):
    configId: str
    model: str
    provider: str
    estimatedCost: EstimatedCost
    resolvedInput: dict
    resolvedSettings: dict
    capacityFallback: dict | None = None


class Routed(Schema):
    id: str
    routing: Routing


ANSWERS = {200: Routed} | ERRORS


@dataclass(frozen=True)
class Ask:
    """`told`: the body of the endpoint that makes it, but for the model; `resolved`: what is answered of it."""

    slug: str
    wanted: Wanted
    told: dict[str, Any]
    resolved: dict[str, Any]


@router.post(
    "/generate/video",
    auth=GENERATE,
    response=ANSWERS,
    operation_id="generate_video",
    summary="A clip, by a router",
    openapi_extra=ONCE,
)
def generate_video(request, body: Clip):
    """A clip from words, pictures or another clip, by the model that the router `configId` chooses."""
    return _run(request, clip_of(body))


def clip_of(body):
    """The Ask that a Clip is. Raises Invalid."""
    given = body.input
    resolution, aspect = given.resolution or "720p", given.aspectRatio or "16:9"
    ratio = ratio_of(aspect, resolution)
    seconds = given.duration or SECONDS
    endpoint, task, inputs, told = _made_of(given, ratio, seconds)

    def sample(card):
        width, height = map(int, ratio.split(":"))
        sides = {"width": max(64, width // 16 * 16), "height": max(64, height // 16 * 16)}
        return VideoRequest("a sample", num_frames=max(2, round(seconds * card.fps)), fps=card.fps, **sides)

    shown = sum(image.role == "reference" for image in given.referenceImages)
    wanted = Wanted("video", endpoint, task, sample, inputs, shown, seconds, bool(given.audio))
    if given.referenceAudio or any(video.role == "reference" for video in given.referenceVideos):
        raise Invalid.at(("input", "referenceAudio"), "No installed model takes sounds or further clips as references.")
    resolved = {"duration": seconds, "ratio": ratio, "resolution": resolution}
    return Ask(body.configId, wanted, told, resolved)


@router.post(
    "/generate/image",
    auth=GENERATE,
    response=ANSWERS,
    operation_id="generate_image",
    summary="A still, by a router",
    openapi_extra=ONCE,
)
def generate_image(request, body: Still):
    """A still, by the model that the router `configId` chooses."""
    return _run(request, still_of(body))


def still_of(body):
    """The Ask that a Still is. Raises Invalid."""
    given = body.input
    if given.outputCount > 1:
        raise Invalid.at(("input", "outputCount"), "The models installed here make one picture at a time.")
    resolution, aspect = given.resolution or "1k", given.aspectRatio or "16:9"
    ratio = ratio_of(aspect, resolution)
    told = _without_nones({"promptText": given.promptText, "ratio": ratio, "seed": given.seed})
    if given.referenceImages:
        told["referenceImages"] = [{"uri": image.uri} for image in given.referenceImages]

    def sample(card):
        width, height = (max(64, int(side) // 16 * 16) for side in ratio.split(":"))
        return VideoRequest("a sample", num_frames=1, fps=card.fps, width=width, height=height)

    shown = len(given.referenceImages)
    wanted = Wanted("image", "text_to_image", "text_to_image", sample, references=shown)
    return Ask(body.configId, wanted, told, {"aspectRatio": aspect, "ratio": ratio, "resolution": resolution})


@router.post(
    "/generate/audio",
    auth=GENERATE,
    response=ANSWERS,
    operation_id="generate_audio",
    summary="A sound, by a router",
    openapi_extra=ONCE,
)
def generate_audio(request, body: Sound):
    """Speech, or another sound, by the model that the router `configId` chooses."""
    return _run(request, sound_of(body))


def sound_of(body):
    """The Ask that a Sound is. Raises Invalid."""
    given = body.input
    if given.referenceAudios:
        raise Invalid.at(("input", "referenceAudios"), "No installed model takes sounds as references.")
    if given.type == "speech":
        told = _without_nones({"promptText": given.promptText, "voice": given.voice})
        resolved = {"type": "speech", "voice": "preset" if given.voice else "default"}
        wanted = Wanted(
            "audio", "text_to_speech", "text_to_speech", lambda card: SpeechRequest(given.promptText, seed=0)
        )
    else:
        seconds = given.duration or SECONDS
        told = _without_nones({"promptText": given.promptText, "duration": seconds, "loop": given.loop})
        resolved = {"type": "audio", "voice": "none"}
        wanted = Wanted(
            "audio",
            "sound_effect",
            "text_to_sound",
            lambda card: SoundRequest(given.promptText, seconds, seed=0),
            seconds=seconds,
        )
    return Ask(body.configId, wanted, told, resolved)


# What may be asked for: its body, and what reads that.
KINDS = {"generate/video": (Clip, clip_of), "generate/image": (Still, still_of), "generate/audio": (Sound, sound_of)}


def planned_by_router(ask, caller):
    """The Planned that a router's choice leads to. Raises Invalid, InvalidRequest, ApiError."""
    choice = routing.choose(_rules(caller, ask.slug), ask.wanted, caller.workspace)
    return _planned(ask, choice, caller)


def ratio_of(aspect, resolution):
    """“1280:720” of 16:9 at 720p: the short side has so many pixels."""
    if (aspect, resolution) in EXACT:
        return EXACT[aspect, resolution]
    across, down = map(int, aspect.split(":"))
    short = SHORT_SIDES[resolution]
    long = round(short * max(across, down) / min(across, down) / 16) * 16
    if long > SIDE_PIXELS[1]:  # a very wide frame at 4k
        long, short = SIDE_PIXELS[1], round(SIDE_PIXELS[1] * min(across, down) / max(across, down) / 16) * 16
    return f"{long}:{short}" if across >= down else f"{short}:{long}"


def _made_of(given, ratio, seconds):
    """The endpoint that makes such a clip, its task, the inputs it is given, and its body but for the model."""
    told = _without_nones(
        {
            "promptText": given.promptText,
            "negativePrompt": given.negativePrompt,
            "ratio": ratio,
            "duration": seconds,
            "seed": given.seed,
        }
    )
    frames = [image for image in given.referenceImages if image.role != "reference"]
    shown = [image for image in given.referenceImages if image.role == "reference"]
    source = [video for video in given.referenceVideos if video.role == "source"]
    if len({image.role for image in frames}) < len(frames) or len(source) > 1:
        raise Invalid.at("input", "At most one image is the first, one the last, and one clip the source.")
    if not (given.promptText or frames or source):
        raise Invalid.at(("input", "promptText"), "Say what is to be seen, or give a picture or a clip.")
    if given.promptText and utf16_units(given.promptText) > PROMPT_UNITS:
        raise Invalid.at(("input", "promptText"), f"At most {PROMPT_UNITS} characters.")
    if source:
        told |= {"videoUri": source[0].uri}
        if shown:
            told["references"] = [{"type": "image", "uri": image.uri} for image in shown]
        if given.keyframes:
            told["keyframes"] = given.keyframes
        return "video_to_video", "video_to_video", frozenset({"video"}), told
    if given.keyframes:
        raise Invalid.at(("input", "keyframes"), "Keyframes need a clip whose role is source.")
    if frames:
        told["promptImage"] = [{"uri": image.uri, "position": image.role} for image in frames]
        return "image_to_video", "image_to_video", frozenset(f"{image.role}_frame" for image in frames), told
    if shown:
        told["referenceImages"] = [{"uri": image.uri} for image in shown]
        return "text_to_video", "references", frozenset({"references"}), told
    return "text_to_video", "text_to_video", frozenset(), told


def _run(request, ask):
    caller = request.auth
    rules = choice = None

    def plan():
        nonlocal rules, choice
        rules = _rules(caller, ask.slug)
        choice = routing.choose(rules, ask.wanted, caller.workspace)
        if choice.card is None:
            _keep(Decision.Status.NO_MODEL, None)
        return _planned(ask, choice, caller)

    def make(planned):
        task = Task.objects.start(planned, caller)
        _keep(Decision.Status.ROUTED, task)
        routed = {
            "configId": rules.slug,
            "model": choice.card.id,
            "provider": choice.provider,
            "estimatedCost": {"credits": task.estimate},
            "resolvedInput": ask.resolved,
            "resolvedSettings": {"optimizeFor": rules.optimize_for, "priceCeiling": rules.ceiling(ask.wanted.modality)},
        }
        if choice.all_exhausted:
            routed["capacityFallback"] = {"allExhausted": True, "skipped": []}
        return {"id": str(task.pk), "routing": routed}

    def _keep(status, task):
        Decision.objects.create(
            router=rules,
            request_id=request.request_id,
            status=status,
            model=choice.card and choice.card.id,
            provider=choice.provider,
            reason=choice.reason,
            reason_code=choice.reason_code,
            estimated_credits=task and task.estimate,
            pipeline=choice.pipeline,
            emptied_by=choice.emptied_by,
            task=task,
        )

    return once(request, make, plan)


def _rules(caller, slug):
    """The router of this name. Raises ApiError."""
    rules = Router.objects.filter(workspace=caller.workspace, slug=slug).first()
    if rules is None:
        raise ApiError(404, f"No router is called “{slug[:64]}” here. Make one first: POST /v1/routers.")
    return rules


def _planned(ask, choice, caller):
    """What a planner makes of a body; what it finds wrong stands in `input` here, under the same names."""
    if choice.card is None:
        raise ApiError(400, _why(choice))
    planner = PLANNERS[ask.wanted.endpoint]
    try:
        return planner.plan(planner.schema.model_validate(ask.told | {"model": choice.card.id}), caller)
    except ValidationError as error:
        issues = [issue_of(one, one["loc"], ask.told) for one in error.errors()]
    except Invalid as error:
        issues = list(error.issues)
    raise Invalid(*(issue if issue.path[:1] == ("model",) else _in_input(issue) for issue in issues))


def _in_input(issue):
    return replace(issue, path=("input", *issue.path))


def _why(choice):
    last = choice.emptied_by[-1]
    before = next((step["models"] for step in reversed(choice.pipeline[:-1]) if step["type"] == "filter"), [])
    told = {
        "capability": "No installed model does this, or none does it for so long.",
        "prompt_length": "No model takes a prompt this long.",
        "input_support": "No model that could do this takes what was given.",
        "allow_deny": "The router or the plan allows none of the models that could do this.",
        "price": "Every model that could do this costs more than the router allows.",
    }[last]
    return f"{told} Until then there were: {', '.join(before)}." if before else told


def _without_nones(values):
    return {name: value for name, value in values.items() if value is not None}

"""Recipes: many steps of the studio as one call."""

from typing import Literal

from django.db import transaction
from pydantic import Field

from generation import pricing
from generation.engine import catalogue
from generation.engine.request import PROMPT_UNITS, InvalidRequest, VideoRequest, utf16_units
from generation.models.status import Status
from projects.finishes import finish_of
from projects.inputs import engine_for
from projects.models import Export, Project, Scene, Shot, Take, Timeline
from projects.models.shooting import default_card
from projects.stories import shots_of
from runwayweb.api import aliases, media
from runwayweb.api.errors import Invalid
from runwayweb.api.planned import Body, planner
from runwayweb.api.steps import Chained, PlannedStep, maker

KIND = "recipes/multi_shot_video"
SHOTS = 5  # of a story
FPS = 24
# What a film's frame is → what its takes are drawn at: the large ones are scaled when the film is exported.
RATIOS = {
    "1280:720": (1280, 720),
    "720:1280": (720, 1280),
    "960:960": (960, 960),
    "1920:1080": (1280, 720),
    "1080:1920": (720, 1280),
    "1440:1440": (960, 960),
}


class PlannedShot(Body):
    prompt: str
    duration: int = Field(ge=1, le=15)


class FirstFrame(Body):
    uri: str


class MultiShot(Body):
    mode: Literal["auto", "custom"]
    version: Literal["2026-06", "unsafe-latest"]
    prompt: str | None = Field(None, description="The story, where mode is auto.")
    shots: list[PlannedShot] | None = Field(None, description="3 to 5, where mode is custom.")
    duration: Literal[5, 10, 15] = 10
    ratio: Literal[tuple(RATIOS)] = "1280:720"  # type: ignore[valid-type]
    firstFrame: FirstFrame | None = None
    audio: bool = True
    model: str | None = Field(None, description="Ours alone: which model draws the takes.")


@planner(KIND, MultiShot, "A film of several shots")
def multi_shot_video(body, caller):
    """A film of exactly `duration` seconds: of a story in five shots (`auto`), or of `shots` that you tell (`custom`).
    It stands in the studio as a film with its shots, takes and cut."""
    told = _told(body)
    seconds = [one[1] for one in told]
    card = aliases.card_for(body.model, "text_to_video", "text_to_video") if body.model else default_card()
    cards = [card] * len(told)
    first = None
    if body.firstFrame:
        able = card.id if "first_frame" in card.inputs else engine_for("first_frame")
        if able is None:
            raise Invalid.at("firstFrame", "No installed model begins with a picture.")
        cards[0] = catalogue.card(able)
        first = media.picture(caller, body.firstFrame.uri, ("firstFrame", "uri"))
    width, height = RATIOS[body.ratio]
    samples = []
    for number, ((prompt, length, _camera), one) in enumerate(zip(told, cards, strict=True)):
        shape = {"width": width, "height": height, "num_frames": round(length * one.fps), "fps": one.fps}
        try:
            samples.append(VideoRequest(prompt, seed=0, **shape))
        except InvalidRequest as error:
            path = "prompt" if body.mode == "auto" else ("shots", number, "prompt")
            raise Invalid.at(path, str(error)) from error
    steps = [
        PlannedStep(0, "take", one, sample, {"shot": n})
        for n, (one, sample) in enumerate(zip(cards, samples, strict=True))
    ]
    sound = catalogue.serving("video_to_sound") if body.audio else None
    if sound:
        most = sum(pricing.credits_for_seconds(sound, length) for length in seconds)
        steps.append(PlannedStep(1, "hear_takes", sound, samples[0], most=most, optional=True))
    film = {"ratio": body.ratio, "seconds": seconds}
    steps.append(PlannedStep(2, "film", told=film))

    def make_project(caller):
        return _project(caller, body, told, cards, first)

    return Chained(KIND, body.model or card.id, steps, make_project)


def _told(body):
    """(prompt, seconds, camera) of each shot. Raises Invalid."""
    if body.mode == "auto":
        if not body.prompt or not body.prompt.strip():
            raise Invalid.at("prompt", "Tell the story of the film.")
        _check_words(body.prompt, "prompt")
        try:
            shots = shots_of(body.prompt, SHOTS)
        except ValueError as error:
            raise Invalid.at("prompt", str(error)) from None
        return [(one.prompt, body.duration // SHOTS, one.camera) for one in shots]
    if not body.shots or not 3 <= len(body.shots) <= SHOTS:
        raise Invalid.at("shots", f"Tell 3 to {SHOTS} shots.")
    if sum(shot.duration for shot in body.shots) != body.duration:
        raise Invalid.at("shots", f"The shots must be {body.duration} seconds long together.")
    for number, shot in enumerate(body.shots):
        if not shot.prompt.strip():
            raise Invalid.at(("shots", number, "prompt"), "Say what is to be seen.")
        _check_words(shot.prompt, ("shots", number, "prompt"))
    return [(shot.prompt, shot.duration, "") for shot in body.shots]


def _check_words(words, path):
    if utf16_units(words) > PROMPT_UNITS:
        raise Invalid.at(path, f"At most {PROMPT_UNITS} characters.")
    if "\x00" in words or any("\ud800" <= letter <= "\udfff" for letter in words):
        raise Invalid.at(path, "It holds a character that cannot be stored.")


def _project(caller, body, told, cards, first):
    """The film as the studio has it, without takes yet."""
    name = " ".join((body.prompt or told[0][0]).split())[:60]
    project = Project.objects.create(workspace=caller.workspace, name=name)
    scene = Scene.objects.create(project=project, position=0, heading=name)
    width, height = RATIOS[body.ratio]
    for number, ((prompt, seconds, camera), card) in enumerate(zip(told, cards, strict=True)):
        given = [{"role": "first_frame", "asset": str(first.pk)}] if first and not number else []
        columns = {"duration_seconds": seconds, "width": width, "height": height, "model": card.id, "given": given}
        Shot(scene=scene, prompt=prompt, camera=camera, **columns).add()
    return project


@maker("take")
def take(step):
    """A take of a shot."""
    shot = step.chain.project.shots.live()[step.told["shot"]]
    yield shot.request_take(by=step.chain.requested_by).generation


@maker("hear_takes")
def hear_takes(step):
    """Every take with its sound, as a take beside it; none where the engine for it was taken away meanwhile."""
    for before in step.before():
        finish = finish_of(before.work, "video_to_sound")
        if finish is None:
            continue
        made = finish.queue(before.work, step.chain.requested_by)
        Take.objects.lay_beside(before.work, made, Take.Origin.FINISH)
        yield made


@maker("film")
def film(step):
    """The cut of the takes, each as long as its shot, and its export. Whatever somebody does to the film meanwhile, it
    is of the shots that were drawn for it, in the order in which they were told."""
    project, by = step.chain.project, step.chain.requested_by
    takes = Take.objects.filter(generation__api_step__chain=step.chain, generation__status=Status.SUCCEEDED)
    for made in takes.select_related("shot").order_by("generation__api_step__stage"):  # those with a sound come last
        made.shot.choose(made)
    width, height = map(int, step.told["ratio"].split(":"))
    drawn = takes.filter(generation__api_step__maker="take").values_list("generation__api_step__told", "shot")
    shots = {told["shot"]: shot for told, shot in drawn}
    at, clips = 0, []
    for number, seconds in enumerate(step.told["seconds"]):
        source = {"kind": "shot", "id": str(shots[number])}
        clips.append({"id": f"shot-{number}", "at": at, "frames": seconds * FPS, "source": source})
        at += seconds * FPS
    timeline = Timeline.objects.of(project)
    document = timeline.cut.as_document() | {"fps": FPS, "width": width, "height": height}
    next(track for track in document["tracks"] if track["kind"] == "video")["clips"] = clips
    with transaction.atomic():
        timeline.save_cut(document, version=timeline.version, by=by)
    yield Export.request_export(project, by=by, bounded=False, format="mp4", height=height, fps=FPS)

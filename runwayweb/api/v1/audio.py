"""Sounds: from words, for a clip, and of recordings: cleaned, dubbed, said by another voice."""

import math
import re
from typing import Annotated, Literal

from pydantic import Field

from generation.engine import catalogue
from generation.engine.request import VideoRequest
from generation.engine.sound_request import SPEED, Listening, SoundRequest
from generation.models import Generation, Input
from projects.cut import Clip, Cut, Source, Track
from projects.dubbing import laid, most_passages, most_seconds, passages_of
from projects.finishes import KEPT
from projects.models import Export
from projects.voices import voice_called
from runwayweb.api import aliases, media
from runwayweb.api.errors import Invalid
from runwayweb.api.fields import seed_of
from runwayweb.api.planned import Body, Planned, planner
from runwayweb.api.speakers import Custom, Preset, Recording, refuse_recording, speaker
from runwayweb.api.steps import Chained, PlannedStep, StepFailed, maker

EFFECT_SECONDS = 5.0  # of a sound whose length nobody says
SHOT_FPS = 12  # at which a clip from outside is told to the sound stage: only its length counts
FILM_FPS = 24
LOOP_FPS = 50
OVERLAP_SECONDS = 0.5  # of a sound that loops
DIRECTION = re.compile(r"\[[a-z][a-z ,'-]*\](?!\()\s*", re.IGNORECASE)  # [laughs]: how something is to be said
DIRECTED = ("eleven_v3", "eleven_v4")  # names of models that take those
LANGUAGES = (
    "en", "hi", "pt", "zh", "es", "fr", "de", "ja", "ar", "ru", "ko", "id", "it", "nl", "tr", "pl", "sv", "fil", "ms",
    "ro", "uk", "el", "cs", "da", "fi", "bg", "hr", "sk", "ta",
)  # fmt: skip
NO_WORDS = "Nobody speaks in this recording."
COMPATIBLE = Field(None, description="Taken for compatibility.")
Voice = Annotated[Preset | Custom | Recording, Field(discriminator="type")]


class Unheard(Body):
    """What a sound may be handed over as, or be louder by, for Runway's: taken, and left alone."""

    format: Literal["mp3", "wav", "flac"] | None = COMPATIBLE
    outputFormat: Literal["wav", "mp3", "ogg_opus"] | None = COMPATIBLE
    sampleRate: Literal[8000, 16000, 24000, 32000, 44100, 48000] | None = COMPATIBLE
    loudnessRate: int | None = COMPATIBLE
    pitchRate: int | None = COMPATIBLE


class Speech(Unheard):
    model: str
    promptText: str
    voice: Voice | None = None
    speed: float | None = None
    speechRate: int | None = Field(None, ge=-50, le=100, description="In percent faster than the voice speaks.")
    languageCode: str | None = None
    applyTextNormalization: Literal["auto", "on", "off"] | None = COMPATIBLE
    previousText: str | None = COMPATIBLE
    nextText: str | None = COMPATIBLE
    stability: float | None = COMPATIBLE
    similarityBoost: float | None = COMPATIBLE
    style: float | None = COMPATIBLE
    useSpeakerBoost: bool | None = COMPATIBLE
    seed: int | None = None


class Effect(Unheard):
    model: str
    promptText: str
    duration: float | None = None
    loop: bool = False
    negativePrompt: str = ""
    numVariants: Literal[1] = 1
    referenceAudios: list[str] = Field([], description="Not built: no model here goes by a recording.")
    speechRate: int | None = COMPATIBLE
    seed: int | None = None


class Heard(Unheard):
    model: str
    videoUri: str
    duration: float | None = Field(None, gt=0)
    promptText: str = ""
    negativePrompt: str | None = COMPATIBLE
    preserveSpeech: bool | None = COMPATIBLE
    numVariants: Literal[1] = 1
    seed: int | None = None


class Isolation(Body):
    model: str
    audioUri: str


class Dubbing(Body):
    model: str
    audioUri: str
    targetLang: Literal[LANGUAGES]  # type: ignore[valid-type]
    disableVoiceCloning: bool = False
    dropBackgroundAudio: bool = False
    numSpeakers: int | None = Field(None, ge=1)


class Dialogue(Body):
    type: Literal["audio", "video"]
    uri: str


class Again(Body):
    model: str
    media: Dialogue
    voice: Voice
    removeBackgroundNoise: bool = False


@planner("text_to_speech", Speech, "A text, spoken")
def text_to_speech(body, caller):
    """What `promptText` says, in a voice: `{"type": "preset", "presetId": …}` or one of yours,
    `{"type": "custom", "id": …}`."""
    refuse_recording(body.voice)
    card = aliases.card_for(body.model, "text_to_speech", "text_to_speech")
    voice = speaker(body.voice, caller, card, is_alias=aliases.offer(body.model, "text_to_speech") is not None)
    text = DIRECTION.sub("", body.promptText) if body.model in DIRECTED else body.promptText
    _check_language(body.languageCode, "languageCode", voice.card)
    speed = body.speed if body.speed is not None else 1 + (body.speechRate or 0) / 100
    if not SPEED[0] <= speed <= SPEED[1]:
        raise Invalid.at("speed", f"It must be from {SPEED[0]:g} to {SPEED[1]:g}.")
    asked = voice.says(text, seed_of(body.seed), speed=speed)
    _check_length(asked, voice.card, "promptText")
    return Planned("text_to_speech", body.model, voice.card, asked, "text_to_speech")


@planner("sound_effect", Effect, "A sound from a prompt")
def sound_effect(body, caller):
    """What `promptText` tells of, `duration` seconds long; with `loop` its end leads into its beginning."""
    if body.referenceAudios:
        raise Invalid.at("referenceAudios", "No model of the catalogue goes by a recording. Leave it out.", "not_built")
    card = aliases.card_for(body.model, "sound_effect", "text_to_sound")
    seconds = EFFECT_SECONDS if body.duration is None else body.duration
    more = _overlap(seconds) if body.loop else 0
    asked = SoundRequest(body.promptText, seconds + more, seed_of(body.seed), negative_prompt=body.negativePrompt)
    _check_length(asked, card, "duration")
    if body.loop:
        steps = [
            PlannedStep(0, "make_sound", card, asked, {"card": card.id, "asked": asked.as_recipe()}),
            PlannedStep(1, "close_loop", told={"seconds": seconds}),
        ]
        return Chained("sound_effect", body.model, steps)
    return Planned("sound_effect", body.model, card, asked, "text_to_sound")


@planner("video_to_audio", Heard, "The sound of a clip")
def video_to_audio(body, caller):
    """What is heard in a clip, as sound alone. One that was made here is heard in step with what is seen; of any other
    `promptText` says what that is."""
    card = aliases.card_for(body.model, "video_to_audio", "video_to_sound")
    clip = media.clip(caller, body.videoUri, "videoUri", longest_seconds=card.max_seconds)
    shot = Generation.objects.finished_well().filter(workspace=caller.workspace, asset=clip).first()
    if not body.promptText and not (shot and shot.tells_its_shot):
        sentence = f"This clip was not made here, so {card.name} cannot see what happens in it. Say what is heard."
        raise Invalid.at("promptText", sentence)
    if body.duration and body.duration > clip.duration_seconds + 1 / SHOT_FPS:
        raise Invalid.at("duration", f"The clip is only {clip.duration_seconds:.1f} seconds long.")
    asked = _to_be_heard(clip, shot, body.promptText, seed_of(body.seed))
    told = {"clip": str(clip.pk), "shot": shot and str(shot.pk), "card": card.id, "asked": _kept(asked)}
    seconds = body.duration or clip.duration_seconds
    steps = [PlannedStep(0, "hear_clip", card, asked, told), PlannedStep(1, "sound_alone", told={"seconds": seconds})]
    return Chained("video_to_audio", body.model, steps)


@planner("voice_isolation", Isolation, "A voice without what is around it")
def voice_isolation(body, caller):
    """The voice in a recording, or in a video, without the noise around it."""
    card = aliases.card_for(body.model, "voice_isolation", "voice_isolation")
    recording = media.sound(caller, body.audioUri, "audioUri", longest_seconds=card.max_seconds)
    given = [Input(role=Input.Role.SOUND, asset=recording)]
    return Planned("voice_isolation", body.model, card, Listening(recording.duration_seconds), "voice_isolation", given)


@planner("voice_dubbing", Dubbing, "A recording in another language")
def voice_dubbing(body, caller):
    """What is said in a recording, in another language: each passage begins when it does in the recording. The voice is
    one that is installed; what else is heard is not kept."""
    into = body.targetLang
    if into != "en":
        raise Invalid.at(
            "targetLang",
            f"{into} is not built here: no model of the catalogue dubs but into English (en).",
            "not_built",
        )
    card = aliases.card_for(body.model, "voice_dubbing", "translation")
    voice = speaker(None, caller, None, is_alias=True)
    _check_language(into, "targetLang", voice.card)
    recording = media.sound(caller, body.audioUri, "audioUri", longest_seconds=min(600, card.max_seconds))
    return _said_again("voice_dubbing", body.model, card, "translation", recording, voice)


@planner("speech_to_speech", Again, "What is said, in another voice")
def speech_to_speech(body, caller):
    """What is said in a recording or a video, in another voice: each passage begins when it does there. How it was said
    is not kept, nor what else is heard."""
    refuse_recording(body.voice)
    card = aliases.card_for(body.model, "speech_to_speech", "captions")
    voice = speaker(body.voice, caller, None, is_alias=True)
    longest = min(600, card.max_seconds)
    recording = media.sound(caller, body.media.uri, ("media", "uri"), longest_seconds=longest)
    return _said_again("speech_to_speech", body.model, card, "captions", recording, voice)


def _check_language(code, path, card):
    """Raises Invalid for a language that an engine does not speak."""
    if code is not None and card.languages and code.split("-")[0].lower() not in card.languages:
        spoken = ", ".join(sorted(card.languages))
        raise Invalid.at(path, f"{card.name} speaks {spoken}. No installed voice speaks “{code[:20]}”.")


def _check_length(asked, card, path):
    if asked.duration_seconds > card.max_seconds:
        raise Invalid.at(path, f"{card.name} does up to {card.max_seconds:g} seconds at once. Make it shorter.")


def _overlap(seconds):
    """How many seconds of a sound that loops its end and its beginning are heard together."""
    return min(OVERLAP_SECONDS, seconds / 4)


def _to_be_heard(clip, shot, prompt, seed):
    """The VideoRequest of a clip's sound, as the studio asks for it."""
    if shot and shot.tells_its_shot:
        kept = {name: shot.request[name] for name in KEPT}
        return VideoRequest(**kept | {"prompt": prompt or kept["prompt"], "seed": seed})
    sides = {name: max(64, round(getattr(clip, name) / 16) * 16) for name in ("width", "height")}
    frames = max(1, round(clip.duration_seconds * SHOT_FPS))
    return VideoRequest(prompt=prompt, seed=seed, num_frames=frames, fps=SHOT_FPS, **sides)


def _kept(asked):
    return {name: getattr(asked, name) for name in KEPT}


def _said_again(kind, model, card, task, recording, voice):
    """A recording is written down, said passage by passage, and laid where its passages began."""
    seconds = recording.duration_seconds
    told = {"recording": str(recording.pk), "seconds": seconds, "voice": voice.key}
    most = most_passages(seconds) + math.ceil(voice.card.credits_per_second * most_seconds(seconds))
    steps = [
        PlannedStep(0, "write_down", card, Listening(seconds), told | {"card": card.id, "task": task}),
        # A passage costs a credit at least, so the price of all in one would be too little.
        PlannedStep(1, "say_passages", voice.card, _sample(voice, seconds), told, most),
        PlannedStep(2, "lay_passages", told=told),
    ]
    return Chained(kind, model, steps)


def _sample(voice, seconds):
    """A SpeechRequest as long as what is said in so many seconds, for a quote."""
    return voice.says("word " * max(1, min(390, round(seconds * 2.5))), 0)


@maker("make_sound")
def make_sound(step):
    """A sound, longer than its loop by what is heard twice."""
    chain, card = step.chain, catalogue.card(step.told["card"])
    run = {"card": card, "project": chain.project, "by": chain.requested_by, "task": "text_to_sound"}
    yield Generation.request_run(SoundRequest(**step.told["asked"]), **run)


@maker("close_loop")
def close_loop(step):
    """The sound before from a little after its beginning on, which fades in again while the end fades out."""
    seconds = step.told["seconds"]
    over, whole = max(1, round(_overlap(seconds) * LOOP_FPS)), max(2, round(seconds * LOOP_FPS))
    source = Source("asset", str(step.before()[0].work.asset_id))
    end = Clip("end", 0, whole, source, in_frame=over, fade_out=over)
    beginning = Clip("beginning", whole - over, over, source, fade_in=over)
    tracks = (Track("a1", "audio", "A1", clips=(end,)), Track("a2", "audio", "A2", clips=(beginning,)))
    yield _exported(step, Cut(fps=LOOP_FPS, tracks=tracks), loudness=None)


@maker("hear_clip")
def hear_clip(step):
    """The clip with its sound."""
    told, chain = step.told, step.chain
    made_here = Generation.objects.filter(workspace=chain.project.workspace_id)
    shot = made_here.filter(pk=told["shot"]).first() if told["shot"] else None
    yield Generation.request_run(
        VideoRequest(**told["asked"]),
        card=catalogue.card(told["card"]),
        project=chain.project,
        by=chain.requested_by,
        task="video_to_sound",
        inputs=[Input(role=Input.Role.VIDEO, asset_id=told["clip"])],
        blocking_of=shot,
    )


@maker("sound_alone")
def sound_alone(step):
    """What is heard in the clip before, without its picture."""
    asset = step.before()[0].work.asset
    frames = max(1, round(min(step.told["seconds"], asset.duration_seconds) * FILM_FPS))
    clip = Clip("sound", 0, frames, Source("asset", str(asset.pk)))
    cut = Cut(fps=FILM_FPS, tracks=(Track("a1", "audio", "A1", clips=(clip,)),))
    yield _exported(step, cut, loudness=None)


@maker("write_down")
def write_down(step):
    """The captions of the recording, in its language or in English."""
    told, chain = step.told, step.chain
    yield Generation.request_run(
        Listening(told["seconds"]),
        card=catalogue.card(told["card"]),
        project=chain.project,
        by=chain.requested_by,
        task=told["task"],
        inputs=[Input(role=Input.Role.SOUND, asset_id=told["recording"])],
    )


@maker("say_passages")
def say_passages(step):
    """Each passage of the captions, as fast as it has to be said to have room."""
    chain, written = step.chain, step.before()[0].generation
    passages = _passages(written, step.told)
    voice = voice_called(chain.task.workspace, step.told["voice"])
    if voice is None:
        raise StepFailed("The voice that was to say it is not there any more.", "INPUT.VOICE")
    if not passages:
        raise StepFailed(NO_WORDS, "INPUT.SILENT")
    language = "en" if written.task == "translation" else written.understood.get("language", "")
    if language and voice.card.languages and language not in voice.card.languages:
        spoken = ", ".join(sorted(voice.card.languages))
        raise StepFailed(f"What is said is in “{language}”; {voice.card.name} speaks {spoken}.", "INPUT.LANGUAGE")
    for passage in passages:
        asked = voice.says(passage.text, 0, speed=passage.speed(getattr(voice, "speed", 1.0)))
        run = {"card": voice.card, "project": chain.project, "by": chain.requested_by, "task": "text_to_speech"}
        yield Generation.request_run(asked, **run)


@maker("lay_passages")
def lay_passages(step):
    """What was said, each passage in its place."""
    spoken = [one.work.asset for one in step.before()]
    written = step.chain.steps.get(stage=0).generation
    cut = laid(_passages(written, step.told), spoken, step.told["recording"], step.told["seconds"])
    yield _exported(step, cut)


def _passages(written, told):
    return passages_of(written.recipe["captions"], told["seconds"])


def _exported(step, cut, **settings):
    chain = step.chain
    asked = {"by": chain.requested_by, "cut": cut, "format": "wav"}
    return Export.request_export(chain.project, bounded=False, **asked, **settings)

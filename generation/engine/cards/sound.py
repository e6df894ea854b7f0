"""Sounds and music: Stable Audio 3 and ACE-Step.

Stable Audio 3 is published in a format of its own, behind a consent. Only the conversion of its medium model is
documented by diffusers, and nobody here has tried those of the small ones.
"""

from dataclasses import replace

from generation.engine.card import PIPELINE_TASKS, Licence, ModelCard
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

STABILITY = Licence(
    "Stability AI Community",
    "https://stability.ai/license",
    paid_hosting=False,
    forbids=gettext_noop(
        "It is free for those who earn up to a million US dollars a year, nobody may train a foundation model with "
        "what it makes, and Gemma's terms hold for its text encoder."
    ),
)
CONVERTED = "convert it first with convert_stable_audio_3_to_diffusers.py of diffusers"
T5GEMMA = 0.6  # GB: the encoder in bfloat16

SOUND = ModelCard(
    id="sound",
    name="Sound",
    summary=gettext_noop("A model of sounds"),
    pipeline_class="StableAudio3Pipeline",
    credits_per_second=0.5,
    default_steps=8,
    max_steps=100,
    default_guidance_scale=1.0,
    stall_seconds=300,
)
# The first is the one whose manners a converted folder is taken to have.
STABLE_AUDIO_MEDIUM = replace(
    SOUND,
    id="stable-audio-3-medium",
    name="Stable Audio 3 Medium",
    summary=f"Sounds and music of up to six minutes; {CONVERTED}",
    tasks=PIPELINE_TASKS["StableAudio3Pipeline"],
    repository="stabilityai/stable-audio-3-medium",
    licence=STABILITY,
    needs=Needs(denoiser=2.9, block=0.12, encoders=T5GEMMA, autoencoder=3.4, working=4.0),
    parameters_billion=1.4,
    rank=20,
    max_seconds=380.0,
)
STABLE_AUDIO_SMALL = replace(
    STABLE_AUDIO_MEDIUM,
    needs=Needs(denoiser=0.9, block=0.05, encoders=T5GEMMA, autoencoder=0.45, working=2.0),
    parameters_billion=0.433,
    rank=10,
    max_seconds=120.0,
)
CARDS = (
    STABLE_AUDIO_MEDIUM,
    replace(
        STABLE_AUDIO_SMALL,
        id="stable-audio-3-small-sfx",
        name="Stable Audio 3 Small, sounds",
        summary=f"Short sounds on a small GPU; {CONVERTED}, which is untried",
        tasks=frozenset({"text_to_sound"}),
        repository="stabilityai/stable-audio-3-small-sfx",
    ),
    replace(
        STABLE_AUDIO_SMALL,
        id="stable-audio-3-small-music",
        name="Stable Audio 3 Small, music",
        summary=f"Short music on a small GPU; {CONVERTED}, which is untried",
        tasks=frozenset({"text_to_music"}),
        repository="stabilityai/stable-audio-3-small-music",
    ),
    replace(
        SOUND,
        id="ace-step-1.5-xl-turbo",
        name="ACE-Step 1.5",
        summary=gettext_noop("Music of up to ten minutes, sung where lyrics are given"),
        pipeline_class="AceStepPipeline",
        tasks=PIPELINE_TASKS["AceStepPipeline"],
        repository="ACE-Step/acestep-v15-xl-turbo-diffusers",
        licence=Licence("MIT", "https://huggingface.co/ACE-Step/acestep-v15-xl-turbo-diffusers"),
        needs=Needs(denoiser=8.3, block=0.25, encoders=2.4, autoencoder=0.7, working=4.0),
        parameters_billion=5.0,
        rank=30,
        credits_per_second=1.0,
        max_seconds=600.0,
        stall_seconds=600,
    ),
)

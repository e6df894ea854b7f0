"""Models that let a character move as somebody in a clip does."""

from generation.engine.card import APACHE, PIPELINE_CLASSES, PIPELINE_TASKS, ModelCard
from generation.engine.cards.wan import WAN_AUTOENCODER, WAN_ENCODERS
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

CLIP_ENCODER = 1.3  # GB: reads the character's picture

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        id="wan-2.2-animate-14b",
        name="Wan 2.2 Animate 14B",
        summary=gettext_noop(
            "A character from a picture moves as the person in a clip does, face included, on a data-centre GPU"
        ),
        pipeline_class="WanAnimatePipeline",
        inputs=PIPELINE_CLASSES["WanAnimatePipeline"],
        required=frozenset({"references", "video"}),
        tasks=PIPELINE_TASKS["WanAnimatePipeline"],
        repository="Wan-AI/Wan2.2-Animate-14B-Diffusers",
        licence=APACHE,
        # An estimate: published in float32, 69.1 GB, and loaded in bfloat16.
        needs=Needs(
            denoiser=34.6,
            block=0.9,
            encoders=WAN_ENCODERS + CLIP_ENCODER,
            autoencoder=WAN_AUTOENCODER,
            working=10.0,
        ),
        parameters_billion=17.3,
        rank=40,
        credits_per_second=15,
        default_steps=20,
        max_steps=100,
        default_guidance_scale=1.0,
        fps=30,
        seconds_per_megapixel=20.0,
        stall_seconds=1200,
        timeout_seconds=8 * 3600,
    ),
)

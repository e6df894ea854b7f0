"""Models that others publish and this studio drives: what `manage.py models pull` fetches.

Sizes of parts are from the published weights and configurations; a revision that nobody here has looked up stays empty.
"""

from dataclasses import replace

from generation.engine.card import APACHE, PIPELINE_CLASSES, PIPELINE_TASKS, ModelCard
from generation.engine.memory import Needs

WAN_ENCODERS = 11.4  # GB: UMT5-XXL in bfloat16
WAN_AUTOENCODER = 0.5  # GB in float32
# What the models of the Wan family share, and what is taken for granted of one that is not known.
WAN = ModelCard(
    id="wan",
    name="Wan",
    summary="A model of the Wan family",
    pipeline_class="WanPipeline",
    credits_per_second=5,
    default_steps=30,
    max_steps=100,
    default_guidance_scale=5.0,
    frame_rule=4,
    fps=16,
    seconds_per_megapixel=20.0,
    stall_seconds=600,
    timeout_seconds=4 * 3600,
)
WAN_TEXT = replace(WAN, licence=APACHE, tasks=PIPELINE_TASKS["WanPipeline"])
WAN_VACE = replace(
    WAN,
    pipeline_class="WanVACEPipeline",
    licence=APACHE,
    inputs=PIPELINE_CLASSES["WanVACEPipeline"],
    tasks=PIPELINE_TASKS["WanVACEPipeline"],
)

PUBLISHED = (
    replace(
        WAN_VACE,
        id="wan-2.1-vace-1.3b",
        name="Wan 2.1 VACE 1.3B",
        summary="Follows pictures, references, masks and control videos, on one consumer GPU",
        repository="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        needs=Needs(denoiser=4.3, block=0.15, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=5.0),
        rank=20,
        max_pixels=832 * 480,
    ),
    replace(
        WAN_VACE,
        id="wan-2.1-vace-14b",
        name="Wan 2.1 VACE 14B",
        summary="The same at the quality of a large model, up to 720p",
        repository="Wan-AI/Wan2.1-VACE-14B-diffusers",
        needs=Needs(denoiser=34.7, block=0.9, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=8.0),
        parameters_billion=17.3,
        rank=40,
        credits_per_second=15,
        seconds_per_megapixel=40.0,
        stall_seconds=1200,
        timeout_seconds=8 * 3600,
    ),
    replace(
        WAN_TEXT,
        id="wan-2.2-ti2v-5b",
        name="Wan 2.2 5B",
        summary="720p from a prompt on one consumer GPU",
        repository="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        needs=Needs(denoiser=10.0, block=0.35, encoders=WAN_ENCODERS, autoencoder=2.8, working=8.0),
        parameters_billion=5.0,
        rank=30,
        credits_per_second=8,
        default_steps=50,
        side_multiple=32,
        max_pixels=1280 * 704,
        fps=24,
        stall_seconds=900,
    ),
    replace(
        WAN_TEXT,
        id="wan-2.2-t2v-a14b",
        name="Wan 2.2 14B",
        summary="The best picture from a prompt, slowly, on a data-centre GPU",
        repository="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        needs=Needs(denoiser=57.2, block=0.75, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=8.0),
        parameters_billion=28.6,
        rank=50,
        credits_per_second=15,
        default_steps=40,
        default_guidance_scale=4.0,
        seconds_per_megapixel=60.0,
        stall_seconds=1200,
        timeout_seconds=8 * 3600,
    ),
)

"""Models that draw stills, from a prompt or from pictures."""

from dataclasses import replace

from generation.engine.card import APACHE, FIRST_BLOCK_CACHE, PIPELINE_CLASSES, PIPELINE_TASKS, ModelCard
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

# GB in bfloat16, by number of parameters: 4.02 billion, as both smaller models read prompts.
QWEN3_4B = 8.0
# GB in float32.
FLUX_AUTOENCODER, QWEN_AUTOENCODER = 0.4, 0.5
# What all of them share. A still is one frame, at whatever rate, so a second is always enough.
IMAGE = ModelCard(
    id="image",
    name="Image",
    summary=gettext_noop("A model that draws stills"),
    pipeline_class="ZImagePipeline",
    licence=APACHE,
    max_pixels=1024 * 1024,
    max_seconds=1.0,
    stall_seconds=600,
    timeout_seconds=3600,
)

# What is said of memory and speed are estimates: weights by their sizes, the rest by the size of a picture's layers.
CARDS: tuple[ModelCard, ...] = (
    replace(
        IMAGE,
        id="z-image-turbo",
        name="Z-Image Turbo",
        summary=gettext_noop("Stills from a prompt in eight steps, on one consumer GPU"),
        repository="Tongyi-MAI/Z-Image-Turbo",
        pipeline_class="ZImagePipeline",
        inputs=PIPELINE_CLASSES["ZImagePipeline"],
        tasks=PIPELINE_TASKS["ZImagePipeline"],
        needs=Needs(denoiser=12.3, block=0.4, encoders=QWEN3_4B, autoencoder=FLUX_AUTOENCODER, working=5.0),
        parameters_billion=6.2,
        rank=60,
        credits_per_second=24,
        default_steps=8,
        default_guidance_scale=0.0,
        seconds_per_megapixel=8.0,
    ),
    replace(
        IMAGE,
        id="flux-2-klein-4b",
        name="FLUX.2 klein 4B",
        summary=gettext_noop("Stills from a prompt and up to four pictures in four steps, on a small GPU"),
        repository="black-forest-labs/FLUX.2-klein-4B",
        pipeline_class="Flux2KleinPipeline",
        inputs=PIPELINE_CLASSES["Flux2KleinPipeline"],
        tasks=PIPELINE_TASKS["Flux2KleinPipeline"],
        needs=Needs(denoiser=7.8, block=0.5, encoders=QWEN3_4B, autoencoder=FLUX_AUTOENCODER, working=5.0),
        parameters_billion=3.9,
        rank=55,
        credits_per_second=24,
        default_steps=4,
        default_guidance_scale=1.0,
        # The same weights lie beside these folders once more, in one file for other programs.
        files=("model_index.json", "scheduler/*", "text_encoder/*", "tokenizer/*", "transformer/*", "vae/*"),
        seconds_per_megapixel=5.0,
    ),
    *(
        replace(
            IMAGE,
            id=f"qwen-image-edit-{version}",
            name=f"Qwen-Image-Edit {version}",
            summary=summary,
            repository=f"Qwen/Qwen-Image-Edit-{version}",
            pipeline_class="QwenImageEditPlusPipeline",
            inputs=PIPELINE_CLASSES["QwenImageEditPlusPipeline"],
            required=frozenset({"references"}),
            tasks=PIPELINE_TASKS["QwenImageEditPlusPipeline"],
            needs=Needs(denoiser=40.9, block=0.7, encoders=16.6, autoencoder=QWEN_AUTOENCODER, working=8.0),
            parameters_billion=20.4,
            rank=rank,
            credits_per_second=72,
            default_steps=40,
            default_guidance_scale=4.0,
            first_block_cache=FIRST_BLOCK_CACHE,
            seconds_per_megapixel=60.0,
            timeout_seconds=2 * 3600,
        )
        for version, rank, summary in (
            ("2511", 60, "Makes a new still from up to three pictures, as told, on a data-centre GPU"),
            ("2509", 50, "The same, an earlier version"),
        )
    ),
)

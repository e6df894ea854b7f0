"""LTX-2.5, which draws video with its sound, and the upsampler of its latents."""

from generation.engine.card import PIPELINE_CLASSES, PIPELINE_TASKS, Licence, ModelCard
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

LTX_COMMUNITY = Licence(
    "LTX-2.x Community License",
    "https://github.com/Lightricks/LTX-2/blob/main/LICENSE-2_x",
    forbids=gettext_noop(
        "Use without a paid licence by a company that, with its affiliates, takes in 10 million US dollars a year or "
        "more, and training another commercial model on what is made with it."
    ),
)
REPOSITORY = "Lightricks/LTX-2.5-Diffusers"
AUTOENCODER = 2.9  # GB in float32

CARDS = (
    ModelCard(
        id="ltx-2.5",
        name="LTX-2.5",
        summary=gettext_noop(
            "Video with its sound from a long prompt, a first and a last frame, on a data-centre GPU; made for eight "
            "steps, fewer are drafts"
        ),
        repository=REPOSITORY,
        pipeline_class="LTX2Pipeline",
        inputs=PIPELINE_CLASSES["LTX2Pipeline"],
        tasks=PIPELINE_TASKS["LTX2Pipeline"],
        licence=LTX_COMMUNITY,
        # The text encoder and what connects it; the sound's autoencoder and vocoder come along with the picture's.
        needs=Needs(denoiser=38.0, block=0.8, encoders=30.3, autoencoder=AUTOENCODER + 0.4, working=20.0),
        parameters_billion=22.0,
        rank=45,
        # Beside them lie the model it was distilled from, a LoRA, and parts that write prompts and choose lengths.
        files=(
            "model_index.json",
            "scheduler/*",
            "tokenizer/*",
            "text_encoder/*",
            "connectors/*",
            "transformer/*",
            "vae/*",
            "audio_vae/*",
            "vocoder/*",
        ),
        credits_per_second=10,
        default_steps=8,
        max_steps=8,
        default_guidance_scale=1.0,
        side_multiple=32,
        frame_rule=8,
        fps=24,
        seconds_per_megapixel=3.0,
        stall_seconds=900,
        timeout_seconds=2 * 3600,
    ),
    ModelCard(
        id="ltx-2.5-upsampler",
        name="LTX-2.5 upsampler",
        summary=gettext_noop(
            "A clip at twice its size, without its sound: two folders of LTX-2.5, which need not be there itself"
        ),
        repository=REPOSITORY,
        pipeline_class="LTX2LatentUpsamplePipeline",
        inputs=PIPELINE_CLASSES["LTX2LatentUpsamplePipeline"],
        required=frozenset({"video"}),
        tasks=PIPELINE_TASKS["LTX2LatentUpsamplePipeline"],
        licence=LTX_COMMUNITY,
        needs=Needs(denoiser=0.0, block=0.0, encoders=2.0, autoencoder=AUTOENCODER, working=45.0),
        parameters_billion=0.5,
        rank=20,
        files=("model_index.json", "vae/*", "latent_upsampler/*"),
        credits_per_second=3,
        max_pixels=2560 * 1440,
        frame_rule=8,
        fps=24,
        seconds_per_megapixel=0.5,
        stall_seconds=600,
        timeout_seconds=3600,
    ),
)

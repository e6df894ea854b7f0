"""The Wan family."""

from dataclasses import replace

from generation.engine.card import (
    APACHE,
    FIRST_BLOCK_CACHE,
    PIPELINE_CLASSES,
    PIPELINE_TASKS,
    FewSteps,
    Lora,
    ModelCard,
)
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

WAN_ENCODERS = 11.4  # GB: UMT5-XXL in bfloat16
WAN_AUTOENCODER = 0.5  # GB in float32
# What the models of the Wan family share, and what is taken for granted of one that is not known.
WAN = ModelCard(
    id="wan",
    name="Wan",
    summary=gettext_noop("A model of the Wan family"),
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

# What was distilled out of a 40-step model, as its authors step it: LightX2V, Apache-2.0.
FOUR_STEPS = FewSteps(timesteps=(1000, 750, 500, 250), shift=5.0)
FOUR_STEP_LORAS = "lightx2v/Wan2.2-Distill-Loras"


def _four_step_loras(high: tuple[str, str], low: tuple[str, str]) -> tuple[Lora, ...]:
    """Names and SHA-256 of the LoRAs for the high and the low noise."""
    return tuple(
        Lora(file, FOUR_STEP_LORAS, sha256, into=into, few_steps_only=True)
        for (file, sha256), into in ((high, "transformer"), (low, "transformer_2"))
    )


WITHOUT_A_PICTURE = (
    replace(
        WAN_TEXT,
        id="fastwan-2.1-1.3b",
        name="FastWan 1.3B",
        summary=gettext_noop("Quick drafts from a prompt: three steps, on a small GPU"),
        repository="FastVideo/FastWan2.1-T2V-1.3B-Diffusers",
        pipeline_class="WanDMDPipeline",
        needs=Needs(denoiser=2.9, block=0.1, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=5.0),
        parameters_billion=1.42,
        rank=15,
        credits_per_second=3,
        default_steps=3,
        max_steps=3,
        default_guidance_scale=1.0,
        few_steps=FewSteps(timesteps=(1000, 757, 522), shift=8.0, renoise=True),
        max_pixels=832 * 480,
        seconds_per_megapixel=2.0,
    ),
    replace(
        WAN_VACE,
        id="wan-2.1-vace-1.3b",
        name="Wan 2.1 VACE 1.3B",
        summary=gettext_noop(
            "Follows pictures, references, masks, control videos and a shot's camera, on one consumer GPU"
        ),
        repository="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        needs=Needs(denoiser=4.3, block=0.15, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=5.0),
        parameters_billion=2.15,  # counted in its published configuration, the part that is guided included
        rank=20,
        max_pixels=832 * 480,
    ),
    replace(
        WAN_VACE,
        id="wan-2.1-vace-14b",
        name="Wan 2.1 VACE 14B",
        summary=gettext_noop("The same at the quality of a large model, up to 720p"),
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
        summary=gettext_noop("720p from a prompt or a first frame, on one consumer GPU"),
        inputs=frozenset({"first_frame"}),
        tasks=frozenset({"text_to_image", "text_to_video", "image_to_video", "extend"}),
        repository="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        needs=Needs(denoiser=10.0, block=0.35, encoders=WAN_ENCODERS, autoencoder=2.8, working=8.0),
        parameters_billion=5.0,
        rank=30,
        credits_per_second=8,
        default_steps=50,
        first_block_cache=FIRST_BLOCK_CACHE,
        side_multiple=32,
        max_pixels=1280 * 704,
        fps=24,
        stall_seconds=900,
    ),
    replace(
        WAN_TEXT,
        id="wan-2.2-t2v-a14b",
        name="Wan 2.2 14B",
        summary=gettext_noop("The best picture from a prompt, in four steps, on a data-centre GPU"),
        repository="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        needs=Needs(denoiser=57.2, block=0.75, encoders=WAN_ENCODERS, autoencoder=WAN_AUTOENCODER, working=8.0),
        parameters_billion=28.6,
        rank=50,
        credits_per_second=15,
        default_steps=4,
        default_guidance_scale=4.0,
        second_guidance_scale=3.0,
        few_steps=FOUR_STEPS,
        loras=_four_step_loras(
            (
                "wan2.2_t2v_A14b_high_noise_lora_rank64_lightx2v_4step_1217.safetensors",
                "89003385f8a9d53ba58fd6ede647fdc90292e8568a54683fcfe6db5556a31769",
            ),
            (
                "wan2.2_t2v_A14b_low_noise_lora_rank64_lightx2v_4step_1217.safetensors",
                "4df7c206f3189472da2f92c0a42dcf308f04433d9c14302d08d56e99a3f51322",
            ),
        ),
        seconds_per_megapixel=60.0,
        stall_seconds=1200,
        timeout_seconds=8 * 3600,
    ),
)
CARDS = (
    *WITHOUT_A_PICTURE,
    replace(
        WITHOUT_A_PICTURE[-1],
        id="wan-2.2-i2v-a14b",
        name="Wan 2.2 14B, from a picture",
        summary=gettext_noop(
            "Goes on from a first frame, to a last one if there is one, in four steps, on a data-centre GPU"
        ),
        repository="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        pipeline_class="WanImageToVideoPipeline",
        inputs=PIPELINE_CLASSES["WanImageToVideoPipeline"],
        required=frozenset({"first_frame"}),
        tasks=PIPELINE_TASKS["WanImageToVideoPipeline"],
        default_guidance_scale=3.5,
        second_guidance_scale=3.5,
        loras=_four_step_loras(
            (
                "wan2.2_i2v_A14b_high_noise_lora_rank64_lightx2v_4step_1022.safetensors",
                "887c3bdeb74e83859c920438e16ca31f39ab18ce189abc5f0e36f8348c5bbb19",
            ),
            (
                "wan2.2_i2v_A14b_low_noise_lora_rank64_lightx2v_4step_1022.safetensors",
                "8833bd4fd7c8eabebf0bc8ee5cfaf47f4f310ce116928a02c1adf8941dd4b0f1",
            ),
        ),
    ),
)

"""Models that follow a camera path."""

from generation.engine.card import PIPELINE_CLASSES, PIPELINE_TASKS, Licence, ModelCard
from generation.engine.memory import Needs
from generation.engine.request import gettext_noop

# The transformer and its repository are Apache-2.0, but no run goes without the two parts that are not.
SANA_WM_LICENCE = Licence(
    "Apache-2.0; LTX-2 Community License (its autoencoder); Gemma Terms of Use (its text encoder)",
    "https://github.com/Lightricks/LTX-2/blob/main/LICENSE-2",
    forbids=gettext_noop(
        "Use of the LTX-2 autoencoder that comes with it, without a paid licence, by a company that, with its "
        "affiliates, takes in 10 million US dollars a year or more."
    ),
)

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        id="sana-wm",
        name="SANA-WM",
        summary=gettext_noop(
            "Goes on from a picture with the camera move that is asked for, on one consumer GPU, always at 720p"
        ),
        pipeline_class="SanaWMPipeline",
        inputs=PIPELINE_CLASSES["SanaWMPipeline"],
        required=frozenset({"first_frame"}),
        tasks=PIPELINE_TASKS["SanaWMPipeline"],
        repository="Efficient-Large-Model/SANA-WM_bidirectional-diffusers",
        licence=SANA_WM_LICENCE,
        # An estimate: weights by their parameters, the rest by a peak of 22.6 GB that others measured at 161 frames.
        needs=Needs(denoiser=5.2, block=0.3, encoders=5.2, autoencoder=2.9, working=15.0),
        parameters_billion=2.6,
        rank=35,
        credits_per_second=8,
        default_steps=60,
        max_steps=100,
        default_guidance_scale=5.0,
        side_multiple=32,
        max_pixels=1280 * 704,
        frame_rule=8,
        fps=16,
        seconds_per_megapixel=5.0,
        stall_seconds=600,
        timeout_seconds=2 * 3600,
    ),
)

"""Each published card over tiny random weights: its own pipeline's classes, in a folder like the one that is pulled."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from generation.engine import store
from generation.engine.card import ModelCard
from tests.engine.tiny_animate import save_tiny_animate
from tests.engine.tiny_images import save_tiny_klein, save_tiny_qwen_edit, save_tiny_z_image
from tests.engine.tiny_ltx import save_tiny_ltx, save_tiny_upsampler
from tests.engine.tiny_pipelines import (
    save_tiny_expanding,
    save_tiny_fast_wan,
    save_tiny_image_to_video,
    save_tiny_lora,
    save_tiny_two_experts,
    save_tiny_vace,
)
from tests.engine.tiny_sana_wm import save_tiny_sana_wm
from tests.engine.tiny_sound import save_tiny_ace_step, save_tiny_stable_audio

SAVERS: dict[str, Callable[[Path], Path]] = {
    "fastwan-2.1-1.3b": save_tiny_fast_wan,
    "wan-2.1-vace-1.3b": save_tiny_vace,
    "wan-2.1-vace-14b": save_tiny_vace,
    "wan-2.2-ti2v-5b": save_tiny_expanding,
    "wan-2.2-t2v-a14b": save_tiny_two_experts,
    "wan-2.2-i2v-a14b": save_tiny_image_to_video,
    "stable-audio-3-medium": save_tiny_stable_audio,
    "stable-audio-3-small-sfx": partial(save_tiny_stable_audio, max_seconds=120.0),
    "stable-audio-3-small-music": partial(save_tiny_stable_audio, max_seconds=120.0),
    "ace-step-1.5-xl-turbo": save_tiny_ace_step,
    "z-image-turbo": save_tiny_z_image,
    "flux-2-klein-4b": save_tiny_klein,
    "qwen-image-edit-2511": save_tiny_qwen_edit,
    "qwen-image-edit-2509": partial(save_tiny_qwen_edit, zero_cond_t=False),
    "ltx-2.5": save_tiny_ltx,
    "ltx-2.5-upsampler": partial(save_tiny_upsampler, pipeline_class="LTX2Pipeline"),
    "sana-wm": save_tiny_sana_wm,
    "wan-2.2-animate-14b": save_tiny_animate,
}
SMALLER = {"sana-wm": {"max_pixels": 64 * 64}}  # it draws as much as its card allows, whatever is asked for


def tiny(card: ModelCard, folder: Path) -> ModelCard:
    """The card itself, its model saved under `folder` with the low-rank weights that belong to it."""
    location = SAVERS[card.id](folder)
    for lora in card.loras:
        save_tiny_lora(location / store.LORAS / lora.file)
    return replace(card, location=str(location), **SMALLER.get(card.id, {}))

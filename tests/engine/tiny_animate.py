"""Wan-Animate with a few thousand random numbers: the published classes, saved as a real folder."""

from pathlib import Path

import torch
from diffusers import UniPCMultistepScheduler, WanAnimatePipeline, WanAnimateTransformer3DModel
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

from tests.engine.tiny_pipelines import TRANSFORMER, Z_DIM, _around, _save

FACE_SIDE = 16  # pixels; published: 512
SEEN = 16  # numbers of a place in the character's picture, as the image encoder sees it


def save_tiny_animate(folder: Path) -> Path:
    """Save a WanAnimatePipeline under `folder` (about 1 MB) and return the folder. Always the same weights."""
    torch.manual_seed(8)
    transformer = WanAnimateTransformer3DModel(
        **TRANSFORMER | {"in_channels": 2 * Z_DIM + 4},
        latent_channels=Z_DIM,
        image_dim=SEEN,
        added_kv_proj_dim=24,
        motion_encoder_size=FACE_SIDE,
        motion_encoder_channel_sizes={"4": 8, "8": 8, "16": 8},
        motion_style_dim=8,
        motion_dim=4,
        motion_encoder_dim=8,
        face_encoder_hidden_dim=8,
        face_encoder_num_heads=2,
        inject_face_latents_blocks=2,
    )
    for value in transformer.parameters():
        if not value.any():  # what a new model begins with at zero would let no face through
            torch.nn.init.normal_(value, std=0.2)
    pipeline = WanAnimatePipeline(
        **_around(transformer),
        transformer=transformer,
        scheduler=UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0),
        image_processor=CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}),
        image_encoder=_image_encoder(),
    )
    return _save(pipeline, folder)


def _image_encoder():
    return CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=SEEN,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=16,
            patch_size=8,
            projection_dim=16,
        )
    )

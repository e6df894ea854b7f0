"""Wan-Animate with a few thousand random numbers: the published classes in a real folder, and somebody to act."""

from pathlib import Path

import numpy as np
import torch
from diffusers import UniPCMultistepScheduler, WanAnimatePipeline, WanAnimateTransformer3DModel
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

from generation.engine.pipelines.pose import Person
from tests.engine.tiny_pipelines import PUBLISHED_AS, TRANSFORMER, Z_DIM, _around, _save

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
    return _save(pipeline, folder, **PUBLISHED_AS, image_processor="CLIPImageProcessor")


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


def film(num_frames=5):
    """A clip that grows brighter; its left half, where the face is taken to be, is noise."""
    frames = np.stack([np.full((64, 64, 3), 20 + 10 * frame, np.uint8) for frame in range(num_frames)])
    frames[:, :, :32] = np.random.default_rng(0).integers(0, 255, (num_frames, 64, 32, 3))
    return frames


def leaning(height=64, width=64, *, lean=0.0):
    """Somebody whose every point is seen, upright or leaning, with the face on the left of the picture."""
    body = np.ones((20, 3))
    body[:, 0], body[:, 1] = width * (0.3 + 0.02 * np.arange(20)), height * (0.1 + 0.04 * np.arange(20))
    body[:, 0] += lean * body[:, 1]
    return Person(body=body, face=np.array([4.0, 4.0, 28.0, 28.0]))


def watch(frames, ask):
    """Stands in for what sees people: somebody who leans as far as the frame's right half is bright."""
    persons = []
    for frame in frames:
        ask()
        persons.append(leaning(*frame.shape[:2], lean=frame[:, 32:].mean() / 255))
    return persons

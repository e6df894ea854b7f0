"""SANA-WM with a few thousand random numbers: the published classes, saved as a real folder."""

from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, SanaWMPipeline, SanaWMTransformer3DModel
from transformers import Gemma2Config, Gemma2ForCausalLM

from tests.engine.tiny_ltx import CHANNELS, _autoencoder, _tokenizer
from tests.engine.tiny_pipelines import _save

TEXT = 16  # the text encoder's width
WIDTH = 32  # of the transformer: 2 heads of 16


def save_tiny_sana_wm(folder: Path) -> Path:
    """Save a SanaWMPipeline under `folder` (about 1 MB) and return the folder. Always the same weights."""
    torch.manual_seed(6)
    pipeline = SanaWMPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_text_encoder(),
        vae=_autoencoder(),
        transformer=_transformer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return _save(pipeline, folder, tokenizer="GemmaTokenizerFast")  # an older name of the same class


def _transformer():
    # 32 × 32 pixels and 8 frames a latent cell, one cell a token, as published; of its two kinds of block one each.
    transformer = SanaWMTransformer3DModel(
        in_channels=CHANNELS,
        num_layers=2,
        hidden_size=WIDTH,
        num_attention_heads=2,
        linear_head_dim=WIDTH // 2,
        softmax_every_n=2,
        chunk_plucker_post_attn_blocks=2,
        caption_channels=TEXT,
    )
    # What a new model begins with at zero would let no camera and no prompt through.
    for value in transformer.parameters():
        if not value.any():
            torch.nn.init.normal_(value, std=0.2)
    return transformer


def _text_encoder():
    return Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=256,
            hidden_size=TEXT,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
            sliding_window=2048,
            max_position_embeddings=4096,
        )
    )

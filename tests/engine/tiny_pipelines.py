"""Pipelines of a few thousand random numbers, saved as real folders: everything of a large model but its sense."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLWan,
    UniPCMultistepScheduler,
    WanImageToVideoPipeline,
    WanPipeline,
    WanTransformer3DModel,
    WanVACEPipeline,
    WanVACETransformer3DModel,
)
from safetensors.torch import save_file
from transformers import T5Tokenizer, UMT5Config, UMT5EncoderModel
from transformers.utils.logging import disable_progress_bar

Z_DIM = 4
TEXT_DIM = 16
PROMPT_TOKENS = 128
PUBLISHED_AS = {"tokenizer": "T5TokenizerFast"}  # an older name of T5Tokenizer

# The transformer of both kinds: 8 × 8 pixels and 4 frames a latent cell, 2 × 2 cells a token.
TRANSFORMER = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "in_channels": Z_DIM,
    "out_channels": Z_DIM,
    "text_dim": TEXT_DIM,
    "freq_dim": 32,
    "ffn_dim": 48,
    "num_layers": 2,
    "rope_max_seq_len": 64,
}
WIDTH = TRANSFORMER["num_attention_heads"] * TRANSFORMER["attention_head_dim"]


def save_tiny_wan(folder: Path, **transformer_config) -> Path:
    """Save a WanPipeline under `folder` (about 1 MB) and return the folder. Always the same weights."""
    torch.manual_seed(1)
    transformer = WanTransformer3DModel(**TRANSFORMER | transformer_config)
    pipeline = WanPipeline(**_around(transformer), transformer=transformer, scheduler=_scheduler())
    return _save(pipeline, folder, **PUBLISHED_AS)


class WanDMDPipeline(WanPipeline):
    """What FastWan's publishers call its pipeline in its index: a class of their own program, of the same parts."""


def save_tiny_fast_wan(folder: Path) -> Path:
    """Save a WanDMDPipeline under `folder` and return the folder. Always the same weights."""
    torch.manual_seed(1)
    transformer = WanTransformer3DModel(**TRANSFORMER)
    for block in transformer.blocks:
        # The gates of its sparse attention, which lie in the published file and which diffusers leaves unread.
        block.to_gate_compress = torch.nn.Linear(WIDTH, WIDTH)
    pipeline = WanDMDPipeline(**_around(transformer), transformer=transformer, scheduler=_scheduler())
    return _save(pipeline, folder, **PUBLISHED_AS)


def save_tiny_image_to_video(folder: Path) -> Path:
    """Save a WanImageToVideoPipeline of two denoisers, as Wan 2.2 A14B has them, and return the folder."""
    torch.manual_seed(4)
    # Beside the noise it sees which frames are given (4 in each of time) and what is in them.
    config = TRANSFORMER | {"in_channels": 2 * Z_DIM + 4}
    transformer, second = WanTransformer3DModel(**config), WanTransformer3DModel(**config)
    parts = {"transformer": transformer, "transformer_2": second, "image_processor": None, "image_encoder": None}
    pipeline = WanImageToVideoPipeline(
        **_around(transformer), **parts, scheduler=_scheduler(), boundary_ratio=0.9, expand_timesteps=False
    )
    return _save(pipeline, folder, **PUBLISHED_AS)


def save_tiny_two_experts(folder: Path) -> Path:
    """Save a WanPipeline of two denoisers, as Wan 2.2 A14B has them, and return the folder."""
    torch.manual_seed(5)
    transformer, second = WanTransformer3DModel(**TRANSFORMER), WanTransformer3DModel(**TRANSFORMER)
    pipeline = WanPipeline(
        **_around(transformer),
        transformer=transformer,
        transformer_2=second,
        scheduler=_scheduler(),
        boundary_ratio=0.875,
    )
    return _save(pipeline, folder, **PUBLISHED_AS)


def save_tiny_expanding(folder: Path) -> Path:
    """Save a WanPipeline that can go on from a picture, as Wan 2.2 5B does, and return the folder."""
    torch.manual_seed(6)
    transformer = WanTransformer3DModel(**TRANSFORMER)
    # As published it halves pictures once more than the others, by taking four pixels together before it begins.
    coarse = {"is_residual": True, "patch_size": 2, "scale_factor_spatial": 16, "in_channels": 12, "out_channels": 12}
    pipeline = WanPipeline(
        **_around(transformer, **coarse), transformer=transformer, scheduler=_scheduler(), expand_timesteps=True
    )
    return _save(pipeline, folder, **PUBLISHED_AS)


def save_tiny_lora(file: Path, strength: float = 0.5, rank: int = 2) -> Path:
    """Save low-rank weights for the attention of `save_tiny_wan`'s transformer and return the file."""
    torch.manual_seed(7)
    weights = {}
    for block in range(TRANSFORMER["num_layers"]):
        for name in ("to_q", "to_k", "to_v"):
            layer = f"transformer.blocks.{block}.attn1.{name}"
            weights[f"{layer}.lora_A.weight"] = torch.randn(rank, WIDTH) * strength
            weights[f"{layer}.lora_B.weight"] = torch.randn(WIDTH, rank) * strength
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, file)
    return file


def save_tiny_vace(folder: Path) -> Path:
    """Save a WanVACEPipeline under `folder` (about 1 MB) and return the folder. Always the same weights."""
    torch.manual_seed(2)
    # Control: the kept and the painted part of the video, and each of the 8 × 8 pixels' mask as a channel.
    transformer = WanVACETransformer3DModel(**TRANSFORMER, vace_layers=[0, 1], vace_in_channels=2 * Z_DIM + 64)
    for block in transformer.vace_blocks:
        # A new model's control branch starts at zero, and would let no picture through.
        torch.nn.init.normal_(block.proj_out.weight, std=0.3)
    pipeline = WanVACEPipeline(**_around(transformer), transformer=transformer, scheduler=_scheduler())
    return _save(pipeline, folder, **PUBLISHED_AS)


def save_tiny_painter(folder: Path) -> Path:
    """Save a PainterPipeline under `folder` and return the folder. Always the same weights."""
    from generation.engine.painter.codec import Codec
    from generation.engine.painter.network import Painter
    from generation.engine.painter.pipeline import PainterPipeline, scheduler
    from generation.engine.painter.relief import Relief

    torch.manual_seed(3)
    codec = Codec(latent_channels=8, width=8, blocks=1, latents_mean=[0.0] * 8, latents_scale=[1.0] * 8)
    painter = Painter(latent_channels=8, widths=(8, 16, 32, 64), residuals=(1, 1, 1), layers=2)
    for value in painter.parameters():
        if not value.any():  # what begins at nothing, so that training begins gently
            torch.nn.init.normal_(value, std=0.2)
    relief = Relief(widths=(8, 16), blocks=1)
    PainterPipeline(codec, painter, relief, scheduler()).save_pretrained(folder)
    return folder


def _scheduler():
    return UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)


def _around(transformer, **autoencoder_config):
    """The parts all of them share."""
    with torch.no_grad():
        transformer.proj_out.weight.mul_(3)  # so that a prompt moves the picture by more than a rounding
    return {"tokenizer": _tokenizer(), "text_encoder": _text_encoder(), "vae": _autoencoder(**autoencoder_config)}


def _autoencoder(**config):
    vae = AutoencoderKLWan(
        base_dim=4,
        z_dim=Z_DIM,
        dim_mult=[1, 2, 4, 4],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.1, -0.1, 0.2, 0.0],
        latents_std=[1.0, 1.1, 0.9, 1.2],
        **config,
    )
    # Random weights see and draw a flat grey; stretch both ends to the range of latents and of pictures.
    with torch.no_grad():
        seen, drawn = vae.quant_conv, vae.decoder.conv_out
        latents = vae.encode(torch.rand(1, 3, 5, 64, 64) * 2 - 1).latent_dist.mode()
        seen.weight.mul_(1 / latents.std().clamp(min=1e-4))
        seen.bias.zero_()
        pixels = vae.decode(torch.randn(1, Z_DIM, 2, 8, 8)).sample
        drawn.weight.mul_(0.5 / pixels.std().clamp(min=1e-4))
        drawn.bias.zero_()
    return vae


def _text_encoder():
    config = UMT5Config(
        vocab_size=256, d_model=TEXT_DIM, d_kv=8, d_ff=32, num_layers=2, num_heads=2, pad_token_id=0, eos_token_id=1
    )
    return UMT5EncoderModel(config)


def _tokenizer():
    """Letters as words, so that any two prompts read differently."""
    words = ["<pad>", "</s>", "<unk>", "▁", *(chr(code) for code in range(33, 127))]
    return T5Tokenizer(vocab=[(word, 0.0) for word in words], extra_ids=0, model_max_length=PROMPT_TOKENS)


def _save(pipeline, folder, **named):
    """Save a pipeline, the classes of transformers `named` as publishers name them: by older names, or wider ones."""
    disable_progress_bar()
    pipeline.save_pretrained(folder, safe_serialization=True)
    file = Path(folder) / "model_index.json"
    index = json.loads(file.read_text())
    file.write_text(json.dumps(index | {part: ["transformers", name] for part, name in named.items()}))
    return Path(folder)

"""Pipelines of sounds with a few thousand random numbers, saved as real folders."""

from pathlib import Path

import torch
from diffusers import (
    AceStepConditionEncoder,
    AceStepPipeline,
    AceStepTransformer1DModel,
    AutoencoderOobleck,
    AutoencoderSAME,
    FlowMatchEulerDiscreteScheduler,
    StableAudio3DiTModel,
    StableAudio3DurationEmbedder,
    StableAudio3Pipeline,
)
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    GemmaTokenizerFast,
    Qwen2TokenizerFast,
    Qwen3Config,
    Qwen3Model,
    T5GemmaConfig,
    T5GemmaEncoderModel,
    T5GemmaModuleConfig,
)

from tests.engine.tiny_pipelines import _save

Z_DIM = 8
TEXT_DIM = 16
ATTENTION = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "intermediate_size": 32}


def save_tiny_stable_audio(folder: Path, dtype=torch.float32, layers: int = 2, max_seconds: float = 384.0) -> Path:
    """Save a StableAudio3Pipeline under `folder` and return the folder. Always the same weights."""
    torch.manual_seed(4)
    transformer = StableAudio3DiTModel(
        io_channels=Z_DIM,
        embed_dim=32,
        depth=2,
        num_heads=2,
        cond_token_dim=TEXT_DIM,
        global_cond_dim=TEXT_DIM,
        local_add_cond_dim=Z_DIM + 1,
        timestep_features_dim=16,
        num_memory_tokens=4,
    )
    _waken(transformer)
    # 4096 samples a latent, as in the published ones.
    vae = AutoencoderSAME(
        encoder_channels=8,
        encoder_c_mults=(2,),
        encoder_transformer_depths=(layers,),
        latent_dim=Z_DIM,
        dim_heads=8,
    )
    _waken(vae)
    _make_audible(vae, torch.randn(1, Z_DIM, 4))
    pipeline = StableAudio3Pipeline(
        vae=vae,
        text_encoder=_t5gemma(),
        tokenizer=_gemma_tokenizer(),
        duration_embedder=StableAudio3DurationEmbedder(output_dim=TEXT_DIM, fourier_dim=16, max_val=max_seconds),
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0, stochastic_sampling=True),
    )
    return _save(pipeline.to(dtype), folder)


def save_tiny_ace_step(folder: Path, is_turbo: bool = True) -> Path:
    """Save an AceStepPipeline under `folder` and return the folder. Always the same weights."""
    torch.manual_seed(5)
    transformer = AceStepTransformer1DModel(
        hidden_size=16,
        num_hidden_layers=2,
        in_channels=3 * Z_DIM,
        audio_acoustic_hidden_dim=Z_DIM,
        encoder_hidden_size=16,
        is_turbo=is_turbo,
        model_version="turbo" if is_turbo else "base",
        **ATTENTION,
    )
    conditions = AceStepConditionEncoder(
        hidden_size=16,
        text_hidden_dim=TEXT_DIM,
        timbre_hidden_dim=Z_DIM,
        num_lyric_encoder_hidden_layers=2,
        num_timbre_encoder_hidden_layers=1,
        **ATTENTION,
    )
    _waken(transformer)
    conditions.silence_latent.normal_()
    # 1920 samples a latent, as in the published one.
    vae = AutoencoderOobleck(
        encoder_hidden_size=2,
        downsampling_ratios=[2, 4, 4, 6, 10],
        channel_multiples=[1, 1, 1, 2, 2],
        decoder_channels=2,
        decoder_input_channels=Z_DIM,
        sampling_rate=48_000,
    )
    _make_audible(vae, torch.randn(1, Z_DIM, 4))
    pipeline = AceStepPipeline(
        vae=vae,
        text_encoder=_qwen(),
        tokenizer=_qwen_tokenizer(),
        transformer=transformer,
        condition_encoder=conditions,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )
    return _save(pipeline, folder, tokenizer="Qwen2TokenizerFast")


def _waken(module):
    """Give what begins at nothing, so that training begins gently, something to say."""
    for value in module.parameters():
        if not value.any():
            torch.nn.init.normal_(value, std=0.2)


@torch.no_grad()
def _make_audible(vae, latents):
    """Random weights whisper; stretch what is decoded to the range of sound."""
    scale = 0.3 / vae.decode(latents).sample.std().clamp(min=1e-9)
    last = vae.decoder.blocks[-1].mapping if isinstance(vae, AutoencoderSAME) else vae.decoder.conv2
    last.weight_g.mul_(scale)
    if last.bias is not None:
        last.bias.mul_(scale)


def _t5gemma():
    encoder = T5GemmaModuleConfig(
        vocab_size=128, hidden_size=TEXT_DIM, num_hidden_layers=2, sliding_window=64, max_position_embeddings=256,
        layer_types=["sliding_attention", "full_attention"], query_pre_attn_scalar=8, **ATTENTION,
    )  # fmt: skip
    return T5GemmaEncoderModel(T5GemmaConfig(encoder=encoder, vocab_size=128, is_encoder_decoder=False))


def _qwen():
    return Qwen3Model(Qwen3Config(vocab_size=300, hidden_size=TEXT_DIM, num_hidden_layers=2, **ATTENTION))


def _gemma_tokenizer():
    """Letters as tokens."""
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *(chr(code) for code in range(33, 127))]
    return GemmaTokenizerFast(vocab={token: index for index, token in enumerate(tokens)}, merges=[])


def _qwen_tokenizer():
    """Bytes as tokens."""
    tokens = [*sorted(ByteLevel.alphabet()), "<|endoftext|>"]
    return Qwen2TokenizerFast(vocab={token: index for index, token in enumerate(tokens)}, merges=[])

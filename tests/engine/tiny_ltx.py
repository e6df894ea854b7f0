"""LTX-2.5 and its latent upsampler with a few thousand random numbers: the published classes, saved as real folders."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2LatentUpsamplePipeline,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from transformers import (
    Gemma4UnifiedConfig,
    Gemma4UnifiedForConditionalGeneration,
    Gemma4UnifiedTextConfig,
    GemmaTokenizer,
)

from tests.engine.tiny_pipelines import PROMPT_TOKENS, _save

CHANNELS = 8  # of the video's latents
SOUND = 8  # numbers of a moment of sound: 2 latent channels × 4 of 16 mel bins
TEXT = 16  # the text encoder's width, of which the connectors read all 3 layers
WIDTH = 24  # of the video's stream: 2 heads of 12
SOUND_WIDTH = 16  # of the sound's stream: 2 heads of 8
# In the published index, but nothing the engine loads: their folders need not be there.
LEFT_OUT = {
    "prompt_enhancer": ["transformers", "Gemma4ForConditionalGeneration"],
    "duration_head": ["ltx2", "LTX2DurationHead"],
    "diffusion_decoder": ["diffusers", "LTX2VideoDiffusionDecoderModel"],
    "processor": ["transformers", "Gemma4UnifiedProcessor"],
}
# What the published index says of the parts that are loaded.
INDEX = {
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "vae": ["diffusers", "AutoencoderKLLTX2Video"],
    "audio_vae": ["diffusers", "AutoencoderKLLTX2Audio"],
    "text_encoder": ["transformers", "Gemma4UnifiedForConditionalGeneration"],
    "tokenizer": ["transformers", "GemmaTokenizer"],
    "connectors": ["ltx2", "LTX2TextConnectors"],
    "transformer": ["diffusers", "LTX2VideoTransformer3DModel"],
    "vocoder": ["ltx2", "LTX2VocoderWithBWE"],
}


def save_tiny_ltx(folder: Path, **scheduler_config) -> Path:
    """Save an LTX2Pipeline under `folder` (about 1 MB) and return the folder. Always the same weights."""
    torch.manual_seed(4)
    pipeline = LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(**scheduler_config),
        vae=_autoencoder(),
        audio_vae=_sound_autoencoder(),
        text_encoder=_text_encoder(),
        tokenizer=_tokenizer(model_max_length=PROMPT_TOKENS),
        connectors=_connectors(),
        transformer=_transformer(),
        vocoder=_vocoder(),
    )
    _save(pipeline, folder)
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | LEFT_OUT))
    return folder


def save_tiny_upsampler(folder: Path, pipeline_class: str = "LTX2LatentUpsamplePipeline") -> Path:
    """Save an LTX2LatentUpsamplePipeline under `folder` and return the folder. Always the same weights.

    With `pipeline_class` LTX2Pipeline, as the authors publish it: two folders under the index of the whole model.
    """
    torch.manual_seed(5)
    upsampler = LTX2LatentUpsamplerModel(in_channels=CHANNELS, mid_channels=32, num_blocks_per_stage=1)
    _save(LTX2LatentUpsamplePipeline(_autoencoder(), upsampler), folder)
    if pipeline_class == "LTX2Pipeline":
        (folder / "model_index.json").write_text(json.dumps({"_class_name": pipeline_class} | INDEX | LEFT_OUT))
    return folder


def _transformer():
    # 32 × 32 pixels and 8 frames a latent cell, one cell a token, as published.
    transformer = LTX2VideoTransformer3DModel(
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_attention_heads=2,
        attention_head_dim=WIDTH // 2,
        cross_attention_dim=WIDTH,
        gated_attn=True,
        cross_attn_mod=True,
        audio_in_channels=SOUND,
        audio_out_channels=SOUND,
        audio_num_attention_heads=2,
        audio_attention_head_dim=SOUND_WIDTH // 2,
        audio_cross_attention_dim=SOUND_WIDTH,
        audio_gated_attn=True,
        audio_cross_attn_mod=True,
        num_layers=2,
        rope_type="split",
        use_prompt_embeddings=False,
        use_prompt_adaln_single=False,
        perturbed_attn=True,
    )
    with torch.no_grad():  # so that a prompt moves the picture by more than a rounding
        transformer.proj_out.weight.mul_(3)
    return transformer


def _text_encoder():
    text = Gemma4UnifiedTextConfig(
        vocab_size=256,
        hidden_size=TEXT,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        layer_types=["sliding_attention", "full_attention"],
        head_dim=8,
        global_head_dim=8,
    )
    return Gemma4UnifiedForConditionalGeneration(Gemma4UnifiedConfig(text_config=text))


def _tokenizer(**config):
    """Letters as words, so that any two prompts read differently."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    letters = ["\n", "▁", *(chr(code) for code in range(33, 127))]
    vocabulary = {token: index for index, token in enumerate(special + letters)}
    return GemmaTokenizer(vocab=vocabulary, merges=[], **config)


def _connectors():
    return LTX2TextConnectors(
        caption_channels=TEXT,
        text_proj_in_factor=3,
        video_connector_num_attention_heads=2,
        video_connector_attention_head_dim=WIDTH // 2,
        video_connector_num_layers=1,
        video_connector_num_learnable_registers=16,
        video_gated_attn=True,
        audio_connector_num_attention_heads=2,
        audio_connector_attention_head_dim=SOUND_WIDTH // 2,
        audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=16,
        audio_gated_attn=True,
        rope_type="split",
        per_modality_projections=True,
        video_hidden_dim=WIDTH,
        audio_hidden_dim=SOUND_WIDTH,
        proj_bias=True,
    )


def _autoencoder():
    vae = AutoencoderKLLTX2Video(
        latent_channels=CHANNELS,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1),
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )
    vae.latents_mean.uniform_(-0.2, 0.2)
    vae.latents_std.uniform_(0.8, 1.2)
    # Random weights see and draw a flat grey; stretch both ends to the range of latents and of pictures.
    with torch.no_grad():
        seen, drawn = vae.encoder.conv_out.conv, vae.decoder.conv_out.conv
        latents = vae.encode(torch.rand(1, 3, 9, 64, 64) * 2 - 1).latent_dist.mode()
        seen.weight.mul_(1 / latents.std().clamp(min=1e-4))
        pixels = vae.decode(torch.randn(1, CHANNELS, 2, 2, 2)).sample
        drawn.weight.mul_(0.5 / pixels.std().clamp(min=1e-4))
        drawn.bias.zero_()
    return vae


def _sound_autoencoder():
    return AutoencoderKLLTX2Audio(
        base_channels=SOUND, ch_mult=(1, 1, 1), num_res_blocks=1, latent_channels=2, mel_bins=16, resolution=16
    )


def _vocoder():
    """16,000 samples a second out of 100 mel spectra, and 48,000 out of those."""
    vocoder = LTX2VocoderWithBWE(
        in_channels=32,  # 2 channels × 16 mel bins
        hidden_channels=16,
        upsample_kernel_sizes=[11, 8, 8, 4],
        upsample_factors=[5, 4, 4, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1]],
        bwe_in_channels=32,
        bwe_hidden_channels=16,
        bwe_upsample_kernel_sizes=[12, 11, 8, 4],
        bwe_upsample_factors=[6, 5, 4, 2],
        bwe_resnet_kernel_sizes=[3],
        bwe_resnet_dilations=[[1]],
        num_mel_channels=16,
    )
    for basis in (vocoder.mel_stft.stft_fn.forward_basis, vocoder.mel_stft.mel_basis):
        basis.uniform_(0, 0.1)
    return vocoder

"""Pipelines for stills of a few hundred thousand random numbers, saved as real folders."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    QwenImageEditPlusPipeline,
    QwenImageTransformer2DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from generation.engine.pipelines.images import Reader
from tests.engine.tiny_pipelines import _save

Z_DIM = 4
TEXT_DIM = 16
END = "<|endoftext|>"
MARKS = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
READER = {
    "vocab_size": 320,
    "hidden_size": TEXT_DIM,
    "intermediate_size": 24,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 2048,
}
GAIN = 1.4  # of weights: enough for a prompt or a picture to move the result by more than a rounding
AUTOENCODER = {"latent_channels": Z_DIM, "norm_num_groups": 4, "layers_per_block": 1}


def save_tiny_z_image(folder: Path, levels: int = 4) -> Path:
    """Save a ZImagePipeline under `folder` and return the folder. Always the same weights.

    `levels` of the autoencoder: each but the first halves the picture, so a token is 2 ** levels pixels wide.
    """
    torch.manual_seed(1)
    config = Qwen3Config(**READER, head_dim=8, num_hidden_layers=2)
    transformer = ZImageTransformer2DModel(
        in_channels=Z_DIM,
        dim=24,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=TEXT_DIM,
        axes_dims=[4, 4, 4],
        axes_lens=[640, 64, 64],
    )
    for value in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.normal_(value)  # left as memory was
    vae = AutoencoderKL(
        **AUTOENCODER,
        block_out_channels=(8,) * levels,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        use_quant_conv=False,
        use_post_quant_conv=False,
        scaling_factor=0.36,
        shift_factor=0.12,
    )
    return _save(
        ZImagePipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=_stretched(vae, (Z_DIM, 8, 8)),
            text_encoder=_loud(Qwen3Model(config)),
            tokenizer=_tokenizer(),
            transformer=_loud(transformer),
        ),
        folder,
    )


def save_tiny_klein(folder: Path, is_distilled: bool = True) -> Path:
    """Save a Flux2KleinPipeline under `folder` and return the folder. Always the same weights."""
    torch.manual_seed(2)
    # The pipeline reads the layers 9, 18 and 27 of its text encoder.
    config = Qwen3Config(**READER, head_dim=8, num_hidden_layers=27)
    transformer = Flux2Transformer2DModel(
        in_channels=4 * Z_DIM,
        num_layers=1,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * TEXT_DIM,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    vae = AutoencoderKLFlux2(
        **AUTOENCODER,
        block_out_channels=(8,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )
    vae.bn.running_mean.uniform_(-0.2, 0.2)
    vae.bn.running_var.uniform_(0.6, 1.4)
    return _save(
        Flux2KleinPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
            vae=_stretched(vae, (Z_DIM, 8, 8)),
            text_encoder=_loud(Qwen3ForCausalLM(config)),
            tokenizer=_tokenizer(),
            transformer=_loud(transformer),
            is_distilled=is_distilled,
        ),
        folder,
        tokenizer="Qwen2TokenizerFast",
    )


def save_tiny_qwen_edit(folder: Path, zero_cond_t: bool = True) -> Path:
    """Save a QwenImageEditPlusPipeline under `folder` and return the folder. Always the same weights.

    `zero_cond_t`: whether given pictures are taken to be free of noise, as 2511 does and 2509 did not.
    """
    torch.manual_seed(3)
    tokenizer = _tokenizer()
    vision_start, vision_end, image, video = tokenizer.convert_tokens_to_ids(list(MARKS[2:]))
    config = Qwen2_5_VLConfig(
        text_config=READER
        | {
            "num_hidden_layers": 2,
            "rope_parameters": {"rope_type": "default", "mrope_section": [2, 1, 1]},
            "bos_token_id": None,
            "eos_token_id": None,
        },
        vision_config={
            "depth": 2,
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_heads": 2,
            "out_hidden_size": TEXT_DIM,
            "fullatt_block_indexes": [1],
        },
        vision_start_token_id=vision_start,
        vision_end_token_id=vision_end,
        image_token_id=image,
        video_token_id=video,
    )
    transformer = QwenImageTransformer2DModel(
        in_channels=4 * Z_DIM,
        out_channels=Z_DIM,
        num_layers=2,
        attention_head_dim=12,
        num_attention_heads=2,
        joint_attention_dim=TEXT_DIM,
        axes_dims_rope=(4, 4, 4),
        zero_cond_t=zero_cond_t,
    )
    vae = AutoencoderKLQwenImage(
        base_dim=4,
        z_dim=Z_DIM,
        num_res_blocks=1,
        latents_mean=[0.1, -0.1, 0.2, 0.0],
        latents_std=[1.0, 1.1, 0.9, 1.2],
    )
    return _save(
        QwenImageEditPlusPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02, max_shift=0.9),
            vae=_stretched(vae, (Z_DIM, 1, 8, 8)),
            text_encoder=_loud(Qwen2_5_VLForConditionalGeneration(config)),
            tokenizer=tokenizer,
            processor=Reader(Qwen2VLImageProcessorPil(), tokenizer),
            transformer=_loud(transformer),
        ),
        folder,
        processor="Qwen2VLProcessor",  # whose part for videos is not needed to save or load it here
    )


def _tokenizer():
    """Bytes as words, so that any two prompts read differently."""
    words = (END, *MARKS, *sorted(ByteLevel.alphabet()))
    tokenizer = Qwen2Tokenizer(
        vocab={word: index for index, word in enumerate(words)}, merges=[], additional_special_tokens=list(MARKS)
    )
    tokenizer.chat_template = CHAT
    return tokenizer


def _loud(model):
    """The same model with weights that tell its inputs apart: those it is born with are close to nothing."""
    with torch.no_grad():
        for value in model.parameters():
            if value.ndim > 1:
                torch.nn.init.normal_(value, std=GAIN * value[0].numel() ** -0.5)
    return model


def _stretched(vae, shape):
    """Random weights see and draw a flat grey; stretch both ends to the range of latents and of pictures."""
    qwen = isinstance(vae, AutoencoderKLQwenImage)
    seen, drawn = vae.quant_conv or vae.encoder.conv_out, vae.decoder.conv_out
    with torch.no_grad():
        pictures = torch.rand(1, 3, *([1] if qwen else []), 64, 64) * 2 - 1
        seen.weight.mul_(1 / vae.encode(pictures).latent_dist.mode().std().clamp(min=1e-4))
        drawn.weight.mul_(0.5 / vae.decode(torch.randn(1, *shape)).sample.std().clamp(min=1e-4))
        for end in (seen, drawn):
            end.bias.zero_()
    return vae

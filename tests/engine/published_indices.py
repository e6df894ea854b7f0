"""What the parts of each published model are, as its model_index.json names them: part → class.

Only what was looked up; None for a class that could not be. Places an index leaves empty are not listed. Sources:

- *index*: the file itself, as others quote it: Z-Image-Turbo; Qwen-Image-Edit-2511; FLUX.2-klein-4B;
  acestep-v15-xl-turbo-diffusers; Wan2.2-TI2V-5B-Diffusers. That of LTX-2.5 is behind a consent.
- *conversion*: what scripts/convert_wan_to_diffusers.py of huggingface/diffusers saves, by which Wan's were made. It
  takes umt5-xxl's tokenizer from AutoTokenizer, which the index of Wan2.2-TI2V-5B names T5TokenizerFast.
- *pipeline*: the types of the pipeline's parts, in diffusers 0.42.1.
"""

# conversion; VACE's, at both sizes.
VACE = {
    "scheduler": "UniPCMultistepScheduler",
    "text_encoder": "UMT5EncoderModel",
    "tokenizer": "T5TokenizerFast",
    "transformer": "WanVACETransformer3DModel",
    "vae": "AutoencoderKLWan",
}
WAN = VACE | {"transformer": "WanTransformer3DModel"}
TWO_EXPERTS = WAN | {"transformer_2": "WanTransformer3DModel"}
# What scripts/convert_stable_audio_3_to_diffusers.py of huggingface/diffusers writes with transformers 5, by whose name
# for it T5Gemma's tokenizer is called. Nobody has published what it makes.
STABLE_AUDIO = {
    "duration_embedder": "StableAudio3DurationEmbedder",
    "scheduler": "FlowMatchEulerDiscreteScheduler",
    "text_encoder": "T5GemmaEncoderModel",
    "tokenizer": "GemmaTokenizer",
    "transformer": "StableAudio3DiTModel",
    "vae": "AutoencoderSAME",
}
# index of 2511; of 2509, pipeline.
QWEN_EDIT = {
    "processor": "Qwen2VLProcessor",
    "scheduler": "FlowMatchEulerDiscreteScheduler",
    "text_encoder": "Qwen2_5_VLForConditionalGeneration",
    "tokenizer": "Qwen2Tokenizer",
    "transformer": "QwenImageTransformer2DModel",
    "vae": "AutoencoderKLQwenImage",
}
# pipeline, where it leaves no choice. Between two, those who run 2.5 tell: the tests of vllm-project/vllm-omni the text
# encoder, those of sgl-project/sglang the vocoder, the duration head and the decoder by diffusion.
LTX = {
    "audio_vae": "AutoencoderKLLTX2Audio",
    "connectors": "LTX2TextConnectors",
    "diffusion_decoder": "LTX2VideoDiffusionDecoderModel",
    "duration_head": "LTX2DurationHead",
    "processor": None,
    "prompt_enhancer": "Gemma4ForConditionalGeneration",
    "scheduler": "FlowMatchEulerDiscreteScheduler",
    "text_encoder": "Gemma4UnifiedForConditionalGeneration",
    "tokenizer": "GemmaTokenizer",
    "transformer": "LTX2VideoTransformer3DModel",
    "vae": "AutoencoderKLLTX2Video",
    "vocoder": "LTX2VocoderWithBWE",
}

INDICES: dict[str, dict[str, str | None]] = {
    # pipeline: its authors name a class of their own program, which has the parts of a WanPipeline.
    "fastwan-2.1-1.3b": WAN | {"scheduler": None, "tokenizer": None},
    "wan-2.1-vace-1.3b": VACE,
    "wan-2.1-vace-14b": VACE,
    "wan-2.2-ti2v-5b": WAN,  # index
    "wan-2.2-t2v-a14b": TWO_EXPERTS,  # conversion
    "wan-2.2-i2v-a14b": TWO_EXPERTS,  # conversion: nothing that sees pictures, unlike Wan 2.1's
    "stable-audio-3-medium": STABLE_AUDIO,
    "stable-audio-3-small-sfx": STABLE_AUDIO,
    "stable-audio-3-small-music": STABLE_AUDIO,
    "ace-step-1.5-xl-turbo": {  # index
        "condition_encoder": "AceStepConditionEncoder",
        "scheduler": "FlowMatchEulerDiscreteScheduler",
        "text_encoder": "Qwen3Model",
        "tokenizer": "Qwen2TokenizerFast",
        "transformer": "AceStepTransformer1DModel",
        "vae": "AutoencoderOobleck",
    },
    "z-image-turbo": {  # index
        "scheduler": "FlowMatchEulerDiscreteScheduler",
        "text_encoder": "Qwen3Model",
        "tokenizer": "Qwen2Tokenizer",
        "transformer": "ZImageTransformer2DModel",
        "vae": "AutoencoderKL",
    },
    "flux-2-klein-4b": {  # index
        "scheduler": "FlowMatchEulerDiscreteScheduler",
        "text_encoder": "Qwen3ForCausalLM",
        "tokenizer": "Qwen2TokenizerFast",
        "transformer": "Flux2Transformer2DModel",
        "vae": "AutoencoderKLFlux2",
    },
    "qwen-image-edit-2511": QWEN_EDIT,
    "qwen-image-edit-2509": QWEN_EDIT,
    "ltx-2.5": LTX,
    "ltx-2.5-upsampler": LTX,  # two folders under the same index
    # What the conversion script of huggingface/diffusers writes, scripts/sana_wm/convert_sana_wm_to_diffusers.py.
    "sana-wm": {
        "scheduler": "FlowMatchEulerDiscreteScheduler",
        "text_encoder": "Gemma2ForCausalLM",
        "tokenizer": "GemmaTokenizerFast",
        "transformer": "SanaWMTransformer3DModel",
        "vae": "AutoencoderKLLTX2Video",
    },
    "wan-2.2-animate-14b": WAN  # conversion
    | {
        "image_encoder": "CLIPVisionModel",
        "image_processor": "CLIPImageProcessor",
        "transformer": "WanAnimateTransformer3DModel",
    },
}

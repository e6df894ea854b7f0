"""Seconds a step, memory and the distance to what the GPU could do at most, of the large models' own architectures.

    python bench/engine.py                    every part, each in under ten minutes; on a GPU it is kept in engine.json
    python bench/engine.py wan-14b clip       some parts
    SMOKE=1 python bench/engine.py            the same code at tiny size, on any machine; nothing is kept

Weights are random: speed does not depend on their values, and none have to be fetched. The floor of a step is its
floating-point operations (linear layers 2·N·L·(6d² + 2d·ffn), attention 4·N²·d·L; N tokens, L layers of width d) at
790 TFLOP/s, what an H200 reaches in bfloat16. Memory is told beside what the cards plan (goal: within ± 10 %).
"""

import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKLWan, WanPipeline, WanTransformer3DModel

from generation.engine.pipelines.few_steps import FewSteps
from generation.engine.published import PUBLISHED

KEPT = Path(__file__).with_suffix(".json")
FLOPS = 790e12
STEPS = 5  # timed, after one that is not
GOALS = {"ratio": 1.6, "clip_seconds": 16.0, "memory": 0.1}
SMOKE = bool(os.environ.get("SMOKE"))


@dataclass(frozen=True)
class Shape:
    """An architecture of the Wan family and the clip it draws: sizes in pixels, `cell` pixels and 4 frames a latent."""

    heads: int
    layers: int
    ffn: int
    channels: int
    width: int
    height: int
    num_frames: int
    cell: int = 8
    head_dim: int = 128
    text_dim: int = 4096

    @property
    def latent(self) -> tuple[int, int, int]:
        return (self.num_frames - 1) // 4 + 1, self.height // self.cell, self.width // self.cell

    @property
    def tokens(self) -> int:
        frames, height, width = self.latent
        return frames * (height // 2) * (width // 2)

    @property
    def floor(self) -> float:
        """Seconds of one forward pass at FLOPS."""
        dim = self.heads * self.head_dim
        linear = 2 * self.tokens * self.layers * (6 * dim**2 + 2 * dim * self.ffn)
        return (linear + 4 * self.tokens**2 * dim * self.layers) / FLOPS

    def transformer(self, device, dtype) -> WanTransformer3DModel:
        with torch.device(device):
            before = torch.get_default_dtype()
            torch.set_default_dtype(dtype)
            try:
                model = WanTransformer3DModel(
                    patch_size=(1, 2, 2),
                    num_attention_heads=self.heads,
                    attention_head_dim=self.head_dim,
                    in_channels=self.channels,
                    out_channels=self.channels,
                    text_dim=self.text_dim,
                    freq_dim=256,
                    ffn_dim=self.ffn,
                    num_layers=self.layers,
                )
            finally:
                torch.set_default_dtype(before)
        return model.eval().requires_grad_(False)


SHAPES = {
    "wan-1.3b": Shape(heads=12, layers=30, ffn=8960, channels=16, width=832, height=480, num_frames=81),
    "ti2v-5b": Shape(heads=24, layers=30, ffn=14336, channels=48, width=1280, height=704, num_frames=121, cell=16),
    "wan-14b": Shape(heads=40, layers=40, ffn=13824, channels=16, width=832, height=480, num_frames=81),
}
# Whose card plans the memory of a shape, and how many such denoisers it has.
PLANNED = {"wan-1.3b": ("fastwan-2.1-1.3b", 1), "ti2v-5b": ("wan-2.2-ti2v-5b", 1), "wan-14b": ("wan-2.2-t2v-a14b", 2)}
TINY = Shape(heads=2, layers=2, ffn=64, channels=16, width=64, height=64, num_frames=5, head_dim=12, text_dim=32)


def planned_gb(name: str, *, whole: bool) -> float:
    """The memory that a card plans for what is measured here, in GB: its denoisers and its autoencoder, or one denoiser
    alone, and what a clip of this shape takes besides; nothing for what reads the prompt, which is done beforehand."""
    shape = SHAPES[name]
    id, denoisers = PLANNED[name]
    card = next(card for card in PUBLISHED if card.id == id)
    working = card.needs.working * shape.width * shape.height / card.max_pixels
    weights = card.needs.denoiser + card.needs.autoencoder if whole else card.needs.denoiser / denoisers
    return round(weights + working, 1)


def beside_the_plan(measured_gb: float, planned: float) -> dict:
    """What was measured beside what was planned, and whether they are as near as the goal wants."""
    ratio = round(measured_gb / planned, 2)
    return {
        "memory_gb": round(measured_gb, 2),
        "planned_gb": planned,
        "memory_ratio": ratio,
        "memory_as_planned": abs(ratio - 1) <= GOALS["memory"],
    }


def step(shape: Shape, device, dtype) -> dict:
    """Median seconds of a forward pass, as diffusers has it and with what the studio can switch on, and its memory."""
    model = shape.transformer(device, dtype)
    inputs = {
        "hidden_states": torch.randn(1, shape.channels, *shape.latent, device=device, dtype=dtype),
        "timestep": torch.tensor([500], device=device),
        "encoder_hidden_states": torch.randn(1, 512, shape.text_dim, device=device, dtype=dtype),
        "return_dict": False,
    }
    told = {"tokens": shape.tokens, "floor_seconds": round(shape.floor, 3)}
    ways = [("stock", lambda: None), ("cudnn", lambda: model.set_attention_backend("_native_cudnn"))]
    ways.append(("cudnn, compiled", lambda: model.compile_repeated_blocks(fullgraph=True)))
    for name, switch_on in ways if device == "cuda" else ways[:1]:
        switch_on()
        seconds = timed(lambda: model(**inputs), device)
        told[name] = {"seconds": round(seconds, 4), "ratio": round(seconds / shape.floor, 2)}
    return told


@torch.inference_mode()
def timed(run, device) -> float:
    """The median of STEPS runs after one that is not counted, in seconds."""
    taken = []
    for _ in range(STEPS + 1):
        if device == "cuda":
            torch.cuda.synchronize()
        begin = time.perf_counter()
        run()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken[1:])


@torch.inference_mode()
def clip(shape: Shape, device, dtype) -> dict:
    """A clip in four steps by two denoisers, decoded; the prompt is read beforehand, as it is for variations of one."""
    torch.manual_seed(0)
    vae = AutoencoderKLWan() if not SMOKE else AutoencoderKLWan(base_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1)
    pipeline = WanPipeline(
        tokenizer=None,
        text_encoder=None,
        vae=vae.to(device).eval(),
        scheduler=FewSteps(timesteps=(1000, 750, 500, 250), shift=5.0),
        transformer=shape.transformer(device, dtype),
        transformer_2=shape.transformer(device, dtype),
        boundary_ratio=0.875,
    )
    pipeline.set_progress_bar_config(disable=True)
    if device == "cuda":
        for denoiser in (pipeline.transformer, pipeline.transformer_2):
            denoiser.set_attention_backend("_native_cudnn")
            denoiser.compile_repeated_blocks(fullgraph=True)
    prompt = torch.randn(1, 512, shape.text_dim, device=device, dtype=dtype)

    def draw():
        pipeline(
            prompt_embeds=prompt,
            height=shape.height,
            width=shape.width,
            num_frames=shape.num_frames,
            num_inference_steps=4,
            guidance_scale=1.0,
            output_type="pt",
        )

    told = {"seconds": round(timed(draw, device), 2), "steps": 4}
    return told


def main(names):
    device = "cuda" if torch.cuda.is_available() and not SMOKE else "cpu"
    if device == "cpu" and not SMOKE:
        print("There is no GPU here: not measured. SMOKE=1 runs the same code at tiny size.")
        return
    dtype = torch.bfloat16
    figures = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in names or [*SHAPES, "clip"]:
        drawn = "wan-14b" if name == "clip" else name
        shape = TINY if SMOKE else SHAPES[drawn]
        if device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        told = (clip if name == "clip" else step)(shape, device, dtype)
        if device == "cuda":
            told |= beside_the_plan(torch.cuda.max_memory_allocated() / 1e9, planned_gb(drawn, whole=name == "clip"))
        told["machine"] = torch.cuda.get_device_name() if device == "cuda" else "CPU, tiny size"
        told["versions"] = {"torch": torch.__version__, "diffusers": diffusers.__version__}
        print(name, json.dumps(told), flush=True)
        if not SMOKE:
            figures[name] = told
            KEPT.write_text(json.dumps({"goals": GOALS} | figures, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What makes denoisers quicker: which kernels compute attention, compiling, and passing over blocks.

The first two change a picture by no more than rounding, and equal requests still give equal bytes. Passing over blocks
changes it: while a step moves the first block's work by less than a threshold, the others are taken to have done what
they did the step before (first-block cache: github.com/chengzeyi/ParaAttention; after TeaCache, Liu et al. 2024,
arXiv:2411.19108).
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import diffusers
import torch
from diffusers.models.attention_dispatch import attention_backend
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from generation.engine.switches import COMPILE, FIRST_BLOCK_CACHE, is_on
from generation.engine.weights import ModelRefused

# As diffusers calls them. Only what runs here already: the ones called `…_hub` fetch code from a repository.
ATTENTION_ANYWHERE = ("native", "_native_math")
ATTENTION_OF_A_GPU = ("_native_cudnn", "_native_flash", "_native_efficient", "flash", "_flash_3", "sage", "xformers")
# What attends without masks, in half precision, as cuDNN's kernels are quick at.
WITHOUT_MASKS = ("WanTransformer3DModel", "WanVACETransformer3DModel", "WanAnimateTransformer3DModel")
PASSES_OVER_BLOCKS = ("WanTransformer3DModel", "QwenImageTransformer2DModel")


def attention_for(denoisers: Sequence[Any], device: torch.device) -> str:
    """How attention is computed on a device: as RUNWAYWEB_ATTENTION says, else cuDNN's on a GPU for models it suits.

    Raises ModelRefused for a name that would fetch code, or that nobody knows.
    """
    known = ATTENTION_ANYWHERE + (ATTENTION_OF_A_GPU if device.type == "cuda" else ())
    asked = os.environ.get("RUNWAYWEB_ATTENTION", "")
    if asked.endswith("_hub"):
        raise ModelRefused(
            f"RUNWAYWEB_ATTENTION={asked} would fetch code from a repository and run it, which is not done here. "
            f"It can be one of {', '.join(known)}."
        )
    if asked and asked not in known:
        where = "" if device.type == "cuda" else " without a GPU"
        raise ModelRefused(f"RUNWAYWEB_ATTENTION can be one of {', '.join(known)}{where}, not {asked}.")
    suited = bool(denoisers) and all(type(denoiser).__name__ in WITHOUT_MASKS for denoiser in denoisers)
    by_itself = "_native_cudnn" if suited and device.type == "cuda" and has_cudnn_attention(device) else "native"
    return asked or by_itself


def has_cudnn_attention(device: torch.device) -> bool:
    """Whether a GPU and its libraries compute attention by cuDNN: it is tried, at the smallest size."""
    query = torch.zeros(1, 1, 64, 128, device=device, dtype=torch.bfloat16)
    try:
        with sdpa_kernel(SDPBackend.CUDNN_ATTENTION):
            functional.scaled_dot_product_attention(query, query, query)
    except RuntimeError:
        return False
    return True


def use_attention(denoisers: Sequence[Any], name: str) -> None:
    """Let denoisers, and no other model, compute attention so. Raises ModelRefused where a package is missing."""
    # The call also changes what every other model would use; leaving the context puts that back.
    with attention_backend("native"), _without_warnings():
        for denoiser in denoisers:
            try:
                denoiser.set_attention_backend(name)
            except RuntimeError as error:
                raise ModelRefused(
                    f"RUNWAYWEB_ATTENTION={name} needs a package that is missing here. {error}"
                ) from error


def compile_blocks(denoisers: Sequence[Any]) -> bool:
    """Compile the blocks denoisers repeat, if RUNWAYWEB_COMPILE says so; whether that was done.

    Compiling happens at the first step, for seconds to minutes. What cannot be compiled runs as it is.
    """
    wanted = is_on(COMPILE) and bool(denoisers)
    wanted = wanted and all(getattr(denoiser, "_repeated_blocks", None) for denoiser in denoisers)
    if wanted:
        for denoiser in denoisers:
            denoiser.compile_repeated_blocks()
    return wanted


def pass_over_blocks(denoisers: Sequence[Any], threshold: float | None) -> float | None:
    """Let denoisers pass over blocks below a threshold, if RUNWAYWEB_FIRST_BLOCK_CACHE says so; the threshold if they
    do, None if every step is exact."""
    if threshold is None or not is_on(FIRST_BLOCK_CACHE):
        return None
    if not denoisers or any(type(denoiser).__name__ not in PASSES_OVER_BLOCKS for denoiser in denoisers):
        return None
    for denoiser in denoisers:
        denoiser.enable_cache(diffusers.FirstBlockCacheConfig(threshold=threshold))
    return threshold


@contextmanager
def exactly(denoisers: Sequence[Any], threshold: float | None) -> Iterator[None]:
    """Within, denoisers that pass over blocks below a threshold do not; None: they never do."""
    if threshold is None:
        yield
        return
    for denoiser in denoisers:
        denoiser.disable_cache()
    try:
        yield
    finally:
        for denoiser in denoisers:
            denoiser.enable_cache(diffusers.FirstBlockCacheConfig(threshold=threshold))


def share(denoisers: Sequence[Any], mesh: Any) -> None:
    """Let each process of a mesh (1, size) attend to a part of the heads, with a part of the clip between. Raises
    ModelRefused for a way of computing attention that cannot be shared."""
    for denoiser in denoisers:
        # "Anything": numbers of tokens and heads that the processes do not divide.
        parts = diffusers.ContextParallelConfig(ulysses_degree=mesh.size(), ulysses_anything=True, mesh=mesh)
        try:
            with _without_warnings():
                denoiser.enable_parallelism(config=parts)
        except ValueError as error:
            raise ModelRefused(f"RUNWAYWEB_ATTENTION cannot be shared among GPUs. {error}") from error


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Without being told at every load that this may change: the version of diffusers is pinned."""
    logger = logging.getLogger("diffusers.models.modeling_utils")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)

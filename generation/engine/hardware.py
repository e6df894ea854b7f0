"""What a machine fails at while an engine works, told as EngineErrors: memory that is short, and GPUs that fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from generation.engine.clip import EngineError
from generation.engine.request import gettext_noop

OUT_OF_MEMORY = "INTERNAL.OUT_OF_MEMORY"
GPU = "INTERNAL.GPU"
# As the libraries say it where they have no class of exception for it. The last two name memory by another word.
SHORT = ("allocate memory", "out of memory", "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED")
FAILED = ("CUDA error", "cuDNN", "CUDNN_STATUS", "CUBLAS_STATUS", "NCCL")


@contextmanager
def memory_told() -> Iterator[None]:
    """An allocation that fails within, or a GPU that does, becomes an EngineError that says so."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        tell_if_out_of_memory(error)
        if isinstance(error, torch.AcceleratorError) or any(words in str(error) for words in FAILED):
            raise EngineError(gettext_noop("The GPU failed while it drew this. Try again."), GPU) from error
        raise


def tell_if_out_of_memory(error: BaseException) -> None:
    """Raise an EngineError that says so where memory was short; else do nothing."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(words in str(error) for words in SHORT):
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise EngineError(
            gettext_noop(
                "There was not enough memory for this clip. Make it smaller or shorter, or choose a smaller model."
            ),
            OUT_OF_MEMORY,
        ) from error

"""Memory that is short and GPUs that fail are told, whatever libraries call it; other errors stay themselves."""

import pytest
import torch

from generation.engine.clip import EngineError
from generation.engine.hardware import GPU, OUT_OF_MEMORY, memory_told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), OUT_OF_MEMORY),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"), OUT_OF_MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."), OUT_OF_MEMORY),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), OUT_OF_MEMORY),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), OUT_OF_MEMORY),
        (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"), GPU),
        (RuntimeError("NCCL error in: ProcessGroupNCCL.cpp:3384, unhandled system error"), GPU),
        (torch.distributed.DistBackendError("NCCL communicator was aborted on rank 1."), GPU),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), GPU),
    ],
)
def test_what_libraries_say_is_understood(error, code):
    with pytest.raises(EngineError) as told, memory_told():
        raise error
    assert told.value.code == code and told.value.__cause__ is error


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="sizes of tensors"), memory_told():
        raise RuntimeError("The sizes of tensors must match")

"""What a model needs of a GPU's memory, and how it fits.

Planned from the sizes of a model's parts, in GB (10⁹ bytes): a full load keeps everything on the GPU, layerwise fp8
stores the denoiser's weights in half of that and keeps the encoders in RAM, and offloading keeps all weights in RAM and
brings them over block by block.
"""

import gc
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generation.engine.tasks import TASKS

PLANS = ("full", "fp8", "offload")
LEFT_FREE = 0.06  # of a GPU's memory: what the driver, the context and fragments take
MEGABYTES = 1024**2 / 1e9  # nvidia-smi counts in MiB
MEMINFO = Path("/proc/meminfo")
CONTAINER = Path("/sys/fs/cgroup")  # as it is seen from inside of one


@dataclass(frozen=True)
class Gpu:
    name: str
    memory_gb: float


@dataclass(frozen=True)
class Room:
    """Memory in GB: of the GPU (nothing where there is none) and of RAM."""

    gpu: float
    ram: float

    def takes(self, needed: "Room") -> bool:
        """Whether so much fits, with a little left free."""
        return needed.gpu <= self.gpu * (1 - LEFT_FREE) and needed.ram <= self.ram * (1 - LEFT_FREE)


@dataclass(frozen=True)
class Needs:
    """The parts of a model in GB.

    denoiser: all transformers in bfloat16, of which `block` is the largest part that is moved as one. encoders: what
    reads the prompt and the pictures, done before the denoiser begins. autoencoder: as it is run. working: what a clip
    of the card's largest native size takes besides weights.
    """

    denoiser: float
    block: float
    encoders: float
    autoencoder: float
    working: float

    def of_gpu(self, plan: str) -> float:
        """The most that is on the GPU at once under one of PLANS."""
        if plan == "full":
            return self.denoiser + self.encoders + self.autoencoder + self.working
        if plan == "fp8":  # the encoders come block by block, before the denoiser begins
            return self.denoiser / 2 + self.block + self.working + self.autoencoder
        return 2 * self.block + self.working + self.autoencoder  # one block at work, the next on its way

    def of_ram(self, plan: str) -> float:
        """What has to lie in RAM meanwhile."""
        return {"full": 0.0, "fp8": self.encoders}.get(plan, self.denoiser + self.encoders)

    def to_load(self, plan: str | None) -> Room:
        """What has to be free before it is loaded under one of PLANS, and drawn with; None: without a GPU, where its
        weights are in float32."""
        if plan is None:
            return Room(0.0, 2 * (self.denoiser + self.encoders) + self.autoencoder + self.working)
        return Room(self.of_gpu(plan), self.denoiser + self.encoders)  # weights come by way of RAM

    def to_draw(self, plan: str | None) -> Room:
        """What has to be free before it draws, once it is loaded."""
        return Room(0.0, self.working) if plan is None else Room(self.working, 0.0)


def fit(needs: Needs | None, gpu: Gpu) -> str | None:
    """The first of PLANS under which a model fits a GPU; "full" for one that needs nothing; None if none does."""
    if needs is None:
        return PLANS[0]
    room = gpu.memory_gb * (1 - LEFT_FREE)
    return next((plan for plan in PLANS if needs.of_gpu(plan) <= room), None)


def plan_for(needs: Needs, gpu: Gpu, smaller: int = 0) -> str:
    """The plan to try on a GPU, `smaller` below the first that fits; the smallest where what is free now is too little
    for any: a GPU that could never hold it is refused before (`too_small`)."""
    index = PLANS.index(fit(needs, gpu) or PLANS[-1]) + smaller
    return PLANS[min(index, len(PLANS) - 1)]


def too_small(needs: Needs | None, machine: Room) -> Room | None:
    """The least that a machine would have to have, where it is too small for a model under every plan; None where it is
    not, or where nobody tells. A machine without a GPU would have to have all of it as RAM."""
    if needs is None:
        return None
    ways = [Room(needs.of_gpu(plan), needs.of_ram(plan)) for plan in PLANS] if machine.gpu else [needs.to_load(None)]
    known = Room(machine.gpu, machine.ram or math.inf)
    if any(known.takes(way) for way in ways):
        return None
    return Room(ways[-1].gpu / (1 - LEFT_FREE), ways[-1].ram / (1 - LEFT_FREE))


def whole() -> Room:
    """What this machine has, of the GPU that this process would use and of RAM, whoever holds it now. Imports torch."""
    import torch

    gpu = torch.cuda.mem_get_info()[1] / 1e9 if torch.cuda.is_available() else 0.0
    return Room(gpu, whole_ram())


def whole_ram() -> float:
    """GB of RAM that this machine has, within what this container may take; none where nobody tells."""
    try:
        told = dict(line.split(":") for line in MEMINFO.read_text().splitlines())
        total = int(told["MemTotal"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0.0
    try:
        total = min(total, int((CONTAINER / "memory.max").read_text()))
    except (OSError, ValueError):
        pass  # no container, or one without a limit
    return total / 1e9


def gpu_used() -> float:
    """GB of this process's GPU that are taken, by whomever; 0 without one, or before anything was done on it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return 0.0
    free, total = torch.cuda.mem_get_info()
    return (total - free) / 1e9


def free(tidy: bool = True) -> Room:
    """What is free now, of the GPU this process would use and of RAM. Imports torch.

    `tidy`: after what nobody uses any more was given back, which takes some tenths of a second.
    """
    import torch

    if tidy:
        gc.collect()  # pipelines hold themselves in circles
    if not torch.cuda.is_available():
        return Room(0.0, free_ram())
    if tidy:
        torch.cuda.empty_cache()
    return Room(torch.cuda.mem_get_info()[0] / 1e9, free_ram())


def free_ram() -> float:
    """GB of RAM that are free, or would be at once, within what this container may take; none where nobody tells."""
    try:
        told = dict(line.split(":") for line in MEMINFO.read_text().splitlines())
        available = int(told["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0.0
    try:
        most, taken = (int((CONTAINER / f"memory.{name}").read_text()) for name in ("max", "current"))
        parts = dict(line.split() for line in (CONTAINER / "memory.stat").read_text().splitlines())
        # Files that were read are counted too, and let go of when there is need.
        available = min(available, most - taken + int(parts["inactive_file"]))
    except (OSError, KeyError, ValueError):
        pass  # no container, or one without a limit
    return max(0, available) / 1e9


def gpus() -> tuple[Gpu, ...]:
    """The GPUs of this machine as nvidia-smi lists them; none without it."""
    if not shutil.which("nvidia-smi"):
        return ()
    command = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(_listed(listing.splitlines()))


def _listed(lines: Sequence[str]):
    for line in lines:
        name, _, memory = line.rpartition(",")
        if memory.strip().isdigit():
            yield Gpu(name.strip(), round(int(memory) * MEGABYTES, 1))


def defaults(cards, gpus: Sequence[Gpu]) -> dict:
    """For every task the model to take: the highest in rank of those that fit the largest GPU without crossing over
    from RAM, else of those that fit at all; without a GPU, of those that need none. One whose licence forbids something
    only where no other serves."""
    best = max(gpus, key=lambda gpu: gpu.memory_gb, default=None)

    def preference(card):
        plan = fit(card.needs, best) if best else PLANS[0] if card.needs is None else None
        free = card.licence is None or not card.licence.forbids
        return (free, PLANS.index(plan) < 2, card.rank) if plan else None

    fitting = [(preference(card), card) for card in cards if preference(card)]
    return {
        task: max((pair for pair in fitting if task in pair[1].tasks), key=lambda pair: pair[0])[1]
        for task in TASKS
        if any(task in card.tasks for _, card in fitting)
    }

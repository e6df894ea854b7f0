"""Which GPUs this machine lends us, found without importing torch."""

import os
import re
import shutil
import subprocess
from pathlib import Path

GPU = re.compile(r"^GPU \d+: .*\(UUID: (GPU-[\w-]+)\)")
SLICE = re.compile(r"^\s+MIG .*\(UUID: (MIG-[\w/-]+)\)")


def visible_gpus() -> list[str]:
    """What CUDA_VISIBLE_DEVICES should be for a worker each; empty without a GPU. Asks nvidia-smi, for 10 s at most."""
    if (chosen := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [device.strip() for device in chosen.split(",") if device.strip() not in ("", "-1")]
    if shutil.which("nvidia-smi"):
        try:
            listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=10, check=True)
            return devices_of(listing.stdout)
        except (OSError, subprocess.SubprocessError):
            pass  # a driver that does not answer: the device files may still be right
    return sorted(str(int(path.name[6:])) for path in Path("/dev").glob("nvidia[0-9]*"))


def devices_of(listing: str) -> list[str]:
    """The devices `nvidia-smi -L` lists: a GPU, or its slices where it is cut into some."""
    devices: list[list[str]] = []
    for line in listing.splitlines():
        if gpu := GPU.match(line):
            devices.append([gpu[1]])
        elif (part := SLICE.match(line)) and devices:
            devices[-1] = [device for device in devices[-1] if device.startswith("MIG-")] + [part[1]]
    return [device for gpu_devices in devices for device in gpu_devices]

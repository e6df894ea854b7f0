"""The trained parts as one folder that `DiffusionPipeline.from_pretrained` loads: OUT/model, bf16 safetensors."""

from pathlib import Path

import torch

from generation.engine.painter.network import Painter
from generation.engine.painter.pipeline import PainterPipeline, scheduler
from generation.engine.painter.relief import Relief
from generation.engine.training.codec import codec_of
from generation.engine.training.run import Run

LIMIT_BYTES = 40_000_000


def train(run: Run) -> None:
    """Put codec, painter and relief of `run.out` together; takes seconds, whatever the minutes."""
    folder = assemble(run.out)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    run.say(f"{folder}: {size / 1e6:.1f} MB")
    if size > LIMIT_BYTES:
        raise SystemExit(f"The model may be {LIMIT_BYTES / 1e6:.0f} MB at most.")


def assemble(out: Path) -> Path:
    """Save the pipeline of the parts in `out` as `out`/model and return that folder."""
    pipeline = PainterPipeline(
        codec_of(out).to(torch.bfloat16),
        Painter.from_pretrained(out / "painter", dtype=torch.float32).to(torch.bfloat16),
        Relief.from_pretrained(out / "relief", dtype=torch.float32).to(torch.bfloat16),
        scheduler(),
    )
    for part in (pipeline.codec, pipeline.painter, pipeline.relief):
        part.register_to_config(_name_or_path="")  # where it was trained is nobody's business
    pipeline.save_pretrained(out / "model")
    return out / "model"

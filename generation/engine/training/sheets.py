"""Contact sheets of the built-in model: `python -m generation.engine.training.sheets` writes them to docs/images.

Three frames of the render stand beside three of the painted clip, of 24 held-out prompts and of six shots of one
character. Figures say how often it is right; only eyes see seams, frozen frames and blurred faces.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn.functional import interpolate

from generation.engine import catalogue
from generation.engine.training.evaluate import SIZE, Model, drawn, six_shots
from generation.engine.training.heldout import prompts
from generation.engine.training.run import best_device
from generation.engine.training.scenes import SHOT_FRAMES
from generation.engine.world.description import describe
from generation.engine.world.scene import Character

PROMPTS = 24
FRAMES = (2, 12, 22)
TILE = (160, 90)  # pixels
GAP, CAPTION = 8, 18  # pixels
ACROSS = 2
GROUND, INK = (22, 23, 27), (190, 190, 196)
WHO = Character("fox", "violet", "scarf")  # a pair that is held out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path(catalogue.BUILT_IN.location or ""))
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    asked = parser.parse_args()
    device = best_device()
    model = Model(asked.model, device)
    asked.out.mkdir(parents=True, exist_ok=True)
    held_out = [(prompt.scene, prompt.seed) for prompt in prompts(PROMPTS)]
    for name, shots in (("model", held_out), ("six-shots", six_shots(WHO, 0))):
        strips = [(strip(model, scene, seed), describe(scene)) for scene, seed in shots]
        sheet(strips).save(asked.out / f"{name}.webp", quality=84, method=6)
        print(asked.out / f"{name}.webp")


def strip(model: Model, scene, seed: int, *, width=SIZE[0], height=SIZE[1]) -> Image.Image:
    """Three frames of a render, then the same of the painted clip."""
    rendering = drawn(scene, seed, SHOT_FRAMES, model.device, width=width, height=height)
    painted = model.paint(model.given(scene, rendering), seed)
    tiles = Image.new("RGB", (2 * len(FRAMES) * TILE[0] + GAP, TILE[1]), GROUND)
    for side, clip in enumerate((rendering.rgb[0].permute(0, 3, 1, 2), painted)):
        small = interpolate(clip[list(FRAMES)].float().cpu(), TILE[::-1], mode="bicubic", antialias=True)
        for index, frame in enumerate(small.clamp(0, 255).round().to(torch.uint8)):
            left = (side * len(FRAMES) + index) * TILE[0] + side * GAP
            tiles.paste(Image.fromarray(frame.permute(1, 2, 0).numpy()), (left, 0))
    return tiles


def sheet(strips: list[tuple[Image.Image, str]]) -> Image.Image:
    """Strips with their captions, two across."""
    width, height = strips[0][0].size[0] + 2 * GAP, TILE[1] + CAPTION
    rows = -(-len(strips) // ACROSS)
    page = Image.new("RGB", (ACROSS * width, rows * height + GAP), GROUND)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    for index, (tiles, caption) in enumerate(strips):
        left, top = (index % ACROSS) * width + GAP, (index // ACROSS) * height + GAP
        page.paste(tiles, (left, top))
        pen.text((left, top + TILE[1] + 1), _fitting(caption, font, tiles.size[0]), INK, font)
    return page


def _fitting(words, font, width):
    if font.getlength(words) <= width:
        return words
    while font.getlength(words + "…") > width:
        words = words[:-1]
    return words.rstrip(" ,") + "…"


if __name__ == "__main__":
    main()

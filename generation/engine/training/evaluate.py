"""What the built-in model reaches: prompt → world → guide → clip on held-out prompts, judged by probes.

The rendered clip of the same scene and seed is the truth, and what the probes make of it the ceiling of a figure: no
model can be seen to do better than the renderer itself. The clips are painted as the studio paints them.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from generation.engine import catalogue
from generation.engine.built_in import BuiltIn
from generation.engine.painter.codec import in_groups
from generation.engine.painter.conditions import conditions_for, unguided
from generation.engine.request import CAMERA_MOVES
from generation.engine.training import heldout, probe_scenes, probes
from generation.engine.training.assemble import assemble
from generation.engine.training.figures import FIGURES, delta_e, iou, main_color, psnr
from generation.engine.training.motion import camera_of, framing_of, same_camera, warp_error
from generation.engine.training.run import Run
from generation.engine.training.scenes import FPS, SHOT_FRAMES, elsewhere, portraits
from generation.engine.world import vocabulary
from generation.engine.world.reading import read
from generation.engine.world.render import Rendering, render
from generation.engine.world.scene import CameraMove, Character, Scene

SIZE = (256, 144)  # pixels
FEW = 24  # prompts: as many as two cores can do in eight minutes
SHORT = 13  # frames, where nothing is asked that takes time to see
SHOTS = 6  # of one character
PROMPTS_A_CHARACTER = 6
ANOTHER_SHOT = 500_000_000  # added to the seed


def train(run: Run) -> None:
    """Evaluate what the other stages have made, on 24 prompts or, on a GPU, on all; write figures beside it."""
    model = assemble(run.out)
    count = heldout.PROMPTS if "cuda" in run.device else FEW
    figures = evaluate(model, run.out / "probes", count, device=run.device, say=run.say)
    run.note("evaluate", figures)
    for name, row in figures.items():
        run.say(f"{name:24} {row}")


def evaluate(
    model: Path, probes_folder: Path, count: int = FEW, *, device: str = "cpu", say: Callable[[str], None] = print
) -> dict[str, dict]:
    """Figures of a saved model on the first `count` held-out prompts.

    {figure: {value, goal, small_tier, n, and where there is one: chance, ceiling}}; `figures.FIGURES` says which are
    better when lower. About 15 s a prompt on two cores; seconds and memory are measured in a process of their own.
    """
    judge = Judge(Model(model, device), probes.load(probes_folder, device))
    chosen = heldout.prompts(count)
    for number, prompt in enumerate(chosen):
        judge.see(prompt)
        say(f"{number + 1} of {count}: {prompt.words}")
    for number, prompt in enumerate(chosen[: max(1, count // PROMPTS_A_CHARACTER)]):
        judge.see_in_six_shots(prompt.scene.characters[0], number)
        say(f"six shots of one character: {number + 1}")
    for name, value in measure_speed(model).items():
        judge.painted[name].append(value)
    return judge.figures()


def measure_speed(model: Path) -> dict[str, float]:
    """Seconds and memory of the engine as a worker runs it, in a process of its own; see `speed.py`."""
    command = [sys.executable, "-m", "generation.engine.training.speed", str(model)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class Model:
    """A saved model, painting scenes as the studio's engine does."""

    def __init__(self, folder: Path, device: str = "cpu"):
        self.device = device
        self.pipeline = BuiltIn(catalogue.card_for(str(folder)), device=device).pipeline

    def given(self, scene: Scene, rendering: Rendering, **pictures):
        """What is told of a scene over the rendering of a shot."""
        channels = self.pipeline.codec.config["latent_channels"]
        return conditions_for([scene], rendering, latent_channels=channels, **pictures)

    def paint(self, given, seed: int) -> torch.Tensor:
        """The clip, uint8 (F, 3, H, W)."""
        return self.pipeline(given, generator=torch.Generator("cpu").manual_seed(seed))[0]

    def through_codec(self, frames: torch.Tensor) -> torch.Tensor:
        """Frames uint8 (4k + 1, 3, H, W) encoded and decoded."""
        groups = in_groups(frames[None].float() / 127.5 - 1)[0]
        return self.pipeline.frames_of(self.pipeline.latents_of(groups)[None])[0]


Tally = dict[str, list[float]]  # what was seen of every figure; True and False count as 1 and 0


class Judge:
    """Looks at one clip after another and keeps what it sees: of painted clips, of rendered ones, and by chance.

    `size`: width and height of the clips, in pixels.
    """

    def __init__(self, model: Model, judges: probes.Probes, size: tuple[int, int] = SIZE):
        self.model, self.probes, self.device = model, judges, model.device
        self.size = dict(zip(("width", "height"), size, strict=True))
        self.painted: Tally = defaultdict(list)
        self.rendered: Tally = defaultdict(list)
        self.by_chance: Tally = defaultdict(list)
        self.last: tuple[torch.Tensor, torch.Tensor] | None = None
        self.somebody_else: list[tuple[str, str]] = []

    def see(self, prompt: heldout.Prompt) -> None:
        """Everything that is asked of one prompt."""
        scene = read(prompt.words, seed=prompt.seed).scene
        self.painted["prompts_read"].append(scene == prompt.scene)
        rendering = drawn(scene, prompt.seed, SHOT_FRAMES, self.device, **self.size)
        truth, mask = rendering.rgb[0].permute(0, 3, 1, 2), rendering.mask[0]
        clip = self.model.paint(self.model.given(scene, rendering), prompt.seed)
        self._codec(truth, mask)
        self._picture(clip, truth, mask)
        self._attributes(self.painted, clip, mask, scene)
        self._attributes(self.rendered, truth, mask, scene)
        self._motion(clip, truth, rendering, scene, prompt.seed)
        self._references(scene, rendering, prompt.seed)
        self._text_only(scene, rendering, prompt.seed)
        self.last = truth, mask

    def _codec(self, truth, mask):
        error = (self.model.through_codec(truth).float() - truth.float()).square() / 127.5**2
        self.painted["codec_psnr_whole"].append(psnr(error))
        self.painted["codec_psnr_entity"].append(psnr(error.permute(0, 2, 3, 1)[mask > 0]))

    def _picture(self, clip, truth, mask):
        self.painted["picture_psnr"].append(_psnr_of(clip, truth))
        if self.last:
            self.by_chance["picture_psnr"].append(_psnr_of(self.last[0], truth))
            self.by_chance["mask_iou"].append(iou(self.last[1] > 0, mask > 0))

    def _attributes(self, tally, clip, mask, scene):
        """Who is where, in which colour, doing what; where all this is; and whether anybody is seen there at all."""
        entities = (*scene.characters, *scene.props)
        seen, said = self._read(clip, mask, len(entities))
        names = probes.named(said)
        tally["place"].append(names["place"][0] == scene.place)
        tally["mask_iou"].append(iou(said.mask[0], seen.mask[0] > 0))
        colors = {}
        for index, number in enumerate(seen.number.tolist()):
            colors[number] = names["color"][index] == entities[number].color
            if number < len(scene.characters):
                who = scene.characters[number]
                tally["species"].append(names["species"][index] == who.species)
                tally["color"].append(colors[number])
                tally["action"].append(names["action"][index] == who.action)
                self.by_chance["action"].append(names["action_by_boxes"][index] == who.action)
        if 0 in colors and len(scene.characters) in colors:
            tally["binding"].append(colors[0] and colors[len(scene.characters)])

    def _motion(self, clip, truth, rendering, scene, seed):
        middle = SHOT_FRAMES // 2
        depth, mask = rendering.depth[0], rendering.mask[0]
        framing = framing_of(scene, seed, **self.size)
        for tally, frames in ((self.painted, clip), (self.rendered, truth)):
            found = camera_of(frames, depth[middle], mask[middle] == 0, framing)
            tally["camera"].append(same_camera(found, scene.camera))
            cameras = rendering.camera_to_world[0], rendering.intrinsics[0]
            tally["warp_error"].append(warp_error(frames, depth, mask, *cameras))

    def _references(self, scene, rendering, seed):
        """The same shot, every entity told by a picture of it from another one."""
        other = elsewhere(scene, np.random.default_rng(seed))
        sheet, sheet_mask = probe_scenes.draw(
            [other], [seed + ANOTHER_SHOT], self.device, chosen=(SHOT_FRAMES // 2,), **self.size
        )
        entities = len(scene.characters) + len(scene.props)
        pictures = portraits(sheet[0, 0], sheet_mask[0, 0], entities)[None].cpu()
        short = beginning(rendering, SHORT)
        given = self.model.given(scene, short, portraits=pictures)
        clip, truth = self.model.paint(given, seed), short.rgb[0].permute(0, 3, 1, 2)
        mask = short.mask[0]
        for tally, frames in ((self.painted, clip), (self.rendered, truth)):
            seen, said = self._read(frames, mask, entities)
            names = probes.named(said)
            for index, number in enumerate(seen.number.tolist()):
                if number >= len(scene.characters) or not given.pictured[0, number]:
                    continue
                who = scene.characters[number]
                right = names["species"][index] == who.species and names["color"][index] == who.color
                tally["reference_identity"].append(right)
        for number in range(len(scene.characters)):
            own = mask == number + 1
            if given.pictured[0, number] and own.any():
                color = main_color(truth.permute(0, 2, 3, 1)[own])
                painted = main_color(clip.permute(0, 2, 3, 1)[own])
                self.painted["reference_delta_e"].append(delta_e(painted, color))
                if self.last and (self.last[1] == 1).any():
                    another = main_color(self.last[0].permute(0, 2, 3, 1)[self.last[1] == 1])
                    self.by_chance["reference_delta_e"].append(delta_e(another, color))

    def _text_only(self, scene, rendering, seed):
        """The first character alone, in words and without a guide."""
        alone = replace(scene, characters=scene.characters[:1], props=())
        clip = self.model.paint(unguided(self.model.given(alone, beginning(rendering, SHORT))), seed)
        chosen = tuple(range(0, SHORT, probe_scenes.EVERY))
        truth, _ = probe_scenes.draw([alone], [seed], self.device, chosen=chosen, **self.size)
        for tally, frames in ((self.painted, clip[::3].permute(0, 2, 3, 1)[None]), (self.rendered, truth)):
            where = probes.somebody_in(self.probes, frames)
            seen = probes.look(frames, where, 1)
            names = probes.named(probes.read(self.probes, seen))
            found = len(seen.number) > 0
            tally["text_only_species"].append(found and names["species"][0] == alone.characters[0].species)
            tally["text_only_color"].append(found and names["color"][0] == alone.characters[0].color)
            tally["text_only_place"].append(names["place"][0] == alone.place)

    def see_in_six_shots(self, who: Character, number: int) -> None:
        """One character in six shots: how often two of them show the same one."""
        shots = []
        for scene, seed in six_shots(who, number):
            rendering = drawn(scene, seed, SHORT, self.device, **self.size)
            clip = self.model.paint(self.model.given(scene, rendering), seed)
            shots.append((clip, rendering.rgb[0].permute(0, 3, 1, 2), rendering.mask[0]))
        for tally, which in ((self.rendered, 1), (self.painted, 0)):
            looked_at = [self._read(shot[which], shot[2], 1) for shot in shots]
            names = [probes.named(said) for seen, said in looked_at if len(seen.number)]
            identities = [(each["species"][0], each["color"][0]) for each in names]
            tally["six_shots_agreement"] += [one == other for one, other in combinations(identities, 2)]
        self.by_chance["six_shots_agreement"] += [one == other for one in identities for other in self.somebody_else]
        self.somebody_else = identities

    def _read(self, frames, mask, entities):
        """What the probes say about a clip (F, 3, H, W) with a mask (F, H, W)."""
        every = frames[:: probe_scenes.EVERY].permute(0, 2, 3, 1)[None]
        seen = probes.look(every, mask[:: probe_scenes.EVERY][None], entities)
        return seen, probes.read(self.probes, seen)

    def figures(self) -> dict[str, dict]:
        """All there is to say, in the order of `FIGURES`."""
        # Clips that hardly move have next to no warp error: their ratio says nothing, all of them together do.
        errors = self.painted.pop("warp_error"), self.rendered.pop("warp_error")
        self.painted["flicker"] = [sum(errors[0]) / max(sum(errors[1]), 1e-9)]
        rows = {}
        for name, figure in FIGURES.items():
            values = self.painted[name]
            rows[name] = {
                "value": _mean(values),
                "goal": figure.goal,
                "small_tier": figure.small_tier,
                "n": len(errors[0]) if name == "flicker" else len(values),
            }
            if self.by_chance[name]:
                rows[name]["chance"] = _mean(self.by_chance[name])
            elif figure.chance is not None:
                rows[name]["chance"] = round(figure.chance, 4)
            if self.rendered[name]:
                rows[name]["ceiling"] = _mean(self.rendered[name])
        return rows


def six_shots(who: Character, number: int) -> list[tuple[Scene, int]]:
    """Six shots of one character, standing in six places before six moves of the camera, and their seeds."""
    rng = np.random.default_rng([number, heldout.JUDGED])
    places = rng.choice(vocabulary.PLACES, SHOTS, replace=False)
    moves = rng.choice(CAMERA_MOVES, SHOTS, replace=False)
    seed = heldout.JUDGED * 1_000_000 + 500_000 + number * SHOTS
    return [
        (Scene(place=str(place), characters=(replace(who, action="stand"),), camera=CameraMove(str(move))), seed + shot)
        for shot, (place, move) in enumerate(zip(places, moves, strict=True))
    ]


def drawn(scene: Scene, seed: int, num_frames: int, device="cpu", *, width=SIZE[0], height=SIZE[1]) -> Rendering:
    """The rendering of a shot in the size that is judged; batch of one."""
    return render([scene], [seed], width=width, height=height, num_frames=num_frames, fps=FPS, device=device)


def beginning(rendering: Rendering, frames: int) -> Rendering:
    """The first frames of a rendering."""
    return Rendering(*(getattr(rendering, channel.name)[:, :frames] for channel in fields(rendering)))


def _psnr_of(clip, truth):
    return psnr((clip.float() - truth.float()).square() / 127.5**2)


def _mean(values):
    return round(sum(values) / max(1, len(values)), 4)

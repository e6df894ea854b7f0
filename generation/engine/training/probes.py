"""Probes: small networks that say what a clip shows, trained on rendered clips alone.

They judge the built-in model, so they must be right on renders of pairs they never met (`test`), and know nothing when
their labels are shuffled, which a second, short training shows.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, interpolate

from generation.engine.training import checkpoint, probe_scenes, scenes
from generation.engine.training.crops import LEAST_SEEN, SEEN_WELL, boxes_of, cut, largest_part
from generation.engine.training.figures import iou
from generation.engine.training.probe_networks import CROP, LIGHT_PICTURE, PLACE_PICTURE, Probes
from generation.engine.training.run import Run
from generation.engine.world import vocabulary

RATE = 1.5e-3
WARM_UP = 100  # steps
BATCH = {"cpu": 16, "cuda": 32}  # clips
STILLS = 4  # frames: of nine that follow each other, three are enough
BLIND = 0.15  # of the entities: their action is to be told from where they are
ON_SHUFFLED = 0.1  # of the time
SPECIES = len(vocabulary.SPECIES)  # the first of the kinds
# Which colours (K, C) of a kind are never shown: nothing is learned of them, not even that they never are.
HELD_OUT = torch.tensor(
    [[scenes.held_out(name, color) for color in vocabulary.COLORS] for name in vocabulary.SPECIES + vocabulary.OBJECTS]
)


def train(run: Run) -> None:
    """Train until the time is up, from the last checkpoint if there is one; then on shuffled labels, once."""
    learn(replace(run, minutes=run.minutes * (1 - ON_SHUFFLED)))
    if not (run.out / "probes-shuffled.json").exists():
        learn(replace(run, stage="probes-shuffled", minutes=run.minutes * ON_SHUFFLED), shuffled=True)


def learn(run: Run, shuffled: bool = False) -> None:
    """One training; writes the probes' folder with figures on held-out pairs in it, or the figures alone."""
    torch.manual_seed(torch.seed() % 2**31)
    learned, unseen = probe_scenes.shards(run.out)
    near = scenes.shards(run.out)  # what the painter learns from shows everything but actions
    run.say(f"{len(learned)} shards, {len(near)} of the painter's, {len(unseen)} to test on")
    probes = Probes().to(run.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(probes.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.02)
    average = checkpoint.Average(probes)
    state = {"model": probes, "optimizer": optimizer, "average": average}
    if checkpoint.resume(run.out / f"{run.stage}.state", **state):
        run.say(f"resumed after {average.steps:,} steps")

    def save():
        with average.applied(probes):
            figures = test(probes, unseen, run.device)
            if not shuffled:
                keep(probes, run.out / "probes", figures)
        checkpoint.keep(run.out / f"{run.stage}.state", **state)
        run.note(run.stage, figures)
        run.say(f"saved after {average.steps:,} steps: { {name: row['value'] for name, row in figures.items()} }")

    run.save = save
    size = BATCH["cuda" if "cuda" in run.device else "cpu"]
    batches = at_random(learned, near, size, run.device)
    for share in run.steps(unit="clips", per_step=size):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (average.steps + 1) / WARM_UP, 2 * (1 - share) + 0.02)
        losses = losses_of(probes, next(batches), shuffled)
        optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(probes.parameters(), 1.0)
        optimizer.step()
        average.update(probes)
        for name, value in losses.items():
            run.told[name] = 0.98 * run.told.get(name, value.item()) + 0.02 * value.item()


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to see in B clips of F frames, N entities in all, each with its clip and its number in it.

    pictures (B, F, 3, H, W) in [-1, 1]; mask (B, F, H, W); crops (N, F, 3, 64, 64); own (N, F, 1, 64, 64); boxes (N, F,
    4), middle and size in parts of the frame; seen bool (N, F); clip and number (N,), numbers from 0.
    """

    pictures: torch.Tensor
    mask: torch.Tensor
    crops: torch.Tensor
    own: torch.Tensor
    boxes: torch.Tensor
    seen: torch.Tensor
    clip: torch.Tensor
    number: torch.Tensor


def look(rgb: torch.Tensor, mask: torch.Tensor, entities: int) -> Seen:
    """Look at clips uint8 (B, F, H, W, 3) and at who is where in them, uint8 (B, F, H, W)."""
    pictures = rgb.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
    corners, pixels = boxes_of(mask, entities)
    often = (pixels >= SEEN_WELL).float().mean(1) >= LEAST_SEEN
    clip, number = often.nonzero(as_tuple=True)
    owners = cut(mask[:, :, None].float(), corners, CROP, mode="nearest")[clip, :, number]
    height, width = mask.shape[2:]
    low, high = corners[clip, :, number].split(2, dim=-1)
    parts = torch.cat([(low + high) / 2, high - low], dim=-1) / corners.new_tensor([width, height, width, height])
    return Seen(
        pictures=pictures,
        mask=mask,
        crops=cut(pictures, corners, CROP)[clip, :, number],
        own=(owners == number[:, None, None, None, None] + 1).float(),
        boxes=parts,
        seen=pixels[clip, :, number] >= SEEN_WELL,
        clip=clip,
        number=number,
    )


def at_random(learned, near, size, device) -> Iterator[tuple[Seen, dict[str, torch.Tensor]]]:
    """Batches of clips and their labels: of entities kind, color and action (N,), of clips place (B,); -1 unknown."""
    every = [(path, True) for path in learned] + [(path, False) for path in near]
    while True:
        for index in torch.randperm(len(every)).tolist():
            path, moving = every[index]
            shots = probe_scenes.load(path)
            for chosen in torch.randperm(len(shots.rgb)).split(size):
                yield examples(shots, chosen, device, moving)


def examples(shots: probe_scenes.Shots, chosen, device, moving=True) -> tuple[Seen, dict[str, torch.Tensor]]:
    """Chosen clips of a shard with their labels; of frames that follow each other (not `moving`) only a few."""
    words = shots.words[chosen]
    entities = int((words.entity[..., 0] > 0).sum(1).max())
    rgb, mask = (frames[chosen, :: 1 if moving else STILLS] for frames in (shots.rgb, shots.mask))
    seen = look(rgb.to(device), mask.to(device), entities)
    entity = words.entity.to(device)[seen.clip, seen.number] - 1
    labels = {"kind": entity[:, 0], "color": entity[:, 1], "action": entity[:, 4]}
    if not moving:
        labels["action"] = torch.full_like(labels["action"], -1)
    return seen, labels | {"place": words.setting[:, 0].to(device)}


def losses_of(probes: Probes, batch, shuffled=False) -> dict[str, torch.Tensor]:
    """The losses of one batch, its pictures worn a little, as a painted clip's would be."""
    seen, labels = batch
    if shuffled:
        others = {len(values): torch.randperm(len(values)) for values in labels.values()}
        labels = {name: values[others[len(values)]] for name, values in labels.items()}
        seen = replace(seen, mask=seen.mask[torch.randperm(len(seen.mask))])
    if torch.rand(()) < 0.5:
        seen = mirrored(seen)
    device = seen.pictures.device.type
    clips, frames = seen.pictures.shape[:2]
    moment = torch.randint(frames, (clips,))
    one_each = worn(seen.pictures[torch.arange(clips), moment])
    crops = worn(seen.crops)
    blind = torch.rand(len(crops), device=crops.device) < BLIND
    with torch.autocast(device, torch.bfloat16):
        kind, action = probes.entity(crops, seen.boxes, seen.seen, (~blind).float())
        color = probes.color(crops[:, ::2], seen.own[:, ::2], _light(seen))
        place = probes.place(_small(one_each))
        mask = probes.mask(one_each)
    owned = (seen.mask[torch.arange(clips), moment] > 0).float()
    mask = mask.float()
    overlap = 1 - (2 * (mask.sigmoid() * owned).sum() + 1) / (mask.sigmoid().sum() + owned.sum() + 1)
    color = color.float().masked_fill(HELD_OUT.to(color.device)[labels["kind"]][:, None], float("-inf"))
    return {
        "kind": _told(*_where_seen(kind, labels["kind"], seen.seen)),
        "color": _told(*_where_seen(color, labels["color"], seen.seen[:, ::2])),
        "action": _told(action, labels["action"]),
        "place": _told(place, labels["place"]),
        "mask": binary_cross_entropy_with_logits(mask, owned) + 0.5 * overlap,
    }


def _where_seen(logits, labels, seen):
    """Logits (N, T, …) and labels (N,) of the frames in which the entity is seen, (N, T)."""
    return logits[seen], labels[:, None].expand(-1, seen.shape[1])[seen]


def _told(logits, labels):
    """Cross entropy where the label is known."""
    return cross_entropy(logits.float(), labels, ignore_index=-1) if (labels >= 0).any() else logits.float().sum() * 0


def mirrored(seen: Seen) -> Seen:
    """The same clips, left and right changed over."""
    boxes = seen.boxes.clone()
    boxes[..., 0] = 1 - boxes[..., 0]
    flipped = {name: getattr(seen, name).flip(-1) for name in ("pictures", "mask", "crops", "own")}
    return replace(seen, boxes=boxes, **flipped)


def worn(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures (N, …, 3, H, W) less sharp, brighter or darker, noisier, each entity or clip in its own way."""
    flat = pictures.reshape(-1, *pictures.shape[-3:])
    if torch.rand(()) < 0.5:
        share = float(torch.empty(()).uniform_(0.35, 0.9))
        small = interpolate(flat, scale_factor=share, mode="bilinear", antialias=True)
        flat = interpolate(small, flat.shape[-2:], mode="bilinear")
    pictures = flat.reshape(pictures.shape)
    one_each = (len(pictures), *(1,) * (pictures.ndim - 1))
    contrast = torch.empty(one_each, device=pictures.device).uniform_(0.9, 1.1)
    brightness = torch.empty(one_each, device=pictures.device).uniform_(-0.06, 0.06)
    noise = torch.empty(one_each, device=pictures.device).uniform_(0, 0.06) * torch.randn_like(pictures)
    return (pictures * contrast + brightness + noise).clamp(-1, 1)


def _small(pictures):
    return interpolate(pictures, PLACE_PICTURE, mode="bilinear", antialias=True)


def _light(seen):
    """The whole picture around each entity, at the middle of its clip."""
    middle = seen.pictures[:, seen.pictures.shape[1] // 2]
    return interpolate(middle, LIGHT_PICTURE, mode="bilinear", antialias=True)[seen.clip]


@dataclass(frozen=True, eq=False)
class Read:
    """What the probes say: of N entities, of B clips, and of every pixel; probabilities sum to 1 over the last axis.

    kind (N, K), color (N, C), action and action_by_boxes (N, A), place (B, P); mask bool (B, F, H, W).
    """

    kind: torch.Tensor
    color: torch.Tensor
    action: torch.Tensor
    action_by_boxes: torch.Tensor
    place: torch.Tensor
    mask: torch.Tensor


@torch.no_grad()
def read(probes: Probes, seen: Seen) -> Read:
    """What the probes say about clips, in float32; per-frame answers are averaged over the frames."""
    frames = seen.pictures.shape[1]
    kind, action = probes.entity(seen.crops, seen.boxes, seen.seen)
    _, by_boxes = probes.entity(seen.crops, seen.boxes, seen.seen, torch.zeros(len(seen.crops), device=kind.device))
    color = probes.color(seen.crops, seen.own, _light(seen))
    weight = (seen.seen / seen.seen.sum(1, keepdim=True).clamp(min=1))[..., None]
    place = probes.place(_small(seen.pictures.flatten(0, 1))).unflatten(0, (-1, frames))
    return Read(
        kind=(kind * weight).sum(1).softmax(-1),
        color=(color * weight).sum(1).softmax(-1),
        action=action.softmax(-1),
        action_by_boxes=by_boxes.softmax(-1),
        place=place.mean(1).softmax(-1),
        mask=mask_of(probes, seen.pictures),
    )


@torch.no_grad()
def mask_of(probes: Probes, pictures: torch.Tensor) -> torch.Tensor:
    """Where somebody or something is, bool (B, F, H, W), in pictures (B, F, 3, H, W) in [-1, 1]."""
    logits = torch.cat([probes.mask(some) for some in pictures.flatten(0, 1).split(16)])
    return (logits > 0).unflatten(0, pictures.shape[:2])


def somebody_in(probes: Probes, rgb: torch.Tensor) -> torch.Tensor:
    """The largest thing in every frame of clips uint8 (B, F, H, W, 3) as a mask uint8 (B, F, H, W): where to look when
    no guide says it."""
    mask = mask_of(probes, rgb.permute(0, 1, 4, 2, 3).float() / 127.5 - 1)
    return largest_part(mask.flatten(0, 1)).unflatten(0, mask.shape[:2]).to(torch.uint8)


def named(read: Read) -> dict[str, list[str]]:
    """The likeliest species, object, color and action of every entity, and the place of every clip."""
    return {
        "species": [vocabulary.SPECIES[index] for index in read.kind[:, :SPECIES].argmax(1).tolist()],
        "object": [vocabulary.OBJECTS[index] for index in read.kind[:, SPECIES:].argmax(1).tolist()],
        "color": [vocabulary.COLORS[index] for index in read.color.argmax(1).tolist()],
        "action": [vocabulary.ACTIONS[index] for index in read.action.argmax(1).tolist()],
        "action_by_boxes": [vocabulary.ACTIONS[index] for index in read.action_by_boxes.argmax(1).tolist()],
        "place": [vocabulary.PLACES[index] for index in read.place.argmax(1).tolist()],
    }


def test(probes: Probes, shards: list[Path], device) -> dict[str, dict]:
    """How often the probes are right on rendered clips: {name: {value, chance, n}}, chance by shuffled answers."""
    right: dict[str, list[float]] = defaultdict(list)
    by_chance: dict[str, list[float]] = defaultdict(list)
    for path in shards:
        shots = probe_scenes.load(path)
        for chosen in torch.arange(len(shots.rgb)).split(8):
            seen, labels = examples(shots, chosen, device)
            said = read(probes, seen)
            _score(right, said, labels, lambda answers: answers)
            _score(by_chance, said, labels, lambda answers: answers.roll(1, 0))
            for clip, truth in zip(said.mask, seen.mask > 0, strict=True):
                right["mask_iou"].append(iou(clip, truth))
            for clip, truth in zip(said.mask.roll(1, 0), seen.mask > 0, strict=True):
                by_chance["mask_iou"].append(iou(clip, truth))
    return {
        name: {"value": _mean(values), "chance": _mean(by_chance[name]), "n": len(values)}
        for name, values in right.items()
    }


def _score(tally, said, labels, arranged):
    character, thing = labels["kind"] < SPECIES, labels["kind"] >= SPECIES
    for name, answers, truth, asked in (
        ("species", said.kind[:, :SPECIES], labels["kind"], character),
        ("object", said.kind[:, SPECIES:], labels["kind"] - SPECIES, thing),
        ("color", said.color, labels["color"], character & (labels["color"] >= 0)),
        ("object_color", said.color, labels["color"], thing & (labels["color"] >= 0)),
        ("action", said.action, labels["action"], character & (labels["action"] >= 0)),
        ("action_by_boxes", said.action_by_boxes, labels["action"], character & (labels["action"] >= 0)),
        ("place", said.place, labels["place"], labels["place"] >= 0),
    ):
        tally[name] += (arranged(answers[asked].argmax(1)) == truth[asked]).tolist()


def _mean(values):
    return round(sum(values) / max(1, len(values)), 4)


def keep(probes: Probes, folder: Path, figures: dict) -> None:
    """Write probes in half precision, and what they reach."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().half().contiguous().cpu() for name, value in probes.state_dict().items()}
    save_file(tensors, folder / "probes.part")
    (folder / "probes.part").rename(folder / "probes.safetensors")
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


def load(folder: Path, device="cpu") -> Probes:
    """Probes that `keep` wrote, ready to read."""
    probes = Probes()
    probes.load_state_dict({name: value.float() for name, value in load_file(folder / "probes.safetensors").items()})
    return probes.to(device).eval()

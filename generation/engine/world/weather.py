"""Small bright things in the air: rain, snow, bubbles, fireflies, embers, stars: real points in space."""

from dataclasses import dataclass, fields

import numpy as np
import torch

SOFT, STREAK, RING = 0, 1, 2  # how a spark is drawn: a soft disc, a line along its velocity, a bubble's rim
SKY_DISTANCE = 150.0  # metres: stars stand behind everything but the sky


@dataclass(frozen=True, eq=False)
class Sparks:
    """S points of all clips: position (S, F, 3), the streak behind them (S, 3), size in metres, linear color (S, 3),
    opacity (S, F)."""

    clip: torch.Tensor
    style: torch.Tensor
    position: torch.Tensor
    streak: torch.Tensor
    size: torch.Tensor
    color: torch.Tensor
    opacity: torch.Tensor

    def to(self, device):
        return Sparks(**{column.name: getattr(self, column.name).to(device) for column in fields(self)})


def gather(lists) -> Sparks:
    """Stack the sparks of clips (each a list of dicts of arrays)."""
    rows = [(clip, group) for clip, groups in enumerate(lists) for group in groups]
    frames = next((group["position"].shape[1] for _, group in rows), 1)
    empty = {"position": (0, frames, 3), "streak": (0, 3), "size": (0,), "color": (0, 3), "opacity": (0, frames)}

    def stacked(name):
        return torch.tensor(
            np.concatenate([np.zeros(empty[name]), *(group[name] for _, group in rows)]), dtype=torch.float32
        )

    def repeated(values):
        counts = [len(group["size"]) for _, group in rows]
        return torch.tensor(np.repeat(np.array(values, int), counts))

    return Sparks(
        clip=repeated([clip for clip, _ in rows]), style=repeated([group["style"] for _, group in rows]),
        **{name: stacked(name) for name in empty},
    )  # fmt: skip


def sparks_of(scene, place, rng, seconds, framing):
    """The groups of sparks of one clip."""
    groups = []
    light = place.light(scene.time_of_day, scene.weather)
    if light.stars > 0.05 and not place.indoors:
        groups.append(_stars(rng, seconds, light.stars))
    if not place.sheltered:
        if scene.weather == "rain":
            groups.append(
                _falling(
                    rng,
                    seconds,
                    framing,
                    620,
                    speed=7.5,
                    size=0.007,
                    color=(0.75, 0.82, 0.95),
                    opacity=0.42,
                    style=STREAK,
                )
            )
        if scene.weather == "snowfall":
            groups.append(
                _falling(
                    rng,
                    seconds,
                    framing,
                    520,
                    speed=0.75,
                    size=0.022,
                    color=(1.0, 1.0, 1.05),
                    opacity=0.95,
                    style=SOFT,
                    drift=0.35,
                )
            )
    for name in place.sparks:
        groups.append(KINDS[name](rng, seconds, framing))
    return groups


def _group(style, position, size, color, opacity, streak=None):
    count, frames = position.shape[:2]
    return {
        "style": style,
        "position": position,
        "size": np.broadcast_to(size, (count,)),
        "color": np.broadcast_to(color, (count, 3)),
        "opacity": np.broadcast_to(opacity, (count, frames)),
        "streak": np.zeros((count, 3)) if streak is None else np.broadcast_to(streak, (count, 3)),
    }


def _stars(rng, seconds, amount):
    count = 420
    height = rng.uniform(0.03, 1.0, count) ** 0.8
    around = rng.uniform(0, 2 * np.pi, count)
    flat = np.sqrt(1 - np.minimum(height, 0.999) ** 2)
    at = SKY_DISTANCE * np.stack([flat * np.sin(around), height, flat * np.cos(around)], axis=1)
    twinkle = 0.75 + 0.25 * np.sin(
        2 * np.pi * (rng.uniform(0.3, 1.1, (count, 1)) * seconds + rng.uniform(0, 1, (count, 1)))
    )
    brightness = rng.uniform(0.35, 1.0, (count, 1)) ** 1.5
    color = np.where(rng.uniform(size=(count, 1)) < 0.25, (1.9, 1.5, 1.2), (1.5, 1.7, 2.0))
    return _group(
        SOFT,
        np.repeat(at[:, None], len(seconds), 1),
        rng.uniform(0.25, 0.62, count),
        color,
        amount * brightness * twinkle,
    )


def _falling(rng, seconds, framing, count, *, speed, size, color, opacity, style, drift=0.0):
    depth = framing.position[2]
    low, high = np.array([-5.0, 0.0, depth - 9.0]), np.array([5.0, 4.6, depth - 0.7])
    start = rng.uniform(low, high, (count, 3))
    pace = speed * rng.uniform(0.8, 1.2, (count, 1))
    height = np.mod(start[:, 1:2] - pace * seconds, high[1])
    sway = drift * np.sin(1.3 * seconds + 6.3 * rng.uniform(size=(count, 1)))
    position = np.stack(
        [start[:, :1] + sway - 0.10 * pace * seconds * (style == STREAK), height, start[:, 2:] + 0.5 * sway], axis=2
    )
    position[:, :, 0] = np.mod(position[:, :, 0] + 5.0, 10.0) - 5.0
    streak = np.array([-0.10, -1.0, 0.0]) * speed * 0.035 if style == STREAK else None
    return _group(style, position, size * rng.uniform(0.6, 1.4, count), color, opacity, streak)


def fireflies(rng, seconds, framing):
    count = 34
    home = rng.uniform((-4.0, 0.25, -5.0), (4.0, 2.0, 1.4), (count, 3))
    beat = rng.uniform(0.3, 0.8, (count, 1, 3)) * seconds[None, :, None] * 2 + rng.uniform(0, 6.3, (count, 1, 3))
    position = home[:, None] + np.sin(beat) * (0.35, 0.16, 0.35)
    glow = 0.35 + 0.65 * np.clip(np.sin(2 * np.pi * (0.45 * seconds + rng.uniform(0, 1, (count, 1)))) + 0.3, 0, 1)
    return _group(SOFT, position, rng.uniform(0.03, 0.058, count), (2.6, 2.2, 0.6), glow)


def bubbles(rng, seconds, framing):
    count = 46
    start = rng.uniform((-3.6, 0.0, -5.0), (3.6, 3.4, 1.2), (count, 3))
    height = np.mod(start[:, 1:2] + rng.uniform(0.25, 0.55, (count, 1)) * seconds, 3.4)
    wobble = 0.06 * np.sin(3 * seconds + rng.uniform(0, 6.3, (count, 1)))
    position = np.stack([start[:, :1] + wobble, height, np.repeat(start[:, 2:], len(seconds), 1)], axis=2)
    return _group(RING, position, rng.uniform(0.02, 0.075, count) ** 1.1, (0.75, 0.95, 1.0), 0.75)


def embers(rng, seconds, framing):
    count = 70
    start = rng.uniform((-4.5, 0.0, -6.0), (4.5, 3.6, 1.6), (count, 3))
    height = np.mod(start[:, 1:2] + rng.uniform(0.3, 0.9, (count, 1)) * seconds, 3.6)
    wobble = 0.2 * np.sin(2 * seconds + rng.uniform(0, 6.3, (count, 1)))
    position = np.stack([start[:, :1] + wobble, height, start[:, 2:] + wobble], axis=2)
    return _group(SOFT, position, rng.uniform(0.008, 0.022, count), (3.0, 0.9, 0.2), np.clip(1.2 - height / 3.2, 0, 1))


def motes(rng, seconds, framing):
    count = 40
    start = rng.uniform((-3.5, 0.2, -3.0), (3.5, 2.4, 1.6), (count, 3))
    drift = np.stack([0.06 * np.sin(0.7 * seconds + phase) for phase in rng.uniform(0, 6.3, count)])
    position = np.stack([start[:, :1] + drift, start[:, 1:2] + 0.7 * drift, start[:, 2:] + drift], axis=2)
    return _group(SOFT, position, rng.uniform(0.006, 0.014, count), (1.0, 0.95, 0.8), 0.35)


def pollen(rng, seconds, framing):
    group = motes(rng, seconds, framing)
    return group | {"color": group["color"] * (1.2, 1.15, 0.8)}


KINDS = {"fireflies": fireflies, "bubbles": bubbles, "embers": embers, "motes": motes, "pollen": pollen}

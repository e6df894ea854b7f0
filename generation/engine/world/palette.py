"""Colours and light: what the vocabulary's colours look like, and how time of day and weather light a scene.

Colours are written as sRGB and lit as linear light (`linear`); lights are linear already.
"""

from dataclasses import dataclass, replace

import numpy as np

COLOR_VALUES = {
    "red": (0.86, 0.14, 0.13),
    "orange": (0.95, 0.48, 0.10),
    "yellow": (0.98, 0.80, 0.15),
    "green": (0.25, 0.62, 0.24),
    "teal": (0.10, 0.62, 0.60),
    "blue": (0.16, 0.38, 0.88),
    "violet": (0.50, 0.24, 0.80),
    "pink": (0.96, 0.50, 0.68),
    "white": (0.93, 0.92, 0.90),
    "black": (0.13, 0.13, 0.15),
    "brown": (0.50, 0.30, 0.16),
    "grey": (0.55, 0.56, 0.59),
    "golden": (0.90, 0.66, 0.18),
}


def linear(srgb):
    """Linear light of sRGB values (IEC 61966-2-1)."""
    srgb = np.asarray(srgb, np.float32)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0) + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True)
class Light:
    """What lights a scene. Directions point towards the light; colours are linear and may exceed 1."""

    sun: tuple = (0.45, 0.75, 0.48)
    sun_color: tuple = (2.05, 1.86, 1.55)
    above: tuple = (0.50, 0.62, 0.82)  # light from the sky on what faces up
    below: tuple = (0.32, 0.28, 0.24)  # light from the ground on what faces down
    zenith: tuple = (0.10, 0.40, 1.20)
    horizon: tuple = (0.85, 1.18, 1.45)
    disc: tuple = (0.42, 0.42, -0.80)  # where the sun or moon stands in the picture
    disc_color: tuple = (1.8, 1.6, 1.2)
    disc_size: float = 0.035  # radians
    halo: float = 0.55
    stars: float = 0.0
    fog: float = 0.010  # per metre
    night: float = 0.0  # 1 lights windows and lamps
    shadow: float = 0.85  # how much of the sun a shadow takes
    wet: float = 0.0
    snow: float = 0.0  # how much of it lies on what faces up


TIMES = {
    "morning": Light(
        sun=(-0.70, 0.50, 0.50),
        sun_color=(2.1, 1.55, 1.10),
        above=(0.52, 0.52, 0.66),
        below=(0.36, 0.27, 0.22),
        zenith=(0.20, 0.38, 0.72),
        horizon=(1.0, 0.72, 0.50),
        disc=(-0.46, 0.13, -0.88),
        disc_color=(2.4, 1.9, 1.2),
        disc_size=0.045,
        halo=0.9,
        fog=0.016,
    ),
    "day": Light(),
    "evening": Light(
        sun=(0.78, 0.42, 0.42),
        sun_color=(2.3, 1.12, 0.52),
        above=(0.40, 0.31, 0.48),
        below=(0.34, 0.19, 0.15),
        zenith=(0.11, 0.10, 0.33),
        horizon=(1.15, 0.42, 0.16),
        disc=(0.42, 0.085, -0.90),
        disc_color=(3.0, 1.5, 0.5),
        disc_size=0.06,
        halo=1.0,
        fog=0.014,
        night=0.6,
    ),
    "night": Light(
        sun=(-0.50, 0.68, 0.55),
        sun_color=(0.46, 0.58, 0.95),
        above=(0.085, 0.12, 0.26),
        below=(0.035, 0.045, 0.09),
        zenith=(0.006, 0.011, 0.042),
        horizon=(0.045, 0.075, 0.19),
        disc=(-0.40, 0.36, -0.84),
        disc_color=(1.25, 1.25, 1.1),
        disc_size=0.045,
        halo=0.22,
        stars=1.0,
        fog=0.012,
        night=1.0,
        shadow=0.8,
    ),
}


def light_of(time_of_day: str, weather: str) -> Light:
    """The light of an open place at this time in this weather."""
    light = TIMES[time_of_day]
    if weather == "clear":
        return light
    grey = float(np.dot(light.horizon, (0.3, 0.5, 0.2)))
    veil = tuple(0.62 * grey * tint for tint in (0.95, 1.0, 1.08))
    cover = {"cloudy": 0.55, "rain": 0.85, "snowfall": 0.6, "fog": 0.8}[weather]
    lifted = {"cloudy": 1.0, "rain": 0.72, "snowfall": 1.25, "fog": 1.2}[weather]
    veil = tuple(lifted * channel for channel in veil)
    return replace(
        light,
        sun_color=_mixed(light.sun_color, tuple(0.4 * np.mean(light.sun_color) * c for c in (0.9, 1.0, 1.1)), cover),
        above=_mixed(light.above, tuple(1.15 * np.mean(light.above) * c for c in (0.95, 1.0, 1.06)), cover),
        zenith=_mixed(light.zenith, tuple(0.7 * channel for channel in veil), cover),
        horizon=_mixed(light.horizon, veil, cover),
        disc_color=tuple((1 - cover) * channel for channel in light.disc_color),
        halo=light.halo * (1 - 0.7 * cover),
        stars=light.stars * (1 - cover),
        fog={"cloudy": 0.016, "rain": 0.035, "snowfall": 0.035, "fog": 0.13}[weather],
        shadow=light.shadow * (1 - 0.55 * cover),
        wet=1.0 if weather == "rain" else 0.0,
        snow=1.0 if weather == "snowfall" else 0.0,
    )


def _mixed(one, other, share):
    return tuple((1 - share) * a + share * b for a, b in zip(one, other, strict=True))

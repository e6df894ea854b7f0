"""Noise whose colour and place change over time, and the chances a sound stage lives by.

All of it is a function of a key and of the time in the shot: any second can be made alone, in any order, and two clips
of a shot hear the same air. Noise is laid down in windows of a tenth of a second that overlap by half; their powers add
up to one (Princen and Bradley 1986), so that no seam is heard and a colour may change twenty times a second.
"""

from collections.abc import Iterator
from zlib import crc32

import numpy as np

SAMPLE_RATE = 48_000
PER_SECOND = 20  # how often a colour may change
HOP = SAMPLE_RATE // PER_SECOND
WINDOW = np.sin(np.pi * (np.arange(2 * HOP) + 0.5) / (2 * HOP)).astype(np.float32)
FREQUENCIES = np.fft.rfftfreq(2 * HOP, 1 / SAMPLE_RATE)  # (K,) Hz

Key = tuple[int | str, ...]


def chance(key: Key, second: int = 0) -> np.random.Generator:
    """A generator of its own for each key and second."""
    words = [part % 2**32 if isinstance(part, int) else crc32(part.encode()) for part in key]
    return np.random.default_rng([*words, second % 2**32])


def decibels(level: float) -> float:
    """The factor of a level in dB."""
    return 10.0 ** (level / 20)


def moments(second: int) -> np.ndarray:
    """When the colours of a second are asked for: (21,) seconds of the shot, both ends included."""
    return second + np.arange(PER_SECOND + 1) / PER_SECOND


def turns(key: Key, every: float, second: int) -> Iterator[tuple[float, np.random.Generator]]:
    """What comes once in each stretch of `every` seconds, at a moment of its own: those of one second of the shot, each
    with its generator."""
    for stretch in range(int(second // every), int((second + 1) // every) + 1):
        rng = chance(key, stretch)
        at = (stretch + rng.uniform()) * every
        if second <= at < second + 1:
            yield at, rng


def wander(key: Key, seconds: np.ndarray, period: float) -> np.ndarray:
    """A smooth curve in [0, 1] that changes about once a `period` and does not repeat."""
    rng = chance(key)
    rates = rng.uniform(0.45, 1.9, 6) / period
    sway = np.sin(2 * np.pi * (rates * np.asarray(seconds)[..., None] + rng.uniform(0, 1, 6))) @ rng.uniform(0.6, 1, 6)
    return 0.5 + 0.5 * np.tanh(sway / 1.9)


def band(low: float, high: float, slope: float = 0.0, steepness: float = 4.0) -> np.ndarray:
    """A colour of unit loudness (RMS 1): what lies from `low` to `high` Hz, falling by `slope` dB an octave (K,)."""
    f = np.maximum(FREQUENCIES, 1.0)
    shape = 1 / np.sqrt(1 + (low / f) ** steepness) / np.sqrt(1 + (f / high) ** steepness)
    return unit(shape * (f / 1000) ** (-slope / 6.02))


def unit(shape: np.ndarray) -> np.ndarray:
    """Any shape (..., K) as a colour of RMS 1."""
    shape = shape * (FREQUENCIES > 20)
    return (shape * HOP / np.sqrt((shape**2).sum(-1, keepdims=True))).astype(np.float32)


def peaks(*resonances: tuple[float, float, float]) -> np.ndarray:
    """A colour of resonances, each (Hz, width in octaves, loudness)."""
    octaves = np.log2(np.maximum(FREQUENCIES, 1.0))
    return unit(sum(much * np.exp(-(((octaves - np.log2(at)) / width) ** 2)) for at, width, much in resonances))


def coloured(key: Key, second: int, color: np.ndarray, sides: np.ndarray, width: float = 1.0) -> np.ndarray:
    """One second of noise, float32 (48000, 2).

    color: (21, K) or (K,), as `band` gives it times a level. sides: (21, 2) or (2,), how loud left and right.
    `width`: 1 where the ears hear different noise, 0 where they hear the same.
    """
    draws = []
    for name, at, count in (("edge", second, 1), ("inner", second, PER_SECOND - 1), ("edge", second + 1, 1)):
        draws.append(
            chance((*key, name), at).standard_normal((count, 3 if width else 1, len(FREQUENCIES), 2), np.float32)
        )
    spectra = np.concatenate(draws).view(np.complex64)[..., 0]  # (21, 3 or 1, K): left, right and what both share
    if width:
        spectra = np.sqrt(width) * spectra[:, :2] + np.sqrt(1 - width) * spectra[:, 2:]
    spectra = spectra * np.broadcast_to(color, (PER_SECOND + 1, len(FREQUENCIES)))[:, None].astype(np.float32)
    windows = np.fft.irfft(spectra, 2 * HOP) * WINDOW  # (21, C, 4800)
    windows = windows * np.broadcast_to(sides, (PER_SECOND + 1, 2))[:, :, None].astype(np.float32)
    joined = windows[1:, :, :HOP] + windows[:-1, :, HOP:]  # (20, 2, 2400)
    return joined.transpose(0, 2, 1).reshape(SAMPLE_RATE, 2).astype(np.float32)

"""Short sounds: struck, rubbed, blown and sung. Each is float64 (N,), mono, ends in silence and peaks at about 1.

Struck things ring in modes that fall apart at their own pace; voices are harmonics of a gliding pitch under formants
(Fant 1960).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.noise import SAMPLE_RATE

HIGHEST = 9500.0  # Hz: no harmonic above
MOST_HARMONICS = 40
FADE = SAMPLE_RATE // 200
Mode = tuple[float, float, float]  # Hz, seconds until it has fallen to a third, loudness
Formant = tuple[float, float, float]  # Hz, width in octaves, loudness


@dataclass(frozen=True, eq=False)
class Stroke:
    """A sound at a moment of the shot, in seconds. sides: how loud left and right. `wet`: how much of it the place
    gives back."""

    at: float
    samples: np.ndarray
    sides: np.ndarray
    wet: float = 0.3


def clock(seconds: float) -> np.ndarray:
    """The time of each sample (N,)."""
    return np.arange(max(2 * FADE, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def struck(t: np.ndarray, attack: float, fall: float) -> np.ndarray:
    """Loud at once, then falling to a third each `fall` seconds."""
    return (1 - np.exp(-t / attack)) * np.exp(-t / fall)


def swell(t: np.ndarray, peak: float = 0.5, sharpness: float = 1.0) -> np.ndarray:
    """From silence to silence, loudest at `peak` of the way."""
    way = t / t[-1]
    bent = np.where(way < peak, 0.5 * way / peak, 0.5 + 0.5 * (way - peak) / (1 - peak))
    return np.sin(np.pi * bent) ** (2 * sharpness)


def ended(samples: np.ndarray) -> np.ndarray:
    """Without a click at its end."""
    samples = samples.copy()
    samples[-FADE:] *= np.linspace(1, 0, FADE) ** 2
    return samples


def hiss(rng: np.random.Generator, length: int, low: float, high: float, slope: float = 3.0) -> np.ndarray:
    """Noise of RMS 1 from `low` to `high` Hz, falling by `slope` dB an octave (N,)."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    f = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 1.0)
    spectrum *= (f / 1000) ** (-slope / 6.02) / np.sqrt(1 + (low / f) ** 4) / np.sqrt(1 + (f / high) ** 4) * (f > 20)
    noise = np.fft.irfft(spectrum, length)
    return noise / max(1e-9, np.sqrt(np.mean(noise**2)))


def burst(rng, seconds, low, high, *, attack=0.003, fall=None, slope=3.0):
    """A short rush of noise."""
    t = clock(seconds)
    return ended(0.35 * hiss(rng, len(t), low, high, slope) * struck(t, attack, fall or seconds / 4))


def grains(rng, seconds, count, low, high, *, grain=0.006, bias=1.0):
    """Many tiny bursts, as gravel, snow and leaves make: more of them early where `bias` is above 1 (N,)."""
    t = clock(seconds)
    spikes = np.zeros(len(t))
    at = (rng.uniform(0, 1, count) ** bias * (len(t) - FADE)).astype(int)
    np.add.at(spikes, at, rng.normal(0, 1, count) * rng.uniform(0.1, 1, count) ** 2 * (1 - 0.75 * at / len(t)))
    length = round(5 * grain * SAMPLE_RATE)
    kernel = hiss(rng, length, low, high, 0.0) * struck(np.arange(length) / SAMPLE_RATE, 0.0006, grain)
    size = len(t) + length
    heard = np.fft.irfft(np.fft.rfft(spikes, size) * np.fft.rfft(kernel, size), size)[: len(t)]
    return ended(heard / max(1e-9, np.abs(heard).max()))


def ring(seconds: float, modes: Sequence[Mode], *, attack: float = 0.0008, bend: float = 0.0) -> np.ndarray:
    """A struck body. `bend`: by how much of its pitch it begins higher."""
    t = clock(seconds)
    turned = t + bend * 0.02 * (1 - np.exp(-t / 0.02))
    heard = sum(loud * np.sin(2 * np.pi * hz * turned) * np.exp(-t / fall) for hz, fall, loud in modes)
    return ended(heard * (1 - np.exp(-t / attack)) / sum(loud for *_, loud in modes))


def curve(t: np.ndarray, *points: tuple[float, float]) -> np.ndarray:
    """A smooth line through (share of the time, value)."""
    at, values = zip(*points, strict=True)
    way = t / t[-1]
    step = np.clip(np.searchsorted(at, way, side="right") - 1, 0, len(at) - 2)
    low, high = np.array(at)[step], np.array(at)[step + 1]
    share = np.clip((way - low) / (high - low), 0, 1)
    share = share * share * (3 - 2 * share)
    return np.array(values)[step] * (1 - share) + np.array(values)[step + 1] * share


def sung(
    rng: np.random.Generator,
    pitch: np.ndarray,
    loud: np.ndarray,
    formants: Sequence[Formant],
    then: Sequence[Formant] | None = None,
    *,
    tilt: float = 9.0,
    breath: float = 0.06,
    rough: float = 0.0,
) -> np.ndarray:
    """A voice. pitch: Hz (N,). loud: (N,) in [0, 1].

    It moves from `formants` to `then`. `tilt`: dB an octave that its source falls by; `rough`: how much it growls;
    `breath`: how much air is heard in it.
    """
    length = len(pitch)
    t = np.arange(length) / SAMPLE_RATE
    shake = hiss(rng, length, 3, 40, 0.0)
    pitch = pitch * (1 + 0.004 * shake + 0.03 * rough * shake)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    f = np.arange(0, 12_000, 20.0)
    first = _throat(f, formants)
    last = _throat(f, then) if then else first
    way = (t / t[-1]) ** 0.8
    heard = np.zeros(length)
    for number in range(1, MOST_HARMONICS + 1):
        hz = number * pitch
        if hz.min() > HIGHEST:
            break
        throat = np.interp(hz, f, first) * (1 - way) + (np.interp(hz, f, last) * way if then else 0)
        if not then:
            throat = np.interp(hz, f, first)
        heard += number ** (-tilt / 6.02) * throat * (hz < HIGHEST) * np.sin(number * phase + 0.3 * number * number)
    heard /= max(1e-9, np.abs(heard).max())
    if rough:
        growl = np.sin(0.5 * phase + shake) + 0.6 * hiss(rng, length, 20, 120, 0.0)
        heard = heard * (1 + 0.6 * rough * growl)
    if breath:
        centre = formants[min(1, len(formants) - 1)][0]
        heard = heard + breath * hiss(rng, length, 0.5 * centre, 3.0 * centre, 2.0)
    return ended(heard * loud / max(1.0, np.abs(heard).max()))


def _throat(f, formants):
    octaves = np.log2(np.maximum(f, 20.0))
    return 0.04 + sum(loud * np.exp(-(((octaves - np.log2(hz)) / width) ** 2)) for hz, width, loud in formants)


def whistled(pitch: np.ndarray, loud: np.ndarray, overtone: float = 0.12) -> np.ndarray:
    """A bird's voice: nearly a sine. pitch: Hz (N,). loud: (N,)."""
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    heard = np.sin(phase) + overtone * np.sin(2 * phase + 0.7) + 0.3 * overtone * np.sin(3 * phase)
    return ended(heard * loud / (1 + 1.3 * overtone))


def plucked(rng: np.random.Generator, hz: float, seconds: float, soft: float = 0.5) -> np.ndarray:
    """A string: its harmonics, of which the high ones fall first."""
    t = clock(seconds)
    heard = np.zeros(len(t))
    for number in range(1, 24):
        if number * hz > HIGHEST:
            break
        loud = abs(rng.normal(0, 1)) * 0.5 + 0.5
        fall = seconds / 3.2 / (1 + soft * 0.25 * number)
        stretched = number * hz * np.sqrt(1 + 0.0002 * number**2)
        heard += (
            loud * number**-1.1 * np.sin(np.pi * number * 0.21) * np.sin(2 * np.pi * stretched * t) * np.exp(-t / fall)
        )
    return ended(heard * (1 - np.exp(-t / 0.0012)) / np.abs(heard).max())


def repeated(sound: np.ndarray, at: Sequence[float], loud: Sequence[float]) -> np.ndarray:
    """One sound several times: at seconds, each with its loudness."""
    starts = [round(moment * SAMPLE_RATE) for moment in at]
    heard = np.zeros(max(starts) + len(sound))
    for start, much in zip(starts, loud, strict=True):
        heard[start : start + len(sound)] += much * sound
    return heard


def delayed(sound: np.ndarray, seconds: float) -> np.ndarray:
    """A sound that begins later."""
    return np.pad(sound, (round(seconds * SAMPLE_RATE), 0))


def mixed(*sounds: np.ndarray) -> np.ndarray:
    """Sounds that begin together."""
    heard = np.zeros(max(map(len, sounds)))
    for sound in sounds:
        heard[: len(sound)] += sound
    return heard

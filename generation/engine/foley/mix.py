"""The desk: layers are summed second by second, the place gives some of it back, and nothing is ever too loud.

A second of the shot sounds the same in whatever clip it is heard: what still rings when a clip begins is made, too.
Loudness is measured as by ITU-R BS.1770-5, its filter drawn as a curve over frequencies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.bed import Layer
from generation.engine.foley.noise import SAMPLE_RATE, Key, chance, decibels
from generation.engine.foley.timbre import hiss

RINGS = 6  # seconds that a stroke may last
EARLIER = RINGS + 3  # seconds that are made before a clip's first, for what still rings in it
CEILING = decibels(-1.2)  # no sample is louder
KNEE = decibels(-7)  # up to here a sample stays as it is
QUIETEST, LOUDEST = -20.0, -16.5  # LUFS that a mix is brought to, if it is not between them
MOST_GAIN = 18.0  # dB: more would bring up nothing but air
BLOCK = round(0.4 * SAMPLE_RATE)


@dataclass(frozen=True)
class Room:
    """How a place answers: after how many seconds by 60 dB less, how loud, how bright (Hz), and its first echoes
    (seconds, dB)."""

    seconds: float
    level: float
    bright: float
    echoes: tuple[tuple[float, float], ...] = ()


OPEN = Room(0.5, -27, 2600)
ROOMS = {
    "meadow": OPEN, "garden": OPEN, "desert": Room(0.4, -30, 2200), "beach": Room(0.4, -30, 3000),
    "snow": Room(0.25, -33, 1500), "lake": Room(1.0, -26, 2600), "moon": Room(0.2, -30, 500),
    "forest": Room(1.1, -21, 2200), "night wood": Room(1.3, -20, 1900), "lava field": Room(1.3, -23, 1500),
    "city": Room(1.2, -22, 2600, ((0.071, -19), (0.113, -23))),
    "rooftop": Room(0.9, -26, 2400, ((0.16, -25),)),
    "room": Room(0.42, -15, 3600, ((0.011, -14), (0.019, -16), (0.027, -18))),
    "castle": Room(1.9, -16, 2300, ((0.047, -15), (0.083, -18))),
    "mountains": Room(1.8, -25, 1600, ((0.52, -17), (0.93, -22))),
    "underwater": Room(1.6, -15, 700),
}  # fmt: skip
DULL = {"underwater": 900.0, "moon": 1200.0}  # Hz: above, strokes are hardly heard there


def answer_of(place: str, key: Key) -> np.ndarray:
    """What a place gives back of a click: (N, 2)."""
    room = ROOMS[place]
    length = round(room.seconds * SAMPLE_RATE)
    t = np.arange(length) / SAMPLE_RATE
    rng = chance((*key, "room"))
    tail = np.stack([hiss(rng, length, 240, room.bright, 3) for _ in range(2)], axis=1)
    tail *= (10 ** (-3 * t / room.seconds) * (1 - np.exp(-t / 0.012)))[:, None]
    tail *= decibels(room.level) / np.sqrt((tail**2).sum(0)) * 3.5
    for at, level in room.echoes:
        start = round(at * SAMPLE_RATE)
        end = min(length, start + 480)
        tail[start:end, rng.integers(2)] += decibels(level) * hiss(rng, 480, 150, room.bright, 4)[: end - start] / 12
    return tail


class Desk:
    """The mix of a scene's layers, one second of the shot after the other, float64 (48000, 2), before its loudness."""

    def __init__(self, layers: Sequence[Layer], place: str, key: Key):
        self.layers = layers
        self.answer = answer_of(place, key)
        self.dull = DULL.get(place)
        size = SAMPLE_RATE + len(self.answer)
        self.size = 1 << (size - 1).bit_length()
        self.answered = np.fft.rfft(self.answer, self.size, axis=0)

    def seconds(self, start: int, stop: int) -> Iterator[tuple[int, np.ndarray]]:
        """From second `start` up to `stop`, each with its number; those that only ring on into it are not given."""
        dry = np.zeros(((RINGS + 2) * SAMPLE_RATE, 2))
        wet = np.zeros_like(dry)
        given = np.zeros((SAMPLE_RATE + self.size, 2))
        for second in range(max(start - EARLIER, min(start, 0)), stop):
            for layer in self.layers:
                for stroke in layer.strokes(second):
                    self._lay(stroke, second, dry, wet)
            sent = np.fft.rfft(wet[:SAMPLE_RATE], self.size, axis=0)
            given[: self.size] += np.fft.irfft(sent * self.answered, self.size, axis=0)
            if second >= start:
                heard = dry[:SAMPLE_RATE] + given[:SAMPLE_RATE]
                for layer in self.layers:
                    bed = layer.bed(second)
                    if bed is not None:
                        heard = heard + bed
                yield second, heard
            for bus in (dry, wet, given):
                bus[:-SAMPLE_RATE] = bus[SAMPLE_RATE:]
                bus[-SAMPLE_RATE:] = 0

    def _lay(self, stroke, second, dry, wet):
        start = round((stroke.at - second) * SAMPLE_RATE)
        samples = stroke.samples[: RINGS * SAMPLE_RATE]
        if self.dull:
            samples = _dulled(samples, self.dull)
        placed = samples[:, None] * stroke.sides
        dry[start : start + len(placed)] += placed
        wet[start : start + len(placed)] += stroke.wet * placed


def _dulled(samples, hz):
    spectrum = np.fft.rfft(samples)
    f = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return np.fft.irfft(spectrum / (1 + (f / hz) ** 2), len(samples))


def loudness(samples: np.ndarray) -> float:
    """Integrated loudness of (N, 2) in LUFS: blocks of 0.4 s, those far below the others left out."""
    f = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    shelf = 1 + 0.585 * f**4 / (f**4 + 1700.0**4)  # 4 dB more above 1.7 kHz
    curve = shelf * f**2 / (f**2 + 60.0**2)
    weighted = np.fft.irfft(np.fft.rfft(samples, axis=0) * curve[:, None], len(samples), axis=0)
    power = (weighted**2).sum(1)
    step = BLOCK // 4
    starts = range(0, max(1, len(power) - BLOCK + 1), step)
    blocks = np.maximum(np.array([power[at : at + BLOCK].mean() for at in starts]), 1e-12)
    kept = blocks[blocks > 1e-7]
    kept = kept[kept > kept.mean() / 10] if len(kept) else blocks
    return float(-0.691 + 10 * np.log10(kept.mean()))


def gain_for(samples: np.ndarray) -> float:
    """The factor that brings a mix between the quietest and the loudest there is to be."""
    measured = loudness(samples)
    return decibels(min(MOST_GAIN, float(np.clip(measured, QUIETEST, LOUDEST)) - measured))


def finished(samples: np.ndarray, gain: float) -> np.ndarray:
    """float32 within the ceiling: what is louder than the knee is bent, sample by sample, so that joins stay joined."""
    heard = samples * gain
    loud = np.abs(heard)
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((loud - KNEE) / room)
    return np.where(loud > KNEE, np.sign(heard) * bent, heard).astype(np.float32)

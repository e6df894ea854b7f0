"""A piece of music to lay beneath a film."""

import wave

import numpy as np

RATE = 44_100


def lullaby(path, seconds=12):
    """A WAV of a tone that swells and fades every three seconds; `path`."""
    time = np.arange(RATE * seconds) / RATE
    tone = 5000 * np.sin(2 * np.pi * 220 * time) * (0.7 + 0.3 * np.sin(2 * np.pi * time / 3))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone.astype("<i2").tobytes())
    return path

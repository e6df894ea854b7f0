"""Engines that listen, of a few lines each: what they tell and give back is computed from the sound they are given."""

import numpy as np

from generation.engine.clip import Sound
from generation.engine.offline.captions import Caption

HEARD = 0.05  # of full scale: a tenth of a second that is louder is not silent
TENTHS = 10  # a second
VOICE = (200.0, 4000.0)  # hertz


class PitchCaptions:
    """Writes down at which pitch something is heard, whenever something is."""

    def generate(self, audio, on_step):
        samples, rate = audio.samples.mean(axis=1), audio.sample_rate
        piece = rate // TENTHS
        loud = [np.abs(samples[at : at + piece]).max() > HEARD for at in range(0, len(samples), piece)]
        edges = np.flatnonzero(np.diff([False, *loud, False]))
        on_step(1, 1, None)
        return tuple(
            Caption(begin / TENTHS, min(end / TENTHS, len(samples) / rate), self._said(samples, rate, begin, end))
            for begin, end in edges.reshape(-1, 2)
        )

    def _said(self, samples, rate, begin, end):
        part = samples[begin * rate // TENTHS : end * rate // TENTHS]
        pitch = np.abs(np.fft.rfft(part)).argmax() * rate / len(part)
        return f"A tone of {round(pitch, -1):.0f} hertz & no more."


class BandOfVoice:
    """What of a sound lies where voices do."""

    def generate(self, audio, on_step):
        spectrum = np.fft.rfft(audio.samples, axis=0)
        pitches = np.fft.rfftfreq(len(audio.samples), 1 / audio.sample_rate)
        low, high = VOICE
        spectrum[(pitches < low) | (pitches > high)] = 0
        on_step(1, 1, None)
        kept = np.fft.irfft(spectrum, len(audio.samples), axis=0).astype(np.float32)
        return Sound(type(audio)(kept, audio.sample_rate), {"engine": "band"})

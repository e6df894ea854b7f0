"""The sound of a cut: all that is heard, mixed second by second, and made as loud as asked.

Loudness: ITU-R BS.1770-4, the integrated loudness of a programme with both gates. A clip at another speed is heard at
another pitch, as from a tape.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import numpy as np

from projects.cut import Clip, Cut, Source, Track
from projects.export.pictures import FILE_ALONE, Footage

RATE = 48_000
CEILING = 0.891  # -1 dBFS
LOOK_AHEAD = 240  # samples: five thousandths of a second, over which the limiter closes
# The two filters of BS.1770 at 48 kHz: a shelf for the head, and a high-pass. (b0, b1, b2), (a1, a2)
SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)
HIGH_PASS = (1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)
RESPONSE = 16_384  # samples after which the filters have died away
HEARD = 2**17  # samples: two seconds and a response, and as many as a Fourier transform is quick with
STEP = RATE // 10  # of the gating blocks; each is four of them long


def mixed(cut: Cut, footage: Mapping[Source, Footage]) -> Iterator[np.ndarray]:
    """The sound of a cut, float32 (48000, 2) a second, the last one shorter. Not limited: sums may exceed 1."""
    total = round(cut.frames * RATE / cut.fps)
    voices = [voice for track in cut.tracks for voice in _voices(cut, track, footage)]
    try:
        for begins in range(0, total, RATE):
            ends = min(total, begins + RATE)
            block = np.zeros((ends - begins, 2), np.float32)
            for voice in voices:
                voice.add_to(block, begins)
            # Each that was heard holds its file open, and a long film has more clips than a process may have files.
            for voice in [voice for voice in voices if voice.ends <= ends]:
                voice.close()
                voices.remove(voice)
            yield block
    finally:
        for voice in voices:
            voice.close()


class Loudness:
    """Measures a programme as it goes by."""

    def __init__(self):
        self.response = np.fft.rfft(_response(), HEARD)
        self.tail = np.zeros((0, 2))
        self.left = np.zeros((0, 2))
        self.steps: list[float] = []  # the mean square of each tenth of a second, both channels
        self.peak = 0.0

    def hear(self, block: np.ndarray):
        """float32 (N, 2), N at most two seconds."""
        if not len(block):
            return
        self.peak = max(self.peak, float(np.abs(block).max()))
        heard = np.fft.irfft(np.fft.rfft(block, HEARD, axis=0) * self.response[:, None], HEARD, axis=0)
        heard = heard[: len(block) + RESPONSE]
        heard[: len(self.tail)] += self.tail[: len(heard)]
        weighted, self.tail = heard[: len(block)], heard[len(block) :]
        weighted = np.concatenate([self.left, weighted])
        whole = len(weighted) // STEP * STEP
        self.steps += list((weighted[:whole].reshape(-1, STEP, 2) ** 2).mean(1).sum(1))
        self.left = weighted[whole:]

    @property
    def integrated(self) -> float:
        """In LUFS; -inf for silence."""
        steps = np.array(self.steps)
        if len(steps) < 4:
            blocks = steps.mean(keepdims=True) if len(steps) else steps
        else:
            blocks = np.convolve(steps, np.ones(4) / 4, "valid")
        loud = blocks[_lufs(blocks) > -70]
        if not len(loud):
            return float("-inf")
        loud = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
        return float(_lufs(loud.mean()))


class Limiter:
    """Lets nothing beyond the ceiling, and sounds like nothing where nothing is."""

    def __init__(self):
        self.before = np.zeros((LOOK_AHEAD, 2), np.float32)

    def limited(self, block: np.ndarray, *, last: bool = False) -> np.ndarray:
        """What may be heard of a block, float32 (N, 2). It comes LOOK_AHEAD samples later, but for the last."""
        after = np.zeros((LOOK_AHEAD, 2), np.float32) if last else np.zeros((0, 2), np.float32)
        sound = np.concatenate([self.before, block, after])
        self.before = sound[-LOOK_AHEAD:] if not last else self.before
        peaks = np.abs(sound).max(1)
        needed = np.minimum(1, CEILING / np.maximum(peaks, 1e-9))
        padded = np.pad(needed, LOOK_AHEAD, mode="edge")
        lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * LOOK_AHEAD + 1).min(1)
        smooth = np.convolve(np.pad(lowest, LOOK_AHEAD, mode="edge"), _window(), "valid")
        gain = np.minimum(smooth, needed)
        return (sound * gain[:, None])[: len(sound) if last else -LOOK_AHEAD].astype(np.float32)


def write_mix(cut: Cut, footage: Mapping[Source, Footage], path: Path, go_on=lambda: None) -> Loudness:
    """Write the sound of a cut to `path` as plain float32 (N, 2), and measure it on the way.

    `go_on()` is called every second of it and may raise to stop.
    """
    loudness = Loudness()
    with open(path, "wb") as file:
        for block in mixed(cut, footage):
            loudness.hear(block)
            file.write(block.tobytes())
            go_on()
    return loudness


def read_mix(path: Path, gain: float) -> Iterator[np.ndarray]:
    """The same again at another volume, limited, in blocks of a second."""
    limiter = Limiter()
    with open(path, "rb") as file:  # mapped into memory, a long film's would count as this process's own
        block, is_first = _second_of(file), True
        while True:
            following = _second_of(file)
            heard = limiter.limited(block * np.float32(gain), last=not len(following))
            yield heard[LOOK_AHEAD:] if is_first else heard
            if not len(following):
                return
            block, is_first = following, False


def _second_of(file):
    """The next second of a mix, float32 (N, 2); nothing after its end."""
    return np.frombuffer(file.read(RATE * 8), np.float32).reshape(-1, 2)


def gain_for(loudness: Loudness, target: float | None) -> float:
    """By how much to multiply to be as loud as asked, in LUFS; silence stays what it is."""
    measured = loudness.integrated
    if target is None or measured == float("-inf"):
        return 1.0
    return float(10 ** ((target - measured) / 20))


def _voices(cut, track: Track, footage):
    if track.kind not in ("video", "audio") or track.muted:
        return
    for place, clip in enumerate(track.clips):
        found = footage.get(clip.source)
        if found and found.has_sound and not clip.muted:
            following = track.clips[place + 1] if place + 1 < len(track.clips) else None
            yield _Voice(cut, track, clip, found, following)


class _Voice:
    """One clip that is heard, with its volume, fades and dissolves."""

    def __init__(self, cut, track, clip: Clip, footage: Footage, following: Clip | None):
        per_frame = RATE / cut.fps
        dissolve = clip.transition.frames if clip.transition and clip.transition.kind == "dissolve" else 0
        over = 0
        if following and following.at == clip.end and following.transition:
            over = following.transition.frames if following.transition.kind == "dissolve" else 0
        self.clip, self.footage = clip, footage
        self.begins = round(clip.at * per_frame)
        self.length = round((clip.frames + over) * per_frame)
        self.fade_in = round(max(clip.fade_in, dissolve) * per_frame)
        self.fade_out = round(max(clip.fade_out, over) * per_frame)
        self.gain = 10 ** ((clip.volume_db + track.volume_db) / 20)
        self.starts_at = clip.in_frame / (footage.fps or cut.fps)  # seconds of the source
        self.blocks: Iterator[np.ndarray] | None = None
        self.ready = np.zeros((0, 2), np.float32)
        self.taken = 0

    def add_to(self, block: np.ndarray, at: int):
        """Add what is heard of it to a block that begins at the sample `at`. Blocks come in order."""
        first, last = max(at, self.begins), min(at + len(block), self.begins + self.length)
        if first >= last:
            return
        samples = self._next(last - first)
        if len(samples):
            where = np.arange(first - self.begins, first - self.begins + len(samples))
            block[first - at : first - at + len(samples)] += samples * self._envelope(where)[:, None]

    @property
    def ends(self) -> int:
        """The first sample after it."""
        return self.begins + self.length

    def close(self):
        if self.blocks is not None:
            self.blocks.close()

    def _envelope(self, where):
        volume = np.full(len(where), self.gain, np.float32)
        if self.fade_in:
            volume *= np.clip(where / self.fade_in, 0, 1)
        if self.fade_out:
            volume *= np.clip((self.length - where) / self.fade_out, 0, 1)
        return volume

    def _next(self, count):
        if self.blocks is None:
            self.blocks = self._decoded()
        while len(self.ready) < count:
            more = next(self.blocks, None)
            if more is None:
                break
            self.ready = np.concatenate([self.ready, more])
        samples, self.ready = self.ready[:count], self.ready[count:]
        return samples

    def _decoded(self):
        """The samples from its beginning on, float32 (N, 2) at the rate of the mix and its own speed."""
        with av.open(str(self.footage.path), format=self.footage.container, options=FILE_ALONE) as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler("fltp", "stereo", round(RATE / self.clip.speed))
            if self.starts_at > 1:
                container.seek(int((self.starts_at - 1) * av.time_base), backward=True)
            skipped = False
            for frame in container.decode(stream):
                seconds = float(frame.time or 0) - float((stream.start_time or 0) * stream.time_base)
                if seconds + frame.samples / frame.sample_rate <= self.starts_at:
                    continue
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray().T
                    if not skipped:
                        early = max(0.0, self.starts_at - seconds) * piece.sample_rate
                        samples, skipped = samples[round(early) :], True
                    yield samples
            for piece in resampler.resample(None):
                yield piece.to_ndarray().T


def _response():
    """What the two filters make of one click."""
    signal = np.zeros(RESPONSE)
    signal[0] = 1
    for (b0, b1, b2), (a1, a2) in (SHELF, HIGH_PASS):
        out = np.zeros(RESPONSE)
        x1 = x2 = y1 = y2 = 0.0
        for n, x in enumerate(signal):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out[n] = y
        signal = out
    return signal


def _window():
    window = np.hanning(2 * LOOK_AHEAD + 3)[1:-1]
    return window / window.sum()


def _lufs(mean_square):
    return -0.691 + 10 * np.log10(np.maximum(mean_square, 1e-12))

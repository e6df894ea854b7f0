"""Sound out of the studio's own files, and how loud it is, to be drawn."""

import av
import numpy as np

from runwayweb.assets.kinds import KINDS

PEAKS = 160  # bars of a drawn sound
LOUDEST = 100


class UnreadableSound(Exception):
    """The file holds no sound that can be decoded."""


def samples_of(file, media_type):
    """The sound of an open binary file of the studio's own: samples float32 (N, channels), and how many a second.

    At most two channels; AAC's own delay before the first sample is cut off. Raises UnreadableSound.
    """
    try:
        with av.open(file, format=KINDS[media_type].container, options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.audio[0]
            layout = "mono" if stream.channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=stream.rate)
            pieces = []
            for frame in container.decode(stream):
                early = -frame.pts if frame.pts is not None and frame.pts < 0 else 0
                for part in resampler.resample(frame):
                    pieces.append(part.to_ndarray()[:, early:])
                    early = 0
            pieces += [part.to_ndarray() for part in resampler.resample(None)]
            samples = np.concatenate(pieces, axis=1).T
            return np.ascontiguousarray(samples, np.float32), stream.rate
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise UnreadableSound("The file has no sound that can be decoded.") from error


def peaks_of(samples):
    """How loud samples (N, channels) in [-1, 1] are, as PEAKS whole numbers from 0 to 100, the loudest 100."""
    loud = np.abs(samples).max(axis=1)
    slices = np.array_split(loud, PEAKS) if len(loud) >= PEAKS else loud[:, None]
    peaks = np.array([piece.max(initial=0) for piece in slices])
    return [round(LOUDEST * float(peak)) for peak in peaks / max(peaks.max(initial=0), 1e-4)]

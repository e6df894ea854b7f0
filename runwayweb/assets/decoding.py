"""Run as a process of its own: a sound from outside, decoded to be believed and written anew as FLAC.

    python decoding.py GIVEN WRITTEN

It may take little memory and time, opens no other file and no address, and knows a short list of containers and codecs
only. On its last line it prints JSON: {"duration_seconds", "loudest": of about every hundredth of a second, 0 to 1} or,
with exit status 2, {"refused": why}.
"""

import json
import resource
import sys

import av
import numpy as np

CONTAINERS = "mp3,wav,flac,ogg,mov,matroska,aac,aiff,w64"
CODECS = (
    "mp3,mp3float,aac,flac,vorbis,opus,libopus,alac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw"
)
RATES = (8000, 192_000)  # samples a second
KEPT_RATE = 48_000  # the most that is kept
CHANNELS = 8
MOST_SECONDS = 600  # all of it is in memory at once where it is worked on
MEMORY_BYTES = 2 * 1024**3
PROCESSOR_SECONDS = 60


class Refused(Exception):
    """Not a sound that can be used: its name says why."""


def decode(given, written):
    """Write the first sound in the file called `given` as 16-bit FLAC, one or two channels. Returns what is told."""
    options = {"format_whitelist": CONTAINERS, "codec_whitelist": CODECS, "protocol_whitelist": "file"}
    # A file object: FFmpeg is given bytes and no name from which to find others.
    with open(given, "rb") as file, av.open(file, options=options) as container:
        if not container.streams.audio:
            raise Refused("silent")
        stream = container.streams.audio[0]
        if not RATES[0] <= (stream.rate or 0) <= RATES[1] or not 1 <= stream.channels <= CHANNELS:
            raise Refused("format")
        rate = min(stream.rate, KEPT_RATE)
        layout = "mono" if stream.channels == 1 else "stereo"
        with av.open(written, "w", format="flac") as kept:
            out = kept.add_stream("flac", rate=rate, layout=layout)
            out.codec_context.format = "s16"
            resampler = av.AudioResampler(format="s16", layout=layout, rate=rate, frame_size=rate // 10)
            heard, loudest = 0, []

            def keep(frames):
                nonlocal heard
                for frame in frames:
                    pieces = np.array_split(np.abs(frame.to_ndarray()[0].astype(np.int32)), min(10, frame.samples))
                    loudest.extend(piece.max() / 2**15 for piece in pieces)
                    heard += frame.samples
                    if heard > MOST_SECONDS * rate:
                        raise Refused("long")
                    frame.pts = None
                    kept.mux(out.encode(frame))

            for frame in container.decode(stream):
                if np.issubdtype(frame.to_ndarray().dtype, np.floating) and not np.isfinite(frame.to_ndarray()).all():
                    raise Refused("damaged")
                keep(resampler.resample(frame))
            keep(resampler.resample(None))
            kept.mux(out.encode(None))
    if not heard:
        raise Refused("silent")
    return {"duration_seconds": heard / rate, "loudest": [round(float(value), 3) for value in loudest]}


def main(given, written):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        print(json.dumps(decode(given, written)))
    except Refused as why:
        print(json.dumps({"refused": str(why)}))
        return 2
    except (av.FFmpegError, ValueError, MemoryError, OverflowError):
        print(json.dumps({"refused": "damaged"}))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

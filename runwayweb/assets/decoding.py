"""Run as a process of its own: a sound or a video from outside, decoded to be believed and written anew.

    python decoding.py sound GIVEN WRITTEN
    python decoding.py video GIVEN WRITTEN FPS MOST_PIXELS MOST_SECONDS

It may take little memory and time, opens no other file and no address, and knows a short list of containers and codecs
only. On its last line it prints JSON about what was written or, with exit status 2, {"refused": why}.
"""

import json
import math
import resource
import sys
from fractions import Fraction

import av
import numpy as np

from runwayweb.disks import is_full

CONTAINERS = "mp3,wav,flac,ogg,mov,matroska,aac,aiff,w64"
SOUND_CODECS = (
    "mp3,mp3float,aac,flac,vorbis,opus,libopus,alac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw"
)
VIDEO_CODECS = "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,mpeg4,prores,mjpeg"
OPTIONS = {
    "format_whitelist": CONTAINERS,
    "codec_whitelist": f"{SOUND_CODECS},{VIDEO_CODECS}",
    "protocol_whitelist": "file",
}
RATES = (8000, 192_000)  # samples a second
KEPT_RATE = 48_000  # the most that is kept
CHANNELS = 8
SOUND_SECONDS = 600  # all of it is in memory at once where it is worked on
SIDES = (64, 8192)  # pixels
SIDE_MULTIPLE = 16
CRF = "12"  # as good as it came: it will be looked at by a model
MEMORY_BYTES = 2 * 1024**3
PROCESSOR_SECONDS = 60


class Refused(Exception):
    """Not something that can be used: its text names why."""


def sound(given, written):
    """Write the first sound in the file called `given` as 16-bit FLAC, one or two channels.

    Tells its seconds and how loud it is about every hundredth of a second, 0 to 1.
    """
    with _opened(given) as container:
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
                    if heard > SOUND_SECONDS * rate:
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


def video(given, written, fps, most_pixels, most_seconds):
    """Write the first pictures of the video called `given` as H.264, so many a second, upright, without its sound.

    At most so many pixels a frame, sides multiples of 16; what goes on longer is cut. Tells width, height and how many.
    """
    fps, most_frames = int(fps), int(int(fps) * float(most_seconds))
    with _opened(given) as container, av.open(written, "w", format="mp4", options={"movflags": "+faststart"}) as kept:
        if not container.streams.video:
            raise Refused("blind")
        stream = container.streams.video[0]
        if not all(SIDES[0] <= side <= SIDES[1] for side in (stream.width, stream.height)):
            raise Refused("format")
        out, count, began = None, 0, None
        for frame in container.decode(stream):
            picture = np.rot90(frame.to_ndarray(format="rgb24"), k=round(frame.rotation / 90) % 4)
            if out is None:
                width, height = _fitted(*picture.shape[1::-1], int(most_pixels))
                out = kept.add_stream("libx264", rate=fps, options={"crf": CRF, "preset": "veryfast"})
                out.width, out.height, out.pix_fmt = width, height, "yuv420p"
                began = frame.time or 0
            # A picture is seen until the next one comes: as many as fit until this one ends.
            until = math.floor(((frame.time or 0) - began + _seconds_of(frame, stream)) * fps + 0.5)
            scaled = None
            while count < min(max(until, 1), most_frames):
                if scaled is None:
                    scaled = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(
                        width=width, height=height, format="yuv420p", dst_colorspace="ITU709", interpolation="LANCZOS"
                    )
                scaled.pts, scaled.time_base = count, Fraction(1, fps)
                kept.mux(out.encode(scaled))
                count += 1
            if count >= most_frames:
                break
        if not count:
            raise Refused("blind")
        kept.mux(out.encode(None))
    return {"width": width, "height": height, "num_frames": count}


def _opened(given):
    # A file object: FFmpeg is given bytes and no name from which to find others.
    return av.open(open(given, "rb"), options=OPTIONS)


def _fitted(width, height, most_pixels):
    scale = min(1.0, math.sqrt(most_pixels / (width * height)))
    return tuple(max(SIDE_MULTIPLE, int(side * scale) // SIDE_MULTIPLE * SIDE_MULTIPLE) for side in (width, height))


def _seconds_of(frame, stream):
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    return float(1 / stream.average_rate) if stream.average_rate else 0.04


def main(kind, given, written, *limits):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        print(json.dumps({"sound": sound, "video": video}[kind](given, written, *limits)))
    except Refused as why:
        print(json.dumps({"refused": str(why)}))
        return 2
    except (av.FFmpegError, ValueError, MemoryError, OverflowError) as error:
        if is_full(error):
            raise
        print(json.dumps({"refused": "damaged"}))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

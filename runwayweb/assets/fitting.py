"""Run as a process of its own: a file from outside, looked through and written as a run can be given it.

    python -I closed.py fitting.py KIND GIVEN FOLDER LIMITS

Of a picture its pixels come into FOLDER (picture.webp), of a clip its pictures (clip.mp4: H.264, so many frames a
second and no larger than LIMITS say), of a sound, or the sound of a video, its samples (recording.flac). LIMITS is
JSON: "longest_side"; or "longest_seconds" that the file may last, and of a clip "fps", "most_pixels" and "most_seconds"
that are kept of it (0: as it came). On its last line it prints JSON: what was written, and as "came" what the file
itself is; or {"refused": why}.
"""

import json
import resource
import sys
from pathlib import Path

from runwayweb.assets.pixels import Unusable, lossless, plain_picture
from runwayweb.disks import is_full

MEMORY_BYTES = 3 * 1024**3
PROCESSOR_SECONDS = 60
FASTEST = 60  # frames a second of a clip that is kept as it came


def picture(given, folder, longest_side):
    with open(given, "rb") as file:
        pixels = plain_picture(file, longest_side)
    (folder / "picture.webp").write_bytes(lossless(pixels))
    size = {"width": pixels.width, "height": pixels.height}
    return size | {"came": size}


def clip(given, folder, longest_seconds, fps, most_pixels, most_seconds):
    from runwayweb.assets.decoding import Refused, video

    facts = _facts_of(given, longest_seconds)
    if not facts.has_video:
        raise Refused("blind")
    fps = fps or max(1, min(FASTEST, round(facts.fps)))
    most_pixels = most_pixels or facts.width * facts.height
    told = video(given, str(folder / "clip.mp4"), fps, most_pixels, most_seconds or longest_seconds)
    upright = told["width"] > told["height"]
    sides = sorted((facts.width, facts.height), reverse=upright)  # of a clip that is turned, as it is seen
    came = {"width": sides[0], "height": sides[1], "fps": float(facts.fps), "has_sound": facts.has_sound}
    return told | {"fps": fps, "came": came | {"duration_seconds": facts.duration_seconds}}


def sound(given, folder, longest_seconds):
    from runwayweb.assets.decoding import Refused
    from runwayweb.assets.decoding import sound as decoded

    facts = _facts_of(given, longest_seconds)
    if not facts.has_sound:
        raise Refused("silent")
    told = decoded(given, str(folder / "recording.flac"))
    return told | {"came": {"duration_seconds": told["duration_seconds"], "has_video": facts.has_video}}


def _facts_of(given, longest_seconds):
    from runwayweb.assets.preparing import facts_of, head_of

    return facts_of(given, head_of(given), longest_seconds)


def main(kind, given, folder, limits):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        told = {"picture": picture, "clip": clip, "sound": sound}[kind](given, Path(folder), **json.loads(limits))
    except Unusable as error:
        told = {"refused": "picture", "why": error.why, "values": error.values}
    except MemoryError:
        told = {"refused": "memory"}
    except Exception as error:  # of what decodes films nothing is loaded for a picture: its errors are known by name
        if is_full(error):
            raise
        if type(error).__name__ == "Refused":
            told = {"refused": str(error)}
        elif type(error).__module__.startswith("av.") or isinstance(error, ArithmeticError | OSError | ValueError):
            told = {"refused": "damaged"}
        else:
            raise
    print(json.dumps(told), flush=True)
    return 2 if "refused" in told else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

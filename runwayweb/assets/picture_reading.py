"""Run as a process of its own: a picture from outside, decoded to be believed and written anew.

    python -I closed.py picture_reading.py GIVEN WRITTEN LONGEST_SIDE

It may take little memory and time, and knows PNG, JPEG and WebP only. It writes the pixels as a lossless WebP, and on
its last line prints JSON: {"width", "height"}, or {"refused": why, "values"} as Unusable has them.
"""

import json
import resource
import sys
from pathlib import Path

from runwayweb.assets.pixels import Unusable, lossless, plain_picture

MEMORY_BYTES = 2 * 1024**3
PROCESSOR_SECONDS = 30


def main(given, written, longest_side):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        with open(given, "rb") as file:
            picture = plain_picture(file, int(longest_side))
    except Unusable as error:
        return {"refused": error.why, "values": error.values}
    Path(written).write_bytes(lossless(picture))
    return {"width": picture.width, "height": picture.height}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
